-- One row per pair of domains and entity type: how often matched items have equal local ids. A check only: no rule
--     looks at ids.
-- pair_id: the pair of domains
-- entity: the entity type
-- matched: matches
-- equal_ids: matches whose items have the same local id
-- share: equal_ids of matched, between 0 and 1
-- on_both_sides: local ids that an item of either domain has
-- matched_together: those of on_both_sides whose two items are matched to each other; the others stand for different
--     things
WITH ids AS (
    SELECT pair_id, entity, id, bool_or(here) AND bool_or(there) AS shared, bool_or(together) AS together
    FROM (
        SELECT pair_id, entity, local_id_a AS id, true AS here, false AS there,
               local_id_a IS NOT DISTINCT FROM local_id_b AS together
        FROM measured.item WHERE local_id_a IS NOT NULL
        UNION ALL
        SELECT pair_id, entity, local_id_b, false, true, false FROM measured.item WHERE local_id_b IS NOT NULL
    ) GROUP BY ALL
), counted AS (
    SELECT pair_id, entity, count(*) FILTER (shared) AS on_both_sides,
           count(*) FILTER (shared AND together) AS matched_together
    FROM ids GROUP BY ALL
)
SELECT pair_id, entity, matched, equal_ids, equal_ids / nullif(matched, 0) AS share, on_both_sides, matched_together
FROM (
    SELECT pair_id, entity, count(*) FILTER (rule IS NOT NULL) AS matched,
           count(*) FILTER (rule IS NOT NULL AND local_id_a = local_id_b) AS equal_ids
    FROM measured.item GROUP BY ALL
) JOIN counted USING (pair_id, entity)
