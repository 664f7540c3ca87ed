-- Counts of use that the register gives, of the items they name.
-- Reads:  decided.usage, normalised.item.
-- Writes: decided.item_use gains one row per domain and item. A name that several items have counts for none of them.
INSERT INTO decided.item_use
SELECT u.domain, u.entity, any_value(i.local_id), max(u.uses)
FROM decided.usage u
JOIN catalogue.domain d ON d.domain = u.domain
JOIN catalogue.entity e ON e.entity = u.entity
JOIN normalised.item i ON i.domain_no = d.domain_no AND i.entity_no = e.entity_no AND i.label = u.label
GROUP BY u.domain, u.entity, u.label HAVING count(DISTINCT i.local_id) = 1;
