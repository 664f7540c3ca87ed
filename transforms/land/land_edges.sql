-- The first row of each file of the batch and its last one. Output: file_id, cells, trimmed; none of a file of one
-- row.
SELECT r.file_id, list_transform(r.cells, lambda value: trim(value))
FROM landing_row r JOIN (
    SELECT file_id, max(_row) AS last FROM landing_row WHERE rule IS NULL
    GROUP BY file_id HAVING min(_row) = 1 AND last > 1
) e USING (file_id)
WHERE r.rule IS NULL AND (r._row = 1 OR r._row = e.last) ORDER BY r.file_id, r._row;
