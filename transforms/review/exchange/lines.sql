-- The crosswalk of a pair as it goes out: one row per match and per sound ruling that is none.
-- Reads:  published.crosswalk, review and pair, content_item and content_name of the entity types that these name;
--         $1 the pair, $2 the entity type (NULL: every one).
-- Gives:  what a Line holds, keys as content_name has them, in the order of the catalogue and of labels.
WITH told AS (
    SELECT entity, local_id_a, local_id_b, ruling AS relation, readers, read_at, note, effect
    FROM published.review
    WHERE pair_id = $1 AND problem IS NULL AND ruling <> 'unsure'
),
line AS (
    SELECT c.entity, c.local_id_a, c.local_id_b, coalesce(t.relation, 'equal') AS relation, c.label_a, c.label_b,
        c.rule, c.key_name, c.score, t.readers, t.read_at, t.note
    FROM published.crosswalk c
    LEFT JOIN told t ON t.entity = c.entity AND t.local_id_a = c.local_id_a AND t.local_id_b = c.local_id_b
        AND t.effect = 'match'
    WHERE c.pair_id = $1
    UNION ALL
    SELECT entity, local_id_a, local_id_b, relation, NULL, NULL, 'reviewed', 'reviewed', NULL, readers, read_at, note
    FROM told WHERE effect IN ('kept apart', 'not proposed')
),
counted AS (
    SELECT *, relation IN ('reject', 'no_counterpart') AS apart,
        count(*) FILTER (relation NOT IN ('reject', 'no_counterpart')) OVER (PARTITION BY entity, local_id_a) AS of_a,
        count(*) FILTER (relation NOT IN ('reject', 'no_counterpart')) OVER (PARTITION BY entity, local_id_b) AS of_b
    FROM line
),
item AS (
    SELECT e.entity, s.side, i.local_id, i.label, n.keys
    FROM content_item c
    JOIN normalised.item i USING (item_no)
    JOIN catalogue.entity e USING (entity_no)
    JOIN catalogue.side s ON s.domain_no = i.domain_no AND s.pair_id = $1
    LEFT JOIN content_name n USING (item_no)
)
SELECT l.entity, p.domain_a, p.domain_b, coalesce(l.local_id_a, '') AS local_id_a,
    coalesce(l.local_id_b, '') AS local_id_b, l.relation, coalesce(l.label_a, a.label, '') AS label_a,
    coalesce(l.label_b, b.label, '') AS label_b, a.keys, b.keys, l.rule, l.key_name, l.score,
    coalesce(l.readers, ''), l.read_at, coalesce(l.note, ''),
    CASE
        WHEN l.local_id_b IS NULL THEN '1:0'
        WHEN l.local_id_a IS NULL THEN '0:1'
        WHEN l.apart THEN ''
        ELSE CASE WHEN of_b > 1 THEN 'n' ELSE '1' END || ':' || CASE WHEN of_a > 1 THEN 'n' ELSE '1' END
    END
FROM counted l
JOIN published.pair p ON p.pair_id = $1
JOIN catalogue.entity e ON e.entity = l.entity
LEFT JOIN item a ON a.side = 'a' AND a.entity = l.entity AND a.local_id = l.local_id_a
LEFT JOIN item b ON b.side = 'b' AND b.entity = l.entity AND b.local_id = l.local_id_b
WHERE $2 IS NULL OR l.entity = $2
ORDER BY e.entity_no, label_a, local_id_a, label_b, local_id_b;
