-- The items that no key matched, with the best key that each has; the key values that such items of both sides share; and
-- the keys of which the text is needed.
-- Reads:  matching, key, pairs, matched.side of earlier rounds, normalised.item; alone (pair_no, item_no: what a reader
--         found no counterpart of), apart (what a reader rejected).
-- Writes: left_over (pair_no, side, domain, item_no, entity_no, local_id, key_no, nth), shared, wanted.
CREATE OR REPLACE TEMP TABLE left_over AS
SELECT s.pair_no, s.side, s.domain, i.item_no, i.entity_no, i.local_id, b.first.key_no, b.first.nth
FROM matching m
JOIN normalised.item i USING (entity_no)
JOIN catalogue.side s USING (domain_no)
LEFT JOIN (
    SELECT pair_no, item_no, min({'key_no': key_no, 'nth': nth}) AS first FROM key GROUP BY ALL
) b ON b.pair_no = s.pair_no AND b.item_no = i.item_no
ANTI JOIN (SELECT pair_no, unnest([item_a, item_b]) AS item_no FROM pairs) p
  ON p.pair_no = s.pair_no AND p.item_no = i.item_no
ANTI JOIN matched.side d ON d.pair_no = s.pair_no AND d.item_no = i.item_no AND d.is_paired;
CREATE OR REPLACE TEMP TABLE shared AS
WITH open_key AS (
    SELECT k.* FROM key k SEMI JOIN left_over l ON l.pair_no = k.pair_no AND l.item_no = k.item_no
    ANTI JOIN alone x ON x.pair_no = k.pair_no AND x.item_no = k.item_no
),
rejected AS (
    SELECT a.pair_no, a.entity_no, a.key_no, a.hash, count(*) AS pairs
    FROM apart x
    JOIN open_key a ON a.pair_no = x.pair_no AND a.item_no = x.item_a
    JOIN open_key b ON b.pair_no = x.pair_no AND b.item_no = x.item_b AND b.key_no = a.key_no AND b.hash = a.hash
    GROUP BY ALL
)
SELECT k.pair_no, k.entity_no, k.key_no, k.hash, min(k.item_no) AS item_no, any_value(k.nth) AS nth,
       count(*) FILTER (k.side = 'a') AS items_a, count(*) FILTER (k.side = 'b') AS items_b
FROM open_key k LEFT JOIN rejected r USING (pair_no, entity_no, key_no, hash)
GROUP BY ALL
HAVING items_a * items_b > coalesce(any_value(r.pairs), 0);
CREATE OR REPLACE TEMP TABLE wanted AS
SELECT pair_no, item_a AS item_no, entity_no, key_no, nth FROM pairs WHERE key_no IS NOT NULL
UNION
SELECT pair_no, item_no, entity_no, key_no, nth FROM left_over WHERE key_no IS NOT NULL
UNION
SELECT pair_no, item_no, entity_no, key_no, nth FROM shared;
