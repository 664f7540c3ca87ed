-- The comparison weighed by use (docs/metrics.md): per item, per entity type, per area, in total.
-- Reads:  variables night_id and method_version, decided.item_use, matched.item, normalised.item, compared.agreement,
--         measured.entity_count and area, catalogue.*.
-- Writes: decided.used, one row per match or item that is counted on either side; measured.measure gains this night's
--         rows of the metrics used_coverage and used_convergence, of the entity types whose use is counted. Where one
--         domain counts nothing they are not measurable (NULL).
-- An item's weight is the mean of its shares in the two domains' uses, so that the larger domain does not drown the
-- other.
INSERT INTO decided.used
WITH counted AS (
    SELECT i.item_no, u.uses
    FROM decided.item_use u
    JOIN catalogue.domain d ON d.domain = u.domain
    JOIN catalogue.entity e ON e.entity = u.entity
    JOIN normalised.item i ON i.domain_no = d.domain_no AND i.entity_no = e.entity_no AND i.local_id = u.local_id
),
shared AS (
    SELECT p.pair_id, e.entity, m.identity, coalesce(ia.label, ib.label) AS label, a.uses AS uses_a, b.uses AS uses_b,
           CASE WHEN m.rule IS NULL THEN 0 ELSE coalesce(c.agreement, 1) END AS agreement,
           m.rule IS NOT NULL AS matched,
           sum(a.uses) OVER one AS all_a, sum(b.uses) OVER one AS all_b
    FROM matched.item m
    JOIN catalogue.pair p ON p.pair_no = m.pair_no
    JOIN catalogue.entity e ON e.entity_no = m.entity_no
    LEFT JOIN normalised.item ia ON ia.item_no = m.item_a
    LEFT JOIN normalised.item ib ON ib.item_no = m.item_b
    LEFT JOIN counted a ON a.item_no = m.item_a
    LEFT JOIN counted b ON b.item_no = m.item_b
    LEFT JOIN compared.agreement c ON c.match_no = m.match_no
    WHERE a.item_no IS NOT NULL OR b.item_no IS NOT NULL
    WINDOW one AS (PARTITION BY m.pair_no, m.entity_no)
)
SELECT pair_id, entity, identity, label, uses_a, uses_b,
       CASE WHEN all_a > 0 AND all_b > 0 THEN (coalesce(uses_a, 0) / all_a + coalesce(uses_b, 0) / all_b) / 2 END,
       agreement, matched, CASE WHEN all_a > 0 THEN uses_a / all_a END, CASE WHEN all_b > 0 THEN uses_b / all_b END
FROM shared;

INSERT INTO measured.measure BY NAME
WITH sums AS (
    -- Exact sums: a float's would follow the order of the rows.
    SELECT pair_id, entity, sum(weight::DECIMAL(38, 17))::DOUBLE AS whole,
           sum((weight * agreement)::DECIMAL(38, 17))::DOUBLE AS alike,
           CASE WHEN count(weight) > 0
                THEN coalesce(sum(weight::DECIMAL(38, 17)) FILTER (matched), 0)::DOUBLE END AS found
    FROM decided.used GROUP BY ALL
),
measured_by AS (
    SELECT s.pair_id, s.entity, e.area, e.weight AS share, e.role = 'item' AND NOT e.expected_local AS scored,
           c.measurable, s.whole,
           unnest([{'metric': 'used_coverage', 'numerator': s.found},
                   {'metric': 'used_convergence', 'numerator': s.alike}], recursive := true)
    FROM sums s
    JOIN measured.entity_count c ON c.pair_id = s.pair_id AND c.entity = s.entity
    JOIN catalogue.entity e ON e.entity = s.entity
    WHERE c.night_id = getvariable('night_id')
),
entity AS (
    SELECT pair_id, entity, area, share, scored, metric, CASE WHEN measurable THEN numerator END AS numerator,
           CASE WHEN measurable THEN whole END AS denominator,
           CASE WHEN measurable AND whole > 0 THEN least(numerator / whole, 1) END AS value
    FROM measured_by
),
area AS (
    SELECT pair_id, area, metric, sum(share * value ORDER BY entity) AS numerator,
           sum(share) FILTER (value IS NOT NULL) AS denominator
    FROM entity WHERE scored GROUP BY ALL
),
total AS (
    SELECT pair_id, metric, sum(a.weight * numerator / denominator ORDER BY area) AS numerator,
           sum(a.weight) FILTER (denominator > 0) AS denominator
    FROM area JOIN measured.area a USING (area) GROUP BY ALL
)
SELECT getvariable('night_id') AS night_id, getvariable('method_version') AS method_version, * FROM (
    SELECT pair_id, 'entity' AS level, entity AS subject, metric, numerator, denominator, value FROM entity
    UNION ALL
    SELECT pair_id, 'area', area, metric, numerator, denominator, numerator / denominator FROM area
    UNION ALL
    SELECT pair_id, 'total', 'total', metric, numerator, denominator, numerator / denominator FROM total
);
