-- Views that several published ones stand on.

-- One row per union item of a pair, over all entity types, with its labels.
CREATE OR REPLACE VIEW measured.item AS
SELECT p.pair_id, e.entity, m.identity, a.local_id AS local_id_a, b.local_id AS local_id_b,
       coalesce(a.label, b.label) AS label, a.label AS label_a, b.label AS label_b, m.rule, m.key_name, m.key_text,
       m.certain, m.ambiguous, CASE WHEN m.rule IS NOT NULL THEN coalesce(c.agreement, 1) END AS agreement,
       CASE WHEN m.rule IS NOT NULL THEN c.match_no IS NULL END AS identical, m.match_no
FROM matched.item m
JOIN catalogue.pair p USING (pair_no)
JOIN catalogue.entity e USING (entity_no)
LEFT JOIN normalised.item a ON a.item_no = m.item_a
LEFT JOIN normalised.item b ON b.item_no = m.item_b
LEFT JOIN compared.agreement c USING (match_no);

-- One row per component of a pair that has an owner: whom it belongs to in the end. root_label: of a root that owns a
-- difference.
CREATE OR REPLACE VIEW measured.owner AS
SELECT p.pair_id, e.entity, m.identity, f.entity AS root_entity, r.identity AS root_identity, s.label AS root_label
FROM compared.owner o
JOIN matched.item m USING (match_no)
JOIN catalogue.pair p USING (pair_no)
JOIN catalogue.entity e USING (entity_no)
JOIN matched.item r ON r.match_no = o.root_match_no
JOIN catalogue.entity f ON f.entity_no = r.entity_no
LEFT JOIN measured.shown s ON s.match_no = o.root_match_no;

-- Who moved, against every baseline there is: one row per baseline, pair, item and attribute (see published.moved).
-- A cell that was changed and changed back has not moved. Of an item that came or went only that is told.
CREATE OR REPLACE VIEW measured.moved AS
WITH rolled AS (
    SELECT b.night_id AS baseline_night, b.as_of, c.domain, c.entity, c.local_id, c.attribute,
           first(c.value_before ORDER BY c.night_id) AS first_value,
           last(c.value_after ORDER BY c.night_id) AS last_value,
           first(c.shown_before ORDER BY c.night_id) AS shown_before,
           last(c.shown_after ORDER BY c.night_id) AS shown_after,
           last(c.label ORDER BY c.night_id) AS label, last(c.kind ORDER BY c.night_id) AS kind,
           last(c.weight ORDER BY c.night_id) AS weight
    FROM measured.night b JOIN measured.change c ON c.night_id > b.night_id
    GROUP BY ALL HAVING first_value IS DISTINCT FROM last_value
),
net AS (
    SELECT r.*
    FROM rolled r
    ANTI JOIN (SELECT * FROM rolled WHERE attribute IS NULL) w
        ON r.attribute IS NOT NULL AND w.baseline_night = r.baseline_night AND w.domain = r.domain
       AND w.entity = r.entity AND w.local_id = r.local_id
),
sided AS (
    SELECT n.*, i.pair_id, i.side, i.identity, i.in_a, i.in_b
    FROM net n JOIN measured.change_item i USING (domain, entity, local_id)
),
paired AS (
    SELECT baseline_night, any_value(as_of) AS as_of, pair_id, entity, identity, attribute,
           first(label ORDER BY side) AS label, first(kind ORDER BY side) AS kind, max(weight) AS weight,
           bool_or(side = 'a') AS moved_a, bool_or(side = 'b') AS moved_b, bool_or(in_a) AS in_a, bool_or(in_b) AS in_b,
           count(DISTINCT kind) AS kinds,
           max(shown_before) FILTER (side = 'a') AS before_a, max(shown_after) FILTER (side = 'a') AS after_a,
           max(shown_before) FILTER (side = 'b') AS before_b, max(shown_after) FILTER (side = 'b') AS after_b
    FROM sided GROUP BY baseline_night, pair_id, entity, identity, attribute
),
now AS (
    SELECT p.*, d.difference_id,
           CASE WHEN d.difference_id IS NOT NULL THEN d.value_a WHEN moved_a THEN after_a ELSE after_b END AS value_a,
           CASE WHEN d.difference_id IS NOT NULL THEN d.value_b WHEN moved_b THEN after_b ELSE after_a END AS value_b
    FROM paired p
    LEFT JOIN compared.difference d
        ON d.pair_id = p.pair_id AND d.entity = p.entity AND d.identity = p.identity
       AND d.attribute IS NOT DISTINCT FROM p.attribute
),
off_target AS (
    SELECT d.*, CASE d.kind WHEN 'only_a' THEN 'a' WHEN 'only_b' THEN 'b' END AS side_has,
           CASE WHEN v.ruling = 'standard' THEN r.value WHEN r.adopt = p.domain_a THEN d.value_a
                ELSE d.value_b END AS wanted,
           CASE WHEN v.ruling = 'retire' THEN side_has
                WHEN v.ruling = 'standard'
                THEN CASE WHEN d.value_a = r.value THEN 'b' WHEN d.value_b = r.value THEN 'a' ELSE 'apart' END
                WHEN r.adopt = p.domain_a THEN 'b' ELSE 'a' END AS side_off
    FROM compared.difference d
    JOIN measured.pair p USING (pair_id)
    JOIN decided.cover v USING (pair_id, difference_id)
    JOIN decided.decision r ON r.decision_id = v.decision_id
    WHERE v.state = 'holds'
      AND (r.adopt IN (p.domain_a, p.domain_b) OR v.ruling = 'standard' AND d.attribute IS NOT NULL
           OR v.ruling = 'retire' AND d.attribute IS NULL)
)
SELECT 'night' AS baseline, strftime(as_of, '%Y-%m-%d %H:%M') AS baseline_name, baseline_night, n.pair_id, n.entity,
       n.identity, n.label, n.kind, n.attribute,
       CASE WHEN moved_a AND moved_b
            THEN CASE WHEN CASE WHEN n.attribute IS NULL THEN kinds = 1 ELSE n.difference_id IS NULL END THEN 'alike'
                      ELSE 'apart' END
            WHEN moved_a THEN 'a' ELSE 'b' END AS who,
       CASE WHEN n.attribute IS NULL THEN (in_a <> moved_a) <> (in_b <> moved_b)
            ELSE l.difference_id IS NOT NULL END AS differed,
       CASE WHEN n.attribute IS NULL THEN in_a <> in_b ELSE n.difference_id IS NOT NULL END AS differs,
       CASE WHEN moved_a THEN before_a ELSE value_a END AS base_a,
       CASE WHEN moved_b THEN before_b ELSE value_b END AS base_b,
       value_a, value_b, n.weight, n.difference_id
