-- The agreement of the matches of one depth when every accepted deviation counts as equal, components included.
-- Reads:  a depth (parameter), temporary tables accepted, member and raised (of greater depths), compared.agreement.
-- Writes: temporary table raised, one row per match whose agreement rises thereby.
-- The fold is that of the comparison: twice the agreement of the components that stand under the same owner on both
-- sides, over the number on both sides together. A component that stands on one side only, accepted so, adds its one
-- to the two sides' number; so does one that was moved to another owner. Sums are taken in decimals, which add up to
-- the same in whatever order the rows come.
INSERT INTO raised
WITH own AS (
    SELECT match_no, sum(weight::DECIMAL(38, 15))::DOUBLE AS gained, count(*) AS settled
    FROM accepted WHERE place IS NOT NULL GROUP BY match_no
),
settled AS (
    SELECT DISTINCT match_no FROM accepted WHERE kind <> 'changed'
),
-- Only owners of which a component counts for more are folded anew.
touched AS (
    SELECT owner_no FROM member SEMI JOIN (FROM settled UNION ALL SELECT match_no FROM raised) USING (match_no)
),
fold AS (
    SELECT owner_no, weight * sum(equal::DECIMAL(38, 15))::DOUBLE / sum(sides) AS equal,
           bool_and(identical) AS identical
    FROM (
        SELECT b.owner_no, b.entity_no, b.weight, b.in_a::INTEGER + b.in_b::INTEGER AS sides,
               CASE WHEN sides = 2 THEN 2 * coalesce(j.agreement, k.agreement, 1)
                    WHEN s.match_no IS NOT NULL THEN coalesce(j.agreement, k.agreement, 1) ELSE 0 END AS equal,
               CASE WHEN sides = 2 OR s.match_no IS NOT NULL THEN coalesce(j.identical, k.match_no IS NULL)
                    ELSE false END AS identical
        FROM member b
        LEFT JOIN compared.agreement k ON k.match_no = b.match_no
        LEFT JOIN raised j ON j.match_no = b.match_no
        LEFT JOIN settled s ON s.match_no = b.match_no
        SEMI JOIN touched t ON t.owner_no = b.owner_no
    )
    GROUP BY owner_no, entity_no, weight
),
whole AS (
    SELECT owner_no AS match_no, sum(equal::DECIMAL(38, 15))::DOUBLE AS equal, bool_and(identical) AS identical
    FROM fold GROUP BY owner_no
),
judged AS (
    SELECT c.match_no, c.agreement, c.own_weight + c.child_weight AS weight,
           c.own_equal + coalesce(o.gained, 0) + coalesce(w.equal, c.child_equal) AS equal,
           c.differing = coalesce(o.settled, 0)
               AND coalesce(w.identical, c.child_weight - c.child_equal < 1e-9) AS all_equal
    FROM compared.agreement c
    JOIN catalogue.entity e ON e.entity_no = c.entity_no AND e.depth = ?
    LEFT JOIN own o ON o.match_no = c.match_no
    LEFT JOIN whole w ON w.match_no = c.match_no
    WHERE o.match_no IS NOT NULL OR w.match_no IS NOT NULL
)
SELECT match_no, justified, all_equal, justified - agreement
FROM (
    SELECT match_no, agreement, all_equal,
           CASE WHEN all_equal THEN 1 ELSE greatest(agreement, least(1, equal / weight)) END AS justified
    FROM judged
)
WHERE justified > agreement OR all_equal;
