-- What each domain has yet to do of what was ruled, and what its extract shows of it tonight.
-- Reads:  variable night_id, temporary tables open_difference and stamp, temporary view shown, decided.cover, decision
--         and task, compared.owner, matched.item and embedded.
-- Writes: temporary table gap; decided.task gains what was ruled on by stamp and was settled before a night saw it
--         open; temporary tables stands, one row per item that decisions ask something of and domain that has it, and
--         says, one row per match and attribute that is to be changed, as shown.
CREATE OR REPLACE TEMP TABLE lacking AS
WITH governed AS (
    SELECT d.pair_id, d.difference_id, v.decision_id, true AS is_open, d.entity, d.root_entity, d.identity, d.attribute,
           d.label, d.kind, d.weight, d.value_a, d.value_b, d.domain_a, d.domain_b
    FROM open_difference d
    JOIN decided.cover v USING (pair_id, difference_id)
    WHERE v.state = 'holds'
    UNION ALL
    SELECT s.pair_id, s.difference_id, s.decision_id, false, s.entity, coalesce(re.entity, s.entity), s.identity,
           s.attribute, s.label, s.kind, 1, s.value_a, s.value_b, p.domain_a, p.domain_b
    FROM stamp s
    JOIN decided.decision r ON r.decision_id = s.decision_id AND r.state = 'holds'
    JOIN catalogue.pair p ON p.pair_id = s.pair_id
    LEFT JOIN catalogue.entity e ON e.entity = s.entity
    LEFT JOIN matched.item m ON m.pair_no = p.pair_no AND m.entity_no = e.entity_no AND m.identity = s.identity
    LEFT JOIN compared.owner o ON o.match_no = m.match_no
    LEFT JOIN matched.item rm ON rm.match_no = o.root_match_no
    LEFT JOIN catalogue.entity re ON re.entity_no = rm.entity_no
    ANTI JOIN open_difference d ON d.pair_id = s.pair_id AND d.difference_id = s.difference_id
    ANTI JOIN decided.task t
      ON t.decision_id = s.decision_id AND t.pair_id = s.pair_id AND t.difference_id = s.difference_id
),
asked AS (
    SELECT d.* EXCLUDE (value_a, value_b, domain_a, domain_b),
           CASE WHEN r.ruling = 'retire' THEN 'remove'
                WHEN d.attribute IS NOT NULL THEN 'change'
                WHEN r.ruling = 'standard' THEN NULL
                WHEN r.adopt = CASE d.kind WHEN 'only_a' THEN d.domain_a ELSE d.domain_b END THEN 'add'
                ELSE 'remove' END AS action,
           CASE WHEN d.attribute IS NULL OR r.ruling = 'retire' THEN NULL
                WHEN r.ruling = 'standard' THEN r.value
                WHEN r.adopt = d.domain_a THEN d.value_a ELSE d.value_b END AS wanted,
           unnest([
               {'domain': d.domain_a, 'other': d.domain_b, 'now': d.value_a, 'has': d.kind <> 'only_b'},
               {'domain': d.domain_b, 'other': d.domain_a, 'now': d.value_b, 'has': d.kind <> 'only_a'}
           ], recursive := true)
    FROM governed d
    JOIN decided.decision r ON r.decision_id = d.decision_id
    WHERE r.ruling IN ('standard', 'retire') OR r.adopt IN (d.domain_a, d.domain_b)
)
SELECT * EXCLUDE (has) FROM asked
WHERE CASE action WHEN 'change' THEN now IS DISTINCT FROM wanted WHEN 'add' THEN NOT has WHEN 'remove' THEN has END;

INSERT INTO decided.task BY NAME
SELECT decision_id, pair_id, difference_id, domain, other, entity, root_entity, identity, attribute, label, action,
       wanted, weight, getvariable('night_id') AS first_night, now AS was
FROM lacking WHERE NOT is_open;

INSERT INTO gap BY NAME SELECT * EXCLUDE (is_open) FROM lacking WHERE is_open;

CREATE OR REPLACE TEMP TABLE stands AS
WITH meant AS (
    SELECT pair_id, entity, identity, label, local_id FROM decided.task
    UNION SELECT pair_id, entity, identity, label, NULL FROM gap
),
placed AS (
    SELECT m.pair_id, m.entity, m.identity, s.domain, i.local_id, i.label, m.rule IS NOT NULL AS paired
    FROM (
        SELECT m.*, p.pair_id, e.entity
        FROM matched.item m
        JOIN catalogue.pair p USING (pair_no)
        JOIN catalogue.entity e USING (entity_no)
        SEMI JOIN meant w ON w.pair_id = p.pair_id AND w.entity = e.entity
    ) m
    JOIN catalogue.side s ON s.pair_no = m.pair_no
    JOIN normalised.item i ON i.item_no = CASE s.side WHEN 'a' THEN m.item_a ELSE m.item_b END
)
FROM placed SEMI JOIN meant USING (pair_id, entity, identity)
UNION
FROM placed SEMI JOIN meant USING (pair_id, entity, local_id)
UNION
FROM placed SEMI JOIN meant USING (pair_id, entity, label);

CREATE OR REPLACE TEMP TABLE says AS
SELECT t.pair_id, t.entity, t.identity, t.attribute, coalesce(ea.shown, a.value) AS value_a,
       coalesce(eb.shown, b.value) AS value_b
FROM (SELECT DISTINCT pair_id, entity, identity, attribute FROM decided.task WHERE action = 'change') t
JOIN catalogue.pair p ON p.pair_id = t.pair_id
JOIN catalogue.entity e ON e.entity = t.entity
JOIN catalogue.attribute k ON k.entity_no = e.entity_no AND k.attribute = t.attribute
JOIN matched.item m
  ON m.pair_no = p.pair_no AND m.entity_no = e.entity_no AND m.identity = t.identity AND m.rule IS NOT NULL
LEFT JOIN shown a ON a.item_no = m.item_a AND a.place = k.place
LEFT JOIN shown b ON b.item_no = m.item_b AND b.place = k.place
LEFT JOIN matched.embedded ea ON ea.pair_no = p.pair_no AND ea.item_no = m.item_a AND ea.place = k.place
LEFT JOIN matched.embedded eb ON eb.pair_no = p.pair_no AND eb.item_no = m.item_b AND eb.place = k.place;
