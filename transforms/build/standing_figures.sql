-- The figures of one night over all domains (docs/metrics.md): per entity type, per area, in total.
-- Reads:  variables night_id, method_version; temp tables here, thing and together, matched.side and item (which items
--         are ambiguous), measured.entity_type and area, catalogue.*.
-- Writes: measured.together_count and measured.together gain the night's rows. A denominator of 0 gives value NULL: not
--         measurable. Drops the temp tables.
INSERT INTO measured.together_count BY NAME
WITH all_domains AS (
    SELECT DISTINCT domain_no, count(DISTINCT domain_no) OVER () AS domains FROM catalogue.side
), whole AS (
    SELECT DISTINCT h.entity_no, h.domains FROM here h JOIN all_domains a ON a.domains = h.domains
), unclear AS (
    SELECT DISTINCT s.item_no FROM matched.item m JOIN matched.side s USING (match_no) WHERE m.ambiguous
), things AS (
    SELECT t.thing_no, t.entity_no, w.domains, count(*) AS items, bool_and(t.certain) AS certain,
           bool_or(u.item_no IS NOT NULL) AS unclear
    FROM thing t
    JOIN whole w USING (entity_no)
    LEFT JOIN unclear u USING (item_no)
    GROUP BY ALL
), unsettled AS (
    SELECT t.entity_no, t.domain_no, count(*) AS things
    FROM thing t
    JOIN things o USING (thing_no)
    WHERE o.unclear AND o.items < o.domains
    GROUP BY ALL
), possible AS (
    SELECT w.entity_no, min(coalesce(s.things, 0)) AS possible
    FROM whole w
    CROSS JOIN all_domains a
    LEFT JOIN unsettled s ON s.entity_no = w.entity_no AND s.domain_no = a.domain_no
    GROUP BY ALL
), number AS (
    SELECT entity_no, count(*) AS things, coalesce(sum(items - 1) FILTER (NOT certain), 0) AS uncertain
    FROM things GROUP BY entity_no
), sums AS (
    SELECT entity_no, count(*) AS complete, count(*) FILTER (identical) AS identical,
           sum(agreement::DECIMAL(38, 15))::DOUBLE AS agreement_sum,
           coalesce(sum(agreement::DECIMAL(38, 15)) FILTER (certain), 0)::DOUBLE AS agreement_certain
    FROM together GROUP BY entity_no
)
SELECT getvariable('night_id') AS night_id, e.entity, coalesce(c.things, 0) AS things,
       coalesce(a.complete, 0) AS complete, coalesce(a.identical, 0) AS identical, coalesce(c.uncertain, 0) AS uncertain,
       p.possible, coalesce(a.agreement_sum, 0) AS agreement_sum,
       coalesce(a.agreement_certain, 0) AS agreement_certain, c.things IS NOT NULL AS measurable
FROM whole w
JOIN catalogue.entity e USING (entity_no)
JOIN possible p USING (entity_no)
LEFT JOIN number c USING (entity_no)
LEFT JOIN sums a USING (entity_no)
UNION ALL
SELECT getvariable('night_id'), entity, NULL, NULL, NULL, NULL, NULL, NULL, NULL, false
FROM catalogue.entity ANTI JOIN whole USING (entity_no);

INSERT INTO measured.together BY NAME
WITH ratios AS (
    SELECT c.entity, t.area, t.weight, t.role = 'item' AND NOT t.expected_local AS scored, c.measurable, unnest([
        {'metric': 'coverage', 'numerator': complete::DOUBLE, 'denominator': things::DOUBLE},
        {'metric': 'agreement', 'numerator': agreement_sum, 'denominator': complete::DOUBLE},
        {'metric': 'convergence', 'numerator': agreement_sum, 'denominator': things::DOUBLE},
        {'metric': 'convergence_lower', 'numerator': agreement_certain, 'denominator': (things + uncertain)::DOUBLE},
        {'metric': 'convergence_upper', 'numerator': agreement_sum + possible,
         'denominator': (things - possible)::DOUBLE},
        {'metric': 'strict', 'numerator': identical::DOUBLE, 'denominator': things::DOUBLE}
    ]) AS r
    FROM measured.together_count c JOIN measured.entity_type t USING (entity)
    WHERE c.night_id = getvariable('night_id')
), entity AS (
    SELECT entity, area, weight, scored, r.metric AS metric, CASE WHEN measurable THEN r.numerator END AS numerator,
           CASE WHEN measurable THEN r.denominator END AS denominator,
           CASE WHEN measurable AND r.denominator > 0 THEN r.numerator / r.denominator END AS value
    FROM ratios
), area AS (
    SELECT area, metric, sum(weight * value ORDER BY entity) AS numerator,
           sum(weight) FILTER (value IS NOT NULL) AS denominator
    FROM entity WHERE scored GROUP BY ALL
), total AS (
    SELECT metric, sum(a.weight * numerator / denominator ORDER BY area) AS numerator,
           sum(a.weight) FILTER (denominator > 0) AS denominator
    FROM area JOIN measured.area a USING (area) GROUP BY ALL
)
SELECT getvariable('night_id') AS night_id, getvariable('method_version') AS method_version, * FROM (
    SELECT 'entity' AS level, entity AS subject, metric, numerator, denominator, value FROM entity
    UNION ALL SELECT 'area', area, metric, numerator, denominator, numerator / denominator FROM area
    UNION ALL SELECT 'total', 'total', metric, numerator, denominator, numerator / denominator FROM total
);

DROP TABLE here;
DROP TABLE own;
DROP TABLE thing;
DROP TABLE together;
