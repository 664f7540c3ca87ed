-- One row per refused row of the newest night's extracts.
-- domain: the domain
-- file_name: the file
-- line: line in the file, from 1 with the header
-- column_name: the column the fault was found at
-- reason: why it was refused
-- table_name: the source table
-- local_id: the row's id in the domain, where it can be told
-- text: what the row says, without personal data; empty where it may not be told
SELECT domain, file_name, line, column_name, reason, table_name, local_id, text FROM measured.quarantine
