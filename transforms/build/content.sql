-- What the items of one level of entity types are called by their content, within their own domain.
-- Reads:  variable content_level, temp tables content_entity and content_part, those of lower levels in content_item;
--         normalised, catalogue. A target that comes later in the catalogue's order, or is of the same type, is called
--         by its label, one that is referred to by a value of its own by that value.
-- Writes: content_item, content_key, content_name (see content_tables.sql).
CREATE OR REPLACE TEMP TABLE content_link AS
WITH wanted AS (
    SELECT p.entity_no AS named_no, p.entity_no, p.place
    FROM content_part p JOIN content_entity e USING (entity_no)
    WHERE e.level = getvariable('content_level') AND p.is_reference
    UNION
    SELECT s.entity_no, s.child_no, s.child_place
    FROM catalogue.signature s
    JOIN content_part p USING (entity_no, place)
    JOIN content_entity e USING (entity_no)
    WHERE e.level = getvariable('content_level')
)
SELECT w.named_no, r.item_no, r.place,
    CASE r.state
        WHEN 'every' THEN '*'
        WHEN 'type' THEN r.type_text
        WHEN 'leads' THEN CASE
            WHEN t.by_place >= 0 THEN r.written
            WHEN r.target_entity_no < w.named_no THEN h.handle
            ELSE i.label
        END
    END AS value
FROM wanted w
JOIN normalised.reference r USING (entity_no, place)
LEFT JOIN (SELECT DISTINCT entity_no, place, target_no, by_place FROM catalogue.target) t
    ON t.entity_no = r.entity_no AND t.place = r.place AND t.target_no = r.target_entity_no
LEFT JOIN content_item h ON h.item_no = r.target_no
LEFT JOIN normalised.item i ON i.item_no = r.target_no;

-- One row per item and thing that it says: a value, what a link leads to, what its components say together.
CREATE OR REPLACE TEMP TABLE content_element AS
WITH spoken AS (
    SELECT p.target_no AS item_no, s.place,
        string_agg(coalesce(c.value, l.value, ''), chr(31) ORDER BY s.part_no) AS part
    FROM catalogue.signature s
    JOIN content_part o USING (entity_no, place)
    JOIN content_entity e USING (entity_no)
    JOIN normalised.reference p
        ON p.entity_no = s.child_no AND p.place = 0 AND p.target_entity_no = s.entity_no AND p.state = 'leads'
    LEFT JOIN normalised.cell c ON c.item_no = p.item_no AND c.place = s.child_place
    LEFT JOIN content_link l ON l.named_no = s.entity_no AND l.item_no = p.item_no AND l.place = s.child_place
    WHERE e.level = getvariable('content_level')
    GROUP BY p.target_no, s.place, p.item_no
)
SELECT c.item_no, c.place, c.value
FROM normalised.cell c JOIN content_entity e USING (entity_no)
WHERE e.level = getvariable('content_level')
UNION ALL
SELECT l.item_no, l.place, l.value
FROM content_link l JOIN normalised.item i ON i.item_no = l.item_no AND i.entity_no = l.named_no
UNION ALL
SELECT item_no, place, md5(array_to_string(list_sort(list(part)), chr(30))) FROM spoken GROUP BY ALL;

CREATE OR REPLACE TEMP TABLE content_whole AS
SELECT i.item_no, any_value(i.domain_no) AS domain_no, any_value(i.entity_no) AS entity_no,
    any_value(i.local_id) AS local_id, any_value(i.label) AS label,
    left(md5(coalesce(string_agg(coalesce(s.value, ''), chr(31) ORDER BY p.part_no), '')), 16) AS own,
    left(md5(lower(concat_ws(
        chr(31), coalesce(any_value(i.label), ''),
        string_agg(coalesce(s.value, ''), chr(31) ORDER BY p.used_no)
            FILTER (p.used_no IS NOT NULL AND NOT p.is_reference)
    ))), 12) AS seen
