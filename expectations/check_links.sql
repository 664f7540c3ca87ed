-- References that lead nowhere, and codes that are of another code set.
-- Reads:  temp table check_row, view check_held, normalised.reference, item and extracted, catalogue.
-- Writes: check_failing, check_count.
-- Of a reference whose own column tells the type, only those count whose target the domain delivered.
CREATE OR REPLACE TEMP TABLE check_link AS
WITH link_place AS (
    SELECT DISTINCT c.entity_no, c.place, a.typed
    FROM check_row c JOIN catalogue.attribute a USING (entity_no, place)
    WHERE c.kind IN ('reference_resolves', 'code_set')
),
delivered AS (
    SELECT d.domain_no, x.entity, x.attribute, bool_or(x.delivered) AS here
    FROM normalised.extracted x JOIN catalogue.domain d USING (domain)
    GROUP BY ALL
),
target_here AS (
    SELECT DISTINCT t.entity_no, t.place, w.domain_no, t.target_no
    FROM catalogue.target t
    JOIN link_place l ON l.entity_no = t.entity_no AND l.place = t.place AND l.typed
    JOIN catalogue.entity e ON e.entity_no = t.target_no
    JOIN delivered w ON w.entity = e.entity AND w.attribute = '' AND w.here
    LEFT JOIN catalogue.attribute a ON a.entity_no = t.target_no AND a.place = t.by_place
    LEFT JOIN delivered b ON b.domain_no = w.domain_no AND b.entity = e.entity AND b.attribute = a.attribute
    WHERE coalesce(b.here, true)
)
SELECT r.entity_no, r.place, i.domain_no, r.item_no, r.written, r.target_entity_no, r.target_no
FROM normalised.reference r
JOIN link_place l USING (entity_no, place)
JOIN normalised.item i USING (item_no)
WHERE r.state IN ('leads', 'nowhere')
    AND (NOT l.typed OR (r.entity_no, r.place, i.domain_no, r.target_entity_no) IN (FROM target_here));

-- What a link may lead to: what it leads to, or every item that answers to a value which several answer to.
CREATE OR REPLACE TEMP TABLE check_answer AS
WITH unclear AS (
    SELECT l.item_no, l.place, l.domain_no, l.written, t.target_no AS target_entity_no, t.by_place
    FROM check_link l JOIN catalogue.target t USING (entity_no, place)
    WHERE l.target_no IS NULL AND coalesce(l.target_entity_no = t.target_no, true)
)
SELECT item_no, place, target_no FROM check_link WHERE target_no IS NOT NULL
UNION
SELECT u.item_no, u.place, i.item_no
FROM unclear u
JOIN normalised.item i ON i.entity_no = u.target_entity_no AND i.domain_no = u.domain_no AND i.local_id = u.written
WHERE u.by_place = -1
UNION
SELECT u.item_no, u.place, i.item_no
FROM unclear u
JOIN check_held h ON h.entity_no = u.target_entity_no AND h.place = u.by_place AND h.value = u.written
JOIN normalised.item i ON i.item_no = h.item_no AND i.domain_no = u.domain_no;

CREATE OR REPLACE TEMP TABLE check_led AS
SELECT c.check_no, l.domain_no, l.item_no, l.written,
    CASE WHEN c.kind = 'reference_resolves' THEN a.item_no IS NULL ELSE NOT coalesce(a.in_set, false) END AS fails
FROM check_row c
JOIN check_link l USING (entity_no, place)
LEFT JOIN (
    SELECT a.item_no, a.place, bool_or(try_cast(h.value AS DOUBLE) = w.code_set) AS in_set
    FROM check_answer a
    JOIN normalised.item o USING (item_no)
    LEFT JOIN check_row w ON w.kind = 'code_set' AND w.entity_no = o.entity_no AND w.place = a.place
    LEFT JOIN normalised.item t ON t.item_no = a.target_no AND w.code_set IS NOT NULL
    LEFT JOIN catalogue.attribute s ON s.entity_no = t.entity_no AND s.attribute = 'code_set'
    LEFT JOIN check_held h ON h.item_no = t.item_no AND h.place = s.place
    GROUP BY ALL
) a ON a.item_no = l.item_no AND a.place = l.place
WHERE c.kind = 'reference_resolves' OR (c.kind = 'code_set' AND a.item_no IS NOT NULL);

INSERT INTO check_count
SELECT check_no, domain_no, count(*) FILTER (fails), count(*) FROM check_led GROUP BY ALL;

INSERT INTO check_failing SELECT check_no, domain_no, item_no, NULL, written FROM check_led WHERE fails;

DROP TABLE check_led;
DROP TABLE check_answer;
DROP TABLE check_link;
