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
MERGE INTO compared.agreement o USING (
    SELECT f.pair_no, f.owner_no, f.owner_entity_no, bool_or(f.is_owner_paired) AS is_owner_paired,
           bool_and(f.identical) AS identical, sum(f.weight::DECIMAL(38, 6))::DOUBLE AS weight,
           sum(f.equal::DECIMAL(38, 15))::DOUBLE AS equal, any_value(t.weight) AS own_weight
    FROM fold f JOIN compared.total t ON t.pair_no = f.pair_no AND t.entity_no = f.owner_entity_no
    GROUP BY f.pair_no, f.owner_no, f.owner_entity_no
) f ON o.match_no = f.owner_no
WHEN MATCHED THEN UPDATE SET
    child_weight = f.weight, child_equal = f.equal,
    agreement = (o.own_equal + f.equal) / (o.own_weight + f.weight)
WHEN NOT MATCHED AND f.is_owner_paired AND NOT f.identical THEN INSERT VALUES (
    f.pair_no, f.owner_no, f.owner_entity_no, 0, f.own_weight, f.own_weight, f.weight, f.equal,
    (f.own_weight + f.equal) / (f.own_weight + f.weight));
INSERT INTO compared.fold SELECT owner_no, entity_no, number FROM fold WHERE NOT identical;
