-- Which item each component belongs to in the end; where it stands under two owners, that of side a counts.
-- Reads:  contained. Writes: compared.owner.
INSERT INTO compared.owner
WITH RECURSIVE owner AS (
    SELECT match_no, arg_min(owner_no, side) AS owner_no FROM contained GROUP BY match_no
),
way AS (
    SELECT match_no, owner_no AS root_no FROM owner
    UNION ALL
    SELECT w.match_no, o.owner_no FROM way w JOIN owner o ON o.match_no = w.root_no
)
SELECT match_no, root_no FROM way ANTI JOIN owner o ON o.match_no = way.root_no;
DROP TABLE contained;
DROP TABLE fold;
