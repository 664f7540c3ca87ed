-- The items without a counterpart. An identity is made of the domain and the best key, so that it is the same from night to
-- night and never equal across domains; where no key tells them apart, of all that they say.
-- Reads:  left_over, key, key_text, content, alone (pair_no, item_no: what a reader found no counterpart of), apart.
-- Writes: matched.item, matched.side, matched.ambiguous (one row per key value that items left over on both sides share).
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
SELECT pair_no, item_no, entity_no, key_no, nth FROM left_over WHERE key_no IS NOT NULL
UNION
SELECT pair_no, item_no, entity_no, key_no, nth FROM shared;
