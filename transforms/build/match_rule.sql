-- Match by the keys of one rank ($key_no): items that are matched neither by an earlier one nor in an earlier round.
-- Reads:  candidate, apart (pair_no, item_a, item_b: what a reader rejected), matched.side. Writes: pairs.
INSERT INTO pairs
SELECT c.pair_no, c.entity_no, c.item_a, c.item_b, k.rule, k.key_name, c.key_no, c.nth, NULL, k.certain, NULL
FROM candidate c
JOIN catalogue.key k ON k.entity_no = c.entity_no AND k.key_no = c.key_no
ANTI JOIN apart x ON x.pair_no = c.pair_no AND x.item_a = c.item_a AND x.item_b = c.item_b
ANTI JOIN pairs a ON a.pair_no = c.pair_no AND a.item_a = c.item_a
ANTI JOIN pairs b ON b.pair_no = c.pair_no AND b.item_b = c.item_b
ANTI JOIN matched.side p ON p.pair_no = c.pair_no AND p.item_no = c.item_a AND p.is_paired
ANTI JOIN matched.side q ON q.pair_no = c.pair_no AND q.item_no = c.item_b AND q.is_paired
WHERE c.key_no = $key_no
