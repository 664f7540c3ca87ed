-- Fold the components of one depth into how far all domains agree on their owners.
-- Reads:  variable depth; normalised.reference, catalogue.entity, temp tables thing and together (of the components,
--         already folded themselves).
-- Writes: temp table together of the owners: N times the agreement of the components that all N domains have under it,
--         over the number of components that the domains have under it. With two domains this is the best-match average
--         of a pair.
UPDATE together AS o
SET child_weight = o.child_weight + f.weight, child_equal = o.child_equal + f.equal,
    identical = o.identical AND f.identical,
    agreement = CASE WHEN o.identical AND f.identical THEN 1
                     ELSE (o.own_equal + o.child_equal + f.equal) / (o.own_weight + o.child_weight + f.weight) END
FROM (
    WITH place AS (
        SELECT p.thing_no AS owner_no, t.thing_no, t.entity_no, e.weight, o.domains AS whole, count(*) AS domains
        FROM thing t
        JOIN catalogue.entity e ON e.entity_no = t.entity_no AND e.scored AND e.depth = getvariable('depth')
        JOIN here h ON h.entity_no = t.entity_no AND h.domain_no = t.domain_no
        JOIN normalised.reference r ON r.item_no = t.item_no AND r.place = 0
        JOIN thing p ON p.item_no = r.target_no
        JOIN together o ON o.thing_no = p.thing_no AND o.domains = h.domains
        GROUP BY ALL
    ), of_type AS (
        SELECT p.owner_no, p.entity_no, p.weight,
               p.weight * p.whole * coalesce(sum(k.agreement::DECIMAL(38, 15)) FILTER (p.domains = p.whole), 0)::DOUBLE
                   / sum(p.domains) AS equal,
               bool_and(p.domains = p.whole AND coalesce(k.identical, false)) AS identical
        FROM place p
        LEFT JOIN together k ON k.thing_no = p.thing_no
        GROUP BY p.owner_no, p.entity_no, p.weight, p.whole
    )
    -- Decimals add up to the same in whatever order the rows come.
    SELECT owner_no, sum(weight::DECIMAL(18, 6))::DOUBLE AS weight, sum(equal::DECIMAL(38, 15))::DOUBLE AS equal,
           bool_and(identical) AS identical
    FROM of_type GROUP BY owner_no
) f
WHERE f.owner_no = o.thing_no;
