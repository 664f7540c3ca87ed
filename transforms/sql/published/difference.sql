-- One row per difference open in the newest night: an attribute that differs, or an item without a match.
-- pair_id: the pair of domains
-- difference_id: the same from night to night
-- entity: the entity type
-- area: its area
-- identity: the match or the unmatched item (crosswalk.identity, unmatched.identity)
-- label: the item as it is shown
-- root_entity: entity type of the item that owns a component in the end; else as entity
-- root_identity: that item
-- root_label: that item as it is shown
-- kind: changed, moved (stands under another owner), only_a or only_b
-- attribute: what differs; NULL for an item without a match
-- value_a: the value in domain a as shown; a reference by its target's label
-- value_b: the value in domain b
-- weight: how much it weighs
-- expected_local: whether the entity type is expected to differ
-- cause_entity: entity type of the unmatched item that explains the difference, where one does
-- cause_identity: that item
-- cause_label: that item as it is shown
-- opened_night: the night since which it has been open
-- opened_at: that night's time
-- cause_id: the direct difference that explains it, the nearest where there are several (difference_cause has all); its own id where it is direct
-- causes: how many direct differences explain it; 1 where it is direct
-- steps: how many links lie between it and its cause; 0 where it is direct
-- worth: by how much the convergence of the total would rise if this difference alone were gone; 0 where it does not count
-- first_seen: the time of the first night it was seen in, ever
-- last_seen: the time of the newest night it was seen in
-- reopened: how many times it has come back after it was gone
-- nights_open: how many nights it has been open, the newest included
SELECT d.pair_id, d.difference_id, d.entity, t.area, d.identity, d.label,
       coalesce(o.root_entity, d.entity) AS root_entity, coalesce(o.root_identity, d.identity) AS root_identity,
       coalesce(r.label, d.label) AS root_label,
       d.kind, d.attribute, d.value_a, d.value_b, d.weight, t.expected_local,
       d.cause_entity, d.cause_identity, c.label AS cause_label, l.opened_night, n.as_of AS opened_at,
       coalesce(b.cause_id, d.difference_id) AS cause_id, coalesce(b.causes, 1) AS causes, coalesce(b.steps, 0) AS steps,
       coalesce(w.worth, 0) AS worth, f.as_of AS first_seen, s.as_of AS last_seen, l.reopened,
       s.night_id - l.opened_night + 1 AS nights_open
FROM compared.difference d
JOIN measured.entity_type t USING (entity)
LEFT JOIN compared.owner o ON o.pair_id = d.pair_id AND o.entity = d.entity AND o.identity = d.identity
LEFT JOIN measured.shown r ON r.pair_id = d.pair_id AND r.entity = o.root_entity AND r.identity = o.root_identity
LEFT JOIN measured.shown c ON c.pair_id = d.pair_id AND c.entity = d.cause_entity AND c.identity = d.cause_identity
LEFT JOIN (
    SELECT difference_id, first(cause_id ORDER BY steps, cause_id) AS cause_id, count(*) AS causes, min(steps) AS steps
    FROM compared.difference_cause GROUP BY difference_id
) b ON b.difference_id = d.difference_id
LEFT JOIN compared.worth w ON w.difference_id = d.difference_id
LEFT JOIN (
    SELECT difference_id, max(opened_night) FILTER (closed_night IS NULL) AS opened_night, min(opened_night) AS first_night,
           count(*) - 1 AS reopened
    FROM measured.difference_life GROUP BY difference_id
) l ON l.difference_id = d.difference_id
LEFT JOIN measured.night n ON n.night_id = l.opened_night
LEFT JOIN measured.night f ON f.night_id = l.first_night
CROSS JOIN (SELECT night_id, as_of FROM measured.night ORDER BY night_id DESC LIMIT 1) s
