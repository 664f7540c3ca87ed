-- The history under the ids of tonight, and the items that came and went.
-- Reads:  variable night_id; temp table item_pair; previous.matched.side and item, catalogue.* of both nights.
-- Writes: temp table new_id, one row per item with another id than the night before; measured.change and
--         .change_gone by tonight's ids; one row more of measured.change per item that was added or taken away, and of
--         .change_gone per pair and item that was taken away. What went after its counterpart is called as that was.
CREATE OR REPLACE TEMP TABLE new_id AS
SELECT p.then_no, p.now_no, d.domain, e.entity, p.then_id, p.now_id
FROM item_pair p
JOIN catalogue.domain d USING (domain_no)
JOIN catalogue.entity e USING (entity_no)
WHERE p.then_id <> p.now_id;

UPDATE measured.change AS c SET local_id = r.now_id
FROM new_id r
WHERE c.entity = r.entity AND c.domain = r.domain AND c.local_id = r.then_id;

UPDATE measured.change_gone AS g SET other_id = r.now_id
FROM new_id r
WHERE g.entity = r.entity AND g.domain <> r.domain AND list_contains(string_split(g.pair_id, '~'), r.domain)
  AND g.other_id = r.then_id;

INSERT INTO measured.change BY NAME
WITH total AS (
    SELECT entity_no, sum(weight ORDER BY place) AS weight FROM catalogue.attribute WHERE weight > 0 GROUP BY entity_no
)
SELECT getvariable('night_id') AS night_id, d.domain, e.entity, coalesce(p.now_id, p.then_id) AS local_id, p.label,
       CASE WHEN p.now_no IS NULL THEN 'removed' ELSE 'added' END AS kind,
       CASE WHEN p.then_no IS NOT NULL THEN '1' END AS value_before,
       CASE WHEN p.now_no IS NOT NULL THEN '1' END AS value_after, greatest(1, coalesce(w.weight, 0)) AS weight
FROM item_pair p
JOIN catalogue.domain d USING (domain_no)
JOIN catalogue.entity e USING (entity_no)
LEFT JOIN total w USING (entity_no)
WHERE p.then_no IS NULL OR p.now_no IS NULL;

INSERT INTO measured.change_gone BY NAME
WITH loss AS (
    SELECT d.domain, e.entity, p.then_id AS local_id, t.pair_id, m.match_no, m.identity,
           CASE s.item_no WHEN m.item_a THEN m.item_b ELSE m.item_a END AS other_no
    FROM item_pair p
    JOIN catalogue.domain d USING (domain_no)
    JOIN catalogue.entity e USING (entity_no)
    JOIN previous.matched.side s ON s.item_no = p.then_no
    JOIN previous.matched.item m USING (match_no)
    JOIN previous.catalogue.pair pp ON pp.pair_no = m.pair_no
    JOIN catalogue.pair t USING (pair_id)
    WHERE p.now_no IS NULL
), earlier AS (
    SELECT pair_id, entity, domain, other_id, min(identity) AS identity FROM measured.change_gone GROUP BY ALL
)
SELECT getvariable('night_id') AS night_id, g.pair_id, g.domain, g.entity, g.local_id,
       coalesce(min(h.identity) OVER (PARTITION BY g.match_no), g.identity) AS identity,
       coalesce(r.now_id, o.local_id) AS other_id
FROM loss g
LEFT JOIN previous.normalised.item o ON o.item_no = g.other_no
LEFT JOIN new_id r ON r.then_no = g.other_no
LEFT JOIN earlier h
  ON h.pair_id = g.pair_id AND h.entity = g.entity AND h.domain <> g.domain AND h.other_id = g.local_id;
