-- By how much each difference of a pair keeps the convergence of the total down (docs/metrics.md, "Worth").
-- Reads:  compared.difference, agreement and fold, matched.item and side, normalised.reference, measured.entity_count
--         of the night ($1), measured.entity_type and area, catalogue.pair and entity.
-- Writes: compared.worth, one row per difference whose settlement, alone, would raise the figure.
-- An item's share is what one unit of its agreement is worth in the total: of an item in the area's and the total's
-- mean, of a component through its owner's agreement. A component has half of its share under its owner on each side.

INSERT INTO compared.worth BY NAME
WITH RECURSIVE difference_match AS MATERIALIZED (
    SELECT pair_no, match_no, entity_no FROM compared.difference
    UNION
    SELECT pair_no, match_no, entity_no FROM compared.agreement
),
size AS (
    SELECT c.pair_id, c.entity, t.area, t.weight, c.matched + c.only_a + c.only_b AS items
    FROM measured.entity_count c
    JOIN measured.entity_type t USING (entity)
    WHERE c.night_id = $1 AND c.measurable AND t.role = 'item' AND NOT t.expected_local
      AND c.matched + c.only_a + c.only_b > 0
),
areas AS (
    SELECT pair_id, area, a.weight / sum(a.weight) OVER (PARTITION BY pair_id) AS part, c.weight
    FROM (SELECT pair_id, area, sum(weight) AS weight FROM size GROUP BY ALL) c
    JOIN measured.area a USING (area)
),
item_share AS (
    SELECT d.match_no, a.part * c.weight / a.weight / c.items AS share
    FROM size c
    JOIN areas a USING (pair_id, area)
    JOIN catalogue.pair USING (pair_id)
    JOIN catalogue.entity e USING (entity)
    JOIN difference_match d USING (pair_no, entity_no)
),
-- How a component's share is made of its owner's. An owner's depth is less, so the paths end.
part AS MATERIALIZED (
    SELECT w.match_no, o.match_no AS owner_match_no, count(*) AS sides, any_value(e.weight) AS weight,
           any_value(f.number * (k.own_weight + k.child_weight)) AS whole
    FROM (
        SELECT d.pair_no, d.match_no, d.entity_no, unnest([m.item_a, m.item_b]) AS item_no
        FROM difference_match d
        JOIN matched.item m USING (match_no)
    ) w
    JOIN catalogue.entity e ON e.entity_no = w.entity_no AND e.scored
    JOIN normalised.reference r ON r.item_no = w.item_no AND r.place = 0
    JOIN catalogue.entity oe ON oe.entity_no = r.target_entity_no AND oe.depth < e.depth
    JOIN matched.side o ON o.pair_no = w.pair_no AND o.item_no = r.target_no
    JOIN compared.fold f ON f.match_no = o.match_no AND f.component_no = w.entity_no
    JOIN compared.agreement k ON k.match_no = o.match_no
    GROUP BY w.match_no, o.match_no
),
path AS (
    FROM item_share
    UNION ALL
    SELECT p.match_no, s.share * p.weight / p.whole * p.sides
    FROM path s
    JOIN part p ON p.owner_match_no = s.match_no
),
share AS (
    -- In one order, so that a component with several owners comes out the same to the last bit.
    SELECT match_no, sum(share ORDER BY share) AS share FROM path GROUP BY match_no
)
SELECT d.pair_id, d.difference_id,
       s.share * CASE
           WHEN d.place IS NULL THEN 1
           WHEN d.kind = 'moved' AND e.component THEN k.agreement + d.weight / (k.own_weight + k.child_weight)
           ELSE d.weight / (k.own_weight + k.child_weight)
       END AS worth
FROM compared.difference d
JOIN share s USING (match_no)
JOIN catalogue.entity e ON e.entity_no = d.entity_no
LEFT JOIN compared.agreement k USING (match_no)
WHERE s.share > 0;
