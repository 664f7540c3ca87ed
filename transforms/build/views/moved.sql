-- One row per baseline and cell (or item) of a pair that at least one of its domains has moved away from the baseline:
--     who moved, and whether that brought them together (docs/metrics.md, "Who moved"). Ask for one baseline at a time.
-- baseline: night (both domains as they were in an earlier night), domain (a third domain, as the vendor's content) or
--     target (what was ruled)
-- baseline_name: the night's time, the domain's name, or target
-- baseline_night: the earlier night; NULL for another baseline
-- pair_id: the pair of domains
-- entity: the entity type
-- area: its area
-- identity: the match or the unmatched item
-- label: the item as it is shown
-- root_entity: entity type of the item that owns a component in the end; else as entity
-- root_identity: that item
-- root_label: that item as it is shown
-- kind: changed, moved (to another owner), added or removed
-- attribute: what moved; NULL where an item came or went
-- who: a or b (that domain alone), alike (both, to the same) or apart (both, not to the same)
-- outcome: closer (they differed and do no longer), further (they did not and do now), still (they did and do) or
--     together (they did not and do not)
-- base_a: the value of domain a in the baseline; of a domain or target both have one
-- base_b: the value of domain b in the baseline
-- value_a: the value in domain a tonight
-- value_b: the value in domain b tonight
-- weight: how much it weighs
-- expected_local: whether the entity type is expected to differ
-- difference_id: the difference that is open tonight; NULL where there is none
SELECT m.baseline, m.baseline_name, m.baseline_night, m.pair_id, m.entity, t.area, m.identity, m.label,
       coalesce(o.root_entity, m.entity) AS root_entity, coalesce(o.root_identity, m.identity) AS root_identity,
       coalesce(o.root_label, m.label) AS root_label, m.kind, m.attribute, m.who,
       CASE WHEN m.differed THEN CASE WHEN m.differs THEN 'still' ELSE 'closer' END
            WHEN m.differs THEN 'further' ELSE 'together' END AS outcome,
       m.base_a, m.base_b, m.value_a, m.value_b, m.weight, t.expected_local, m.difference_id
FROM measured.moved m
LEFT JOIN measured.entity_type t USING (entity)
LEFT JOIN measured.owner o ON o.pair_id = m.pair_id AND o.entity = m.entity AND o.identity = m.identity
