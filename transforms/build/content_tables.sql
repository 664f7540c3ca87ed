-- The tables of content.py, made where they are missing, and of what the names still to be made are made of.
-- Reads:  temp table content_entity (the entity types still to be named, with their level), catalogue.
-- Writes: temp tables
--         content_item   one row per item: own (a hash of all it says), handle (what others call it by), seen (a
--                        fingerprint of what identifies it)
--         content_key    one row per item and key of which it has every element: text, and in how many items of its
--                        domain and type it is; the last key, (content), is own
--         content_name   one row per item that anything tells apart, with the keys that no other item has, in order
--         content_part   one row per entity type of content_entity and place that its names are made of: part_no in the
--                        order in which a hash of everything takes them, used_no in that of the keys
CREATE TEMP TABLE IF NOT EXISTS content_item (item_no INTEGER, own VARCHAR, handle VARCHAR, seen VARCHAR);

CREATE TEMP TABLE IF NOT EXISTS content_key (
    item_no INTEGER, domain_no UTINYINT, entity_no USMALLINT, key_no SMALLINT, key_name VARCHAR, text VARCHAR,
    items BIGINT
);

CREATE TEMP TABLE IF NOT EXISTS content_name (item_no INTEGER, keys STRUCT(name VARCHAR, text VARCHAR)[]);

CREATE OR REPLACE TEMP TABLE content_part AS
WITH used AS (
    SELECT entity_no, place, min(key_no * 1000 + part_no) AS used_no
    FROM catalogue.key_part SEMI JOIN content_entity USING (entity_no)
    GROUP BY ALL
)
SELECT entity_no, place, a.is_reference, u.used_no,
    row_number() OVER (
        PARTITION BY entity_no
        ORDER BY a.is_reference NULLS LAST, CASE WHEN NOT a.is_reference THEN place END, u.used_no
    ) AS part_no
FROM (SELECT * FROM catalogue.attribute SEMI JOIN content_entity USING (entity_no)) a
FULL JOIN used u USING (entity_no, place)
WHERE u.used_no IS NOT NULL OR NOT a.is_reference;
