-- One row per refused row of the newest night's extracts. The row's text is not published.
-- domain: the domain
-- file_name: the file
-- line: line in the file, from 1 with the header
-- column_name: the column the fault was found at
-- reason: why it was refused
SELECT domain, file_name, line, column_name, reason FROM measured.quarantine
