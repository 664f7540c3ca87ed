-- Items that share a key with one item of the other side, where several may belong to one: put before a person.
-- Reads:  matching, key, pairs, apart, alone, catalogue.entity.cardinality.
-- Writes: matched.candidate gains one row per such pair that is neither a match nor proposed already.
INSERT INTO matched.candidate
WITH sharing AS (
    SELECT k.*, e.entity, e.cardinality, q.key_name,
           count(*) FILTER (k.side = 'a') OVER (PARTITION BY k.pair_no, k.entity_no, k.key_no, k.hash) AS items_a,
           count(*) FILTER (k.side = 'b') OVER (PARTITION BY k.pair_no, k.entity_no, k.key_no, k.hash) AS items_b
    FROM key k
    JOIN catalogue.entity e USING (entity_no)
    JOIN catalogue.key q USING (entity_no, key_no)
    WHERE e.cardinality <> 'one_to_one'
),
found AS (
    SELECT a.pair_no, a.entity, a.key_no, a.key_name, a.item_no AS item_a, b.item_no AS item_b
    FROM sharing a
    JOIN sharing b ON b.pair_no = a.pair_no AND b.entity_no = a.entity_no AND b.key_no = a.key_no AND b.hash = a.hash
    WHERE a.side = 'a' AND b.side = 'b'
      AND (a.items_a > 1 AND a.items_b = 1 AND a.cardinality IN ('many_to_one', 'many_to_many')
           AND NOT EXISTS (FROM pairs p WHERE p.pair_no = a.pair_no AND p.item_a = a.item_no)
           OR a.items_a = 1 AND a.items_b > 1 AND a.cardinality IN ('one_to_many', 'many_to_many')
           AND NOT EXISTS (FROM pairs p WHERE p.pair_no = b.pair_no AND p.item_b = b.item_no))
)
SELECT p.pair_id, f.entity, i.local_id, j.local_id, 0.5, 'review', 'one of several with the same ' || f.key_name, '{}'
FROM found f
JOIN catalogue.pair p USING (pair_no)
JOIN normalised.item i ON i.item_no = f.item_a
JOIN normalised.item j ON j.item_no = f.item_b
ANTI JOIN apart x ON x.pair_no = f.pair_no AND x.item_a = f.item_a AND x.item_b = f.item_b
ANTI JOIN alone y ON y.pair_no = f.pair_no AND y.item_no = f.item_a
ANTI JOIN alone z ON z.pair_no = f.pair_no AND z.item_no = f.item_b
ANTI JOIN matched.candidate c
  ON c.pair_id = p.pair_id AND c.entity = f.entity AND c.local_id_a = i.local_id AND c.local_id_b = j.local_id
QUALIFY row_number() OVER (PARTITION BY f.pair_no, f.item_a, f.item_b ORDER BY f.key_no) = 1
ORDER BY p.pair_id, f.entity, i.local_id, j.local_id;
