-- What matching needs of all entity types alike.
-- Reads:  normalised.cell, catalogue.*. Writes: own_part, one row per item and key: what the item's own values come to in
--         it (the same in every pair): the sum of hashes of the parts it has, how many of those that it must have, how
--         many altogether; link_used, one row per reference that the keys of a type (for_no) are made of.
CREATE OR REPLACE TEMP TABLE own_part AS
SELECT c.item_no, p.key_no, sum(hash(p.part_no, CASE WHEN k.fold_case THEN upper(c.value) ELSE c.value END)) AS hash,
       count(*) FILTER (p.is_needed) AS needed, count(*) AS parts
FROM normalised.cell c
JOIN catalogue.key_part p USING (entity_no, place)
JOIN catalogue.key k USING (entity_no, key_no)
GROUP BY c.item_no, p.key_no;

-- References that the keys are made of, and those of components in signatures. In a circle only what is matched already
-- tells anything; the identity of what is not would change with every round.
CREATE OR REPLACE TEMP TABLE link_used AS
WITH used AS (
    SELECT entity_no, place, entity_no AS for_no FROM catalogue.key_part
    UNION
    SELECT entity_no, place, entity_no FROM catalogue.content_part
    UNION
    SELECT child_no, child_place, entity_no FROM catalogue.signature
)
SELECT u.entity_no, u.place, u.for_no, a.typed, bool_or(g.by_place >= 0) AS by_value,
       bool_or(coalesce(t.circle = f.circle, false)) AS in_circle
FROM used u
JOIN catalogue.attribute a USING (entity_no, place)
JOIN catalogue.target g USING (entity_no, place)
JOIN catalogue.entity t ON t.entity_no = g.target_no
JOIN catalogue.entity f ON f.entity_no = u.for_no
WHERE a.is_reference
GROUP BY ALL;
