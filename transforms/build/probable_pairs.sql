-- Reads: probable, content, left_over, key_text. Writes: pairs.
INSERT INTO pairs
WITH named AS (
    SELECT l.pair_no, l.item_no, coalesce(t.text, c.content) AS best, c.content
    FROM left_over l
    JOIN content c USING (pair_no, item_no)
    LEFT JOIN key_text t ON t.pair_no = l.pair_no AND t.item_no = l.item_no AND t.key_no = l.key_no
)
SELECT p.pair_no, p.entity_no, p.item_a, p.item_b, 'probabilistic', 'probabilistic', NULL, NULL,
       concat_ws(chr(31), i.label, j.label), false,
       md5(concat_ws(chr(31), e.entity, 'probabilistic', a.best, a.content, b.best, b.content, row_number() OVER (
           PARTITION BY p.pair_no, p.entity_no, a.best, a.content, b.best, b.content ORDER BY i.local_id)))
FROM probable p
JOIN catalogue.entity e USING (entity_no)
JOIN named a ON a.pair_no = p.pair_no AND a.item_no = p.item_a
JOIN named b ON b.pair_no = p.pair_no AND b.item_no = p.item_b
JOIN normalised.item i ON i.item_no = p.item_a
JOIN normalised.item j ON j.item_no = p.item_b
WHERE p.verdict = 'accepted';
