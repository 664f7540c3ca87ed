-- The metrics of the night and their history (docs/metrics.md).
-- Variables: night_id, method (METHOD_VERSION).
-- Reads:  catalogue.*, normalised.item, matched.item, compared.*, measured.quality, archive.landed.*.
-- Writes: measured.*; see layers_measured.sql for the grain. What is history gains this night's rows, the rest is made
--         anew.

INSERT INTO measured.snapshot
SELECT getvariable('night_id'), s.domain, s.snapshot_id, s.delivered_at, count(*), sum(f.rows_accepted),
       sum(f.rows_quarantined), m.code_level
FROM catalogue.domain d
JOIN archive.landed.snapshot s USING (snapshot_id)
JOIN archive.landed.snapshot_file USING (snapshot_id)
JOIN archive.landed.file f USING (file_id)
LEFT JOIN archive.landed.manifest m USING (snapshot_id)
GROUP BY ALL;

-- What the extracts are: each file, the faults found in it and the rows kept out of it.
TRUNCATE measured.quarantine;
INSERT INTO measured.quarantine BY NAME
SELECT d.domain, f.table_name, f.file_name, q.line, q.column_name, q.reason, q.local_id, q.text
FROM catalogue.domain d
JOIN archive.landed.snapshot_file USING (snapshot_id)
JOIN archive.landed.file f USING (file_id)
JOIN archive.landed.quarantine q USING (file_id)
ORDER BY d.domain_no, f.table_name, f.file_name, q.line, q.column_name, q.reason;
TRUNCATE measured.finding;
INSERT INTO measured.finding BY NAME
SELECT d.domain, f.table_name, f.file_name, n.column_name, n.kind, n.rows, n.first_line
FROM catalogue.domain d
JOIN archive.landed.snapshot_file USING (snapshot_id)
JOIN archive.landed.file f USING (file_id)
JOIN archive.landed.finding n USING (file_id)
ORDER BY d.domain_no, f.table_name, f.file_name, n.column_name, n.kind;
TRUNCATE measured.landed_file;
INSERT INTO measured.landed_file BY NAME
SELECT d.domain, table_name, file_name, form, encoding, delimiter, quoting, newline, header, decimal,
       coalesce(date_pictures, []) AS date_pictures, time_zone, coalesce(stated, false) AS stated, rows_in,
       rows_accepted, rows_quarantined, rows_personal, rows_unreached, dropped, coalesce(pseudonyms, []) AS pseudonyms,
       query
FROM catalogue.domain d
JOIN archive.landed.snapshot_file USING (snapshot_id)
JOIN archive.landed.file f USING (file_id)
ORDER BY d.domain_no, table_name, file_name;

-- How the checks went: the counts, and which failed.
INSERT INTO measured.quality_count
SELECT getvariable('night_id'), severity, status, count(*) FROM measured.quality GROUP BY severity, status;
INSERT INTO measured.quality_history
SELECT getvariable('night_id'), check_id, domain, status, failed, total
FROM measured.quality WHERE status NOT IN ('passed', 'not_applicable');

-- Live items, for the next night's checks.
INSERT INTO measured.item_count
SELECT getvariable('night_id'), d.domain, e.entity, coalesce(n.items, 0)
FROM catalogue.domain d
CROSS JOIN catalogue.entity e
LEFT JOIN (SELECT domain_no, entity_no, count(*) AS items FROM normalised.item GROUP BY ALL) n
    USING (domain_no, entity_no);

