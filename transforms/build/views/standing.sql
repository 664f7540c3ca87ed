-- One row per thing, attribute and domain where, of three domains or more, not all say the same; and per domain of a
--     thing that not all of them have.
-- thing_id: the thing: the cluster (cluster.cluster_id), or an item that no other domain has
-- entity: the entity type
-- area: its area
-- label: the thing as the first domain that has it shows it
-- attribute: what they do not agree on; NULL: not all of them have the thing
-- domain: the domain
-- local_id: its item; NULL where it has none
-- has: whether it has the thing
-- value: what it says, as shown
-- says: the same number for domains that say the same
-- same: how many domains say so
-- of: of how many that can be asked
-- state: majority (more than half say so), outlier (more than half say something else) or split (no majority)
-- majority_value: what the majority says; NULL where there is none, or it says nothing
-- weight: how much it weighs
-- expected_local: whether the entity type is expected to differ
-- root_entity: entity type of the item that owns a component in the end, else as entity
-- root_label: that item as it is shown, else as label
SELECT s.thing_id, s.entity, t.area, s.label, s.attribute, s.domain, s.local_id, s.has, s.value, s.says, s.same, s.of,
       s.state,
       max(s.value) FILTER (s.state = 'majority') OVER (PARTITION BY s.thing_id, s.attribute) AS majority_value,
       s.weight, t.expected_local,
       coalesce(o.root.entity, s.entity) AS root_entity, coalesce(o.root.label, s.label) AS root_label
FROM measured.standing s JOIN measured.entity_type t USING (entity)
LEFT JOIN (
    SELECT i.entity, i.thing_id, min({'entity': o.root_entity, 'label': o.root_label}) AS root
    FROM measured.standing_item i
    JOIN measured.owner o ON o.pair_id = i.pair_id AND o.entity = i.entity AND o.identity = i.identity
    WHERE o.root_label IS NOT NULL
    GROUP BY ALL
) o ON o.entity = s.entity AND o.thing_id = s.thing_id
