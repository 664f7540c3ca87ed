-- One row per match: the same item on both sides.
-- pair_id: the pair of domains
-- entity: the entity type
-- identity: the match; the same from night to night while its key is
-- local_id_a: the item's id in domain a
-- local_id_b: the item's id in domain b
-- label_a: the item as domain a shows it
-- label_b: the item as domain b shows it
-- rule: reviewed, vendor_identifier, declared_key, child_of_matched_parent or probabilistic
-- key_name: the key that matched
-- key_text: its value, its parts divided by a middle dot
-- certain: whether the key is certain; see the lower bound of convergence
-- agreement: weighted share of equal attributes, components included, between 0 and 1
-- identical: whether nothing differs
-- score: how likely the match is right, between 0 and 1, where it was scored (rule probabilistic); else empty
-- evidence: JSON, what each attribute weighs for (above 0) or against the match, in log odds; empty where it was not
--     scored
SELECT m.pair_id, m.entity, m.identity, m.local_id_a, m.local_id_b, m.label_a, m.label_b, m.rule, m.key_name,
       replace(m.key_text, chr(31), ' · ') AS key_text, m.certain, m.agreement, m.identical,
       c.score, c.evidence
FROM measured.item m
LEFT JOIN matched.candidate c ON m.rule = 'probabilistic' AND c.verdict = 'accepted' AND c.pair_id = m.pair_id
  AND c.entity = m.entity AND c.local_id_a = m.local_id_a AND c.local_id_b = m.local_id_b
WHERE m.rule IS NOT NULL
