-- Which delimited files of the batch have lines that are no rows.
-- Output: grain one row per such file: file_id, whether all that is wrong are columns missing at the end of rows, the
--         names of the columns that have a fault, and the first line whose quote runs on for longer than DuckDB tells
--         (it cuts csv_line at 10,000 bytes).
SELECT f.file_id, bool_and(e.error_type = 'MISSING COLUMNS'), list(DISTINCT e.column_name),
       min(e.line) FILTER (e.error_type = 'UNQUOTED VALUE' AND strlen(e.csv_line) >= 10000)
FROM reject_errors e JOIN reject_scans s USING (scan_id, file_id) JOIN landing_file f ON f.path = s.file_path
GROUP BY f.file_id ORDER BY f.file_id;
