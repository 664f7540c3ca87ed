-- Write down the clusters. One has one item a domain at the most, and so one match a pair.
-- Reads:  matched.item, temp tables part_of, clash.
-- Writes: matched.cluster_item.
INSERT INTO matched.cluster_item
WITH name AS (
    SELECT o.part, min_by(m.match_no, m.pair_no) AS match_no, count(*) AS links,
           bool_and(coalesce(m.certain, false)) AS certain
    FROM matched.item m
    ANTI JOIN clash USING (match_no)
    JOIN part_of o ON o.item_no = m.item_a
    WHERE m.rule IS NOT NULL
    GROUP BY o.part
), size AS (
    SELECT part, count(*) AS items FROM part_of GROUP BY part
)
SELECT o.item_no, n.match_no, c.items, n.links, n.certain
FROM part_of o
JOIN name n USING (part)
JOIN size c USING (part);
