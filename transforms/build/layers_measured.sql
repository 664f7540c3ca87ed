-- The tables of what a night measures, as the template of a night holds them: see template.py.
-- Grain: stands with each table. A pair is measured.pair.pair_id, a night measured.night.night_id.

-- What the night is of. The catalogue's own are filled when the template is made.
CREATE TABLE IF NOT EXISTS measured.domain (
    domain VARCHAR, title VARCHAR, programme VARCHAR, ordinal INTEGER, ended BOOLEAN, vendor_model BOOLEAN
);
CREATE OR REPLACE VIEW measured.pair AS SELECT pair_id, domain_a, domain_b FROM catalogue.pair;
CREATE TABLE IF NOT EXISTS measured.area (
    area VARCHAR, title_sv VARCHAR, title_en VARCHAR, weight DOUBLE, ordinal INTEGER
);
CREATE TABLE IF NOT EXISTS measured.entity_type (
    entity VARCHAR, title_sv VARCHAR, title_en VARCHAR, description VARCHAR, area VARCHAR, role VARCHAR,
    weight DOUBLE, expected_local BOOLEAN, ordinal INTEGER
);
CREATE TABLE IF NOT EXISTS measured.attribute (
    entity VARCHAR, attribute VARCHAR, title_sv VARCHAR, title_en VARCHAR, kind VARCHAR, weight DOUBLE, target VARCHAR
);
CREATE TABLE IF NOT EXISTS measured.key (
    entity VARCHAR, key_name VARCHAR, ordinal INTEGER, rule VARCHAR, certain BOOLEAN, place INTEGER, element VARCHAR
);
-- A figure that is followed by itself: one attribute's agreement, of the matches by one key where key_name says so.
CREATE TABLE IF NOT EXISTS measured.watch (
    watch VARCHAR, title_sv VARCHAR, title_en VARCHAR, entity VARCHAR, attribute VARCHAR, key_name VARCHAR
);

-- What was delivered for the newest night, and how its checks went.
CREATE TABLE IF NOT EXISTS measured.quarantine (
    domain VARCHAR, table_name VARCHAR, file_name VARCHAR, line BIGINT, column_name VARCHAR, reason VARCHAR,
    local_id VARCHAR, text VARCHAR
);
CREATE TABLE IF NOT EXISTS measured.finding (
    domain VARCHAR, table_name VARCHAR, file_name VARCHAR, column_name VARCHAR, kind VARCHAR, rows BIGINT,
    first_line BIGINT
);
CREATE TABLE IF NOT EXISTS measured.landed_file (
    domain VARCHAR, table_name VARCHAR, file_name VARCHAR, form VARCHAR, encoding VARCHAR, delimiter VARCHAR,
    quoting VARCHAR, newline VARCHAR, header BOOLEAN, decimal VARCHAR, date_pictures VARCHAR[], time_zone VARCHAR,
    stated BOOLEAN, rows_in BIGINT, rows_accepted BIGINT, rows_quarantined BIGINT, rows_personal BIGINT,
    rows_unreached BIGINT, dropped VARCHAR[], pseudonyms VARCHAR[], query VARCHAR
);
CREATE TABLE IF NOT EXISTS measured.reference_list (
    list VARCHAR, title_sv VARCHAR, title_en VARCHAR, publisher VARCHAR, state VARCHAR, version VARCHAR,
    valid_from DATE, valid_to DATE, added_at TIMESTAMP, codes BIGINT, versions INTEGER
);
CREATE TABLE IF NOT EXISTS measured.reference_code (
    list VARCHAR, code VARCHAR, shown VARCHAR, text VARCHAR, details VARCHAR, valid_from DATE, valid_to DATE,
    is_valid BOOLEAN, first_version VARCHAR, last_version VARCHAR
);
CREATE TABLE IF NOT EXISTS measured.feed_event (
    domain VARCHAR, delivered_at TIMESTAMP, is_current BOOLEAN, kind VARCHAR, severity VARCHAR, table_name VARCHAR,
    column_name VARCHAR, before_value VARCHAR, after_value VARCHAR, detail VARCHAR
);
CREATE TABLE IF NOT EXISTS measured.quality (
    check_id VARCHAR, entity VARCHAR, domain VARCHAR, column_name VARCHAR, kind VARCHAR, severity VARCHAR,
    status VARCHAR, failed BIGINT, total BIGINT, threshold DOUBLE, note VARCHAR, note_sv VARCHAR, state VARCHAR,
    since_night INTEGER
);
CREATE TABLE IF NOT EXISTS measured.quality_failure (
    check_id VARCHAR, domain VARCHAR, entity VARCHAR, ordinal INTEGER, local_id VARCHAR, label VARCHAR,
    column_name VARCHAR, value VARCHAR
);

