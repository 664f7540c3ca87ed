-- One row per life of a difference: from the night it opened to the night it was gone.
-- pair_id: the pair of domains
-- difference_id: the same from night to night; a difference that comes back has a row per life
-- entity: the entity type
-- kind: changed, moved, only_a or only_b
-- attribute: what differed; NULL for an item without a match
-- label: the item as it was shown when it opened
-- opened_night: first night it was seen
-- closed_night: first night it was gone; NULL while it is open
-- life: 1 for the first life of a difference, 2 for the one after it came back, and so on
-- opened_at: the time of the night it opened
-- closed_at: the time of the night it was gone
-- nights_open: how many nights it was open, or has been until now
SELECT l.pair_id, l.difference_id, l.entity, l.kind, l.attribute, l.label, l.opened_night, l.closed_night,
       row_number() OVER (PARTITION BY l.difference_id ORDER BY l.opened_night) AS life, o.as_of AS opened_at,
           c.as_of AS closed_at,
       coalesce(l.closed_night, (SELECT max(night_id) + 1 FROM measured.night)) - l.opened_night AS nights_open
FROM measured.difference_life l
LEFT JOIN measured.night o ON o.night_id = l.opened_night
LEFT JOIN measured.night c ON c.night_id = l.closed_night
