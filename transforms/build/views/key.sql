-- One row per element of a key: by what an item of an entity type is recognised in another domain.
-- entity: the entity type
-- key_name: the key
-- ordinal: place among the entity type's keys, from 1; keys are tried in this order
-- rule: vendor_identifier or declared_key
-- certain: whether a match by it is certain; see the lower bound of convergence
-- place: place in the key, from 1
-- element: an attribute, parent, or a signature (what the item's components say)
SELECT entity, key_name, ordinal, rule, certain, place, element FROM measured.key ORDER BY entity, ordinal, place
