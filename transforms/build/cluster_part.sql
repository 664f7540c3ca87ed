-- What the rounds made of the parts that were in doubt.
-- Reads:  temp table node.
-- Writes: part_of.part.
UPDATE part_of SET part = least_one.item_no
FROM node n
JOIN node least_one ON least_one.number = n.cluster
WHERE n.item_no = part_of.item_no;