FROM normalised.item i
JOIN content_entity e ON e.entity_no = i.entity_no AND e.level = getvariable('content_level')
LEFT JOIN content_part p ON p.entity_no = i.entity_no
LEFT JOIN content_element s ON s.item_no = i.item_no AND s.place = p.place
GROUP BY i.item_no;

-- Of this level alone: it is counted before it joins the others.
CREATE OR REPLACE TEMP TABLE content_text AS
WITH said AS (
    SELECT w.item_no, any_value(w.domain_no) AS domain_no, any_value(w.entity_no) AS entity_no, p.key_no,
        any_value(w.own) AS own, any_value(w.local_id) AS local_id, any_value(k.key_name) AS key_name,
        any_value(k.occurrence_place) AS occurrence_place,
        string_agg(
            coalesce(CASE WHEN p.place >= 1000 THEN left(s.value, 12) ELSE s.value END, ''), ' · ' ORDER BY p.part_no
        ) AS text,
        any_value(k.fold_case) AS fold_case
    FROM content_whole w
    JOIN catalogue.key_part p ON p.entity_no = w.entity_no
    JOIN catalogue.key k ON k.entity_no = p.entity_no AND k.key_no = p.key_no
    LEFT JOIN content_element s ON s.item_no = w.item_no AND s.place = p.place
    GROUP BY w.item_no, p.key_no
    HAVING count(s.value) FILTER (p.is_needed) = any_value(k.needed)
        AND (NOT any_value(k.choice) OR count(s.value) FILTER (NOT p.is_needed) > 0)
),
folded AS (
    SELECT * EXCLUDE (fold_case) REPLACE (CASE WHEN fold_case THEN upper(text) ELSE text END AS text) FROM said
),
-- Items equal in such a key are told apart by their order.
placed AS (
    SELECT f.* REPLACE (CASE WHEN f.occurrence_place IS NULL THEN f.text ELSE f.text || ' · ' || row_number() OVER (
        PARTITION BY f.domain_no, f.entity_no, f.key_no, f.text
        ORDER BY try_cast(coalesce(c.value, r.written) AS DOUBLE), coalesce(c.value, r.written), f.own, f.local_id
    ) END AS text)
    FROM folded f
    LEFT JOIN normalised.cell c ON c.item_no = f.item_no AND c.place = f.occurrence_place
    LEFT JOIN normalised.reference r ON r.item_no = f.item_no AND r.place = f.occurrence_place
)
SELECT item_no, domain_no, entity_no, key_no, key_name, text,
    count(*) OVER (PARTITION BY domain_no, entity_no, key_no, text) AS items
FROM (
    SELECT item_no, domain_no, entity_no, key_no, key_name, text FROM placed
    UNION ALL
    SELECT item_no, domain_no, entity_no, 32767, '(content)', own FROM content_whole
);

INSERT INTO content_key FROM content_text;

-- The hash of everything changes with anything: it names an item only where no other key does.
INSERT INTO content_name
SELECT item_no, list({'name': key_name, 'text': text} ORDER BY key_no)
FROM (
    SELECT * FROM content_text
    WHERE items = 1
    QUALIFY key_no < 32767 OR count(*) OVER (PARTITION BY item_no) = 1
)
GROUP BY item_no;

INSERT INTO content_item
SELECT item_no, own,
    CASE WHEN length(whole) > 80 THEN left(whole, 60) || '…' || left(md5(whole), 12) ELSE whole END, seen
FROM (
    SELECT w.item_no, w.own, w.seen, coalesce(k.text, coalesce(w.label || ' ', '') || w.own) AS whole
    FROM content_whole w
    LEFT JOIN (
        SELECT item_no, arg_min(text, key_no) AS text
        FROM content_text WHERE items = 1 AND key_no < 32767 GROUP BY item_no
    ) k USING (item_no)
);

DROP TABLE content_text;
DROP TABLE content_link;
DROP TABLE content_element;
DROP TABLE content_whole;
