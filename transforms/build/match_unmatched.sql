-- The items without a counterpart. An identity is made of the domain and the best key, so that it is the same from night to
-- night and never equal across domains; where no key tells them apart, of all that they say.
-- Reads:  best, content, shared, key, key_text. Writes: matched.item, matched.ambiguous (one row per key value that items
--         left over on both sides share).
INSERT INTO matched.ambiguous
SELECT p.pair_id, e.entity, k.key_name, t.text, s.items_a, s.items_b
FROM shared s
JOIN catalogue.pair p USING (pair_no)
JOIN catalogue.entity e USING (entity_no)
JOIN catalogue.key k USING (entity_no, key_no)
JOIN key_text t USING (pair_no, item_no, key_no);
INSERT INTO matched.item
WITH named AS (
    SELECT b.*, CASE WHEN b.is_shared OR b.best IS NULL THEN c.content END AS content
    FROM best b LEFT JOIN content c USING (pair_no, item_no)
),
in_doubt AS (
    SELECT DISTINCT k.pair_no, k.item_no FROM key k SEMI JOIN shared s USING (pair_no, entity_no, key_no, hash)
)
SELECT coalesce((SELECT max(match_no) FROM matched.item), 0) + row_number() OVER (), n.pair_no, n.entity_no,
       md5(concat_ws(chr(31), e.entity, n.domain, coalesce(n.best, n.content), row_number() OVER (
           PARTITION BY n.pair_no, n.side, n.entity_no, coalesce(n.best, n.content) ORDER BY n.content, n.local_id))),
       CASE n.side WHEN 'a' THEN n.item_no END, CASE n.side WHEN 'b' THEN n.item_no END,
       NULL, NULL, NULL, NULL, d.item_no IS NOT NULL, NULL
FROM named n
JOIN catalogue.entity e USING (entity_no)
LEFT JOIN in_doubt d ON d.pair_no = n.pair_no AND d.item_no = n.item_no;