FROM now n
LEFT JOIN measured.difference_life l
    ON l.difference_id = md5(concat_ws(chr(31), n.pair_id, n.entity, n.identity, n.attribute))
   AND l.opened_night <= n.baseline_night AND (l.closed_night IS NULL OR l.closed_night > n.baseline_night)
UNION ALL
-- Away from what a third domain says: both have that for their baseline.
SELECT 'domain', v.domain, NULL, p.pair_id, v.entity, i.identity, v.label,
       CASE WHEN v.attribute = 'parent' THEN 'moved' WHEN v.attribute IS NOT NULL THEN 'changed'
            WHEN v.has THEN 'removed' ELSE 'added' END,
       v.attribute,
       CASE WHEN a.says <> v.says AND b.says <> v.says THEN CASE WHEN a.says = b.says THEN 'alike' ELSE 'apart' END
            WHEN a.says <> v.says THEN 'a' ELSE 'b' END,
       false, a.says <> b.says, v.value, v.value, a.value, b.value, v.weight,
       CASE WHEN a.says <> b.says THEN d.difference_id END
FROM measured.pair p
JOIN measured.standing a ON a.domain = p.domain_a
JOIN measured.standing b
    ON b.domain = p.domain_b AND b.thing_id = a.thing_id AND b.entity = a.entity
   AND b.attribute IS NOT DISTINCT FROM a.attribute
JOIN measured.standing v
    ON v.domain NOT IN (p.domain_a, p.domain_b) AND v.thing_id = a.thing_id AND v.entity = a.entity
   AND v.attribute IS NOT DISTINCT FROM a.attribute
LEFT JOIN measured.standing_item i ON i.pair_id = p.pair_id AND i.entity = a.entity AND i.thing_id = a.thing_id
LEFT JOIN compared.difference d
    ON d.pair_id = p.pair_id AND d.entity = i.entity AND d.identity = i.identity
   AND d.attribute IS NOT DISTINCT FROM a.attribute
WHERE a.says <> v.says OR b.says <> v.says
UNION ALL
-- Off the target, where a decision that holds says what it is.
SELECT 'target', 'target', NULL, d.pair_id, d.entity, d.identity, d.label,
       CASE WHEN d.attribute IS NOT NULL THEN d.kind WHEN d.side_off = d.side_has THEN 'added' ELSE 'removed' END,
       d.attribute, d.side_off, false, true, d.wanted, d.wanted, d.value_a, d.value_b, d.weight, d.difference_id
FROM off_target d;
