-- The figures that decisions give, beside the raw ones (docs/metrics.md): per entity type, per area, in total.
-- Reads:  variables night_id and method_version, temporary table open_difference, measured.entity_count and area,
--         decided.justified, cover and task, catalogue.entity.
-- Writes: measured.measure gains this night's rows of the metrics justified, decided and implemented. A component's
--         differences count in the item that owns it. A denominator of 0 gives value NULL: not measurable.
INSERT INTO measured.measure BY NAME
WITH gained AS (
    SELECT pair_id, entity, sum(gain::DECIMAL(38, 15))::DOUBLE AS gain
    FROM (
        SELECT pair_id, entity, gain FROM decided.justified
        UNION ALL
        SELECT d.pair_id, d.entity, 1
        FROM open_difference d
        JOIN decided.cover v USING (pair_id, difference_id)
        WHERE v.accepted AND d.attribute IS NULL
    )
    GROUP BY ALL
),
ruled AS (
    SELECT d.pair_id, d.root_entity AS entity, count(*) AS open,
           count(*) FILTER (v.state = 'holds' AND v.ruling <> 'defer') AS decided
    FROM open_difference d
    LEFT JOIN decided.cover v USING (pair_id, difference_id)
    GROUP BY ALL
),
worked AS (
    SELECT pair_id, root_entity AS entity, count(*) AS tasks, count(done_night) AS done
    FROM decided.task WHERE lapsed_night IS NULL GROUP BY ALL
),
counted AS (
    SELECT c.pair_id, c.entity, t.area, t.weight, t.role = 'item' AND NOT t.expected_local AS scored, c.measurable,
           unnest([
               {'metric': 'justified',
                'numerator': least(c.agreement_sum + coalesce(g.gain, 0), c.matched + c.only_a + c.only_b),
                'denominator': (c.matched + c.only_a + c.only_b)::DOUBLE},
               {'metric': 'decided', 'numerator': coalesce(r.decided, 0)::DOUBLE,
                'denominator': coalesce(r.open, 0)::DOUBLE},
               {'metric': 'implemented', 'numerator': coalesce(w.done, 0)::DOUBLE,
                'denominator': coalesce(w.tasks, 0)::DOUBLE}
           ], recursive := true)
    FROM measured.entity_count c
    JOIN catalogue.entity t USING (entity)
    LEFT JOIN gained g USING (pair_id, entity)
    LEFT JOIN ruled r USING (pair_id, entity)
    LEFT JOIN worked w USING (pair_id, entity)
    WHERE c.night_id = getvariable('night_id')
),
entity AS (
    SELECT pair_id, entity, area, weight, scored, metric, CASE WHEN measurable THEN numerator END AS numerator,
           CASE WHEN measurable THEN denominator END AS denominator,
           CASE WHEN measurable AND denominator > 0 THEN numerator / denominator END AS value
    FROM counted
),
area AS (
    SELECT pair_id, area, metric, sum(weight * value ORDER BY entity) AS numerator,
           sum(weight) FILTER (value IS NOT NULL) AS denominator
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
