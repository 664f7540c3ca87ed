-- One row per night, pair, level, subject and metric (docs/metrics.md).
-- night_id: the night
-- as_of: the night's time
-- pair_id: the pair of domains
-- level: entity, area or total
-- subject: the entity type, the area, or total
-- metric: coverage, agreement, convergence, convergence_lower, convergence_upper, strict, justified, decided,
--     implemented, used_coverage or used_convergence
-- numerator: items or agreement at level entity; weighted share at level area and total
-- denominator: items at level entity; sum of weights at level area and total
-- value: numerator / denominator, between 0 and 1; NULL means not measurable
-- method_version: version of the definitions
SELECT m.night_id, n.as_of, m.pair_id, m.level, m.subject, m.metric, m.numerator, m.denominator, m.value,
       m.method_version
FROM measured.measure m JOIN measured.night n USING (night_id)
