-- Write down the matches that the clusters leave out.
-- Reads:  matched.item, matched.cluster_item, normalised.item, catalogue.*, temp table clash.
-- Writes: matched.cluster_conflict.
INSERT INTO matched.cluster_conflict BY NAME
WITH loser AS (
    SELECT k.*, m.* EXCLUDE (match_no) FROM clash k JOIN matched.item m USING (match_no)
), name AS (
    SELECT c.item_no, md5(concat_ws(chr(31), e.entity, p.pair_id, m.identity)) AS cluster_id
    FROM matched.cluster_item c
    JOIN matched.item m USING (match_no)
    JOIN catalogue.pair p USING (pair_no)
    JOIN catalogue.entity e USING (entity_no)
    WHERE c.item_no IN (SELECT unnest([item_a, item_b]) FROM loser)
)
SELECT e.entity, p.pair_id, k.identity, a.local_id AS local_id_a, b.local_id AS local_id_b, a.label AS label_a,
       b.label AS label_b, k.rule, k.key_name, k.reason,
       CASE WHEN o.domain_no = t.domain_no THEN d.domain END AS domain, o.local_id AS local_id_one,
       t.local_id AS local_id_other, ca.cluster_id AS cluster_id_a, cb.cluster_id AS cluster_id_b
FROM loser k
JOIN catalogue.pair p USING (pair_no)
JOIN catalogue.entity e USING (entity_no)
JOIN normalised.item a ON a.item_no = k.item_a
JOIN normalised.item b ON b.item_no = k.item_b
JOIN normalised.item o ON o.item_no = k.one
JOIN catalogue.domain d ON d.domain_no = o.domain_no
JOIN normalised.item t ON t.item_no = k.other
LEFT JOIN name ca ON ca.item_no = k.item_a
LEFT JOIN name cb ON cb.item_no = k.item_b;
