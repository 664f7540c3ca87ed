-- Reads: in_order, content. Writes: key.
DELETE FROM key USING in_order o
WHERE key.pair_no = o.pair_no AND key.item_no = o.item_no AND key.key_no = o.key_no;
INSERT INTO key
SELECT pair_no, side, item_no, entity_no, key_no, hash + hash('occurrence', nth), nth
FROM (
    SELECT o.*, row_number() OVER (
               PARTITION BY o.pair_no, o.side, o.entity_no, o.key_no, o.hash
               ORDER BY try_cast(occurrence AS DOUBLE), occurrence, c.content, i.local_id) AS nth
    FROM in_order o
    JOIN normalised.item i USING (item_no)
    LEFT JOIN content c ON c.pair_no = o.pair_no AND c.item_no = o.item_no
);
