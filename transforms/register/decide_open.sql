-- What the step works on: the open differences with all that a decision can tell them by, and items as they are shown.
-- Reads:  compared.difference, owner and difference_cause, matched.item, normalised.item, cell and reference,
--         catalogue.
-- Writes: temporary tables and views, see each.

-- One row per open difference; an item's root is the item that it is owned by in the end.
CREATE OR REPLACE TEMP TABLE open_difference AS
SELECT d.pair_no, d.match_no, d.entity_no, d.place, d.pair_id, d.difference_id, d.entity, e.area, d.identity, d.label,
       re.entity AS root_entity, r.identity AS root_identity, r.match_no AS root_match_no, d.kind, d.attribute,
       d.value_a, d.value_b, d.weight, d.cause_entity, d.cause_identity, p.domain_a, p.domain_b
FROM compared.difference d
JOIN catalogue.entity e ON e.entity_no = d.entity_no
JOIN catalogue.pair p ON p.pair_no = d.pair_no
LEFT JOIN compared.owner o ON o.match_no = d.match_no
JOIN matched.item r ON r.match_no = coalesce(o.root_match_no, d.match_no)
JOIN catalogue.entity re ON re.entity_no = r.entity_no;

-- What each domain has yet to do of what was ruled on what differs tonight: one row per decision, open difference and
-- domain that does not say what was ruled (decide_gap.sql).
CREATE OR REPLACE TEMP TABLE gap (
    pair_id VARCHAR, difference_id VARCHAR, decision_id VARCHAR, entity VARCHAR, root_entity VARCHAR, identity VARCHAR,
    attribute VARCHAR, label VARCHAR, kind VARCHAR, weight DOUBLE, action VARCHAR, wanted VARCHAR, domain VARCHAR,
    other VARCHAR, now VARCHAR
);

-- One row per item and place with a value, as people read it: a reference by its target's label.
CREATE OR REPLACE TEMP VIEW shown AS
SELECT item_no, place, value FROM normalised.cell
UNION ALL
SELECT r.item_no, r.place,
       CASE r.state WHEN 'every' THEN '*' WHEN 'type' THEN r.type_text ELSE coalesce(t.label, '? ' || r.written) END
FROM normalised.reference r
LEFT JOIN normalised.item t ON t.item_no = r.target_no;

-- What reach.sql asks besides: by what an item may be named, and what a difference goes back to.
CREATE OR REPLACE TEMP VIEW named AS
SELECT p.pair_id, e.entity, m.identity, replace(m.key_text, chr(31), ' · ') AS key_text, a.label AS label_a,
       b.label AS label_b
FROM matched.item m
JOIN catalogue.pair p USING (pair_no)
JOIN catalogue.entity e USING (entity_no)
LEFT JOIN normalised.item a ON a.item_no = m.item_a
LEFT JOIN normalised.item b ON b.item_no = m.item_b;
CREATE OR REPLACE TEMP VIEW traced AS SELECT pair_id, difference_id, cause_id FROM compared.difference_cause;
