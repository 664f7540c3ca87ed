-- Reads: key, in_order, content. Writes: key.
CREATE OR REPLACE TEMP TABLE key AS
SELECT k.* REPLACE (CASE WHEN n.nth IS NULL THEN k.hash ELSE k.hash + hash('occurrence', n.nth) END AS hash, n.nth AS nth)
FROM key k
LEFT JOIN (
    SELECT o.pair_no, o.item_no, o.key_no, row_number() OVER (
               PARTITION BY o.pair_no, o.side, o.entity_no, o.key_no, o.hash
               ORDER BY try_cast(occurrence AS DOUBLE), occurrence, c.content, i.local_id) AS nth
    FROM in_order o
    JOIN normalised.item i USING (item_no)
    LEFT JOIN content c ON c.pair_no = o.pair_no AND c.item_no = o.item_no
) n ON n.pair_no = k.pair_no AND n.item_no = k.item_no AND n.key_no = k.key_no;
