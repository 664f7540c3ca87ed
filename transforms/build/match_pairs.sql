-- What each key could match: a value that exactly one item has on each side.
-- Reads:  key, ruled (pair_no, item_a, item_b, key_text, certain), matched.side of earlier rounds.
-- Writes: candidate, one row per pair of items and key; pairs begins with what people ruled to be the same. Uniqueness is
--         tested over all live items, matched or not: a value that two items share proves nothing about either.
CREATE OR REPLACE TEMP TABLE candidate AS
SELECT pair_no, entity_no, key_no, min(item_no) FILTER (side = 'a') AS item_a, min(item_no) FILTER (side = 'b') AS item_b,
       any_value(nth) AS nth
FROM key
GROUP BY pair_no, entity_no, key_no, hash
HAVING count(*) = 2 AND count(*) FILTER (side = 'a') = 1;
-- A match that a key would have made as well keeps the identity which that key gives, so that confirming it moves nothing.
CREATE OR REPLACE TEMP TABLE pairs AS
SELECT r.pair_no, i.entity_no, r.item_a, r.item_b, 'reviewed' AS rule, 'reviewed' AS key_name, k.first.key_no, k.first.nth,
       r.key_text, r.certain, NULL::VARCHAR AS identity
FROM ruled r
JOIN normalised.item i ON i.item_no = r.item_a
SEMI JOIN matching m ON m.entity_no = i.entity_no
LEFT JOIN (
    SELECT pair_no, item_a, item_b, min({'key_no': key_no, 'nth': nth}) AS first FROM candidate GROUP BY ALL
) k ON k.pair_no = r.pair_no AND k.item_a = r.item_a AND k.item_b = r.item_b
ANTI JOIN matched.side d ON d.pair_no = r.pair_no AND d.item_no = r.item_a AND d.is_paired;
