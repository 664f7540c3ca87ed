-- Which differences of texts that hold ids follow from items without a counterpart.
-- Reads:  compared.difference, matched.item, matched.embedded and embedded_id, normalised.cell, catalogue.attribute;
--         temp table unmatched of cause_links.sql.
-- Writes: compared.link, one more row per differing text and item without a counterpart that an id in it leads to, on
--         either side, but only where the texts say the same but for ids, and every id that differs leads to such an
--         item on one side: an explanation is proved or not given.

INSERT INTO compared.link BY NAME
WITH texts AS (
    SELECT d.pair_no, d.pair_id, d.difference_id, d.attribute, d.place,
           unnest([{'side': 'a', 'item_no': m.item_a}, {'side': 'b', 'item_no': m.item_b}], recursive := true)
    FROM compared.difference d
    JOIN matched.item m USING (match_no)
    JOIN catalogue.attribute a ON a.entity_no = d.entity_no AND a.place = d.place AND a.has_ids
    WHERE d.kind = 'changed'
),
id AS (
    SELECT t.pair_id, t.difference_id, t.attribute, t.side, i.nth, i.target_match_no, u.difference_id AS on_id
    FROM texts t
    JOIN matched.embedded_id i USING (pair_no, item_no, place)
    LEFT JOIN unmatched u ON u.match_no = i.target_match_no
),
same_but_for_ids AS (
    SELECT t.difference_id
    FROM texts t
    JOIN normalised.cell c USING (item_no, place)
    LEFT JOIN matched.embedded e USING (pair_no, item_no, place)
    WHERE t.difference_id IN (SELECT difference_id FROM id WHERE on_id IS NOT NULL)
    GROUP BY t.difference_id
    HAVING count(*) = 2
       AND count(DISTINCT regexp_replace(coalesce(e.text, c.value), '<[a-z0-9_]+ [0-9a-f]{32}>', chr(30), 'g')) = 1
),
only_unmatched_differ AS (
    SELECT difference_id
    FROM (FROM id WHERE side = 'a') a
    FULL JOIN (FROM id WHERE side = 'b') b USING (difference_id, nth)
    WHERE a.target_match_no IS DISTINCT FROM b.target_match_no
    GROUP BY difference_id
    HAVING bool_and(a.on_id IS NOT NULL OR b.on_id IS NOT NULL)
)
SELECT DISTINCT i.pair_id, i.difference_id, i.on_id, i.attribute AS via
FROM id i
SEMI JOIN same_but_for_ids USING (difference_id)
SEMI JOIN only_unmatched_differ USING (difference_id)
WHERE i.on_id IS NOT NULL;

DROP TABLE unmatched;
