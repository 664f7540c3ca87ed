-- The links of what is in doubt.
-- Reads:  temp table node; matched.item, matched.candidate, normalised.item, catalogue.*.
-- Writes: temp table link, one row per match between nodes (place 1 is the strongest; state: open, taken or dropped).
CREATE OR REPLACE TEMP TABLE link AS
SELECT row_number() OVER (
           ORDER BY CASE m.rule WHEN 'reviewed' THEN 0 ELSE 1 END, m.certain DESC NULLS LAST, coalesce(k.key_no, 1000),
                    c.score DESC NULLS LAST, m.identity, m.pair_no
       ) AS place,
       m.match_no, a.number AS a, b.number AS b, 'open' AS state
FROM node a
JOIN matched.item m ON m.item_a = a.item_no AND m.rule IS NOT NULL
JOIN node b ON b.item_no = m.item_b
JOIN catalogue.pair p USING (pair_no)
JOIN catalogue.entity e USING (entity_no)
JOIN normalised.item ia ON ia.item_no = m.item_a
JOIN normalised.item ib ON ib.item_no = m.item_b
LEFT JOIN (SELECT entity_no, key_name, min(key_no) AS key_no FROM catalogue.key GROUP BY ALL) k
  ON k.entity_no = m.entity_no AND k.key_name = m.key_name
LEFT JOIN matched.candidate c
  ON m.rule = 'probabilistic' AND c.verdict = 'accepted' AND c.pair_id = p.pair_id AND c.entity = e.entity
 AND c.local_id_a = ia.local_id AND c.local_id_b = ib.local_id;
