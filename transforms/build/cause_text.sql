-- Which differences of text follow from other differences: a name or an amount that is written in the text.
-- Reads:  compared.difference, matched.item, normalised.reference, catalogue.entity and attribute.
-- Writes: compared.link, one more row per difference of text and difference that is written in it: another of the
--         same item, of its components, or of the label of what it or they refer to; but only where writing them all
--         in turns a's text into b's: an explanation is proved or not given.

-- As words between blanks, so that a unit is not found inside another; a comma inside a number is part of it.
CREATE OR REPLACE TEMP MACRO as_words(x) AS
    ' ' || trim(regexp_replace(regexp_replace(x, '([,;:.])(\s|$)', ' \1\2', 'g'), '\s+', ' ', 'g')) || ' ';

-- The differences of matches, by the item of a.
CREATE OR REPLACE TEMP TABLE difference_of_a AS
SELECT d.pair_no, d.pair_id, d.difference_id, m.item_a AS item_no, a.kind = 'text' AS is_text,
       d.kind = 'changed' AS is_change, d.place = e.label_place AS is_label, d.value_a, d.value_b
FROM compared.difference d
JOIN matched.item m USING (match_no)
JOIN catalogue.entity e ON e.entity_no = d.entity_no
JOIN catalogue.attribute a ON a.entity_no = d.entity_no AND a.place = d.place;

INSERT INTO compared.link BY NAME
WITH texts AS (
    SELECT pair_no, pair_id, item_no, difference_id, as_words(value_a) AS text_a, as_words(value_b) AS text_b
    FROM difference_of_a
    WHERE is_text AND value_a IS NOT NULL AND value_b IS NOT NULL
),
component AS (
    SELECT t.pair_no, t.difference_id, r.item_no
    FROM texts t
    JOIN normalised.reference r ON r.target_no = t.item_no AND r.place = 0
    JOIN catalogue.entity e ON e.entity_no = r.entity_no AND e.component
),
target AS (
    SELECT t.pair_no, t.difference_id, r.target_no AS item_no
    FROM texts t
    JOIN normalised.reference r USING (item_no)
    UNION
    SELECT c.pair_no, c.difference_id, r.target_no
    FROM component c
    JOIN normalised.reference r ON r.item_no = c.item_no AND r.place > 0
),
neighbour AS (
    SELECT t.difference_id, d.value_a, d.value_b, d.difference_id AS on_id
    FROM texts t
    JOIN difference_of_a d USING (pair_no, item_no)
    WHERE d.is_change AND NOT d.is_text
    UNION
    SELECT c.difference_id, d.value_a, d.value_b, d.difference_id
    FROM component c
    JOIN difference_of_a d USING (pair_no, item_no)
    WHERE d.is_change
    UNION
    SELECT t.difference_id, d.value_a, d.value_b, d.difference_id
    FROM target t
    JOIN difference_of_a d USING (pair_no, item_no)
    WHERE d.is_label
),
phrase AS (
    SELECT difference_id, on_id, as_words(value_a) AS from_, as_words(value_b) AS into_
    FROM (
        SELECT difference_id, on_id, value_a, value_b
        FROM neighbour
        WHERE value_a IS NOT NULL AND value_b IS NOT NULL
        UNION
        SELECT difference_id, on_id, replace(value_a, '.', ','), replace(value_b, '.', ',')
        FROM neighbour
        WHERE contains(value_a, '.') OR contains(value_b, '.')
    )
),
occurrence AS (
    SELECT t.pair_id, t.difference_id, t.text_a, t.text_b, p.on_id, p.from_, p.into_
    FROM texts t
    JOIN phrase p USING (difference_id)
    WHERE contains(t.text_a, p.from_) AND contains(t.text_b, p.into_)
),
rewriting AS (
    -- The longest first. What is written in is marked, so that no later one finds it.
    SELECT difference_id, any_value(text_a) AS text_a, any_value(text_b) AS text_b,
           list_sort(list(DISTINCT {
               'n': -length(from_),
               'from_': from_,
               'into_': ' ' || chr(30) || replace(trim(into_), ' ', chr(29)) || ' '
           })) AS changes
    FROM occurrence
    GROUP BY difference_id
),
outcome AS (
    -- Wherever it stands, or where it stands first: the 1 of "1 tablett, 1 gång" is not always both.
    SELECT difference_id, text_b,
           unnest([
               list_reduce(
                   changes,
                   lambda t, c: {'n': 0, 'from_': replace(t.from_, c.from_, c.into_), 'into_': ''},
                   {'n': 0, 'from_': text_a, 'into_': ''}
               ).from_,
               list_reduce(
                   changes,
                   lambda t, c: {
                       'n': 0,
                       'from_': CASE
                           WHEN contains(t.from_, c.from_)
                           THEN left(t.from_, strpos(t.from_, c.from_) - 1) || c.into_
                                || substr(t.from_, strpos(t.from_, c.from_) + length(c.from_))
                           ELSE t.from_
                       END,
                       'into_': ''
                   },
                   {'n': 0, 'from_': text_a, 'into_': ''}
               ).from_
           ]) AS text
    FROM rewriting
)
SELECT DISTINCT o.pair_id, o.difference_id, o.on_id, 'text' AS via
FROM occurrence o
SEMI JOIN (FROM outcome WHERE replace(replace(text, chr(29), ' '), chr(30), '') = text_b) USING (difference_id);

DROP TABLE difference_of_a;
