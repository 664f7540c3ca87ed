-- The tables of a night between what was landed and what is measured. Numbers (item_no, match_no) stand for things within
-- one night; what outlives it is an identity, a hash of what a thing says.

-- One row per live item in scope. row_hash: of the attributes whose text says by itself whether two are equal.
-- snapshot_id: the one that brought the newest of the files it is made of. row_number: its row in the file.
CREATE TABLE IF NOT EXISTS normalised.item (
    item_no INTEGER, domain_no UTINYINT, entity_no USMALLINT, local_id VARCHAR, label VARCHAR, row_hash UBIGINT,
    snapshot_id INTEGER, row_number BIGINT
);
-- One row per value of an item's own: canonical text, no empty ones.
CREATE TABLE IF NOT EXISTS normalised.cell (item_no INTEGER, entity_no USMALLINT, place SMALLINT, value VARCHAR);
-- One row per link of an item. written: the canonical value, '*' for every target there is. state: leads, nowhere, every, or
-- type (its column names a type that the catalogue does not describe: type_text). target_entity_no stands wherever the type
-- is known.
CREATE TABLE IF NOT EXISTS normalised.reference (
    item_no INTEGER, entity_no USMALLINT, place SMALLINT, written VARCHAR, type_text VARCHAR, state VARCHAR,
    target_entity_no USMALLINT, target_no INTEGER
);
-- Was the column delivered; attribute '' is the table itself.
CREATE TABLE IF NOT EXISTS normalised.extracted (domain VARCHAR, entity VARCHAR, attribute VARCHAR, delivered BOOLEAN);
-- One row per local id that several rows had; surplus: rows beyond the first.
CREATE TABLE IF NOT EXISTS normalised.duplicate (domain VARCHAR, entity VARCHAR, local_id VARCHAR, surplus BIGINT);

-- One row per match and per item without one (rule NULL) of a pair. same_row: both rows say the same in their own texts.
-- What is another in every row is kept as it is: looking for something to compress in it takes longer than all the rest.
CREATE TABLE IF NOT EXISTS matched.item (
    match_no INTEGER, pair_no USMALLINT, entity_no USMALLINT, identity VARCHAR USING COMPRESSION uncompressed,
    item_a INTEGER, item_b INTEGER, rule VARCHAR, key_name VARCHAR, key_text VARCHAR USING COMPRESSION uncompressed,
    certain BOOLEAN, ambiguous BOOLEAN, same_row BOOLEAN
);
-- The same item by item: what references resolve through. One row per pair and item of one of its domains.
CREATE TABLE IF NOT EXISTS matched.side (
    pair_no USMALLINT, item_no INTEGER, match_no INTEGER, is_paired BOOLEAN
);
CREATE TABLE IF NOT EXISTS matched.ambiguous (
    pair_id VARCHAR, entity VARCHAR, key_name VARCHAR, key_text VARCHAR, items_a BIGINT, items_b BIGINT
);
-- One row per item, place and pair whose text holds a number that may be an id: with identities in place of ids, and as it
-- is shown.
CREATE TABLE IF NOT EXISTS matched.embedded (
    pair_no USMALLINT, item_no INTEGER, place SMALLINT, text VARCHAR, shown VARCHAR
);
-- One row per such number, the nth of its text.
CREATE TABLE IF NOT EXISTS matched.embedded_id (
    pair_no USMALLINT, item_no INTEGER, place SMALLINT, nth BIGINT, written VARCHAR, target_match_no INTEGER,
    target_label VARCHAR
);

-- What both domains of a pair delivered: one row per entity type (place NULL) and per attribute that is compared.
CREATE TABLE IF NOT EXISTS compared.comparable (
    pair_no USMALLINT, entity_no USMALLINT, place SMALLINT, weight DOUBLE, is_reference BOOLEAN
);
CREATE TABLE IF NOT EXISTS compared.not_comparable (
    pair_id VARCHAR, entity VARCHAR, attribute VARCHAR, domain VARCHAR, reason VARCHAR
);
-- One row per differing attribute of a match (kind changed; moved for the parent) and per item without one (only_a,
-- only_b). cause_match_no: what a reference leads to that has no counterpart, or the owner that has none.
CREATE TABLE IF NOT EXISTS compared.difference (
    pair_no USMALLINT, match_no INTEGER, entity_no USMALLINT, place SMALLINT, cause_match_no INTEGER, pair_id VARCHAR,
    difference_id VARCHAR, entity VARCHAR, identity VARCHAR, kind VARCHAR, attribute VARCHAR, label VARCHAR,
    value_a VARCHAR, value_b VARCHAR, weight DOUBLE, cause_entity VARCHAR, cause_identity VARCHAR
);
-- What the comparable attributes of an entity type weigh together.
CREATE TABLE IF NOT EXISTS compared.total (pair_no USMALLINT, entity_no USMALLINT, weight DOUBLE);
-- One row per match in which anything differs, its own attributes or its components: one that is not here is identical,
-- its agreement 1.
CREATE TABLE IF NOT EXISTS compared.agreement (
    pair_no USMALLINT, match_no INTEGER, entity_no USMALLINT, differing INTEGER, own_weight DOUBLE, own_equal DOUBLE,
    child_weight DOUBLE, child_equal DOUBLE, agreement DOUBLE
);
-- One row per owner and component type in which something differs: the number of components on both sides.
CREATE TABLE IF NOT EXISTS compared.fold (match_no INTEGER, component_no USMALLINT, number BIGINT);
-- Which item a component belongs to in the end. One row per component that has an owner.
CREATE TABLE IF NOT EXISTS compared.owner (match_no INTEGER, root_match_no INTEGER);

