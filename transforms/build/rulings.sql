-- What the readings come to, all entity types and pairs at once.
-- Reads:  temp tables reading (one row per reading), reading_key (one per key that it names), reading_policy (one row),
--         content_item and content_key; normalised.item, catalogue.
-- Writes: matched.ruling, temp tables ruled, apart, alone (see rulings_tables.sql).
CREATE OR REPLACE TEMP TABLE ruling_item AS
WITH named AS (
    SELECT k.reading_no, k.side, c.item_no, c.items
    FROM reading_key k
    JOIN reading r USING (reading_no)
    JOIN catalogue.side s ON s.pair_no = r.pair_no AND s.side = k.side
    JOIN content_key c ON c.entity_no = r.entity_no AND c.domain_no = s.domain_no AND c.key_name = k.key_name
        AND c.text = k.key_text
)
SELECT k.reading_no, k.side, count(DISTINCT n.item_no) FILTER (n.items = 1) AS items,
    coalesce(max(n.items), 0) AS most,
    CASE WHEN count(DISTINCT n.item_no) FILTER (n.items = 1) = 1 THEN min(n.item_no) FILTER (n.items = 1) END AS item_no
FROM (SELECT DISTINCT reading_no, side FROM reading_key) k
LEFT JOIN named n USING (reading_no, side)
GROUP BY k.reading_no, k.side;

-- One row per reading with its items. A side without keys is that of an item without counterpart.
CREATE OR REPLACE TEMP TABLE ruling_reading AS
SELECT r.*, a.item_no AS item_a, b.item_no AS item_b,
    coalesce(a.item_no::VARCHAR, '?' || nullif(r.keys_a, '')) AS subject_a,
    coalesce(b.item_no::VARCHAR, '?' || nullif(r.keys_b, '')) AS subject_b,
    CASE
        WHEN a.items > 1 OR b.items > 1 THEN 'moved'
        WHEN a.items = 0 AND a.most > 1 OR b.items = 0 AND b.most > 1 THEN 'several'
        WHEN a.items = 0 OR b.items = 0 THEN 'lost'
        WHEN r.seen_a <> '' AND r.seen_a <> ca.seen OR r.seen_b <> '' AND r.seen_b <> cb.seen THEN 'moved'
    END AS problem
FROM reading r
LEFT JOIN ruling_item a ON a.reading_no = r.reading_no AND a.side = 'a'
LEFT JOIN ruling_item b ON b.reading_no = r.reading_no AND b.side = 'b'
LEFT JOIN content_item ca ON ca.item_no = a.item_no
LEFT JOIN content_item cb ON cb.item_no = b.item_no;

-- A reader's last answer counts; a person's before an imported one; one on the items as they are before an older one.
CREATE OR REPLACE TEMP TABLE ruling_answer AS
WITH last AS (
    SELECT * FROM ruling_reading
    QUALIFY row_number() OVER (
        PARTITION BY pair_no, entity_no, subject_a, subject_b, reader, role = 'import'
        ORDER BY read_at DESC, ruling, reading_no
    ) = 1
),
people AS (
    SELECT * FROM last
    QUALIFY role <> 'import'
        OR NOT bool_or(role <> 'import') OVER (PARTITION BY pair_no, entity_no, subject_a, subject_b)
),
sound AS (
    SELECT *, reader || CASE role WHEN 'reader' THEN '' ELSE ' (' || role || ')' END AS signed
    FROM people
    QUALIFY problem IS NULL OR NOT bool_or(problem IS NULL) OVER (PARTITION BY pair_no, entity_no, subject_a, subject_b)
)
SELECT pair_no, entity_no, subject_a, subject_b, any_value(item_a) AS item_a, any_value(item_b) AS item_b,
    arg_max(label_a, (read_at, reading_no)) AS label_a, arg_max(label_b, (read_at, reading_no)) AS label_b,
    arg_max(keys_a, (read_at, reading_no)) AS key_a, arg_max(keys_b, (read_at, reading_no)) AS key_b,
    string_agg(DISTINCT signed, ', ' ORDER BY signed) AS readers, count(*) AS answers, max(read_at) AS read_at,
    arg_max(nullif(note, ''), (read_at, reading_no)) AS note, min(problem) AS problem,
    coalesce(
        arg_max(ruling, (read_at, reading_no)) FILTER (role = 'adjudicator'),
        CASE WHEN count(DISTINCT ruling) = 1 THEN any_value(ruling) END
    ) AS ruling,
    CASE
        WHEN bool_or(role = 'adjudicator') THEN 'adjudicated'
        WHEN count(DISTINCT ruling) > 1 THEN 'conflict'
        WHEN bool_and(role = 'import') THEN 'imported'
        WHEN count(DISTINCT reader) > 1 THEN 'agreed'
        ELSE 'single'
    END AS state
