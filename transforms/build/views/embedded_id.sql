-- One row per id that stands inside a text (a rule's logic, a preference's value), in each pair the domain is part of.
-- pair_id: the pair of domains
-- entity: the entity type of the item whose text it is
-- identity: the item
-- domain: the domain whose text it is
-- local_id: the item's id there
-- label: the item as it is shown
-- attribute: the attribute that is the text
-- place: the id's place among the ids in the text, from 1
-- written: the id as it is written, without decimals
-- target_entity: the entity type of the item it leads to, NULL where it leads to no live item
-- target_identity: that item
-- target_label: that item as it is shown
-- resolved: whether it leads to a live item; one that does not is compared as it is written
SELECT i.pair_id, i.entity, m.identity, CASE i.side WHEN 'a' THEN p.domain_a ELSE p.domain_b END AS domain, i.local_id,
       m.label, i.attribute, i.place, i.written, i.target_entity, i.target_identity, i.target_label,
       i.target_identity IS NOT NULL AS resolved
FROM matched.embedded_id i JOIN measured.pair p USING (pair_id)
JOIN measured.item m ON m.pair_id = i.pair_id AND m.entity = i.entity
 AND CASE i.side WHEN 'a' THEN m.local_id_a ELSE m.local_id_b END = i.local_id
