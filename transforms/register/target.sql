-- The target of every pair: the Swedish version as far as it is agreed or ruled.
-- Reads:  variable night_id, temporary table open_difference, temporary view shown, matched.item, normalised.item,
--         catalogue.attribute, decided.cover and decision.
-- Writes: decided.target (kept from night to night), one row per item and span of nights in which it read so;
--         decided.target_cell, one row per attribute of it with a value.
CREATE OR REPLACE TEMP TABLE ruled_target AS
SELECT d.match_no, d.place, d.attribute, d.kind, d.domain_a, d.domain_b, v.decision_id, r.ruling, r.adopt,
       CASE WHEN v.state = 'holds'
                 AND (v.ruling IN ('standard', 'retire') OR r.adopt IN (d.domain_a, d.domain_b)) THEN 'decision'
            WHEN v.accepted THEN 'local' ELSE 'open' END AS provenance,
       CASE WHEN provenance <> 'decision' THEN NULL
            WHEN r.ruling = 'standard' THEN r.value
            WHEN r.adopt = d.domain_a THEN d.value_a
            WHEN r.adopt = d.domain_b THEN d.value_b END AS wanted
FROM open_difference d
LEFT JOIN decided.cover v USING (pair_id, difference_id)
LEFT JOIN decided.decision r ON r.decision_id = v.decision_id;

-- What both agree on is shown as side a shows it, what no one weighs as the side that has it.
CREATE OR REPLACE TEMP TABLE target_cell AS
WITH said AS MATERIALIZED (FROM shown),
taken AS (
    SELECT m.match_no, m.entity_no, s.place, s.value
    FROM matched.item m
    JOIN said s ON s.item_no = coalesce(m.item_a, m.item_b)
    UNION ALL
    SELECT m.match_no, m.entity_no, s.place, s.value
    FROM matched.item m
    JOIN said s ON s.item_no = m.item_b
    ANTI JOIN said a ON a.item_no = m.item_a AND a.place = s.place
    WHERE m.item_a IS NOT NULL
)
SELECT t.match_no, k.attribute, t.value
FROM taken t
JOIN catalogue.attribute k ON k.entity_no = t.entity_no AND k.place = t.place
ANTI JOIN ruled_target r ON r.match_no = t.match_no AND r.place = t.place
UNION ALL
SELECT match_no, attribute, wanted FROM ruled_target WHERE wanted IS NOT NULL AND place IS NOT NULL;

-- kept_as: the row of decided.target that says the same already. The hashes live no longer than this statement.
CREATE OR REPLACE TEMP TABLE target_tonight AS
WITH by_item AS (
    SELECT match_no,
           list({'attribute': attribute, 'state': provenance, 'decision_id': decision_id} ORDER BY attribute)
               FILTER (place IS NOT NULL) AS unsettled,
           any_value(CASE WHEN provenance <> 'decision' THEN provenance
                          WHEN ruling = 'adopt' AND adopt = CASE kind WHEN 'only_a' THEN domain_a ELSE domain_b END
                          THEN 'decision'
                          WHEN ruling = 'standard' THEN 'open' ELSE 'out' END) FILTER (place IS NULL) AS alone,
           bool_or(provenance = 'decision' AND ruling = 'retire') AS retired,
           any_value(decision_id) FILTER (place IS NULL OR ruling = 'retire') AS decision_id
    FROM ruled_target GROUP BY match_no
),
item AS (
    SELECT m.match_no, p.pair_id, e.entity, m.identity, coalesce(a.label, b.label) AS label,
           CASE WHEN i.retired THEN 'out' WHEN m.rule IS NULL THEN coalesce(i.alone, 'open') ELSE 'agreed' END AS state,
           i.decision_id, i.unsettled
    FROM matched.item m
    JOIN catalogue.pair p USING (pair_no)
    JOIN catalogue.entity e USING (entity_no)
    LEFT JOIN normalised.item a ON a.item_no = m.item_a
    LEFT JOIN normalised.item b ON b.item_no = m.item_b
    LEFT JOIN by_item i ON i.match_no = m.match_no
),
kept AS (
    SELECT t.target_no, t.pair_id, t.entity, t.identity, t.label, t.state, t.decision_id, t.unsettled, c.content
    FROM decided.target t
    LEFT JOIN (
        SELECT target_no, bit_xor(hash(attribute, value)) AS content FROM decided.target_cell GROUP BY target_no
    ) c USING (target_no)
    WHERE t.to_night IS NULL
)
SELECT i.*, k.target_no AS kept_as
FROM item i
LEFT JOIN (
    SELECT match_no, bit_xor(hash(attribute, value)) AS content FROM target_cell GROUP BY match_no
) c ON c.match_no = i.match_no
LEFT JOIN kept k
  ON k.pair_id = i.pair_id AND k.entity = i.entity AND k.identity = i.identity AND k.state = i.state
 AND k.label IS NOT DISTINCT FROM i.label AND k.decision_id IS NOT DISTINCT FROM i.decision_id
 AND k.unsettled IS NOT DISTINCT FROM i.unsettled AND k.content IS NOT DISTINCT FROM c.content;

UPDATE decided.target AS t SET to_night = getvariable('night_id')
WHERE t.to_night IS NULL AND NOT EXISTS (FROM target_tonight n WHERE n.kept_as = t.target_no);

INSERT INTO decided.target BY NAME
SELECT (SELECT coalesce(max(target_no), -1) FROM decided.target) + 1 + match_no AS target_no, pair_id, entity, identity,
       label, state, decision_id, unsettled, getvariable('night_id') AS from_night
FROM target_tonight WHERE kept_as IS NULL;

INSERT INTO decided.target_cell
SELECT t.target_no, c.attribute, c.value
FROM target_tonight n
JOIN decided.target t
  ON t.pair_id = n.pair_id AND t.entity = n.entity AND t.identity = n.identity AND t.to_night IS NULL
JOIN target_cell c ON c.match_no = n.match_no
WHERE n.kept_as IS NULL;