-- Where a domain did not deliver the table the counts are NULL: an item without a counterpart there is not "only"
-- anywhere. Sums are taken in decimals, which add up to the same in any order; in wide ones, and of what differs only,
-- since DuckDB 2.0 overflows where a narrow one is the same value in millions of rows.
INSERT INTO measured.entity_count BY NAME
WITH missing AS (
    SELECT pair_id, entity, string_agg(domain, ' and ' ORDER BY side) AS domains
    FROM compared.not_comparable JOIN catalogue.side USING (pair_id, domain)
    WHERE attribute IS NULL
    GROUP BY ALL
),
counts AS (
    SELECT m.pair_no, m.entity_no, count(*) AS items,
           count(*) FILTER (m.rule IS NOT NULL) AS matched,
           count(*) FILTER (m.rule IS NULL AND m.item_a IS NOT NULL) AS only_a,
           count(*) FILTER (m.rule IS NULL AND m.item_b IS NOT NULL) AS only_b,
           count(*) FILTER (m.rule IS NOT NULL AND c.match_no IS NULL) AS identical,
           count(*) FILTER (m.rule IS NOT NULL AND NOT m.certain) AS uncertain,
           count(*) FILTER (m.ambiguous AND m.item_a IS NOT NULL) AS ambiguous_a,
           count(*) FILTER (m.ambiguous AND m.item_b IS NOT NULL) AS ambiguous_b,
           count(*) FILTER (m.certain AND c.match_no IS NULL) AS identical_certain,
           sum(c.agreement::DECIMAL(38, 15)) FILTER (m.rule IS NOT NULL) AS partly,
           sum(c.agreement::DECIMAL(38, 15)) FILTER (m.certain) AS partly_certain
    FROM matched.item m LEFT JOIN compared.agreement c USING (match_no)
    GROUP BY m.pair_no, m.entity_no
)
SELECT getvariable('night_id') AS night_id, p.pair_id, e.entity,
       CASE WHEN x.domains IS NULL THEN coalesce(c.matched, 0) END AS matched,
       CASE WHEN x.domains IS NULL THEN coalesce(c.only_a, 0) END AS only_a,
       CASE WHEN x.domains IS NULL THEN coalesce(c.only_b, 0) END AS only_b,
       CASE WHEN x.domains IS NULL THEN coalesce(c.identical, 0) END AS identical,
       CASE WHEN x.domains IS NULL THEN coalesce(c.uncertain, 0) END AS uncertain,
       CASE WHEN x.domains IS NULL THEN coalesce(c.ambiguous_a, 0) END AS ambiguous_a,
       CASE WHEN x.domains IS NULL THEN coalesce(c.ambiguous_b, 0) END AS ambiguous_b,
       (coalesce(c.identical, 0) + coalesce(c.partly, 0))::DOUBLE AS agreement_sum,
       (coalesce(c.identical_certain, 0) + coalesce(c.partly_certain, 0))::DOUBLE AS agreement_certain,
       x.domains IS NULL AND c.items IS NOT NULL AS measurable,
       CASE WHEN x.domains IS NOT NULL THEN 'not delivered by ' || x.domains
            WHEN c.items IS NULL THEN 'no items on either side' END AS reason
FROM catalogue.pair p
CROSS JOIN catalogue.entity e
LEFT JOIN missing x ON x.pair_id = p.pair_id AND x.entity = e.entity
LEFT JOIN counts c ON c.pair_no = p.pair_no AND c.entity_no = e.entity_no;

INSERT INTO measured.attribute_agreement BY NAME
WITH matches AS (
    SELECT pair_no, entity_no, key_name, count(*) AS comparable
    FROM matched.item WHERE rule IS NOT NULL
    GROUP BY ALL
),
differing AS (
    SELECT d.pair_no, d.entity_no, d.place, m.key_name, count(*) AS n
    FROM compared.difference d JOIN matched.item m USING (match_no)
    WHERE d.place IS NOT NULL
    GROUP BY ALL
)
SELECT getvariable('night_id') AS night_id, p.pair_id, e.entity, a.attribute, m.key_name,
       m.comparable - coalesce(d.n, 0) AS equal, m.comparable
FROM compared.comparable k
JOIN matches m USING (pair_no, entity_no)
JOIN catalogue.pair p USING (pair_no)
JOIN catalogue.entity e USING (entity_no)
JOIN catalogue.attribute a USING (entity_no, place)
LEFT JOIN differing d ON d.pair_no = k.pair_no AND d.entity_no = k.entity_no AND d.place = k.place
    AND d.key_name = m.key_name;

-- The figures: per entity type, per area, in total; of this night, and of earlier nights that were measured by another
-- method: they are computed again from their counts. Such a night keeps the version it was first measured by: that is
-- the seam (published.seam).
-- Shares are added in one order, so that the same items give the same figure to the last bit.
-- A denominator of 0 gives value NULL: not measurable, never 0 or 100 %.
DELETE FROM measured.measure
WHERE method_version <> getvariable('method')
  AND metric IN ('coverage', 'agreement', 'convergence', 'convergence_lower', 'convergence_upper', 'strict');
