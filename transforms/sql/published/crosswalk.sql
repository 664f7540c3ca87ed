-- One row per match: the same item on both sides.
-- pair_id: the pair of domains
-- entity: the entity type
-- identity: the match; the same from night to night while its key is
-- local_id_a: the item's id in domain a
-- local_id_b: the item's id in domain b
-- label_a: the item as domain a shows it
-- label_b: the item as domain b shows it
-- rule: vendor_identifier, declared_key or child_of_matched_parent
-- key_name: the key that matched
-- key_text: its value, its parts divided by a middle dot
-- certain: whether the key is certain; see the lower bound of convergence
-- agreement: weighted share of equal attributes, components included, between 0 and 1
-- identical: whether nothing differs
SELECT m.pair_id, m.entity, m.identity, m.local_id_a, m.local_id_b, m.label_a, m.label_b, m.rule, m.key_name,
       replace(m.key_text, chr(31), ' · ') AS key_text, m.certain, m.agreement, m.identical
FROM measured.item m WHERE m.rule IS NOT NULL
