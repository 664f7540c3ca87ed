-- One row per life of a difference: from the night it opened to the night it was gone.
-- pair_id: the pair of domains
-- difference_id: the same from night to night; a difference that comes back has a row per life
-- entity: the entity type
-- kind: changed, moved, only_a or only_b
-- attribute: what differed; NULL for an item without a match
-- label: the item as it was shown when it opened
-- opened_night: first night it was seen
-- closed_night: first night it was gone; NULL while it is open
SELECT pair_id, difference_id, entity, kind, attribute, label, opened_night, closed_night FROM measured.difference_life
