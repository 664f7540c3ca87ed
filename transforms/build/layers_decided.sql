-- The tables of what was decided and of what follows from it, as the template of a night holds them: see template.py.
-- They are filled by the room register; the published views read them.

-- The register as the night found it.
CREATE TABLE IF NOT EXISTS decided.register (fingerprint VARCHAR);
CREATE TABLE IF NOT EXISTS decided.decision (
    decision_id VARCHAR, title VARCHAR, forum VARCHAR, ruled_on DATE, covers_kind VARCHAR, covers VARCHAR,
    ruling VARCHAR, adopt VARCHAR, value VARCHAR, reason VARCHAR, basis VARCHAR, owner VARCHAR, expires DATE,
    supersedes VARCHAR, superseded_by VARCHAR, state VARCHAR, note VARCHAR, recorded_at VARCHAR, recorded_by VARCHAR,
    covered_when_recorded BIGINT, place VARCHAR
);
CREATE TABLE IF NOT EXISTS decided.step (
    decision_id VARCHAR, domain VARCHAR, step VARCHAR, ordinal INTEGER, taken_on DATE, by_role VARCHAR, due DATE,
    note VARCHAR
);
CREATE TABLE IF NOT EXISTS decided.vendor_status (
    request_id VARCHAR, status VARCHAR, ordinal INTEGER, said_on DATE, reference VARCHAR, note VARCHAR
);
CREATE TABLE IF NOT EXISTS decided.audit (
    number INTEGER, recorded_at VARCHAR, by_role VARCHAR, event VARCHAR, decision_id VARCHAR, ruling VARCHAR,
    covers VARCHAR, forum VARCHAR, ruled_on VARCHAR, as_of VARCHAR, snapshots VARCHAR, covered BIGINT,
    content VARCHAR, hash VARCHAR
);

-- What it means for the differences of the night.
CREATE TABLE IF NOT EXISTS decided.cover (
    pair_id VARCHAR, difference_id VARCHAR, decision_id VARCHAR, ruling VARCHAR, state VARCHAR, accepted BOOLEAN
);
CREATE TABLE IF NOT EXISTS decided.conflict (
    pair_id VARCHAR, difference_id VARCHAR, decision_id VARCHAR, other_id VARCHAR
);
CREATE TABLE IF NOT EXISTS decided.justified (
    pair_id VARCHAR, entity VARCHAR, identity VARCHAR, agreement DOUBLE, identical BOOLEAN, gain DOUBLE
);
CREATE TABLE IF NOT EXISTS decided.proposal (
    pair_id VARCHAR, difference_id VARCHAR, rule VARCHAR, ruling VARCHAR, adopt VARCHAR, value VARCHAR,
    evidence VARCHAR, evidence_sv VARCHAR
);
CREATE TABLE IF NOT EXISTS decided.forecast (
    pair_id VARCHAR, level VARCHAR, subject VARCHAR, aim DOUBLE, state VARCHAR, earliest TIMESTAMP, median TIMESTAMP,
    latest TIMESTAMP, share DOUBLE, steps INTEGER, proven_days INTEGER
);
CREATE TABLE IF NOT EXISTS decided.usage (domain VARCHAR, entity VARCHAR, label VARCHAR, uses BIGINT);
CREATE TABLE IF NOT EXISTS decided.item_use (domain VARCHAR, entity VARCHAR, local_id VARCHAR, uses DOUBLE);
CREATE TABLE IF NOT EXISTS decided.used (
    pair_id VARCHAR, entity VARCHAR, identity VARCHAR, label VARCHAR, uses_a DOUBLE, uses_b DOUBLE, weight DOUBLE,
    agreement DOUBLE, matched BOOLEAN, share_a DOUBLE, share_b DOUBLE
);
-- One row per domain, item and attribute that is to hold a national code.
CREATE TABLE IF NOT EXISTS decided.national_item (
    domain VARCHAR, entity VARCHAR, local_id VARCHAR, label VARCHAR, attribute VARCHAR, list VARCHAR, value VARCHAR,
    code VARCHAR, state VARCHAR
);

-- The history: every night's rows are carried on by the next.
CREATE TABLE IF NOT EXISTS decided.task (
    decision_id VARCHAR, pair_id VARCHAR, difference_id VARCHAR, domain VARCHAR, entity VARCHAR, root_entity VARCHAR,
    identity VARCHAR, attribute VARCHAR, label VARCHAR, action VARCHAR, wanted VARCHAR, weight DOUBLE,
    first_night INTEGER, done_night INTEGER, regressed_night INTEGER, other VARCHAR, local_id VARCHAR,
    lapsed_night INTEGER, instead VARCHAR, was VARCHAR
);
CREATE TABLE IF NOT EXISTS decided.adherence (
    night_id INTEGER, pair_id VARCHAR, domain VARCHAR, level VARCHAR, subject VARCHAR, numerator DOUBLE,
    denominator DOUBLE, value DOUBLE, settled DOUBLE
);
CREATE TABLE IF NOT EXISTS decided.national_code (
    night_id INTEGER, domain VARCHAR, entity VARCHAR, attribute VARCHAR, list VARCHAR, items BIGINT, valid BIGINT,
    retired BIGINT, invalid BIGINT, unverified BIGINT, missing BIGINT, malformed BIGINT
);
CREATE TABLE IF NOT EXISTS decided.same_code (
    night_id INTEGER, pair_id VARCHAR, entity VARCHAR, attribute VARCHAR, list VARCHAR, matched BIGINT, "both" BIGINT,
    same BIGINT
);
CREATE TABLE IF NOT EXISTS decided.vendor_request (
    request_id VARCHAR, pair_id VARCHAR, entity VARCHAR, identity VARCHAR, label VARCHAR, attribute VARCHAR,
    value_a VARCHAR, value_b VARCHAR, explains BIGINT, first_night INTEGER, gone_night INTEGER
);
-- One row per item and span of nights in which the target read so (to_night NULL: it still does). A value that differs
-- and is not ruled on has no cell, and unsettled names it with its state.
CREATE TABLE IF NOT EXISTS decided.target (
    target_no BIGINT, pair_id VARCHAR, entity VARCHAR, identity VARCHAR USING COMPRESSION uncompressed, label VARCHAR,
    state VARCHAR, decision_id VARCHAR, unsettled STRUCT(attribute VARCHAR, state VARCHAR, decision_id VARCHAR)[],
    from_night INTEGER, to_night INTEGER
);
CREATE TABLE IF NOT EXISTS decided.target_cell (target_no BIGINT, attribute VARCHAR, value VARCHAR);
