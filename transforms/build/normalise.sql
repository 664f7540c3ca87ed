-- Bring what was gathered into canonical text, and make items of it.
-- Reads:  raw (gather.sql.j2), gathered (domain_no, entity_no, snapshot_id), catalogue.entity, attribute, target.
-- Writes: normalised.item, cell, reference, duplicate.

-- One statement for all values of a kind: a macro is planned once.
CREATE OR REPLACE TEMP TABLE canonical AS
SELECT r.row_no, r.entity_no, r.place, a.is_reference, r.type_text, a.none, a.every,
       CASE a.stored_as
           WHEN 'id' THEN canon_id(r.value)
           WHEN 'text' THEN canon_text(r.value)
           WHEN 'number' THEN canon_number(r.value)
           WHEN 'flag' THEN canon_flag(r.value)
           WHEN 'date' THEN canon_date(r.value)
           WHEN 'long' THEN canon_long(r.value)
           WHEN 'set' THEN canon_set(r.value, a.separator)
           WHEN 'list' THEN canon_list(r.value, a.separator)
           WHEN 'mask' THEN canon_mask(r.value)
           WHEN 'quantity' THEN canon_quantity(r.value)
           WHEN 'xml' THEN canon_xml(r.value)
           WHEN 'json' THEN canon_json(r.value)
       END AS value
FROM raw r JOIN catalogue.attribute a USING (entity_no, place);

