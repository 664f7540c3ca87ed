-- What the items' own values come to in their keys, the same in every pair.
-- Reads:  normalised.cell, catalogue.key, key_part.
-- Writes: own_part, one row per item and key: the sum of hashes of the parts it has, how many of those that it must
--         have, how many altogether; key_text and content, empty.
CREATE OR REPLACE TEMP TABLE own_part AS
SELECT c.item_no, p.key_no, sum(hash(p.part_no, CASE WHEN k.fold_case THEN upper(c.value) ELSE c.value END)) AS hash,
       count(*) FILTER (p.is_needed) AS needed, count(*) AS parts
FROM normalised.cell c
JOIN catalogue.key_part p USING (entity_no, place)
JOIN catalogue.key k USING (entity_no, key_no)
GROUP BY c.item_no, p.key_no;
