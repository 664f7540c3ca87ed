-- What decide_justify.sql works on, where any deviation is accepted.
-- Reads:  temporary table open_difference, decided.cover, matched.item and side, normalised.reference,
--         compared.comparable.
-- Writes: temporary tables accepted, one row per accepted difference; member, one row per component and owner (two
--         where it stands under different owners in the two domains); raised, empty.
CREATE OR REPLACE TEMP TABLE accepted AS
SELECT d.match_no, d.place, d.kind, d.weight
FROM open_difference d
JOIN decided.cover v USING (pair_id, difference_id)
WHERE v.accepted;

CREATE OR REPLACE TEMP TABLE member AS
WITH owned AS (
    SELECT m.match_no, m.entity_no, e.weight, a.match_no AS owner_a, b.match_no AS owner_b
    FROM matched.item m
    JOIN catalogue.entity e ON e.entity_no = m.entity_no AND e.scored
    JOIN compared.comparable k ON k.pair_no = m.pair_no AND k.entity_no = m.entity_no AND k.place IS NULL
    LEFT JOIN normalised.reference ra ON ra.item_no = m.item_a AND ra.place = 0
    LEFT JOIN normalised.reference rb ON rb.item_no = m.item_b AND rb.place = 0
    LEFT JOIN matched.side a ON a.pair_no = m.pair_no AND a.item_no = ra.target_no
    LEFT JOIN matched.side b ON b.pair_no = m.pair_no AND b.item_no = rb.target_no
)
SELECT match_no, entity_no, weight, owner_a AS owner_no, true AS in_a, owner_b IS NOT DISTINCT FROM owner_a AS in_b
FROM owned WHERE owner_a IS NOT NULL
UNION ALL
SELECT match_no, entity_no, weight, owner_b, false, true
FROM owned WHERE owner_b IS NOT NULL AND owner_b IS DISTINCT FROM owner_a;

CREATE OR REPLACE TEMP TABLE raised (match_no INTEGER, agreement DOUBLE, identical BOOLEAN, gain DOUBLE);
