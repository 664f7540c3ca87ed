-- What belongs to one item, or refers to it by its id.
-- Reads:  normalised.item and reference, catalogue; $1 domain, $2 entity type and $3 local id of the item, $4 how many.
-- Gives:  one row per entity type and attribute that refers to it: their names, the first labels.
WITH neighbour AS (
    SELECT r.entity_no, r.place, i.local_id, coalesce(i.label, '?') AS shown
    FROM normalised.item o
    JOIN catalogue.domain d ON d.domain_no = o.domain_no AND d.domain = $1
    JOIN catalogue.entity oe ON oe.entity_no = o.entity_no AND oe.entity = $2
    JOIN normalised.reference r ON r.target_no = o.item_no
    JOIN normalised.item i ON i.item_no = r.item_no
    SEMI JOIN catalogue.target t
        ON t.entity_no = r.entity_no AND t.place = r.place AND t.target_no = r.target_entity_no AND t.by_place = -1
    WHERE o.local_id = $3
    QUALIFY row_number() OVER (PARTITION BY r.entity_no, r.place ORDER BY shown, i.local_id) <= $4
)
SELECT e.entity, a.attribute, list(n.shown ORDER BY n.shown, n.local_id)
FROM neighbour n
JOIN catalogue.entity e USING (entity_no)
JOIN catalogue.attribute a USING (entity_no, place)
GROUP BY ALL
ORDER BY any_value(e.entity_no), any_value(a.place);
