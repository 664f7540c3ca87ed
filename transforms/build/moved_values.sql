-- The values that the domains changed since the night before: their own, and what they refer to.
-- Reads:  temp tables common, item_pair, new_id; normalised.cell and reference, matched.embedded, embedded_id and
--         item of both nights.
-- Writes: temp table value_change, one row per item of tonight and place: before and after as they are compared, ids as
--         they are tonight; shown_before and shown_after as people read them, a reference by the label of its target.

-- Texts with ids in them, by the pieces between the ids. What the ids lead to is the same in every pair of the domain.
CREATE OR REPLACE TEMP TABLE text AS
WITH target_id AS (
    SELECT true AS is_then, d.pair_no, d.item_no, d.place, d.nth, coalesce(r.now_id, d.written) AS id
    FROM previous.matched.embedded_id d
    JOIN previous.matched.item m ON m.match_no = d.target_match_no
    JOIN previous.normalised.item i ON i.item_no = d.item_no
    JOIN previous.catalogue.pair p ON p.pair_no = d.pair_no
    LEFT JOIN new_id r ON r.then_no = CASE i.domain_no WHEN p.domain_no_a THEN m.item_a ELSE m.item_b END
    UNION ALL
    SELECT false, pair_no, item_no, place, nth, written FROM matched.embedded_id WHERE target_match_no IS NOT NULL
), id_list AS (
    SELECT is_then, pair_no, item_no, place, list(id ORDER BY nth) AS ids FROM target_id GROUP BY ALL
), whole AS (
    SELECT true AS is_then, pair_no, item_no, place, text, shown FROM previous.matched.embedded
    QUALIFY row_number() OVER (PARTITION BY item_no, place ORDER BY pair_no) = 1
    UNION ALL
    (SELECT false, pair_no, item_no, place, text, shown FROM matched.embedded
     QUALIFY row_number() OVER (PARTITION BY item_no, place ORDER BY pair_no) = 1)
)
SELECT w.is_then, w.item_no, w.place, w.shown,
       list_aggregate(list_transform(string_split_regex(w.text, '<[^<> ]+ [0-9a-f]{32}>'),
           lambda piece, n: piece || coalesce(l.ids[n], '')), 'string_agg', '') AS text
FROM whole w
LEFT JOIN id_list l USING (is_then, pair_no, item_no, place);

CREATE OR REPLACE TEMP TABLE value_change AS
WITH both_nights AS (
    SELECT domain_no, entity_no, then_no, now_no, then_hash IS DISTINCT FROM now_hash AS differs
    FROM item_pair WHERE then_no IS NOT NULL AND now_no IS NOT NULL
), place AS (
    SELECT * FROM common WHERE weight > 0 AND NOT is_reference
), then_value AS (
    SELECT k.now_no, p.place, coalesce(x.text, c.value) AS value, x.shown
    FROM previous.normalised.cell c
    JOIN both_nights k ON k.then_no = c.item_no
    JOIN place p ON p.domain_no = k.domain_no AND p.entity_no = k.entity_no AND p.then_place = c.place
    LEFT JOIN text x ON x.is_then AND x.item_no = c.item_no AND x.place = c.place
    WHERE k.differs OR p.has_ids
), now_value AS (
    SELECT k.now_no, p.place, coalesce(x.text, c.value) AS value, x.shown
    FROM normalised.cell c
    JOIN both_nights k ON k.now_no = c.item_no
    JOIN place p ON p.domain_no = k.domain_no AND p.entity_no = k.entity_no AND p.place = c.place
    LEFT JOIN text x ON NOT x.is_then AND x.item_no = c.item_no AND x.place = c.place
    WHERE k.differs OR p.has_ids
)
SELECT now_no, place, w.value AS before, n.value AS after, coalesce(w.shown, w.value) AS shown_before,
       coalesce(n.shown, n.value) AS shown_after
FROM then_value w
FULL JOIN now_value n USING (now_no, place)
WHERE w.value IS DISTINCT FROM n.value;

INSERT INTO value_change BY NAME
WITH both_nights AS (
    SELECT domain_no, entity_no, then_no, now_no FROM item_pair WHERE then_no IS NOT NULL AND now_no IS NOT NULL
), place AS (
    SELECT c.*, EXISTS (
               SELECT 1 FROM catalogue.target t
               WHERE t.entity_no = c.entity_no AND t.place = c.place AND t.by_place < 0
           ) AS by_id
    FROM common c WHERE c.weight > 0 AND c.is_reference
), then_value AS (
    SELECT k.now_no, p.place, r.written, r.target_no, coalesce(CASE WHEN p.by_id THEN m.now_id END, r.written) AS id,
           CASE WHEN p.typed THEN CASE r.state WHEN 'type' THEN '*' || r.type_text ELSE e.entity END END AS type
    FROM previous.normalised.reference r
    JOIN both_nights k ON k.then_no = r.item_no
    JOIN place p ON p.domain_no = k.domain_no AND p.entity_no = k.entity_no AND p.then_place = r.place
    LEFT JOIN new_id m ON m.then_no = r.target_no
    LEFT JOIN previous.catalogue.entity e ON e.entity_no = r.target_entity_no
), now_value AS (
    SELECT k.now_no, p.place, r.written, r.target_no,
           CASE WHEN p.typed THEN CASE r.state WHEN 'type' THEN '*' || r.type_text ELSE e.entity END END AS type
    FROM normalised.reference r
    JOIN both_nights k ON k.now_no = r.item_no
    JOIN place p ON p.domain_no = k.domain_no AND p.entity_no = k.entity_no AND p.place = r.place
    LEFT JOIN catalogue.entity e ON e.entity_no = r.target_entity_no
), difference AS (
    SELECT now_no, place, w, n
    FROM then_value w
    FULL JOIN now_value n USING (now_no, place)
    WHERE w.id IS DISTINCT FROM n.written OR w.type IS DISTINCT FROM n.type
)
SELECT d.now_no, d.place, nullif(concat_ws(' ', w.type, w.id), '') AS before,
       nullif(concat_ws(' ', n.type, n.written), '') AS after,
       coalesce(p.label, CASE WHEN w.written = '*' THEN '*' WHEN starts_with(w.type, '*') THEN substr(w.type, 2)
                              ELSE '? ' || w.written END) AS shown_before,
       coalesce(i.label, CASE WHEN n.written = '*' THEN '*' WHEN starts_with(n.type, '*') THEN substr(n.type, 2)
                              ELSE '? ' || n.written END) AS shown_after
FROM difference d
LEFT JOIN previous.normalised.item p ON p.item_no = d.w.target_no
LEFT JOIN normalised.item i ON i.item_no = d.n.target_no;
