-- Note where the rows of the batch's files are: runs of rows in which row and version go on together.
-- Input:  landing_row, landing_version (rows of the first file of a series are not in it: their version is their
--         number).
-- Output: landed.place gains one row per run; a row that did not come in leaves a gap. Most files are one run.
INSERT INTO landed.place BY NAME
WITH whole AS (
    SELECT file_id, min(_row) AS first_row, max(_row) AS last_row, count(*) AS rows
    FROM landing_row WHERE rule IS NULL AND file_id NOT IN (SELECT file_id FROM landing_version) GROUP BY file_id
), one_by_one AS (
    SELECT file_id, _row, _row AS version
    FROM landing_row SEMI JOIN (SELECT file_id FROM whole WHERE rows < last_row - first_row + 1) USING (file_id)
    WHERE rule IS NULL
    UNION ALL
    SELECT file_id, _row, version FROM landing_version WHERE _row IS NOT NULL
)
SELECT file_id, first_row, first_row AS version, rows FROM whole WHERE rows = last_row - first_row + 1
UNION ALL
SELECT file_id, min(_row), min(version), count(*)
FROM (
    SELECT *, sum(starts) OVER (PARTITION BY file_id ORDER BY _row ROWS UNBOUNDED PRECEDING) AS run
    FROM (
        SELECT *, CASE WHEN _row = lag(_row) OVER in_order + 1 AND version = lag(version) OVER in_order + 1
                       THEN 0 ELSE 1 END AS starts
        FROM one_by_one WINDOW in_order AS (PARTITION BY file_id ORDER BY _row)
    )
) GROUP BY file_id, run ORDER BY 1, 2;
