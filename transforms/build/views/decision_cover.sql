-- One row per open difference that a decision covers: the one decision that governs it.
-- pair_id: the pair of domains
-- difference_id: the difference
-- decision_id: the decision
-- ruling: what it rules
-- state: holds; or stale (the builds have moved since), expired or conflict (two of one rank): the difference is open
-- accepted: whether the difference is an accepted deviation: counted as equal in the justified figures
SELECT pair_id, difference_id, decision_id, ruling, state, accepted FROM decided.cover
