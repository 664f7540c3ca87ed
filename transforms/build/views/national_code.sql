-- One row per night, domain, entity type, attribute and national list: how many items carry a code, and of what worth.
-- night_id: the night
-- as_of: the night's time
-- domain: the domain
-- entity: the entity type
-- attribute: the attribute that is to hold the code
-- list: the national list (reference_list)
-- items: live items in scope
-- valid: those whose code is valid in the list that night
-- retired: those whose code an earlier version of the list had
-- invalid: those whose code no version here has
-- unverified: those with a well-formed code, where the list has not been added
-- missing: those without a code of the list
-- share: valid / items; NULL where the list has not been added or there are no items
-- malformed: those whose code has not the form of the list's codes
-- formed_share: those whose code has the form / items, whether or not the list has been added (HSA-id has none to add)
SELECT c.night_id, n.as_of, c.domain, c.entity, c.attribute, c.list, c.items, c.valid, c.retired, c.invalid,
       c.unverified, c.missing,
       CASE WHEN c.items > 0 AND c.unverified = 0 THEN c.valid / c.items END AS share, c.malformed,
       CASE WHEN c.items > 0 THEN (c.items - c.missing - c.malformed) / c.items END AS formed_share
FROM decided.national_code c JOIN measured.night n USING (night_id)
