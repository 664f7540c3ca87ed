-- Where the links together say what may not be: two items of one domain are one, or two that a reader held apart. It
-- says how many items are in such parts.
-- Reads:  temp tables part_of, veto; normalised.item, catalogue.domain.
-- Writes: temp table node, one row per item of such a part (cluster: the least number of its cluster's items).
CREATE OR REPLACE TEMP TABLE node AS
WITH doubtful AS (
    SELECT o.part FROM part_of o JOIN normalised.item i USING (item_no) GROUP BY o.part, i.domain_no HAVING count(*) > 1
    UNION
    SELECT a.part FROM veto h
    JOIN part_of a ON a.item_no = h.item_a
    JOIN part_of b ON b.item_no = h.item_b AND b.part = a.part
)
SELECT row_number() OVER (ORDER BY d.domain, i.local_id, i.item_no) AS number, i.item_no, i.domain_no, number AS cluster
FROM part_of o
SEMI JOIN doubtful USING (part)
JOIN normalised.item i USING (item_no)
JOIN catalogue.domain d USING (domain_no);

