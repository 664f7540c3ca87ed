-- The tables that tell who moved.
-- Writes: measured.change, history: one row per night, domain, item and attribute that the domain changed, or item it
--         added or took away; ids are those of tonight. measured.change_gone, history: one row per pair and item that
--         was taken away: what it was called there, and its counterpart's id tonight. measured.change_item, which item
--         of a pair a changed one is: one row per pair and item.
CREATE TABLE IF NOT EXISTS measured.change (
    night_id INTEGER, domain VARCHAR, entity VARCHAR, local_id VARCHAR, label VARCHAR, kind VARCHAR, attribute VARCHAR,
    value_before VARCHAR, value_after VARCHAR, shown_before VARCHAR, shown_after VARCHAR, weight DOUBLE
);
CREATE TABLE IF NOT EXISTS measured.change_gone (
    night_id INTEGER, pair_id VARCHAR, domain VARCHAR, entity VARCHAR, local_id VARCHAR, identity VARCHAR,
    other_id VARCHAR
);
CREATE OR REPLACE TABLE measured.change_item (
    pair_id VARCHAR, side VARCHAR, domain VARCHAR, entity VARCHAR, local_id VARCHAR, identity VARCHAR, in_a BOOLEAN,
    in_b BOOLEAN
);
