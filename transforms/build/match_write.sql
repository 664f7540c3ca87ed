-- Write the matches down.
-- Reads: pairs, normalised.item. Writes: matched.item.
INSERT INTO matched.item
SELECT coalesce((SELECT max(match_no) FROM matched.item), 0) + row_number() OVER (), p.pair_no, p.entity_no, p.identity,
       p.item_a, p.item_b, p.rule, p.key_name, p.key_text, p.certain, false,
       p.rule <> 'probabilistic' AND a.row_hash = b.row_hash
FROM pairs p
JOIN normalised.item a ON a.item_no = p.item_a
JOIN normalised.item b ON b.item_no = p.item_b;
