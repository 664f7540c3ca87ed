-- Which items a domain has added, taken away or given another id since the night before.
-- Reads:  variable carried; normalised.item and extracted, matched.item and catalogue.* of tonight and of the night
--         before. The numbers of one night mean nothing in another: they meet by name.
-- Writes: temp tables common, one row per domain, entity type and attribute that was delivered both times (place NULL:
--         the table itself); item_pair, one row per item of tonight and what it was (then_no NULL: nothing) and per
--         item that went (now_no NULL), ids and label only where one is not called alike under one id both times; link,
--         what may yet be the same item, the strongest with the least rank.
CREATE OR REPLACE TEMP TABLE common AS
SELECT d.domain_no, e.entity_no, a.place, pd.domain_no AS then_domain_no, pe.entity_no AS then_entity_no,
       pa.place AS then_place, a.weight, a.is_reference, a.typed, a.has_ids, a.unit_place
FROM normalised.extracted x
JOIN previous.normalised.extracted px USING (domain, entity, attribute)
JOIN catalogue.domain d USING (domain)
JOIN previous.catalogue.domain pd USING (domain)
JOIN catalogue.entity e USING (entity)
JOIN previous.catalogue.entity pe USING (entity)
LEFT JOIN catalogue.attribute a ON a.entity_no = e.entity_no AND a.attribute = x.attribute
LEFT JOIN previous.catalogue.attribute pa ON pa.entity_no = pe.entity_no AND pa.attribute = x.attribute
WHERE x.delivered AND px.delivered;

-- What both rows say of themselves is known to be the same by their hashes where one catalogue described both.
CREATE OR REPLACE TEMP TABLE item_pair AS
WITH then_item AS (
    SELECT c.domain_no, c.entity_no, i.item_no, i.local_id, i.label, i.row_hash
    FROM previous.normalised.item i
    JOIN common c ON c.then_domain_no = i.domain_no AND c.then_entity_no = i.entity_no AND c.place IS NULL
), now_item AS (
    SELECT i.domain_no, i.entity_no, i.item_no, i.local_id, i.label, i.row_hash
    FROM normalised.item i
    JOIN common c ON c.domain_no = i.domain_no AND c.entity_no = i.entity_no AND c.place IS NULL
)
SELECT coalesce(n.domain_no, p.domain_no) AS domain_no, coalesce(n.entity_no, p.entity_no) AS entity_no,
       p.item_no AS then_no, n.item_no AS now_no, CASE WHEN n.item_no IS NULL THEN p.local_id END AS then_id,
       CASE WHEN p.item_no IS NULL THEN n.local_id END AS now_id,
       CASE WHEN n.item_no IS NULL THEN p.label WHEN p.item_no IS NULL THEN n.label END AS label,
       CASE WHEN getvariable('carried') THEN p.row_hash END AS then_hash, n.row_hash AS now_hash
FROM then_item p
FULL JOIN now_item n ON n.domain_no = p.domain_no AND n.entity_no = p.entity_no AND n.local_id = p.local_id
                  AND n.label IS NOT DISTINCT FROM p.label;

CREATE OR REPLACE TEMP TABLE link AS
WITH loss AS (
    FROM item_pair WHERE now_no IS NULL
), gain AS (
    FROM item_pair WHERE then_no IS NULL
)
SELECT g.then_no, c.now_no, t.pair_no AS rank
FROM loss g
JOIN previous.matched.side s ON s.item_no = g.then_no
JOIN previous.matched.item pm USING (match_no)
JOIN previous.catalogue.pair pp ON pp.pair_no = pm.pair_no
JOIN catalogue.pair t USING (pair_id)
JOIN matched.item m ON m.pair_no = t.pair_no AND m.entity_no = g.entity_no AND m.identity = pm.identity
JOIN gain c ON c.now_no = CASE g.domain_no WHEN t.domain_no_a THEN m.item_a ELSE m.item_b END
UNION ALL
SELECT g.then_no, c.now_no, 1000000
FROM loss g
JOIN gain c ON c.domain_no = g.domain_no AND c.entity_no = g.entity_no AND c.now_id = g.then_id;
