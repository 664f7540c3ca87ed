-- One row per pair of items that was scored by what they say: accepted, or for a person to judge.
-- pair_id: the pair of domains
-- entity: the entity type
-- local_id_a: the item's id in domain a
-- local_id_b: the item's id in domain b
-- label_a: the item as domain a shows it
-- label_b: the item as domain b shows it
-- score: how likely both are the same thing, between 0 and 1
-- verdict: accepted (it is a match), review
-- reason: why it was scored, and what speaks against it
-- evidence: JSON, what each attribute weighs for (above 0) or against it, in log odds
SELECT c.pair_id, c.entity, c.local_id_a, c.local_id_b, a.label_a, b.label_b, c.score, c.verdict, c.reason, c.evidence
FROM matched.candidate c
LEFT JOIN (SELECT pair_id, entity, local_id_a, label_a FROM measured.item WHERE local_id_a IS NOT NULL) a
  ON a.pair_id = c.pair_id AND a.entity = c.entity AND a.local_id_a = c.local_id_a
LEFT JOIN (SELECT pair_id, entity, local_id_b, label_b FROM measured.item WHERE local_id_b IS NOT NULL) b
  ON b.pair_id = c.pair_id AND b.entity = c.entity AND b.local_id_b = c.local_id_b