FROM sound GROUP BY pair_no, entity_no, subject_a, subject_b;

CREATE OR REPLACE TEMP TABLE ruling_judged AS
SELECT a.* EXCLUDE (problem), list_contains(p.matching, a.ruling) AS matches,
    list_contains(p.matching, a.ruling) OR a.ruling = 'no_counterpart' AS settles,
    CASE
        WHEN a.problem IS NOT NULL THEN a.problem
        WHEN a.state = 'conflict' THEN 'conflict'
        WHEN a.state = 'single' AND p.readers > 1 AND a.ruling <> 'unsure' THEN 'waiting'
    END AS problem
FROM ruling_answer a CROSS JOIN reading_policy p;

-- One item, one counterpart: rulings that say otherwise are both left out.
CREATE OR REPLACE TEMP TABLE ruling_settled AS
WITH crossed AS (
    SELECT pair_no, entity_no, side, subject
    FROM (
        SELECT pair_no, entity_no, 'a' AS side, subject_a AS subject
        FROM ruling_judged WHERE problem IS NULL AND settles
        UNION ALL
        SELECT pair_no, entity_no, 'b', subject_b FROM ruling_judged WHERE problem IS NULL AND settles
    )
    WHERE subject IS NOT NULL GROUP BY ALL HAVING count(*) > 1
),
settled AS (
    SELECT j.* EXCLUDE (problem),
        CASE WHEN j.problem IS NULL AND j.settles AND (a.subject IS NOT NULL OR b.subject IS NOT NULL)
            THEN 'crossed' ELSE j.problem END AS problem
    FROM ruling_judged j
    LEFT JOIN crossed a ON a.pair_no = j.pair_no AND a.entity_no = j.entity_no AND a.side = 'a'
        AND a.subject = j.subject_a
    LEFT JOIN crossed b ON b.pair_no = j.pair_no AND b.entity_no = j.entity_no AND b.side = 'b'
        AND b.subject = j.subject_b
)
SELECT s.*,
    CASE
        WHEN problem IS NULL AND matches THEN 'match'
        WHEN problem IS NULL AND ruling = 'no_counterpart' THEN 'not proposed'
        WHEN item_a IS NULL OR item_b IS NULL OR ruling IS NULL OR ruling = 'unsure' THEN 'none'
        WHEN (problem IS NULL OR problem = 'moved') AND NOT matches THEN 'kept apart'
        ELSE 'none'
    END AS effect
FROM settled s;

INSERT INTO matched.ruling BY NAME
SELECT p.pair_id, e.entity,
    md5(concat_ws(chr(31), p.pair_id, e.entity, coalesce(s.key_a, ''), coalesce(s.key_b, ''))) AS ruling_id,
    s.ruling, s.state, s.problem, s.effect, a.local_id AS local_id_a, b.local_id AS local_id_b, s.label_a, s.label_b,
    s.key_a, s.key_b, s.readers, s.answers, s.read_at, s.note
FROM ruling_settled s
JOIN catalogue.pair p USING (pair_no)
JOIN catalogue.entity e USING (entity_no)
LEFT JOIN normalised.item a ON a.item_no = s.item_a
LEFT JOIN normalised.item b ON b.item_no = s.item_b
ORDER BY s.pair_no, s.entity_no, ruling_id;

INSERT INTO ruled
SELECT pair_no, item_a, item_b, key_a || ' = ' || key_b, ruling <> 'close' FROM ruling_settled WHERE effect = 'match';

INSERT INTO apart SELECT DISTINCT pair_no, item_a, item_b FROM ruling_settled WHERE effect = 'kept apart';

INSERT INTO alone SELECT pair_no, coalesce(item_a, item_b) FROM ruling_settled WHERE effect = 'not proposed';

DROP TABLE ruling_item;
DROP TABLE ruling_reading;
DROP TABLE ruling_answer;
DROP TABLE ruling_judged;
DROP TABLE ruling_settled;
DROP TABLE reading;
DROP TABLE reading_key;
DROP TABLE reading_policy;
