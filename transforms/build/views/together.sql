-- One row per night, level, subject and metric: the figures over all domains at once, where there are three or more
--     (docs/metrics.md, "Several domains").
-- night_id: the night
-- as_of: the night's time
-- level: entity, area or total
-- subject: the entity type, the area, or total
-- metric: coverage, agreement, convergence, convergence_lower, convergence_upper or strict
-- numerator: what is divided
-- denominator: what it is divided by
-- value: the figure between 0 and 1; NULL where it is not measurable
-- method_version: the version of the method
SELECT m.night_id, n.as_of, m.level, m.subject, m.metric, m.numerator, m.denominator, m.value, m.method_version
FROM measured.together m JOIN measured.night n USING (night_id)