-- The history: every night's rows are carried on by the next.
CREATE TABLE IF NOT EXISTS measured.night (
    night_id INTEGER, as_of TIMESTAMP, method_version VARCHAR, catalogue VARCHAR, catalogue_fingerprint VARCHAR
);
CREATE TABLE IF NOT EXISTS measured.snapshot (
    night_id INTEGER, domain VARCHAR, snapshot_id INTEGER, delivered_at TIMESTAMP, files BIGINT,
    rows_accepted BIGINT, rows_quarantined BIGINT, code_level VARCHAR
);
CREATE TABLE IF NOT EXISTS measured.quality_count (
    night_id INTEGER, severity VARCHAR, status VARCHAR, checks BIGINT
);
-- Of the checks that failed or could not be run.
CREATE TABLE IF NOT EXISTS measured.quality_history (
    night_id INTEGER, check_id VARCHAR, domain VARCHAR, status VARCHAR, failed BIGINT, total BIGINT
);
CREATE TABLE IF NOT EXISTS measured.item_count (night_id INTEGER, domain VARCHAR, entity VARCHAR, items BIGINT);
-- The counts are NULL where a domain did not deliver the table.
CREATE TABLE IF NOT EXISTS measured.entity_count (
    night_id INTEGER, pair_id VARCHAR, entity VARCHAR, matched BIGINT, only_a BIGINT, only_b BIGINT, identical BIGINT,
    uncertain BIGINT, ambiguous_a BIGINT, ambiguous_b BIGINT, agreement_sum DOUBLE, agreement_certain DOUBLE,
    measurable BOOLEAN, reason VARCHAR
);
CREATE TABLE IF NOT EXISTS measured.attribute_agreement (
    night_id INTEGER, pair_id VARCHAR, entity VARCHAR, attribute VARCHAR, key_name VARCHAR, equal BIGINT,
    comparable BIGINT
);
-- value: numerator / denominator; NULL is not measurable.
CREATE TABLE IF NOT EXISTS measured.measure (
    night_id INTEGER, pair_id VARCHAR, level VARCHAR, subject VARCHAR, metric VARCHAR, numerator DOUBLE,
    denominator DOUBLE, value DOUBLE, method_version VARCHAR
);
CREATE TABLE IF NOT EXISTS measured.watched (
    night_id INTEGER, pair_id VARCHAR, watch VARCHAR, title_sv VARCHAR, title_en VARCHAR, numerator BIGINT,
    denominator BIGINT, value DOUBLE
);
CREATE TABLE IF NOT EXISTS measured.difference_life (
    pair_id VARCHAR, difference_id VARCHAR, entity VARCHAR, kind VARCHAR, attribute VARCHAR, label VARCHAR,
    opened_night INTEGER, closed_night INTEGER
);
CREATE TABLE IF NOT EXISTS measured.drift (
    night_id INTEGER, pair_id VARCHAR, entity VARCHAR, area VARCHAR, opened BIGINT, closed BIGINT, open BIGINT
);
CREATE TABLE IF NOT EXISTS measured.step (night_id INTEGER, step VARCHAR, seconds DOUBLE, rows BIGINT);

-- Who moved. change and change_gone are history; ids are those of tonight.
CREATE TABLE IF NOT EXISTS measured.change (
    night_id INTEGER, domain VARCHAR, entity VARCHAR, local_id VARCHAR, label VARCHAR, kind VARCHAR, attribute VARCHAR,
    value_before VARCHAR, value_after VARCHAR, shown_before VARCHAR, shown_after VARCHAR, weight DOUBLE
);
CREATE TABLE IF NOT EXISTS measured.change_gone (
    night_id INTEGER, pair_id VARCHAR, domain VARCHAR, entity VARCHAR, local_id VARCHAR, identity VARCHAR,
    other_id VARCHAR
);
CREATE TABLE IF NOT EXISTS measured.change_item (
    pair_id VARCHAR, side VARCHAR, domain VARCHAR, entity VARCHAR, local_id VARCHAR, identity VARCHAR, in_a BOOLEAN,
    in_b BOOLEAN
);
-- Over all domains at once; together_count and together are history.
CREATE TABLE IF NOT EXISTS measured.standing (
    entity VARCHAR, thing_id VARCHAR, label VARCHAR, attribute VARCHAR, weight DOUBLE, domain VARCHAR,
    local_id VARCHAR, has BOOLEAN, value VARCHAR, says INTEGER, same BIGINT, "of" BIGINT, state VARCHAR
);
CREATE TABLE IF NOT EXISTS measured.standing_item (
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

-- What the published views read often and would find out anew each time: see publish.sql.
-- One row per item that owns a difference in the end, or is its cause.
CREATE TABLE IF NOT EXISTS measured.shown (match_no INTEGER, entity VARCHAR, identity VARCHAR, label VARCHAR);
-- One row per owner and component that either side has under it, with its place there and label on both sides. All are
-- numbers of matches. root_no: whom the owner belongs to in the end. elsewhere_no: the owner on the other side, where
-- that is another. linked: what a component leads on to, under that component.
CREATE TABLE IF NOT EXISTS measured.tree (
    pair_no USMALLINT, root_no INTEGER, owner_no INTEGER, match_no INTEGER, elsewhere_no INTEGER, linked BOOLEAN,
    place_a BIGINT, place_b BIGINT, label_a VARCHAR, label_b VARCHAR
);