-- One row per difference, difference that would explain it in one step, and attribute that leads there (via; key and text
-- where several do). Whether there is such a difference is looked at when the links are followed.
CREATE TABLE IF NOT EXISTS compared.link (pair_id VARCHAR, difference_id VARCHAR, on_id VARCHAR, via VARCHAR);
-- One row per difference and cause: the direct difference at the end of its links; a direct one is its own, in 0 steps.
CREATE TABLE IF NOT EXISTS compared.difference_cause (
    pair_id VARCHAR, difference_id VARCHAR, cause_id VARCHAR, steps INTEGER
);
-- One row per difference that keeps the convergence of the total down: by how much.
CREATE TABLE IF NOT EXISTS compared.worth (pair_id VARCHAR, difference_id VARCHAR, worth DOUBLE);

-- What was scored, and what people ruled of matches.
CREATE TABLE IF NOT EXISTS matched.candidate (
    pair_id VARCHAR, entity VARCHAR, local_id_a VARCHAR, local_id_b VARCHAR, score DOUBLE, verdict VARCHAR,
    reason VARCHAR, evidence JSON
);
CREATE TABLE IF NOT EXISTS matched.nearest (
    pair_id VARCHAR, entity VARCHAR, local_id_a VARCHAR, local_id_b VARCHAR, log_odds DOUBLE, chance DOUBLE,
    against VARCHAR, evidence JSON
);
CREATE TABLE IF NOT EXISTS matched.weighing (
    pair_id VARCHAR, entity VARCHAR, attribute VARCHAR, agrees DOUBLE, differs DOUBLE, accept_at DOUBLE,
    review_at DOUBLE
);
CREATE TABLE IF NOT EXISTS matched.ruling (
    pair_id VARCHAR, entity VARCHAR, ruling_id VARCHAR, ruling VARCHAR, state VARCHAR, problem VARCHAR, effect VARCHAR,
    local_id_a VARCHAR, local_id_b VARCHAR, label_a VARCHAR, label_b VARCHAR, key_a VARCHAR, key_b VARCHAR,
    readers VARCHAR, answers BIGINT, read_at TIMESTAMP, note VARCHAR
);
-- One row per item that is matched in any pair and not left out of its cluster. match_no: the match that names the cluster.
CREATE TABLE IF NOT EXISTS matched.cluster_item (
    item_no INTEGER, match_no INTEGER, items BIGINT, links BIGINT, certain BOOLEAN
);
CREATE OR REPLACE VIEW matched.cluster AS
SELECT md5(concat_ws(chr(31), e.entity, p.pair_id, m.identity)) AS cluster_id, e.entity, d.domain, i.local_id, i.label,
       c.items, c.links, c.items = (SELECT count(DISTINCT domain_no) FROM catalogue.side) AS complete, c.certain, c.item_no
FROM matched.cluster_item c
JOIN matched.item m USING (match_no)
JOIN catalogue.pair p USING (pair_no)
JOIN catalogue.entity e USING (entity_no)
JOIN normalised.item i ON i.item_no = c.item_no
JOIN catalogue.domain d USING (domain_no);
-- One row per match that the clusters leave out.
CREATE TABLE IF NOT EXISTS matched.cluster_conflict (
    entity VARCHAR, pair_id VARCHAR, identity VARCHAR, local_id_a VARCHAR, local_id_b VARCHAR, label_a VARCHAR,
    label_b VARCHAR, rule VARCHAR, key_name VARCHAR, reason VARCHAR, domain VARCHAR, local_id_one VARCHAR,
    local_id_other VARCHAR, cluster_id_a VARCHAR, cluster_id_b VARCHAR
);
