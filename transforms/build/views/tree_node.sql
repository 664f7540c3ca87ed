-- One row per owner and component of a pair: what an item is composed of on both sides. A component that stands under different owners has a row under each. Where a component leads on to an item of its own (a form's section to the section that several forms share), it has a row for that item, which is not owned: linked.
-- pair_id: the pair of domains
-- owner_entity: entity type of the owner
-- owner_identity: the owner: a match or an unmatched item, itself perhaps a component
-- entity: entity type of the component
-- identity: the component
-- label: the component as it is shown
-- state: both (under this owner on both sides), moved (under another owner on the other side), only_a or only_b; a linked item never moved
-- place_a: its place among the components of its type under this owner in domain a; NULL where it is not there
-- place_b: the same in domain b
-- differences: how many of its own attributes differ
-- label_a: the component as domain a shows it; NULL where it is not under this owner there
-- label_b: the same in domain b
-- root_entity: entity type of the item at the top that the component belongs to
-- root_identity: that item; all rows of one tree have the same
-- elsewhere_entity: of one that moved: entity type of its owner on the other side
-- elsewhere_identity: that owner
-- elsewhere_label: that owner as it is shown there
-- linked: whether it is an item of its own that the owner refers to; its own components are rows of its own tree
-- matched: whether the component (or the linked item) has a counterpart anywhere
SELECT t.pair_id, t.owner_entity, t.owner_identity, t.entity, t.identity, t.label,
       CASE WHEN t.place_a IS NOT NULL AND t.place_b IS NOT NULL THEN 'both' WHEN t.matched AND NOT t.linked THEN 'moved'
            WHEN t.place_b IS NULL THEN 'only_a' ELSE 'only_b' END AS state,
       t.place_a, t.place_b, coalesce(d.differences, 0) AS differences, t.label_a, t.label_b,
       coalesce(o.root_entity, t.owner_entity) AS root_entity, coalesce(o.root_identity, t.owner_identity) AS root_identity,
       CASE state WHEN 'moved' THEN CASE WHEN t.place_a IS NOT NULL THEN t.owner_b.entity ELSE t.owner_a.entity END END AS elsewhere_entity,
       CASE state WHEN 'moved' THEN CASE WHEN t.place_a IS NOT NULL THEN t.owner_b.identity ELSE t.owner_a.identity END END AS elsewhere_identity,
       CASE state WHEN 'moved' THEN CASE WHEN t.place_a IS NOT NULL THEN m.value_b ELSE m.value_a END END AS elsewhere_label,
       t.linked, t.matched
FROM (
    SELECT *, max({'entity': owner_entity, 'identity': owner_identity}) FILTER (place_a IS NOT NULL) OVER w AS owner_a,
           max({'entity': owner_entity, 'identity': owner_identity}) FILTER (place_b IS NOT NULL) OVER w AS owner_b
    FROM (
        SELECT pair_id, owner_entity, owner_identity, entity, identity, first(label ORDER BY side) AS label, bool_or(matched) AS matched, linked,
               min(place) FILTER (side = 'a') AS place_a, min(place) FILTER (side = 'b') AS place_b,
               min(label) FILTER (side = 'a') AS label_a, min(label) FILTER (side = 'b') AS label_b
        FROM measured.tree GROUP BY pair_id, owner_entity, owner_identity, entity, identity, linked
    ) WINDOW w AS (PARTITION BY pair_id, entity, identity, linked)
) t
LEFT JOIN (
    SELECT pair_id, entity, identity, count(*) AS differences FROM compared.difference
    WHERE attribute IS NOT NULL AND kind <> 'moved' GROUP BY ALL
) d ON d.pair_id = t.pair_id AND d.entity = t.entity AND d.identity = t.identity
LEFT JOIN compared.difference m ON m.pair_id = t.pair_id AND m.entity = t.entity AND m.identity = t.identity AND m.kind = 'moved'
LEFT JOIN compared.owner o ON o.pair_id = t.pair_id AND o.entity = t.owner_entity AND o.identity = t.owner_identity
