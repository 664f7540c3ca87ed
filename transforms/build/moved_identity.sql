-- Which item of each pair the things are tonight that ever changed.
-- Reads:  measured.change, .change_gone, normalised.item, matched.item and side, catalogue.*.
-- Writes: measured.change_item: what a changed item is called in each pair, and which sides have it. What was taken
--         away is called as its counterpart is, or as it was.
INSERT INTO measured.change_item
WITH here AS (
    SELECT s.pair_id, s.side, s.domain, c.entity, c.local_id, m.identity, m.item_a IS NOT NULL AS in_a,
           m.item_b IS NOT NULL AS in_b
    FROM (SELECT DISTINCT domain, entity, local_id FROM measured.change) c
    JOIN catalogue.domain d USING (domain)
    JOIN catalogue.entity e USING (entity)
    JOIN normalised.item i ON i.domain_no = d.domain_no AND i.entity_no = e.entity_no AND i.local_id = c.local_id
    JOIN matched.side o USING (item_no)
    JOIN matched.item m USING (match_no)
    JOIN catalogue.side s ON s.pair_no = m.pair_no AND s.domain_no = d.domain_no
), loss AS (
    SELECT g.pair_id, g.domain, g.entity, g.local_id, g.identity, g.other_id
    FROM measured.change_gone g
    ANTI JOIN here USING (pair_id, domain, entity, local_id)
    QUALIFY row_number() OVER (PARTITION BY g.pair_id, g.domain, g.entity, g.local_id ORDER BY g.night_id DESC) = 1
)
FROM here
UNION ALL
SELECT g.pair_id, s.side, g.domain, g.entity, g.local_id, coalesce(m.identity, g.identity), m.item_a IS NOT NULL,
       m.item_b IS NOT NULL
FROM loss g
JOIN catalogue.side s USING (pair_id, domain)
JOIN catalogue.side os ON os.pair_no = s.pair_no AND os.side <> s.side
JOIN catalogue.entity e ON e.entity = g.entity
LEFT JOIN normalised.item i
  ON i.domain_no = os.domain_no AND i.entity_no = e.entity_no AND i.local_id = g.other_id
LEFT JOIN matched.side o ON o.pair_no = s.pair_no AND o.item_no = i.item_no
LEFT JOIN matched.item m ON m.match_no = o.match_no;
