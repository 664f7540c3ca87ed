-- What became of the rows of each file of the batch, counted where they are now.
-- Input:  landing_file, landing_row, landed.quarantine.
-- Output: grain one row per file, in order: file_id, rows accepted, quarantined, left as personal and as unreached,
--         line breaks in values, and the accepted rows' content (see history.content_of).
SELECT f.file_id, coalesce(r.accepted, 0), coalesce(q.rows, 0), coalesce(r.personal, 0), coalesce(r.unreached, 0),
       coalesce(r.breaks, 0), coalesce(r.accepted, 0) || '.' || coalesce(r.content, 0)
FROM landing_file f
LEFT JOIN (
    SELECT file_id, count_if(rule IS NULL) AS accepted, count_if(rule = 'personal') AS personal,
           count_if(rule = 'unreached') AS unreached, sum(breaks)::BIGINT AS breaks,
           sum(CASE WHEN rule IS NULL THEN md5_number_lower(
               array_to_string(list_transform(cells, lambda value: coalesce(value, chr(1))), chr(0))) END) AS content
    FROM landing_row GROUP BY file_id
) r USING (file_id)
LEFT JOIN (
    SELECT q.file_id, count(*) AS rows
    FROM landed.quarantine q SEMI JOIN landing_file USING (file_id) GROUP BY q.file_id
) q USING (file_id)
ORDER BY f.file_id;
