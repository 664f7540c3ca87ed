-- Write down what changed.
-- Reads:  variable night_id; temp table value_change; normalised.item, catalogue.*.
-- Writes: measured.change gains one row per changed value. Drops the temp tables.
INSERT INTO measured.change BY NAME
SELECT getvariable('night_id') AS night_id, d.domain, e.entity, i.local_id, i.label,
       CASE v.place WHEN 0 THEN 'moved' ELSE 'changed' END AS kind, a.attribute, v.before AS value_before,
       v.after AS value_after, v.shown_before, v.shown_after, a.weight
FROM value_change v
JOIN normalised.item i ON i.item_no = v.now_no
JOIN catalogue.domain d ON d.domain_no = i.domain_no
JOIN catalogue.entity e ON e.entity_no = i.entity_no
JOIN catalogue.attribute a ON a.entity_no = i.entity_no AND a.place = v.place;

DROP TABLE common;
DROP TABLE item_pair;
DROP TABLE link;
DROP TABLE IF EXISTS choice;
DROP TABLE new_id;
DROP TABLE text;
DROP TABLE value_change;
