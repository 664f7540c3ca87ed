-- One row per pair of an item that the probabilistic rule weighed and that has no match, and one of its nearest on the
--     other side.
-- pair_id: the pair of domains
-- entity: the entity type
-- local_id_a: the item's id in domain a
-- local_id_b: the item's id in domain b
-- label_a: the item as domain a shows it
-- label_b: the item as domain b shows it
-- log_odds: the sum of the evidence; more is likelier
-- chance: how likely both are the same thing, between 0 and 1; 0 where one of them is nearer to another item
-- against: what forbids the match (strength, form …), divided by commas; empty where nothing does
-- evidence: JSON, what each attribute weighs for (above 0) or against it, in log odds
SELECT c.pair_id, c.entity, c.local_id_a, c.local_id_b, a.label_a, b.label_b, c.log_odds, c.chance, c.against,
       c.evidence
FROM matched.nearest c
LEFT JOIN (SELECT pair_id, entity, local_id_a, label_a FROM measured.item WHERE local_id_a IS NOT NULL) a
  ON a.pair_id = c.pair_id AND a.entity = c.entity AND a.local_id_a = c.local_id_a
LEFT JOIN (SELECT pair_id, entity, local_id_b, label_b FROM measured.item WHERE local_id_b IS NOT NULL) b
  ON b.pair_id = c.pair_id AND b.entity = c.entity AND b.local_id_b = c.local_id_b
