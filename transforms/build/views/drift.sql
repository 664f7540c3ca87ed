-- One row per night, pair and entity type: differences that came and went.
-- night_id: the night
-- as_of: the night's time
-- pair_id: the pair of domains
-- entity: the entity type
-- area: its area
-- opened: differences seen for the first time since they were last gone; NULL on the first night
-- closed: differences gone since the night before; NULL on the first night
-- open: differences open after the night
SELECT d.night_id, n.as_of, d.pair_id, d.entity, d.area, d.opened, d.closed, d.open
FROM measured.drift d JOIN measured.night n USING (night_id)
