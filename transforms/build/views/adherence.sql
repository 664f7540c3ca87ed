-- One row per night, pair, domain, level and subject: how close the domain is to the target as far as that is settled.
-- night_id: the night
-- as_of: the night's time
-- pair_id: the pair of domains
-- domain: the domain
-- level: entity, area or total
-- subject: the entity type, the area, or total
-- numerator: weight of the settled values that the domain has; weighted share at level area and total
-- denominator: weight of the settled values (agreed in fact or decided); sum of weights at level area and total
-- value: numerator / denominator; NULL means not measurable
-- settled: share of the target that is agreed or decided; the rest differs and nobody has ruled on it
SELECT a.night_id, n.as_of, a.pair_id, a.domain, a.level, a.subject, a.numerator, a.denominator, a.value, a.settled
FROM decided.adherence a JOIN measured.night n USING (night_id)
