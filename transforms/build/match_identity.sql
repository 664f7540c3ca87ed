-- What identifies each match: a hash of its entity type, its key and what that comes to.
-- Reads: key_text. Writes: pairs.key_text and pairs.identity.
CREATE OR REPLACE TEMP TABLE pairs AS
SELECT p.* REPLACE (
           coalesce(p.key_text, t.text) AS key_text,
           md5(concat_ws(chr(31), e.entity, coalesce(k.key_name, p.rule), coalesce(t.text, p.key_text))) AS identity)
FROM pairs p
JOIN catalogue.entity e USING (entity_no)
LEFT JOIN catalogue.key k ON k.entity_no = p.entity_no AND k.key_no = p.key_no
LEFT JOIN key_text t ON t.pair_no = p.pair_no AND t.item_no = p.item_a AND t.key_no = p.key_no;
