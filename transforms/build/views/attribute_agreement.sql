-- One row per night, pair, entity type, compared attribute and key: how often the attribute is equal.
-- night_id: the night
-- as_of: the night's time
-- pair_id: the pair of domains
-- entity: the entity type
-- attribute: the attribute
-- key_name: the key by which the matches were made
-- equal: matches in which the attribute is equal
-- comparable: all matches by that key
SELECT a.night_id, n.as_of, a.pair_id, a.entity, a.attribute, a.key_name, a.equal, a.comparable
FROM measured.attribute_agreement a JOIN measured.night n USING (night_id)
