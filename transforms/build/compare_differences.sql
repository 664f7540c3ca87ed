-- Write down what differs, as people read it, and what lies behind it.
-- Reads:  differing_own, differing_link, matched.*, normalised.*. Writes: compared.difference, compared.agreement.
CREATE OR REPLACE TEMP TABLE shown AS
SELECT l.match_no, l.place, s.side, t.match_no AS target_match_no, t.is_paired,
       CASE WHEN r.state = 'every' THEN '*'
            WHEN r.state = 'type' THEN r.type_text
            ELSE coalesce(i.label, '? ' || r.written) END AS value
FROM differing_link l
JOIN (
    SELECT match_no, unnest([item_a, item_b]) AS item_no, unnest(['a', 'b']) AS side FROM matched.item
) s USING (match_no)
JOIN normalised.reference r ON r.item_no = s.item_no AND r.place = l.place
LEFT JOIN normalised.item i ON i.item_no = r.target_no
LEFT JOIN matched.side t ON t.pair_no = l.pair_no AND t.item_no = r.target_no;
INSERT INTO compared.difference
WITH found AS (
    SELECT d.pair_no, d.match_no, d.entity_no, d.place, NULL::INTEGER AS cause_match_no,
           coalesce(x.shown, d.value_a) AS value_a, coalesce(y.shown, d.value_b) AS value_b
    FROM differing_own d
    JOIN matched.item m USING (match_no)
    LEFT JOIN matched.embedded x ON x.pair_no = d.pair_no AND x.item_no = m.item_a AND x.place = d.place
    LEFT JOIN matched.embedded y ON y.pair_no = d.pair_no AND y.item_no = m.item_b AND y.place = d.place
    UNION ALL
    SELECT l.pair_no, l.match_no, l.entity_no, l.place,
           CASE WHEN NOT a.is_paired THEN a.target_match_no WHEN NOT b.is_paired THEN b.target_match_no END,
           a.value, b.value
    FROM differing_link l
    LEFT JOIN shown a ON a.match_no = l.match_no AND a.place = l.place AND a.side = 'a'
    LEFT JOIN shown b ON b.match_no = l.match_no AND b.place = l.place AND b.side = 'b'
),
alone AS (
    SELECT m.pair_no, m.match_no, m.entity_no, NULL::SMALLINT AS place,
           CASE WHEN NOT o.is_paired THEN o.match_no END AS cause_match_no, NULL AS value_a, NULL AS value_b
    FROM matched.item m
    JOIN compared.comparable k ON k.pair_no = m.pair_no AND k.entity_no = m.entity_no AND k.place IS NULL
    LEFT JOIN normalised.reference r ON r.item_no = coalesce(m.item_a, m.item_b) AND r.place = 0
     AND NOT EXISTS (FROM catalogue.target g WHERE g.entity_no = m.entity_no AND g.place = 0 AND g.by_place >= 0)
    LEFT JOIN matched.side o ON o.pair_no = m.pair_no AND o.item_no = r.target_no
    WHERE m.rule IS NULL
)
SELECT f.pair_no, f.match_no, f.entity_no, f.place, f.cause_match_no, p.pair_id,
       md5(concat_ws(chr(31), p.pair_id, e.entity, m.identity, coalesce(a.attribute, ''))), e.entity, m.identity,
       CASE WHEN f.place = 0 THEN 'moved' WHEN f.place IS NOT NULL THEN 'changed'
            WHEN m.item_a IS NOT NULL THEN 'only_a' ELSE 'only_b' END,
       a.attribute, coalesce(i.label, j.label), f.value_a, f.value_b, coalesce(a.weight, greatest(t.weight, 1)),
       ce.entity, c.identity
FROM (FROM found UNION ALL FROM alone) f
JOIN matched.item m USING (match_no)
JOIN catalogue.pair p ON p.pair_no = f.pair_no
JOIN catalogue.entity e ON e.entity_no = f.entity_no
JOIN compared.total t ON t.pair_no = f.pair_no AND t.entity_no = f.entity_no
LEFT JOIN catalogue.attribute a ON a.entity_no = f.entity_no AND a.place = f.place
LEFT JOIN normalised.item i ON i.item_no = m.item_a
LEFT JOIN normalised.item j ON j.item_no = m.item_b
LEFT JOIN matched.item c ON c.match_no = f.cause_match_no
LEFT JOIN catalogue.entity ce ON ce.entity_no = c.entity_no;
-- Sums are taken in decimals, which add up to the same in whatever order the rows come.
INSERT INTO compared.agreement
SELECT d.pair_no, d.match_no, d.entity_no, count(*), t.weight,
       (t.weight::DECIMAL(18, 6) - sum(d.weight::DECIMAL(38, 6)))::DOUBLE AS own_equal, 0, 0, own_equal / t.weight
FROM compared.difference d
JOIN compared.total t ON t.pair_no = d.pair_no AND t.entity_no = d.entity_no
WHERE d.place IS NOT NULL
GROUP BY d.pair_no, d.match_no, d.entity_no, t.weight;
DROP TABLE shown;
DROP TABLE differing_own;
DROP TABLE differing_link;
DROP TABLE missing;

-- Which component stands under which owner on each side.
CREATE OR REPLACE TEMP TABLE contained AS
SELECT s.pair_no, s.side, m.entity_no, m.match_no, o.entity_no AS owner_entity_no, o.match_no AS owner_no, o.rule IS NOT NULL AS is_owner_paired,
       e.depth, w.depth AS owner_depth, e.scored, e.weight, k.entity_no IS NOT NULL AS is_owner_comparable
FROM catalogue.entity e
JOIN normalised.reference r ON r.entity_no = e.entity_no AND r.place = 0 AND r.state = 'leads'
JOIN normalised.item i USING (item_no)
JOIN catalogue.side s USING (domain_no)
JOIN compared.comparable c ON c.pair_no = s.pair_no AND c.entity_no = e.entity_no AND c.place IS NULL
JOIN matched.side x ON x.pair_no = s.pair_no AND x.item_no = r.item_no
JOIN matched.item m ON m.match_no = x.match_no
JOIN matched.side y ON y.pair_no = s.pair_no AND y.item_no = r.target_no
JOIN matched.item o ON o.match_no = y.match_no
JOIN catalogue.entity w ON w.entity_no = o.entity_no
LEFT JOIN compared.comparable k ON k.pair_no = s.pair_no AND k.entity_no = o.entity_no AND k.place IS NULL
WHERE e.component;
