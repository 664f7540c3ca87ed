-- The keys of the items of some entity types, in every pair of domains.
-- Reads:  matching (entity_no), link_used, own_part, normalised.item, cell and reference, matched.item and side of what the keys refer
--         to, catalogue.*.
-- Writes: said (pair_no, item_no, entity_no, place, text: what a reference or signature comes to in a pair), key (pair_no,
--         side, item_no, entity_no, key_no, hash, nth): one row per key of which an item has every element.

-- What no live item answers to is marked with its domain, so that it matches nothing by what is not there.
CREATE OR REPLACE TEMP TABLE said AS
WITH resolved AS MATERIALIZED (
    SELECT s.pair_no, r.item_no, r.entity_no, u.for_no, r.place,
           CASE WHEN r.state = 'every' THEN '*'
                WHEN r.state = 'type' THEN '*' || r.type_text
                WHEN u.typed AND r.target_entity_no IS NULL THEN NULL
                WHEN u.in_circle AND r.target_no IS NOT NULL AND NOT coalesce(t.is_paired, false) THEN '?' || s.domain
                WHEN k.identity IS NOT NULL THEN k.identity
                ELSE concat('?', s.domain, CASE WHEN u.typed THEN e.entity END, CASE WHEN u.by_value THEN r.written END)
           END AS text
    FROM link_used u
    SEMI JOIN matching m ON m.entity_no = u.for_no
    JOIN normalised.reference r USING (entity_no, place)
    JOIN normalised.item i USING (item_no)
    JOIN catalogue.side s USING (domain_no)
    LEFT JOIN matched.side t ON t.pair_no = s.pair_no AND t.item_no = r.target_no
    LEFT JOIN matched.item k ON k.match_no = t.match_no
    LEFT JOIN catalogue.entity e ON e.entity_no = r.target_entity_no
)
SELECT pair_no, item_no, entity_no, place, text FROM resolved WHERE entity_no = for_no AND text IS NOT NULL
UNION ALL
SELECT pair_no, item_no, entity_no, place, md5(array_to_string(list_sort(list(part)), chr(30)))
FROM (
    SELECT d.pair_no, o.target_no AS item_no, g.entity_no, g.place, o.item_no AS child,
           in_order(coalesce(c.value, r.text), g.part_no, count(*)) AS part
    FROM matching m
    JOIN catalogue.signature g USING (entity_no)
    JOIN normalised.reference o
      ON o.entity_no = g.child_no AND o.place = 0 AND o.state = 'leads' AND o.target_entity_no = g.entity_no
    JOIN normalised.item i ON i.item_no = o.item_no
    JOIN catalogue.side d ON d.domain_no = i.domain_no
    LEFT JOIN normalised.cell c ON c.item_no = o.item_no AND c.place = g.child_place
    LEFT JOIN resolved r
      ON r.pair_no = d.pair_no AND r.item_no = o.item_no AND r.place = g.child_place AND r.for_no = g.entity_no
    GROUP BY ALL
)
GROUP BY ALL;

CREATE OR REPLACE TEMP TABLE key AS
WITH linked_part AS (
    SELECT s.pair_no, s.item_no, p.key_no, sum(hash(p.part_no, CASE WHEN k.fold_case THEN upper(s.text) ELSE s.text END)) AS hash,
           count(*) FILTER (p.is_needed) AS needed, count(*) AS parts
    FROM said s
    JOIN catalogue.key_part p USING (entity_no, place)
    JOIN catalogue.key k USING (entity_no, key_no)
    GROUP BY ALL
)
SELECT s.pair_no, s.side, i.item_no, i.entity_no, k.key_no, coalesce(o.hash, 0) + coalesce(l.hash, 0) AS hash,
       NULL::BIGINT AS nth
FROM matching m
JOIN normalised.item i USING (entity_no)
JOIN catalogue.side s USING (domain_no)
JOIN catalogue.key k USING (entity_no)
LEFT JOIN own_part o ON o.item_no = i.item_no AND o.key_no = k.key_no
LEFT JOIN linked_part l ON l.pair_no = s.pair_no AND l.item_no = i.item_no AND l.key_no = k.key_no
WHERE coalesce(o.needed, 0) + coalesce(l.needed, 0) = k.needed
  AND (NOT k.choice OR coalesce(o.parts, 0) + coalesce(l.parts, 0) > k.needed);
