-- One row per owner and component of a pair: what an item is composed of on both sides. A component that stands under different owners has a row under each.
-- pair_id: the pair of domains
-- owner_entity: entity type of the owner
-- owner_identity: the owner: a match or an unmatched item, itself perhaps a component
-- entity: entity type of the component
-- identity: the component
-- label: the component as it is shown
-- state: both (under this owner on both sides), moved (under another owner on the other side), only_a or only_b
-- place_a: its place among the components of its type under this owner in domain a; NULL where it is not there
-- place_b: the same in domain b
-- differences: how many of its own attributes differ
SELECT t.pair_id, t.owner_entity, t.owner_identity, t.entity, t.identity, t.label,
       CASE WHEN t.place_a IS NOT NULL AND t.place_b IS NOT NULL THEN 'both' WHEN t.matched THEN 'moved'
            WHEN t.place_b IS NULL THEN 'only_a' ELSE 'only_b' END AS state,
       t.place_a, t.place_b, coalesce(d.differences, 0) AS differences
FROM (
    SELECT pair_id, owner_entity, owner_identity, entity, identity, first(label ORDER BY side) AS label, bool_or(matched) AS matched,
           min(place) FILTER (side = 'a') AS place_a, min(place) FILTER (side = 'b') AS place_b
    FROM measured.tree GROUP BY pair_id, owner_entity, owner_identity, entity, identity
) t
LEFT JOIN (
    SELECT pair_id, entity, identity, count(*) AS differences FROM compared.difference
    WHERE attribute IS NOT NULL AND kind <> 'moved' GROUP BY ALL
) d ON d.pair_id = t.pair_id AND d.entity = t.entity AND d.identity = t.identity
