-- One row per file of the newest night's extracts: how it is written and what became of its rows.
-- domain: the domain
-- table_name: the source table
-- file_name: the file
-- form: text, parquet or json
-- encoding: of a text file
-- delimiter: of a text file
-- quoting: quoted or unquoted, of a text file
-- newline: lf, crlf, cr or mixed, of a text file
-- header: whether its first line names the columns
-- decimal: the decimal sign, empty where nothing tells
-- date_pictures: the pictures of its dates as strptime writes them
-- time_zone: that its manifest states, if any
-- stated: whether a manifest had a word on it
-- rows_in: rows it holds
-- rows_accepted: of them taken in
-- rows_quarantined: of them kept aside, see quarantine
-- rows_personal: of them left at the door as one person's own
-- rows_unreached: of them left at the door as texts that belong to no item
-- dropped: columns of staff that were not taken in
-- pseudonyms: columns of staff that were replaced by a pseudonym
-- query: that the manifest states the file came from
SELECT domain, table_name, file_name, form, encoding, delimiter, quoting, newline, header, decimal, date_pictures,
       time_zone,
       stated, rows_in, rows_accepted, rows_quarantined, rows_personal, rows_unreached, dropped, pseudonyms, query
FROM measured.landed_file
