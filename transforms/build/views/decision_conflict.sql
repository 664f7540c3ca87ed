-- One row per open difference and two decisions of the same rank that both cover it: neither governs it.
-- pair_id: the pair of domains
-- difference_id: the difference
-- decision_id: one of the two
-- other_id: the other
SELECT pair_id, difference_id, decision_id, other_id FROM decided.conflict
