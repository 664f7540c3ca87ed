-- How close each domain is to the target as far as it is settled: per entity type, per area, in total
-- (docs/metrics.md).
-- Reads:  variable night_id, temporary tables open_difference and gap, matched.item, compared.total and owner,
--         decided.cover, measured.area, catalogue.*.
-- Writes: decided.adherence gains this night's rows, one per pair, domain, level and subject. What a component says
--         counts in the item that owns it.
INSERT INTO decided.adherence BY NAME
WITH compared_weight AS (
    SELECT m.pair_no, coalesce(r.entity_no, m.entity_no) AS entity_no, sum(t.weight::DECIMAL(18, 6))::DOUBLE AS weight
    FROM matched.item m
    JOIN compared.total t ON t.pair_no = m.pair_no AND t.entity_no = m.entity_no
    LEFT JOIN compared.owner o ON o.match_no = m.match_no
    LEFT JOIN matched.item r ON r.match_no = o.root_match_no
    WHERE m.rule IS NOT NULL
    GROUP BY ALL
),
parts AS (
    SELECT p.pair_id, e.entity, w.weight AS settled, 0 AS unsettled
    FROM compared_weight w
    JOIN catalogue.pair p USING (pair_no)
    JOIN catalogue.entity e USING (entity_no)
    UNION ALL
    -- What differs and is not settled is no part of the target yet; an item that was ruled on is.
    SELECT pair_id, entity,
           CASE WHEN is_settled AND is_whole THEN weight WHEN NOT is_settled AND NOT is_whole THEN -weight ELSE 0 END,
           CASE WHEN is_settled THEN 0 ELSE weight END
    FROM (
        SELECT d.pair_id, d.root_entity AS entity, d.attribute IS NULL AS is_whole, d.weight,
               coalesce(v.state = 'holds' AND v.ruling IN ('adopt', 'standard', 'retire'), false) AS is_settled
        FROM open_difference d
        LEFT JOIN decided.cover v USING (pair_id, difference_id)
    )
),
whole AS (
    SELECT pair_id, entity, sum(settled::DECIMAL(38, 6))::DOUBLE AS settled,
           sum(unsettled::DECIMAL(38, 6))::DOUBLE AS unsettled
    FROM parts GROUP BY ALL
),
missing AS (
    SELECT pair_id, domain, root_entity AS entity, sum(weight::DECIMAL(38, 6))::DOUBLE AS weight FROM gap GROUP BY ALL
),
entity AS (
    SELECT w.pair_id, side.domain, w.entity, t.area, t.weight, t.role = 'item' AND NOT t.expected_local AS scored,
           w.settled - coalesce(m.weight, 0) AS numerator, w.settled AS denominator,
           w.settled + w.unsettled AS whole
    FROM whole w
    JOIN catalogue.entity t USING (entity)
    JOIN catalogue.side side ON side.pair_id = w.pair_id
    LEFT JOIN missing m ON m.pair_id = w.pair_id AND m.domain = side.domain AND m.entity = w.entity
),
shares AS (
    SELECT *, CASE WHEN denominator > 1e-9 THEN numerator / denominator END AS value,
           CASE WHEN whole > 1e-9 THEN denominator / whole END AS settled
    FROM entity
),
area AS (
    SELECT pair_id, domain, area, sum(weight * value ORDER BY entity) AS numerator,
           sum(weight) FILTER (value IS NOT NULL) AS denominator,
           sum(weight * settled ORDER BY entity) / sum(weight) FILTER (settled IS NOT NULL) AS settled
    FROM shares WHERE scored GROUP BY ALL
),
total AS (
    SELECT pair_id, domain, sum(a.weight * numerator / denominator ORDER BY area) AS numerator,
           sum(a.weight) FILTER (denominator > 0) AS denominator,
           sum(a.weight * settled ORDER BY area) / sum(a.weight) FILTER (settled IS NOT NULL) AS settled
    FROM area JOIN measured.area a USING (area) GROUP BY ALL
)
SELECT getvariable('night_id') AS night_id, * FROM (
    SELECT pair_id, domain, 'entity' AS level, entity AS subject, numerator, denominator, value, settled FROM shares
    UNION ALL
    SELECT pair_id, domain, 'area', area, numerator, denominator, numerator / denominator, settled FROM area
    UNION ALL
    SELECT pair_id, domain, 'total', 'total', numerator, denominator, numerator / denominator, settled FROM total
);
