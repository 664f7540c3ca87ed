-- One row per item and attribute of the newest night whose national code is malformed, invalid, retired, unverified or
--     missing.
-- domain: the domain
-- entity: the entity type
-- local_id: the item's id there
-- label: the item as it is shown
-- attribute: the attribute that is to hold the code
-- list: the national list
-- value: what it holds
-- state: malformed (not the form of a code), invalid (in no version of the list), retired, unverified (the list has not
--     been added) or missing
SELECT domain, entity, local_id, label, attribute, list, "value", state FROM decided.national_item
WHERE state <> 'valid'
