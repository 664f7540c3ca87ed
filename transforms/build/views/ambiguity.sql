-- One row per key value that several unmatched items share, so that it could match none: for a person to judge.
-- pair_id: the pair of domains
-- entity: the entity type
-- key_name: the key
-- items_a: unmatched items of domain a with the value
-- items_b: unmatched items of domain b with the value
-- key_text: the value, its parts divided by a middle dot
SELECT pair_id, entity, key_name, items_a, items_b, replace(key_text, chr(31), ' · ') AS key_text FROM matched.ambiguous
