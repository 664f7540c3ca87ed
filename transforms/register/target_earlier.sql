-- The target's history from a night of version 0.1, which kept a table per entity type with a column per attribute.
-- Reads:  previous.decided.target_value, one row per item, span of nights and attribute.
-- Writes: decided.target and target_cell, empty before.
INSERT INTO decided.target BY NAME
SELECT row_number() OVER (ORDER BY pair_id, entity, identity, from_night) - 1 AS target_no, *
FROM (
    SELECT DISTINCT pair_id, entity, identity, label, item_state AS state, item_decision AS decision_id, unsettled,
           from_night, to_night
    FROM previous.decided.target_value
);
INSERT INTO decided.target_cell
SELECT t.target_no, v.cell.attribute, v.cell."value"
FROM previous.decided.target_value v
JOIN decided.target t USING (pair_id, entity, identity, from_night)
WHERE v.cell."value" IS NOT NULL;
