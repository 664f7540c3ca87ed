-- How much hangs on a pair: items of either side that belong to it or refer to it by its id.
-- Reads:  temp table proposal, normalised.item and reference, catalogue.
-- Writes: temp table hanging, one row per proposal: pair_id, entity, local_id_a, local_id_b, hangs.
CREATE OR REPLACE TEMP TABLE hanging AS
WITH asked AS (
    SELECT p.pair_id, p.entity, p.local_id_a, p.local_id_b, i.item_no
    FROM proposal p
    JOIN catalogue.entity e USING (entity)
    JOIN catalogue.side s USING (pair_id)
    JOIN normalised.item i ON i.entity_no = e.entity_no AND i.domain_no = s.domain_no
        AND i.local_id = CASE s.side WHEN 'a' THEN p.local_id_a ELSE p.local_id_b END
),
referring AS (
    SELECT r.target_no, count(*) AS items
    FROM normalised.reference r
    SEMI JOIN asked ON asked.item_no = r.target_no
    SEMI JOIN catalogue.target t
        ON t.entity_no = r.entity_no AND t.place = r.place AND t.target_no = r.target_entity_no AND t.by_place = -1
    GROUP BY r.target_no
)
SELECT a.pair_id, a.entity, a.local_id_a, a.local_id_b, coalesce(sum(r.items), 0)::BIGINT AS hangs
FROM asked a LEFT JOIN referring r ON r.target_no = a.item_no
GROUP BY ALL;
