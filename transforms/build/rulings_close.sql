-- What a reader found no counterpart of, and a key matched all the same; and the matching's own tables are removed.
-- Reads:  temp table alone, matched.side, normalised.item, catalogue. Writes: matched.ruling.
UPDATE matched.ruling SET problem = 'contradicted', effect = 'none'
FROM (
    SELECT p.pair_id, e.entity, CASE WHEN i.domain_no = p.domain_no_a THEN i.local_id END AS local_id_a,
        CASE WHEN i.domain_no = p.domain_no_b THEN i.local_id END AS local_id_b
    FROM alone a
    JOIN matched.side s ON s.pair_no = a.pair_no AND s.item_no = a.item_no AND s.is_paired
    JOIN normalised.item i ON i.item_no = a.item_no
    JOIN catalogue.pair p ON p.pair_no = a.pair_no
    JOIN catalogue.entity e ON e.entity_no = i.entity_no
) f
WHERE ruling.effect = 'not proposed' AND ruling.pair_id = f.pair_id AND ruling.entity = f.entity
    AND (ruling.local_id_a = f.local_id_a OR ruling.local_id_b = f.local_id_b);

DROP TABLE ruled;
DROP TABLE apart;
DROP TABLE alone;
