-- One row per decision, difference and domain that must act: what it has to do, and whether its extract shows it.
-- decision_id: the decision
-- pair_id: the pair of domains
-- difference_id: the difference that it settles
-- domain: the domain that must act
-- entity: the entity type
-- identity: the match or the unmatched item
-- label: the item as it was shown when the task arose
-- attribute: what is to be changed; NULL for a whole item
-- action: change, add or remove
-- wanted: the value that was ruled; NULL for a whole item
-- first_night: the night it arose
-- done_night: the night since which the domain's extract shows it; NULL while it does not
-- regressed_night: the night in which it was lost again; NULL where it never was
-- lapsed_night: the night since which what it speaks of is not there under that identity, so that it asks for nothing;
--     NULL while it does
-- instead: what both domains have come to say against the ruling; NULL where they have not
SELECT decision_id, pair_id, difference_id, domain, entity, identity, label, attribute, action, wanted, first_night,
       done_night,
       regressed_night, lapsed_night, instead
FROM decided.task
