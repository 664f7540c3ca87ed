-- What identifies each match: a hash of its entity type, its key and what that comes to.
-- Reads: key_text. Writes: pairs.key_text and pairs.identity.
UPDATE pairs SET
    key_text = coalesce(pairs.key_text, f.text),
    identity = md5(concat_ws(chr(31), f.entity, f.key_name, f.text))
FROM (
    SELECT p.pair_no, p.item_a, e.entity, coalesce(k.key_name, p.rule) AS key_name, coalesce(t.text, p.key_text) AS text
    FROM pairs p
    JOIN catalogue.entity e USING (entity_no)
    LEFT JOIN catalogue.key k ON k.entity_no = p.entity_no AND k.key_no = p.key_no
    LEFT JOIN key_text t ON t.pair_no = p.pair_no AND t.item_no = p.item_a AND t.key_no = p.key_no
) f
WHERE f.pair_no = pairs.pair_no AND f.item_a = pairs.item_a AND pairs.identity IS NULL;
