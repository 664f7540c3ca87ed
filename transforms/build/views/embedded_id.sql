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
SELECT p.pair_id, e.entity, m.identity, d.domain, n.local_id, coalesce(a.label, b.label) AS label, k.attribute,
       i.nth AS place, i.written, f.entity AS target_entity, t.identity AS target_identity, i.target_label,
       t.identity IS NOT NULL AS resolved
FROM matched.embedded_id i
JOIN catalogue.pair p USING (pair_no)
JOIN normalised.item n USING (item_no)
JOIN catalogue.domain d USING (domain_no)
JOIN catalogue.entity e USING (entity_no)
JOIN catalogue.attribute k ON k.entity_no = n.entity_no AND k.place = i.place
JOIN matched.side s ON s.pair_no = i.pair_no AND s.item_no = i.item_no
JOIN matched.item m ON m.match_no = s.match_no
LEFT JOIN normalised.item a ON a.item_no = m.item_a
LEFT JOIN normalised.item b ON b.item_no = m.item_b
LEFT JOIN matched.item t ON t.match_no = i.target_match_no
LEFT JOIN catalogue.entity f ON f.entity_no = t.entity_no
