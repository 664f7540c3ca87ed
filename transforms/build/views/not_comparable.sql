-- One row per entity type or attribute that a domain did not deliver: it is left out of the figures, not counted as
--     different.
-- pair_id: the pair of domains
-- entity: the entity type
-- attribute: the attribute; NULL for the whole entity type
-- domain: the domain that did not deliver it
-- reason: why it cannot be compared
SELECT pair_id, entity, attribute, domain, reason FROM compared.not_comparable
