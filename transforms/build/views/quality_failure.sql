-- One row per failing row of a failed check of the newest night, the first few of each check and domain. `likare
--     quality CHECK_ID --rows` shows all.
-- check_id: the check (quality)
-- domain: the domain
-- entity: the entity type
-- ordinal: place among the check's failing rows, from 1
-- local_id: the item's id in its domain
-- label: the item as it is shown
-- column_name: the attribute, reference or key looked at
-- value: what is wrong, as it is stored; the parts of a key with | between
SELECT check_id, domain, entity, ordinal, local_id, label, column_name, value
FROM measured.quality_failure ORDER BY check_id, domain, ordinal
