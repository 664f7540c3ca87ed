-- One row per fault found in a column of a file of the newest night's extracts. No value is published.
-- domain: the domain
-- table_name: the source table
-- file_name: the file
-- column_name: the column, empty where the fault is the file's
-- kind: what was found: mojibake, replacement, scientific, ambiguous date, counter, title, email, phone …
-- rows: rows that have it, 0 where it concerns the header
-- first_line: the line of the first, from 1 with the header
SELECT domain, table_name, file_name, column_name, kind, rows, first_line FROM measured.finding
