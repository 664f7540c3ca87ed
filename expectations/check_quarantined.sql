-- The file with the largest share of quarantined rows.
-- Reads:  archive.landed.snapshot, snapshot_file and file; $domains and $snapshots, in the same order (no snapshot: the
--         domain's newest). Gives one row per domain and source table (upper case): quarantined rows and all rows.
WITH chosen AS (SELECT unnest($domains::VARCHAR[]) AS domain, unnest($snapshots::BIGINT[]) AS snapshot_id),
used AS (
    SELECT s.domain, max(s.snapshot_id) AS snapshot_id
    FROM archive.landed.snapshot s
    JOIN chosen c ON c.domain = s.domain AND coalesce(c.snapshot_id, s.snapshot_id) = s.snapshot_id
    GROUP BY s.domain
)
SELECT used.domain, upper(f.table_name), arg_max(f.rows_quarantined, f.rows_quarantined / f.rows_in),
    arg_max(f.rows_in, f.rows_quarantined / f.rows_in)
FROM used
JOIN archive.landed.snapshot_file sf ON sf.snapshot_id = used.snapshot_id
JOIN archive.landed.file f ON f.file_id = sf.file_id
WHERE f.rows_in > 0
GROUP BY ALL
