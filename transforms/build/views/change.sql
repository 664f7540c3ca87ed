-- One row per night, domain and cell that the domain changed in its own build since the night before, or item it added
--     or took away. The first night of a domain has none.
-- night_id: the night in which it was seen
-- as_of: the night's time
-- domain: the domain that changed it
-- entity: the entity type
-- area: its area
-- local_id: the item's id in the domain tonight, or its last one
-- label: the item as it is shown
-- kind: changed, moved (to another owner), added or removed
-- attribute: what changed; NULL where the item came or went
-- value_before: the value before as shown; a reference by its target's label
-- value_after: the value after
-- weight: how much it weighs
SELECT c.night_id, n.as_of, c.domain, c.entity, t.area, c.local_id, c.label, c.kind, c.attribute,
       c.shown_before AS value_before,
       c.shown_after AS value_after, c.weight
FROM measured.change c JOIN measured.night n USING (night_id) LEFT JOIN measured.entity_type t USING (entity)
