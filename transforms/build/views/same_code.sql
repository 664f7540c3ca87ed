-- One row per night, pair, entity type, attribute and national list: how often two matched items carry the same code.
-- night_id: the night
-- as_of: the night's time
-- pair_id: the pair of domains
-- entity: the entity type
-- attribute: the attribute that is to hold the code
-- list: the national list
-- matched: matches
-- both: those in which both items carry a code of the list
-- same: those in which it is the same code
-- share: same / both; NULL where no match carries codes on both sides
SELECT c.night_id, n.as_of, c.pair_id, c.entity, c.attribute, c.list, c.matched, c."both", c.same,
       CASE WHEN c."both" > 0 THEN c.same / c."both" END AS share
FROM decided.same_code c JOIN measured.night n USING (night_id)
