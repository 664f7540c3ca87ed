-- Which decision governs each open difference.
-- Reads:  temporary tables reach, ruled, open_difference.
-- Writes: decided.cover, one row per difference that a decision reaches; decided.conflict, one row per difference and
--         two decisions of the same rank that both hold on it: then neither governs; decided.decision, what became of
--         each.
-- An item or a difference goes before a cause, a cause before a rule. A stale decision stands in the way of those of a
-- lower rank (its differences are open again, not handed on); an expired one does not.
CREATE OR REPLACE TEMP TABLE foremost AS
SELECT r.pair_id, r.difference_id, r.decision_id, u.ruling, u.ruled_on,
       CASE WHEN NOT u.live THEN 'expired' WHEN r.moved THEN 'stale' ELSE 'holds' END AS state
FROM reach r
JOIN ruled u USING (decision_id)
QUALIFY rank() OVER (PARTITION BY r.pair_id, r.difference_id ORDER BY u.live DESC, r.rank, r.moved) = 1;

INSERT INTO decided.conflict
SELECT a.pair_id, a.difference_id, a.decision_id, b.decision_id
FROM foremost a
JOIN foremost b
  ON b.pair_id = a.pair_id AND b.difference_id = a.difference_id AND a.decision_id < b.decision_id
WHERE a.state = 'holds';

INSERT INTO decided.cover
SELECT pair_id, difference_id, decision_id, ruling, standing, standing = 'holds' AND ruling = 'keep_local'
FROM (
    SELECT *, CASE WHEN state = 'holds' AND count(*) OVER one > 1 THEN 'conflict' ELSE state END AS standing
    FROM foremost
    WINDOW one AS (PARTITION BY pair_id, difference_id)
    QUALIFY row_number() OVER (PARTITION BY pair_id, difference_id ORDER BY ruled_on DESC, decision_id DESC) = 1
);

UPDATE decided.decision AS d SET
    state = CASE WHEN c.conflicts > 0 THEN 'conflict' WHEN c.stale > 0 THEN 'stale' ELSE 'holds' END,
    note = CASE WHEN c.conflicts > 0
                THEN 'both it and ' || c.others || ' cover ' || c.conflicts
                     || ' of the same differences; neither governs them'
                WHEN c.stale > 0
                THEN 'the builds have moved since it was recorded: ' || c.stale || ' of ' || c.reached
                     || ' differences are open again'
                WHEN c.reached = 0 AND d.covers_kind = 'rule' THEN 'nothing meets it tonight'
                WHEN c.reached = 0 THEN 'none of what it covers is open any more' END
FROM (
    SELECT u.decision_id, count(v.difference_id) FILTER (v.state = 'stale') AS stale,
           count(DISTINCT r.difference_id) AS reached, count(DISTINCT k.difference_id) AS conflicts,
           string_agg(DISTINCT k.other, ', ' ORDER BY k.other) AS others
    FROM ruled u
    LEFT JOIN reach r USING (decision_id)
    LEFT JOIN decided.cover v
      ON v.decision_id = u.decision_id AND v.pair_id = r.pair_id AND v.difference_id = r.difference_id
    LEFT JOIN (
        SELECT decision_id, pair_id, difference_id, other_id AS other FROM decided.conflict
        UNION ALL
        SELECT other_id, pair_id, difference_id, decision_id FROM decided.conflict
    ) k ON k.decision_id = u.decision_id AND k.pair_id = r.pair_id AND k.difference_id = r.difference_id
    WHERE u.live
    GROUP BY u.decision_id
) c
WHERE c.decision_id = d.decision_id AND d.state = 'holds';
