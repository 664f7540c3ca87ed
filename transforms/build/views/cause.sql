-- One row per cause: a direct difference that explains others, in the newest night (docs/metrics.md, "Causes").
-- pair_id: the pair of domains
-- cause_id: the difference that is the cause; the same from night to night
-- rank: 1 for the cause whose settlement returns most, by leverage times risk
-- kind: changed, moved, only_a or only_b
-- entity: its entity type
-- area: that type's area
-- identity: the match or the unmatched item
-- label: the item as it is shown
-- attribute: what differs; NULL for an item without a match
-- value_a: the value in domain a as shown
-- value_b: the value in domain b
-- differences: how many differences go back to it, itself included
-- items: how many items these differ in; components count as the item that owns them
-- entities: how many entity types
-- areas: how many areas
-- leverage: by how much the convergence of the total rises when the cause is settled and with it all that has no other
--     cause
-- shared: the worth of the differences that have another cause as well: part of it returns when the others are settled
--     too
-- risk: the mean weight of its differences over the mean weight of all open differences; 1 is ordinary
-- expected_local: whether the entity type is expected to differ
-- opened_at: since when the cause itself has been open
WITH led AS (
    -- Those that explain nothing but themselves, the most, are left out before anything is counted.
    SELECT pair_id, difference_id, cause_id FROM compared.difference_cause
    SEMI JOIN (
        SELECT pair_id, cause_id FROM compared.difference_cause GROUP BY ALL HAVING count(*) > 1
    ) USING (pair_id, cause_id)
), d AS (
    SELECT pair_id, difference_id, kind, entity, area, identity, label, attribute, value_a, value_b, expected_local,
           opened_at,
           root_entity, root_identity, weight, worth, causes
    FROM published.difference
)
SELECT pair_id, cause_id,
       row_number() OVER (PARTITION BY pair_id ORDER BY leverage * risk DESC, differences DESC, cause_id) AS rank,
       kind, entity, area, identity, label, attribute, value_a, value_b, differences, items, entities, areas, leverage,
       shared, risk, expected_local, opened_at
FROM (
    SELECT c.pair_id, c.cause_id, count(*) AS differences, count(DISTINCT (d.root_entity, d.root_identity)) AS items,
           count(DISTINCT d.entity) AS entities, count(DISTINCT d.area) AS areas,
           coalesce(sum(d.worth::DECIMAL(38, 18)) FILTER (d.causes = 1), 0)::DOUBLE AS leverage,
           coalesce(sum(d.worth::DECIMAL(38, 18)) FILTER (d.causes > 1), 0)::DOUBLE AS shared,
           sum(d.weight::DECIMAL(18, 6)) / count(*) / any_value(a.weight) AS risk
    FROM led c
    JOIN d ON d.difference_id = c.difference_id
    JOIN (SELECT pair_id, sum(weight::DECIMAL(18, 6)) / count(*) AS weight FROM compared.difference GROUP BY 1) a
        ON a.pair_id = c.pair_id
    GROUP BY c.pair_id, c.cause_id
) c
JOIN (
    SELECT difference_id AS cause_id, kind, entity, area, identity, label, attribute, value_a, value_b, expected_local,
           opened_at
    FROM d
) r USING (cause_id)
