-- Note what was found in rows, and keep those out that must not come in.
-- Input:  screened, landing_fault, landing_line, landing_row (what the screening withholds is quarantined there
--         already), the macros of mask.sql.j2.
-- Output: landed.finding gains one row per file, column and kind; landed.quarantine one per row that is kept out (its
--         first column and kind), with its text, masked; those rows' rule is 'quarantined'. A withheld row is told
--         without what was found in it, and without pseudonyms.
INSERT INTO landed.finding BY NAME
SELECT file_id, column_name, kind, count(*) AS rows, min(line) AS first_line
FROM (
    SELECT file_id, _row, column_name, kind FROM landing_fault
    UNION ALL
    SELECT s.file_id, s._row, s.column_name, s.kind
    FROM screened s ANTI JOIN (SELECT file_id, _row FROM landing_fault WHERE takes_out) USING (file_id, _row)
) JOIN landing_line USING (file_id, _row)
GROUP BY ALL ORDER BY ALL;
INSERT INTO landed.quarantine BY NAME
WITH out AS (
    SELECT file_id, _row, true AS withheld, min({'name': column_name, 'kind': kind}) AS first
    FROM screened WHERE action = 'quarantine' GROUP BY ALL
    UNION ALL
    SELECT file_id, _row, false, {'name': min(column_name), 'kind': min(kind)}
    FROM landing_fault WHERE takes_out GROUP BY ALL
), cell AS (
    SELECT o.file_id, o._row, c.name, c.nth,
           CASE WHEN o.withheld AND s.column_name IS NOT NULL THEN '•'
                ELSE coalesce(r.cells[c.place], '') END AS value
    FROM out o JOIN landing_row r USING (file_id, _row)
    JOIN landing_column c ON c.file_id = o.file_id AND (c.is_screened OR NOT o.withheld)
    LEFT JOIN (SELECT DISTINCT file_id, _row, column_name FROM screened) s
        ON s.file_id = o.file_id AND s._row = o._row AND s.column_name = c.name
), said AS (
    SELECT file_id, _row, list(value ORDER BY nth) AS cells,
           any_value(nullif(value, '•')) FILTER (name = f.id_column) AS id
    FROM cell JOIN landing_file f USING (file_id) GROUP BY ALL
)
SELECT o.file_id, l.line, o.first.name AS column_name,
       CASE WHEN o.withheld THEN 'personal data: ' ELSE '' END || o.first.kind AS reason,
       CASE WHEN NOT f.secret
            THEN mask_line(coalesce(joined(s.cells, f.delimiter), ''), '', 1, []::INTEGER[]) END AS text,
       mask_id(s.id) AS local_id
FROM out o JOIN landing_line l USING (file_id, _row) JOIN landing_file f USING (file_id)
LEFT JOIN said s USING (file_id, _row)
ORDER BY o.file_id, l.line;
UPDATE landing_row SET rule = 'quarantined'
FROM (SELECT DISTINCT file_id, _row FROM landing_fault WHERE takes_out) o
WHERE landing_row.file_id = o.file_id AND landing_row._row = o._row;
