-- What several domains say together.
-- Writes: measured.standing, one row per thing, attribute and domain where not all say the same (attribute NULL: not
--         all have the thing); measured.standing_item, what such a thing is called in each pair;
--         measured.together_count and measured.together, history: the counts and figures of every night.
CREATE OR REPLACE TABLE measured.standing (
    entity VARCHAR, thing_id VARCHAR, label VARCHAR, attribute VARCHAR, weight DOUBLE, domain VARCHAR, local_id VARCHAR,
    has BOOLEAN, value VARCHAR, says INTEGER, same BIGINT, of BIGINT, state VARCHAR
);
CREATE OR REPLACE TABLE measured.standing_item (
    pair_id VARCHAR, entity VARCHAR, thing_id VARCHAR, identity VARCHAR
);
CREATE TABLE IF NOT EXISTS measured.together_count (
    night_id INTEGER, entity VARCHAR, things BIGINT, complete BIGINT, identical BIGINT, uncertain BIGINT,
    possible BIGINT, agreement_sum DOUBLE, agreement_certain DOUBLE, measurable BOOLEAN
);
CREATE TABLE IF NOT EXISTS measured.together (
    night_id INTEGER, level VARCHAR, subject VARCHAR, metric VARCHAR, numerator DOUBLE, denominator DOUBLE,
    value DOUBLE, method_version VARCHAR
);
