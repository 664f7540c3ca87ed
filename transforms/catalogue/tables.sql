-- The catalogue as rows, so that a step is one statement over all entity types, domains and pairs.
-- Written by tables.py: what a catalogue says with the template of a night, domains and pairs with every night. A place is
-- an attribute's position in its entity type: 0 the parent, 1 … the attributes in their order; a signature has a place from
-- 1000 on; -1 stands for the local id.
CREATE SCHEMA IF NOT EXISTS catalogue;
CREATE OR REPLACE TABLE catalogue.domain (domain_no UTINYINT, domain VARCHAR, snapshot_id INTEGER, moment VARCHAR);
CREATE OR REPLACE TABLE catalogue.pair (
    pair_no USMALLINT, pair_id VARCHAR, domain_a VARCHAR, domain_b VARCHAR, domain_no_a UTINYINT, domain_no_b UTINYINT
);
-- One row per pair and side ('a', 'b').
CREATE OR REPLACE TABLE catalogue.side (
    pair_no USMALLINT, pair_id VARCHAR, side VARCHAR, domain_no UTINYINT, domain VARCHAR
);
-- key_level: an entity type's keys refer to types of lower levels only, or of its own circle. label_level: likewise for
-- labels that are another item's. depth: how many owners there are above at the most. component: owned and measured as
-- part of its owner. scored: counts in its owner's agreement. cardinality: to how many items one belongs, where the type is
-- recognised by what its items say too.
CREATE OR REPLACE TABLE catalogue.entity (
    entity_no USMALLINT, entity VARCHAR, area VARCHAR, role VARCHAR, component BOOLEAN, scored BOOLEAN,
    expected_local BOOLEAN, weight DOUBLE, key_level SMALLINT, circle VARCHAR, key_order SMALLINT, label_level SMALLINT,
    depth SMALLINT, label_place SMALLINT, label_otherwise_place SMALLINT, collapsed BOOLEAN, source_table VARCHAR,
    cardinality VARCHAR
);
-- kind: how values are compared ('reference' for a link). stored_as: how the value is brought into canonical text.
-- hashed: its text says by itself whether two are equal. none, every: values of a reference that mean nothing, everything.
CREATE OR REPLACE TABLE catalogue.attribute (
    entity_no USMALLINT, place SMALLINT, attribute VARCHAR, kind VARCHAR, stored_as VARCHAR, weight DOUBLE,
    is_reference BOOLEAN, typed BOOLEAN, is_hashed BOOLEAN, has_ids BOOLEAN, separator VARCHAR, none VARCHAR[],
    every VARCHAR[], unit_place SMALLINT, placed SMALLINT
);
-- What a reference may lead to. type_text: what the column says that tells the type (NULL where none does); by_place: the
-- place of the value by which the target is referred to. by_own_label: the target's label is not another item's yet when
-- this type's labels are made.
CREATE OR REPLACE TABLE catalogue.target (
    entity_no USMALLINT, place SMALLINT, type_text VARCHAR, target_no USMALLINT, by_place SMALLINT, targets SMALLINT,
    by_own_label BOOLEAN
);
-- needed: parts that must have a value; choice: whether one of further parts must.
CREATE OR REPLACE TABLE catalogue.key (
    entity_no USMALLINT, key_no SMALLINT, key_name VARCHAR, rule VARCHAR, certain BOOLEAN, fold_case BOOLEAN,
    occurrence_place SMALLINT, needed SMALLINT, choice BOOLEAN
);
CREATE OR REPLACE TABLE catalogue.key_part (
    entity_no USMALLINT, key_no SMALLINT, part_no SMALLINT, place SMALLINT, is_needed BOOLEAN
);
-- What the components of one type under an item say, as a part of its keys: one row per attribute taken in.
CREATE OR REPLACE TABLE catalogue.signature (
    entity_no USMALLINT, place SMALLINT, name VARCHAR, child_no USMALLINT, part_no SMALLINT, child_place SMALLINT
);
-- In what order an item's whole content is written (see match_own.sql): every attribute of its own, then what its keys are
-- made of besides.
CREATE OR REPLACE TABLE catalogue.content_part (entity_no USMALLINT, part_no SMALLINT, place SMALLINT);
-- Another entity type without which an item has no place: one row per reference that both have in common. our_place is
-- one of the item, or with of_parent of its parent.
CREATE OR REPLACE TABLE catalogue.follow (
    entity_no USMALLINT, name VARCHAR, follow_no SMALLINT, followed_no USMALLINT, their_place SMALLINT,
    our_place SMALLINT, of_parent BOOLEAN, needed SMALLINT
);
-- Ids inside texts: one row per entry of an attribute and entity type that an id may lead to. certain: the catalogue
-- says that an id stands there.
CREATE OR REPLACE TABLE catalogue.embedded (
    entity_no USMALLINT, place SMALLINT, mark VARCHAR, target_no USMALLINT, certain BOOLEAN
);
-- Where the tree of a component's owner goes on.
CREATE OR REPLACE TABLE catalogue.through (entity_no USMALLINT, place SMALLINT, target_no USMALLINT);
-- Attributes that are to hold codes of a national list: those values that begin with prefix, no part of the code.
CREATE OR REPLACE TABLE catalogue.national (entity_no USMALLINT, place SMALLINT, list VARCHAR, prefix VARCHAR);