INSERT INTO measured.measure BY NAME
WITH counts AS (
    SELECT c.*, t.area, t.weight, t.role = 'item' AND NOT t.expected_local AS scored,
           matched + only_a + only_b AS items,
           -- At best every ambiguous item left over on the poorer side has its counterpart among the other's.
           least(ambiguous_a, ambiguous_b) AS possible
    FROM measured.entity_count c
    JOIN measured.entity_type t USING (entity)
    ANTI JOIN (SELECT night_id FROM measured.measure WHERE metric = 'coverage') f USING (night_id)
),
ratios AS (
    SELECT night_id, pair_id, entity, area, weight, scored, measurable, unnest([
        {'metric': 'coverage', 'numerator': matched::DOUBLE, 'denominator': items::DOUBLE},
        {'metric': 'agreement', 'numerator': agreement_sum, 'denominator': matched::DOUBLE},
        {'metric': 'convergence', 'numerator': agreement_sum, 'denominator': items::DOUBLE},
        {'metric': 'convergence_lower', 'numerator': agreement_certain, 'denominator': (items + uncertain)::DOUBLE},
        {'metric': 'convergence_upper', 'numerator': agreement_sum + possible,
         'denominator': (items - possible)::DOUBLE},
        {'metric': 'strict', 'numerator': identical::DOUBLE, 'denominator': items::DOUBLE}
    ]) AS r
    FROM counts
),
of_entity AS (
    SELECT night_id, pair_id, entity, area, weight, scored, r.metric AS metric,
           CASE WHEN measurable THEN r.numerator END AS numerator,
           CASE WHEN measurable THEN r.denominator END AS denominator,
           CASE WHEN measurable AND r.denominator > 0 THEN r.numerator / r.denominator END AS value
    FROM ratios
),
of_area AS (
    SELECT night_id, pair_id, area, metric, sum(weight * value ORDER BY entity) AS numerator,
           sum(weight) FILTER (value IS NOT NULL) AS denominator
    FROM of_entity WHERE scored
    GROUP BY ALL
),
of_all AS (
    SELECT night_id, pair_id, metric, sum(a.weight * numerator / denominator ORDER BY area) AS numerator,
           sum(a.weight) FILTER (denominator > 0) AS denominator
    FROM of_area JOIN measured.area a USING (area)
    GROUP BY ALL
)
SELECT night_id, getvariable('method') AS method_version, pair_id, 'entity' AS level, entity AS subject, metric,
       numerator, denominator, value
FROM of_entity
UNION ALL BY NAME
SELECT night_id, getvariable('method') AS method_version, pair_id, 'area' AS level, area AS subject, metric,
       numerator, denominator, numerator / denominator AS value
FROM of_area
UNION ALL BY NAME
SELECT night_id, getvariable('method') AS method_version, pair_id, 'total' AS level, 'total' AS subject, metric,
       numerator, denominator, numerator / denominator AS value
FROM of_all;

INSERT INTO measured.watched BY NAME
SELECT getvariable('night_id') AS night_id, p.pair_id, w.watch, w.title_sv, w.title_en,
       coalesce(sum(a.equal), 0) AS numerator, coalesce(sum(a.comparable), 0) AS denominator,
       CASE WHEN sum(a.comparable) > 0 THEN sum(a.equal) / sum(a.comparable) END AS value
FROM measured.pair p
CROSS JOIN measured.watch w
LEFT JOIN measured.attribute_agreement a
    ON a.night_id = getvariable('night_id') AND a.pair_id = p.pair_id AND a.entity = w.entity
   AND a.attribute = w.attribute AND (w.key_name IS NULL OR a.key_name = w.key_name)
GROUP BY ALL;

-- A difference lives from the night it is first seen to the night it is gone; one that comes back lives again. Where an
-- entity type could not be compared tonight, its open differences stay open: not seen is not settled.
UPDATE measured.difference_life AS l SET closed_night = getvariable('night_id')
WHERE l.closed_night IS NULL
  AND NOT EXISTS (SELECT 1 FROM compared.difference d WHERE d.difference_id = l.difference_id)
  AND NOT EXISTS (
      SELECT 1 FROM compared.not_comparable n
      WHERE n.pair_id = l.pair_id AND n.entity = l.entity AND (n.attribute IS NULL OR n.attribute = l.attribute));
INSERT INTO measured.difference_life BY NAME
SELECT pair_id, difference_id, entity, kind, attribute, label, getvariable('night_id') AS opened_night,
       NULL AS closed_night
FROM compared.difference
ANTI JOIN (SELECT difference_id FROM measured.difference_life WHERE closed_night IS NULL) l USING (difference_id);
-- The first night has none to compare with: its opened and closed are NULL.
INSERT INTO measured.drift BY NAME
SELECT getvariable('night_id') AS night_id, p.pair_id, t.entity, t.area,
       CASE WHEN n.nights > 1
            THEN count(l.difference_id) FILTER (l.opened_night = getvariable('night_id')) END AS opened,
       CASE WHEN n.nights > 1
            THEN count(l.difference_id) FILTER (l.closed_night = getvariable('night_id')) END AS closed,
       count(l.difference_id) FILTER (l.closed_night IS NULL) AS open
FROM measured.pair p
CROSS JOIN measured.entity_type t
CROSS JOIN (SELECT count(*) AS nights FROM measured.night) n
LEFT JOIN measured.difference_life l ON l.pair_id = p.pair_id AND l.entity = t.entity
GROUP BY p.pair_id, t.entity, t.area, n.nights;
