-- Fold components into the agreement of their owners of one depth ($depth), the deepest first.
-- Reads:  contained, compared.agreement (of components already folded themselves), compared.total.
-- Writes: compared.agreement: child_weight, child_equal and agreement include the components, and there is a row per match
--         in which only they differ; compared.fold.
-- Best-match average of one component type: twice the agreement of the components that are matched and stand under the
-- same owner on both sides, over the number of components on both sides together. One that has no counterpart, or was moved
-- to another owner, adds nothing to the sum and counts in the number.
CREATE OR REPLACE TEMP TABLE fold AS
SELECT c.pair_no, c.owner_no, c.owner_entity_no, c.entity_no, c.weight, bool_or(c.is_owner_paired) AS is_owner_paired,
       sum(c.sides)::BIGINT AS number,
       c.weight * 2 * coalesce(sum(coalesce(k.agreement, 1)::DECIMAL(38, 15)) FILTER (c.sides = 2), 0)::DOUBLE / number
           AS equal,
       bool_and(c.sides = 2 AND k.agreement IS NULL) AS identical
FROM (
    SELECT pair_no, owner_no, owner_entity_no, entity_no, match_no, weight, is_owner_paired, count(*) AS sides
    FROM contained
    WHERE owner_depth = getvariable('depth') AND scored AND is_owner_comparable
    GROUP BY ALL
) c
LEFT JOIN compared.agreement k USING (match_no)
GROUP BY c.pair_no, c.owner_no, c.owner_entity_no, c.entity_no, c.weight;
CREATE OR REPLACE TEMP TABLE folded AS
SELECT pair_no, owner_no, owner_entity_no, bool_or(is_owner_paired) AS is_owner_paired,
       sum(weight::DECIMAL(38, 6))::DOUBLE AS weight, sum(equal::DECIMAL(38, 15))::DOUBLE AS equal,
       bool_and(identical) AS identical
FROM fold GROUP BY pair_no, owner_no, owner_entity_no;
UPDATE compared.agreement AS o SET
    child_weight = f.weight, child_equal = f.equal,
    agreement = (o.own_equal + f.equal) / (o.own_weight + f.weight)
FROM folded f WHERE f.owner_no = o.match_no;
INSERT INTO compared.agreement
SELECT f.pair_no, f.owner_no, f.owner_entity_no, 0, t.weight, t.weight, f.weight, f.equal,
       (t.weight + f.equal) / (t.weight + f.weight)
FROM folded f
JOIN compared.total t ON t.pair_no = f.pair_no AND t.entity_no = f.owner_entity_no
ANTI JOIN compared.agreement o ON o.match_no = f.owner_no
WHERE f.is_owner_paired AND NOT f.identical;
INSERT INTO compared.fold SELECT owner_no, entity_no, number FROM fold WHERE NOT identical;
DROP TABLE fold;
DROP TABLE folded;
