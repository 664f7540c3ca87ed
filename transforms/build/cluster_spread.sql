-- One step of bringing together whatever links lead to from each other. It says how many items it changed.
-- Reads:  matched.item, temp table part_of.
-- Writes: part_of.part.
UPDATE part_of SET part = nearer.part
FROM (
    SELECT greatest(a.part, b.part) AS further, min(least(a.part, b.part)) AS part
    FROM matched.item m
    JOIN part_of a ON a.item_no = m.item_a
    JOIN part_of b ON b.item_no = m.item_b
    WHERE m.rule IS NOT NULL AND a.part <> b.part
    GROUP BY 1
) nearer
WHERE part_of.part = nearer.further;
