-- The pairs of items that a reader may be asked about.
-- Reads:  published.candidate, nearest, unmatched, review, pair and entity_type.
-- Writes: temp table proposal, one row per pair: pair_id, entity, local_id_a, local_id_b, label_a, label_b, score (0 to
--         1), reason, evidence (a JSON object of numbers by name).

-- Items left over on both sides that were not weighed, whose labels are alike. Å, ä and ö are folded here only to
-- bring pairs together. Components are left out: which of them are the same follows from their owners.
CREATE OR REPLACE TEMP TABLE likely AS
WITH item AS (
    SELECT u.pair_id, u.entity, u.domain = p.domain_a AS is_a, u.local_id, u.label, u.ambiguous,
        lower(u.label) AS said,
        left(regexp_replace(strip_accents(lower(u.label)), '[^a-z0-9]', '', 'g'), 4) AS block
    FROM published.unmatched u
    JOIN published.pair p USING (pair_id)
    JOIN published.entity_type e ON e.entity = u.entity AND e.role = 'item'
    ANTI JOIN published.nearest na ON na.pair_id = u.pair_id AND na.entity = u.entity AND na.local_id_a = u.local_id
        AND u.domain = p.domain_a
    ANTI JOIN published.nearest nb ON nb.pair_id = u.pair_id AND nb.entity = u.entity AND nb.local_id_b = u.local_id
        AND u.domain = p.domain_b
    WHERE u.label IS NOT NULL AND length(u.label) > 2
)
SELECT a.pair_id, a.entity, a.local_id AS local_id_a, b.local_id AS local_id_b, a.label AS label_a, b.label AS label_b,
    greatest(0.02, least(0.95, 4 * jaro_winkler_similarity(a.said, b.said) - 3)) AS score,
    CASE WHEN a.ambiguous AND b.ambiguous THEN 'a key is shared by several'
        ELSE 'alike labels, and no match' END AS reason,
    json_object(
        'label likeness', round(jaro_winkler_similarity(a.said, b.said), 3), 'equal label', (a.said = b.said)::INTEGER
    )::VARCHAR AS evidence
FROM item a
JOIN item b ON b.pair_id = a.pair_id AND b.entity = a.entity AND b.block = a.block AND NOT b.is_a
WHERE a.is_a AND jaro_winkler_similarity(a.said, b.said) >= 0.85
QUALIFY row_number() OVER (PARTITION BY a.pair_id, a.entity, a.local_id ORDER BY score DESC, b.local_id) <= 3
    AND row_number() OVER (PARTITION BY a.pair_id, a.entity, b.local_id ORDER BY score DESC, a.local_id) <= 3;

DELETE FROM likely
WHERE EXISTS (
    FROM published.candidate c
    WHERE c.pair_id = likely.pair_id AND c.entity = likely.entity
        AND (c.local_id_a = likely.local_id_a OR c.local_id_b = likely.local_id_b)
);

INSERT INTO likely
SELECT pair_id, entity, local_id_a, local_id_b, label_a, label_b, coalesce(score, 0.5), coalesce(reason, ''),
    coalesce(evidence::VARCHAR, '{}')
FROM published.candidate WHERE verdict = 'review';

-- Rulings that do not count for want of another answer come back, with what is the matter.
CREATE OR REPLACE TEMP TABLE proposal AS
SELECT * FROM likely l
ANTI JOIN published.review r ON r.pair_id = l.pair_id AND r.entity = l.entity AND r.local_id_a = l.local_id_a
    AND r.local_id_b = l.local_id_b AND (r.problem IS NULL OR r.problem IN ('moved', 'conflict', 'waiting', 'crossed'))
    AND r.ruling IS DISTINCT FROM 'unsure'
ANTI JOIN published.review x ON x.pair_id = l.pair_id AND x.entity = l.entity
    AND x.effect IN ('match', 'not proposed') AND (x.local_id_a = l.local_id_a OR x.local_id_b = l.local_id_b)
UNION ALL
SELECT pair_id, entity, local_id_a, local_id_b, label_a, label_b, 0.5, 'ruled before: ' || problem, '{}'
FROM published.review
WHERE problem IN ('moved', 'conflict', 'waiting', 'crossed') AND local_id_a IS NOT NULL AND local_id_b IS NOT NULL;

DROP TABLE likely;
