-- One row per attribute that the probabilistic rule weighed: what it is worth, learnt from the pairs of this night.
-- pair_id: the pair of domains
-- entity: the entity type
-- attribute: the attribute; label, parent or (all text) where it is no single one
-- agrees: what agreement weighs, in log odds (the median of the pairs that are surely the same)
-- differs: what a difference weighs, in log odds (the median of the pairs in which it speaks against)
-- accept_at: from which sum on pairs are accepted, as a rule
-- review_at: from which sum on pairs are put before a person, as a rule
SELECT pair_id, entity, attribute, agrees, differs, accept_at, review_at FROM matched.weighing