CREATE OR REPLACE TEMP TABLE raw_row AS
SELECT row_no, (row_no // 4294967296 % 256)::UTINYINT AS domain_no, entity_no, value AS local_id,
       type_text::BIGINT AS row_number
FROM raw WHERE place = -1;
DROP TABLE raw;

-- A reference that means nothing is none; one that means everything is '*'.
CREATE OR REPLACE TEMP TABLE link AS
SELECT row_no, entity_no, place, canon_exact(type_text) AS type_text,
       CASE WHEN list_contains(every, value) THEN '*' ELSE value END AS written
FROM canonical
WHERE is_reference AND value <> '' AND (list_contains(every, value) OR NOT list_contains(none, value));

-- Rows with one local id: the one that sorts first by its values stays, whatever the order of the file.
CREATE OR REPLACE TEMP TABLE surplus AS
WITH shared AS (
    SELECT domain_no, entity_no, local_id FROM raw_row GROUP BY ALL HAVING count(*) > 1
),
sharing AS (
    SELECT r.* FROM raw_row r JOIN shared s
      ON s.domain_no = r.domain_no AND s.entity_no = r.entity_no AND s.local_id IS NOT DISTINCT FROM r.local_id
),
content AS (
    SELECT r.row_no, list(coalesce(l.written, c.value) ORDER BY a.place) AS content
    FROM sharing r
    JOIN catalogue.attribute a USING (entity_no)
    LEFT JOIN canonical c ON c.row_no = r.row_no AND c.place = a.place AND NOT c.is_reference
    LEFT JOIN link l ON l.row_no = r.row_no AND l.place = a.place
    GROUP BY r.row_no
),
ranked AS (
    SELECT r.*, e.collapsed,
           row_number() OVER (PARTITION BY r.domain_no, r.entity_no, r.local_id ORDER BY content, r.row_number) AS place,
           row_number() OVER (
               PARTITION BY r.domain_no, r.entity_no, r.local_id, content ORDER BY r.row_number) AS copy
    FROM sharing r JOIN content USING (row_no) JOIN catalogue.entity e USING (entity_no)
)
SELECT row_no, domain_no, entity_no, local_id, collapsed AND copy > 1 AS is_copy FROM ranked WHERE place > 1;

INSERT INTO normalised.duplicate
SELECT d.domain, e.entity, s.local_id, count(*)
FROM surplus s JOIN catalogue.domain d USING (domain_no) JOIN catalogue.entity e USING (entity_no)
WHERE NOT s.is_copy GROUP BY ALL;

CREATE OR REPLACE TEMP TABLE numbered AS
SELECT row_number() OVER (ORDER BY row_no)::INTEGER AS item_no, row_no, domain_no, entity_no, local_id, row_number
FROM raw_row ANTI JOIN surplus USING (row_no);
DROP TABLE raw_row;

INSERT INTO normalised.cell
SELECT n.item_no, c.entity_no, c.place, c.value
FROM canonical c JOIN numbered n USING (row_no)
WHERE NOT c.is_reference AND c.value IS NOT NULL;
DROP TABLE canonical;

-- By what an item is referred to: its local id, or a value of its own that no other item of its type has.
CREATE OR REPLACE TEMP TABLE address AS
WITH by_value AS (SELECT DISTINCT target_no AS entity_no, by_place AS place FROM catalogue.target WHERE by_place >= 0),
stated AS (
    SELECT item_no, entity_no, place, value FROM normalised.cell SEMI JOIN by_value USING (entity_no, place)
    UNION ALL
    SELECT n.item_no, l.entity_no, l.place, l.written
    FROM link l JOIN numbered n USING (row_no) SEMI JOIN by_value b ON b.entity_no = l.entity_no AND b.place = l.place
)
SELECT domain_no, entity_no, -1 AS place, local_id AS value, item_no FROM numbered
UNION ALL
SELECT n.domain_no, s.entity_no, s.place, s.value, min(s.item_no)
FROM stated s JOIN numbered n USING (item_no) GROUP BY ALL HAVING count(*) = 1;

INSERT INTO normalised.reference
WITH found AS (
    SELECT l.row_no, l.place, a.item_no, a.entity_no, g.targets > 1 AND g.type_text IS NULL AS of_several
    FROM link l
    JOIN numbered n USING (row_no)
    JOIN catalogue.target g ON g.entity_no = l.entity_no AND g.place = l.place
     AND (g.type_text IS NULL OR g.type_text = l.type_text)
    JOIN address a ON a.domain_no = n.domain_no AND a.entity_no = g.target_no AND a.place = g.by_place
     AND a.value = l.written
    WHERE l.written <> '*'
),
hit AS (
    SELECT row_no, place, item_no AS target_no, entity_no AS target_entity_no FROM found WHERE NOT of_several
    UNION ALL
    -- What items of several types answer to leads nowhere.
    SELECT row_no, place, min(item_no), min(entity_no) FROM found
    WHERE of_several GROUP BY row_no, place HAVING count(*) = 1
),
named AS (SELECT entity_no, place, type_text, target_no FROM catalogue.target WHERE type_text IS NOT NULL)
SELECT n.item_no, l.entity_no, l.place, l.written, CASE WHEN t.target_no IS NULL THEN l.type_text END,
       CASE WHEN l.written = '*' THEN 'every'
            WHEN a.typed AND t.target_no IS NULL AND l.type_text IS NOT NULL THEN 'type'
            WHEN h.target_no IS NOT NULL THEN 'leads'
            ELSE 'nowhere' END,
       coalesce(h.target_entity_no, t.target_no), h.target_no
FROM link l
JOIN numbered n USING (row_no)
JOIN catalogue.attribute a ON a.entity_no = l.entity_no AND a.place = l.place
LEFT JOIN named t ON t.entity_no = l.entity_no AND t.place = l.place AND t.type_text = l.type_text
LEFT JOIN hit h ON h.row_no = l.row_no AND h.place = l.place;
DROP TABLE link;
DROP TABLE address;

-- What an item is shown by, its own value at first.
CREATE OR REPLACE TEMP TABLE shown AS
SELECT n.item_no, n.entity_no, e.label_level, coalesce(c.value, r.written) AS own, left(o.value, 100) AS otherwise,
       r.target_no, CASE WHEN e.label_level = 0 THEN coalesce(c.value, left(o.value, 100)) END AS label
FROM numbered n
JOIN catalogue.entity e USING (entity_no)
LEFT JOIN normalised.cell c ON c.item_no = n.item_no AND c.place = e.label_place
LEFT JOIN normalised.reference r ON r.item_no = n.item_no AND r.place = e.label_place
LEFT JOIN normalised.cell o ON o.item_no = n.item_no AND o.place = e.label_otherwise_place;
