-- Where uncertain and scored pairs are kept.
-- matched.candidate: one row per pair that was scored: accepted (then it is a match too) or for a person to judge.
CREATE TABLE IF NOT EXISTS matched.candidate (
    pair_id VARCHAR, entity VARCHAR, local_id_a VARCHAR, local_id_b VARCHAR, score DOUBLE, verdict VARCHAR,
    reason VARCHAR, evidence JSON
);
-- One row per pair of an item without a match and one of its nearest.
CREATE TABLE IF NOT EXISTS matched.nearest (
    pair_id VARCHAR, entity VARCHAR, local_id_a VARCHAR, local_id_b VARCHAR, log_odds DOUBLE, chance DOUBLE,
    against VARCHAR, evidence JSON
);
-- One row per attribute: what agreeing and differing weigh, and from which sum on pairs are accepted and reviewed.
CREATE TABLE IF NOT EXISTS matched.weighing (
    pair_id VARCHAR, entity VARCHAR, attribute VARCHAR, agrees DOUBLE, differs DOUBLE, accept_at DOUBLE,
    review_at DOUBLE
);
