-- What the published views read often and would find out anew each time.
-- Reads:  compared.difference and owner, matched.item and side, normalised.*, catalogue.*.
-- Writes: measured.shown, measured.tree: see layers_measured.sql.

TRUNCATE measured.shown;
INSERT INTO measured.shown
WITH wanted AS (
    SELECT o.root_match_no AS match_no FROM compared.difference d JOIN compared.owner o USING (match_no)
    UNION
    SELECT cause_match_no FROM compared.difference WHERE cause_match_no IS NOT NULL
)
SELECT match_no, e.entity, m.identity, coalesce(a.label, b.label)
FROM wanted
JOIN matched.item m USING (match_no)
JOIN catalogue.entity e USING (entity_no)
LEFT JOIN normalised.item a ON a.item_no = m.item_a
LEFT JOIN normalised.item b ON b.item_no = m.item_b;

-- The components of one type under one owner stand in the order of what places them, then of their labels. The last
-- element of a list makes one without a value come after those with one.
TRUNCATE measured.tree;
INSERT INTO measured.tree BY NAME
WITH ordering AS (
    SELECT item_no,
           list_append(list_sort(list({'placed': a.placed, 'number': try_cast(v.value AS DOUBLE), 'text': v.value})),
                       {'placed': 32767, 'number': NULL, 'text': NULL}) AS sequence
    FROM (
        SELECT item_no, entity_no, place, value FROM normalised.cell
        UNION ALL
        SELECT item_no, entity_no, place, written FROM normalised.reference
    ) v
    JOIN catalogue.attribute a ON a.entity_no = v.entity_no AND a.place = v.place AND a.placed IS NOT NULL
    JOIN catalogue.entity e ON e.entity_no = v.entity_no AND e.component
    GROUP BY item_no
),
of_sides AS (
    SELECT s.pair_no, o.match_no AS owner_no, s.match_no, false AS linked, d.side, i.label,
           row_number() OVER (
               PARTITION BY s.pair_no, d.side, o.match_no, i.entity_no ORDER BY p.sequence, i.label, i.local_id
           ) AS place
    FROM normalised.reference r
    JOIN catalogue.entity e ON e.entity_no = r.entity_no AND e.component
    JOIN normalised.item i ON i.item_no = r.item_no
    JOIN matched.side s ON s.item_no = r.item_no
    JOIN matched.side o ON o.pair_no = s.pair_no AND o.item_no = r.target_no
    JOIN catalogue.side d ON d.pair_no = s.pair_no AND d.domain_no = i.domain_no
    LEFT JOIN ordering p ON p.item_no = r.item_no
    WHERE r.place = 0
    UNION ALL BY NAME
    SELECT s.pair_no, s.match_no AS owner_no, t.match_no, true AS linked, d.side, i.label, 1 AS place
    FROM normalised.reference r
    JOIN catalogue.entity e ON e.entity_no = r.entity_no AND e.component
    JOIN catalogue.through h
        ON h.entity_no = r.entity_no AND h.place = r.place AND h.target_no = r.target_entity_no
    JOIN normalised.item i ON i.item_no = r.target_no
    JOIN matched.side s ON s.item_no = r.item_no
    JOIN matched.side t ON t.pair_no = s.pair_no AND t.item_no = r.target_no
    JOIN catalogue.side d ON d.pair_no = s.pair_no AND d.domain_no = i.domain_no
),
of_owners AS (
    SELECT pair_no, owner_no, match_no, linked,
           min(place) FILTER (side = 'a') AS place_a, min(place) FILTER (side = 'b') AS place_b,
           min(label) FILTER (side = 'a') AS label_a, min(label) FILTER (side = 'b') AS label_b
    FROM of_sides
    GROUP BY ALL
),
-- The owner of a component that stands under one of them on one side, and under another on the other.
of_one_side AS (
    SELECT match_no, owner_no, place_a IS NULL AS is_in_b
    FROM of_owners WHERE NOT linked AND (place_a IS NULL OR place_b IS NULL)
)
SELECT t.pair_no, coalesce(o.root_match_no, t.owner_no) AS root_no, t.owner_no, t.match_no,
       other.owner_no AS elsewhere_no, t.linked, t.place_a, t.place_b, t.label_a, t.label_b
FROM of_owners t
LEFT JOIN of_one_side here ON here.match_no = t.match_no AND here.owner_no = t.owner_no AND NOT t.linked
LEFT JOIN of_one_side other ON other.match_no = here.match_no AND other.is_in_b <> here.is_in_b
LEFT JOIN compared.owner o ON o.match_no = t.owner_no;
