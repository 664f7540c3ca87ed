-- The clusters of a night: items of several domains that the matches of all pairs say are one thing.
-- Reads:  matched.item, matched.ruling, normalised.item, catalogue.*.
-- Writes: matched.cluster_item, one row per item that is matched in any pair and not left out (filled by
--         cluster_close.sql); view matched.cluster, the same as it is published; matched.cluster_conflict, one row per
--         match that is left out (see published.cluster_conflict). Temp tables part_of (item_no, part: the least of all
--         items that links lead to from it, here of one step), veto (pairs of items that a reader held apart) and clash
--         (one row per match that is left out, with the two items that clash; empty here).

TRUNCATE matched.cluster_item;
TRUNCATE matched.cluster_conflict;

CREATE OR REPLACE TEMP TABLE part_of AS
WITH pairwise AS (
    SELECT item_a, item_b, least(item_a, item_b) AS part FROM matched.item WHERE rule IS NOT NULL
)
SELECT item_no, min(part) AS part
FROM (SELECT item_a AS item_no, part FROM pairwise UNION ALL SELECT item_b, part FROM pairwise)
GROUP BY item_no;

CREATE OR REPLACE TEMP TABLE veto AS
SELECT a.item_no AS item_a, b.item_no AS item_b
FROM matched.ruling r
JOIN catalogue.pair p USING (pair_id)
JOIN catalogue.entity e USING (entity)
JOIN normalised.item a ON a.domain_no = p.domain_no_a AND a.entity_no = e.entity_no AND a.local_id = r.local_id_a
JOIN normalised.item b ON b.domain_no = p.domain_no_b AND b.entity_no = e.entity_no AND b.local_id = r.local_id_b
WHERE r.effect = 'kept apart';

CREATE OR REPLACE TEMP TABLE clash (match_no INTEGER, reason VARCHAR, one INTEGER, other INTEGER);
