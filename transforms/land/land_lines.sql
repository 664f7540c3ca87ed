-- The lines in their files of the rows in which something was found.
-- Input:  screened, landing_fault, landing_row, and landed.quarantine with nothing of these files but refused lines.
-- Output: temp table landing_line (file_id, _row, line). Blank lines are not counted; of a JSON object it is its
--         place.
CREATE OR REPLACE TEMP TABLE landing_line AS
WITH wanted AS (
    SELECT file_id, _row FROM screened UNION SELECT file_id, _row FROM landing_fault
), refused AS (
    -- A refused line as the number of lines before it that are not refused: so many rows may come before it.
    SELECT file_id, line - place + 1 AS position, max(place) AS place
    FROM (
        SELECT file_id, line, row_number() OVER (PARTITION BY file_id ORDER BY line) AS place
        FROM (SELECT DISTINCT q.file_id, q.line FROM landed.quarantine q SEMI JOIN wanted USING (file_id))
    ) GROUP BY ALL
), broken AS (
    SELECT file_id, _row, sum(breaks) OVER (PARTITION BY file_id ORDER BY _row) AS breaks
    FROM landing_row WHERE breaks > 0
), reached AS (
    SELECT w.file_id, w._row, f.above + w._row + coalesce(b.breaks, 0) AS position
    FROM wanted w JOIN landing_file f USING (file_id)
    ASOF LEFT JOIN broken b ON w.file_id = b.file_id AND w._row > b._row
)
SELECT n.file_id, n._row, n.position + coalesce(r.place, 0) AS line
FROM reached n ASOF LEFT JOIN refused r ON n.file_id = r.file_id AND n.position >= r.position;
