-- Which item the components of one depth ($depth) belong to in the end, those nearest to the top first.
-- Reads:  contained. Writes: compared.owner.
INSERT INTO compared.owner
SELECT c.match_no, arg_min(coalesce(o.root_match_no, c.owner_no), c.side)
FROM contained c LEFT JOIN compared.owner o ON o.match_no = c.owner_no
WHERE c.depth = getvariable('depth')
GROUP BY c.match_no;
