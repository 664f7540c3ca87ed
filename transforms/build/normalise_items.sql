-- Write the items down.
-- Reads:  numbered, shown, gathered, normalised.cell. Writes: normalised.item.
INSERT INTO normalised.item
WITH hashed AS (
    SELECT c.item_no, sum(hash(c.place, c.value)) % 18446744073709551616 AS row_hash
    FROM normalised.cell c JOIN catalogue.attribute a USING (entity_no, place)
    WHERE a.is_hashed GROUP BY c.item_no
)
SELECT n.item_no, n.domain_no, n.entity_no, n.local_id, s.label, coalesce(h.row_hash, 0)::UBIGINT, g.snapshot_id,
       n.row_number
FROM numbered n
JOIN shown s USING (item_no)
JOIN gathered g ON g.domain_no = n.domain_no AND g.entity_no = n.entity_no
LEFT JOIN hashed h ON h.item_no = n.item_no
ORDER BY n.item_no;
DROP TABLE numbered;
DROP TABLE shown;
DROP TABLE gathered;
