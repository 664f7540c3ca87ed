-- Note the lines of the batch's delimited files that are no rows.
-- Input:  reject_errors (its line counts records, of which one may go over several lines), landing_file, landing_row,
--         the macros of mask.sql.j2.
-- Output: landed.quarantine gains one row per refused line, with its line in the file and its text, masked. A quote
--         that is not closed where its field ends takes the lines after it along: each of them is refused, so that
--         none is lost. (Where it runs on for longer than csv_line tells, the file has been refused.)
INSERT INTO landed.quarantine BY NAME
WITH error AS (
    SELECT f.file_id, e.line, e.column_name, e.error_type::VARCHAR AS kind,
           rtrim(e.csv_line, chr(10) || chr(13)) AS said
    FROM reject_errors e JOIN reject_scans s USING (scan_id, file_id) JOIN landing_file f ON f.path = s.file_path
), refused AS (
    SELECT file_id, line, any_value(column_name) AS column_name, lower(string_agg(DISTINCT kind, ', ')) AS reason,
           bool_or(kind = 'UNQUOTED VALUE') AS runs_on,
           max(length(said) - length(replace(said, chr(10), ''))) AS breaks,
           any_value(said) AS said
    FROM error GROUP BY file_id, line
), in_order AS (
    SELECT *, row_number() OVER by_line AS place,
           coalesce(sum(breaks) OVER (by_line ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS breaks_before
    FROM refused WINDOW by_line AS (PARTITION BY file_id ORDER BY line)
), single AS (
    SELECT r.*, r.line - f.above - r.place AS rows_before,
           unnest(range(CASE WHEN runs_on THEN breaks + 1 ELSE 1 END)) AS further
    FROM in_order r JOIN landing_file f USING (file_id)
), broken AS (
    SELECT file_id, _row, sum(breaks) OVER (PARTITION BY file_id ORDER BY _row) AS breaks
    FROM landing_row WHERE breaks > 0
), line AS (
    SELECT s.file_id, s.line + s.breaks_before + coalesce(b.breaks, 0) + s.further AS line, s.column_name, s.reason,
           CASE WHEN s.runs_on THEN rtrim(string_split(s.said, chr(10))[s.further + 1], chr(13)) ELSE s.said END AS said
    FROM single s ASOF LEFT JOIN broken b ON s.file_id = b.file_id AND s.rows_before >= b._row
)
SELECT file_id, line, column_name, reason,
       CASE WHEN NOT f.secret THEN mask_line(said, f.delimiter, f.width, f.hidden) END AS text,
       CASE WHEN f.id_place > 0 THEN mask_id(trim(string_split(said, f.delimiter)[f.id_place], ' "')) END AS local_id
FROM line JOIN landing_file f USING (file_id) ORDER BY file_id, line;
