-- Compare the matches value by value, all entity types and pairs at once.
-- Reads:  normalised.*, matched.*, catalogue.*.
-- Writes: compared.comparable, not_comparable, total; differing_own, differing_link (pair_no, match_no, entity_no, place).
-- Equal:  the same canonical value, or references that lead to the same thing on both sides (or nowhere on both). A
--         reference is compared by the match of its target, never by its id.
TRUNCATE compared.comparable;
TRUNCATE compared.not_comparable;
TRUNCATE compared.difference;
TRUNCATE compared.total;
TRUNCATE compared.agreement;
TRUNCATE compared.fold;
TRUNCATE compared.owner;

CREATE OR REPLACE TEMP TABLE missing AS
WITH delivered AS (
    SELECT d.domain_no, e.entity_no, x.attribute
    FROM normalised.extracted x
    JOIN catalogue.domain d USING (domain)
    JOIN catalogue.entity e USING (entity)
    WHERE x.delivered
),
absent AS (
    SELECT s.pair_no, s.domain_no, e.entity_no FROM catalogue.side s CROSS JOIN catalogue.entity e
    ANTI JOIN delivered d ON d.domain_no = s.domain_no AND d.entity_no = e.entity_no AND d.attribute = ''
)
SELECT pair_no, domain_no, entity_no, NULL::SMALLINT AS place, 'table not delivered' AS reason FROM absent
UNION ALL
SELECT s.pair_no, s.domain_no, a.entity_no, a.place,
       CASE WHEN d.attribute IS NULL THEN 'column not extracted' ELSE 'table of its target not delivered' END
FROM catalogue.side s
CROSS JOIN catalogue.attribute a
ANTI JOIN absent x ON x.pair_no = s.pair_no AND x.domain_no = s.domain_no AND x.entity_no = a.entity_no
LEFT JOIN delivered d ON d.domain_no = s.domain_no AND d.entity_no = a.entity_no AND d.attribute = a.attribute
WHERE d.attribute IS NULL
   -- Where a column tells the type of the target, only rows that lead to a missing table lose by it.
   OR NOT a.typed AND EXISTS (
       FROM catalogue.target g
       JOIN absent y ON y.entity_no = g.target_no AND y.pair_no = s.pair_no AND y.domain_no = s.domain_no
       WHERE g.entity_no = a.entity_no AND g.place = a.place);
INSERT INTO compared.not_comparable
SELECT p.pair_id, e.entity, a.attribute, d.domain, m.reason
FROM missing m
JOIN catalogue.pair p USING (pair_no)
JOIN catalogue.entity e USING (entity_no)
JOIN catalogue.domain d USING (domain_no)
LEFT JOIN catalogue.attribute a ON a.entity_no = m.entity_no AND a.place = m.place
WHERE m.place IS NULL OR a.weight > 0 OR a.place = 0
ORDER BY m.pair_no, m.entity_no, m.domain_no, m.place;
INSERT INTO compared.comparable
SELECT p.pair_no, e.entity_no, NULL, NULL, NULL
FROM catalogue.pair p CROSS JOIN catalogue.entity e
ANTI JOIN missing m ON m.pair_no = p.pair_no AND m.entity_no = e.entity_no AND m.place IS NULL;
INSERT INTO compared.comparable
SELECT c.pair_no, c.entity_no, a.place, a.weight, a.is_reference
FROM compared.comparable c
JOIN catalogue.attribute a USING (entity_no)
ANTI JOIN missing m ON m.pair_no = c.pair_no AND m.entity_no = c.entity_no AND m.place = a.place
WHERE a.weight > 0;
INSERT INTO compared.total
SELECT pair_no, entity_no, coalesce(sum(weight), 0) FROM compared.comparable GROUP BY ALL;

-- Rows whose hashes agree say the same in their own texts: only rows that differ are read. A text that may hold ids
-- counts by what these lead to.
CREATE OR REPLACE TEMP TABLE differing_own AS
WITH value AS (
    SELECT m.pair_no, m.match_no, m.entity_no, c.place, s.side, c.value
    FROM (
        SELECT match_no, pair_no, entity_no, unnest([item_a, item_b]) AS item_no, unnest(['a', 'b']) AS side
        FROM matched.item WHERE rule IS NOT NULL AND NOT same_row
    ) s
    JOIN normalised.cell c USING (item_no)
    JOIN matched.item m USING (match_no)
    JOIN compared.comparable k ON k.pair_no = m.pair_no AND k.entity_no = m.entity_no AND k.place = c.place
    JOIN catalogue.attribute a ON a.entity_no = c.entity_no AND a.place = c.place AND NOT a.has_ids
    UNION ALL
    SELECT m.pair_no, m.match_no, m.entity_no, c.place, s.side, coalesce(t.text, c.value)
    FROM catalogue.attribute a
    JOIN normalised.cell c USING (entity_no, place)
    JOIN (
        SELECT match_no, unnest([item_a, item_b]) AS item_no, unnest(['a', 'b']) AS side
        FROM matched.item WHERE rule IS NOT NULL
    ) s USING (item_no)
    JOIN matched.item m USING (match_no)
    JOIN compared.comparable k ON k.pair_no = m.pair_no AND k.entity_no = m.entity_no AND k.place = c.place
    LEFT JOIN matched.embedded t ON t.pair_no = m.pair_no AND t.item_no = c.item_no AND t.place = c.place
    WHERE a.has_ids
)
SELECT pair_no, match_no, entity_no, place,
       any_value(value) FILTER (side = 'a') AS value_a, any_value(value) FILTER (side = 'b') AS value_b
FROM value
GROUP BY pair_no, match_no, entity_no, place
HAVING count(*) = 1 OR min(value) <> max(value);

CREATE OR REPLACE TEMP TABLE differing_link AS
WITH side AS (
    SELECT match_no, pair_no, unnest([item_a, item_b]) AS item_no FROM matched.item WHERE rule IS NOT NULL
),
led AS (
    SELECT s.pair_no, s.match_no, r.entity_no, r.place,
           CASE WHEN r.state = 'leads' AND NOT (a.typed AND u.entity_no IS NULL) THEN hash(t.match_no)
                WHEN r.state = 'every' THEN hash('*')
                WHEN r.state = 'type' THEN hash('*' || r.type_text)
                WHEN a.typed AND r.target_entity_no IS NULL THEN NULL
                -- A type that was not delivered by both domains is all that can be told.
                WHEN a.typed AND u.entity_no IS NULL THEN hash('type', r.target_entity_no)
                ELSE hash('?', CASE WHEN a.typed THEN r.target_entity_no END, CASE WHEN b.by_value THEN r.written END)
           END AS code
    FROM side s
    JOIN normalised.reference r USING (item_no)
    JOIN compared.comparable k ON k.pair_no = s.pair_no AND k.entity_no = r.entity_no AND k.place = r.place
    JOIN catalogue.attribute a ON a.entity_no = r.entity_no AND a.place = r.place
    JOIN (
        SELECT entity_no, place, bool_or(by_place >= 0) AS by_value FROM catalogue.target GROUP BY ALL
    ) b ON b.entity_no = r.entity_no AND b.place = r.place
    LEFT JOIN compared.comparable u
      ON u.pair_no = s.pair_no AND u.entity_no = r.target_entity_no AND u.place IS NULL
    LEFT JOIN matched.side t ON t.pair_no = s.pair_no AND t.item_no = r.target_no
)
SELECT pair_no, match_no, entity_no, place FROM led
WHERE code IS NOT NULL
GROUP BY pair_no, match_no, entity_no, place
HAVING count(*) = 1 OR min(code) <> max(code);
