-- What the checks of rows are asked of, and what they share.
-- Reads:  temp table check_asked (one row per check, as the catalogue's names say it), catalogue, normalised.
-- Writes: temp tables
--         check_row      the same by numbers: place is the attribute's, end_place that of the date that ends
--         check_live     one row per entity type and domain: items, newest snapshot
--         check_count    empty; one row per check and domain that has rows to check: failed, total
--         check_failing  empty; one row per failing row (a local id that several rows had has no item, but the id)
--         and temp view
--         check_held     what items say, one row per item and place; type tells things of several types apart
CREATE OR REPLACE TEMP TABLE check_row AS
SELECT a.check_no, a.check_id, a.kind, e.entity_no, p.place, q.place AS end_place, k.key_no,
    len(a.columns) AS parts, k.fold_case, a.allowed, a.code_set, a.list, a.prefix
FROM check_asked a
JOIN catalogue.entity e USING (entity)
LEFT JOIN catalogue.attribute p ON p.entity_no = e.entity_no AND p.attribute = a.columns[1] AND a.key_name IS NULL
LEFT JOIN catalogue.attribute q ON q.entity_no = e.entity_no AND q.attribute = a.columns[2] AND a.key_name IS NULL
LEFT JOIN catalogue.key k ON k.entity_no = e.entity_no AND k.key_name = a.key_name;

CREATE OR REPLACE TEMP TABLE check_count (check_no INTEGER, domain_no UTINYINT, failed BIGINT, total BIGINT);

CREATE OR REPLACE TEMP TABLE check_failing (
    check_no INTEGER, domain_no UTINYINT, item_no INTEGER, local_id VARCHAR, value VARCHAR
);

CREATE OR REPLACE TEMP VIEW check_held AS
SELECT item_no, entity_no, place, value, NULL AS type FROM normalised.cell
UNION ALL
SELECT r.item_no, r.entity_no, r.place, r.written,
    CASE WHEN a.typed THEN coalesce(r.target_entity_no::VARCHAR, '*' || r.type_text) END
FROM normalised.reference r JOIN catalogue.attribute a USING (entity_no, place);

CREATE OR REPLACE TEMP TABLE check_live AS
SELECT domain_no, entity_no, count(*) AS items, max(snapshot_id) AS snapshot_id
FROM normalised.item GROUP BY ALL;
