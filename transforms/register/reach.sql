-- Which open differences each decision reaches, and whether the builds have moved since it was recorded.
-- Reads:  temporary tables open_difference, ruled (one row per recorded decision), stamp (one row per difference that a
--         decision is held by), item_ruling and rule (what those on an item and on a rule say); temporary views named
--         (pair_id, entity, identity, key_text, label_a, label_b of every item) and traced (pair_id, difference_id,
--         cause_id).
-- Writes: temporary tables fitting, one row per decision and item that its name fits best; reach, one row per decision
--         and open difference.
-- A difference or an item is held by its stamp: what says something else than then, or was not there then, has moved. A
-- rule speaks of whatever meets it and is never moved.

-- An item is named by its identity, else by the value of its key, else as it is shown.
CREATE OR REPLACE TEMP TABLE fitting AS
WITH wanted AS (
    SELECT n.pair_id, n.entity, n.identity,
           unnest([{'key': n.identity, 'place': 1}, {'key': n.key_text, 'place': 2}, {'key': n.label_a, 'place': 3},
                   {'key': n.label_b, 'place': 3}], recursive := true)
    FROM named n SEMI JOIN item_ruling USING (entity)
)
SELECT r.decision_id, w.pair_id, w.identity
FROM item_ruling r JOIN wanted w USING (entity, key)
GROUP BY r.decision_id, w.pair_id, w.identity
QUALIFY min(w.place) = min(min(w.place)) OVER (PARTITION BY r.decision_id, w.pair_id);

CREATE OR REPLACE TEMP TABLE reach AS
WITH item AS (
    SELECT decision_id, pair_id, any_value(identity) AS identity
    FROM fitting GROUP BY decision_id, pair_id HAVING count(*) = 1
),
held AS (
    -- What a decision speaks of (by the difference that stands for it), and what it thereby reaches.
    SELECT u.decision_id, u.rank, d.pair_id, d.difference_id, d.difference_id AS held_by
    FROM ruled u JOIN open_difference d ON d.difference_id = u.subject
    WHERE u.covers_kind = 'difference'
    UNION ALL
    SELECT u.decision_id, u.rank, d.pair_id, d.difference_id, d.difference_id
    FROM ruled u
    JOIN item i ON i.decision_id = u.decision_id
    JOIN (
        SELECT pair_id, difference_id, identity FROM open_difference
        UNION SELECT pair_id, difference_id, root_identity FROM open_difference
    ) d ON d.pair_id = i.pair_id AND d.identity = i.identity
    UNION ALL
    -- A difference that goes back to several causes is not one cause's to settle.
    SELECT u.decision_id, u.rank, c.pair_id, c.difference_id, c.cause_id
    FROM ruled u
    JOIN (
        SELECT pair_id, difference_id, any_value(cause_id) AS cause_id
        FROM traced GROUP BY pair_id, difference_id HAVING count(*) = 1
    ) c ON c.cause_id = u.subject
    WHERE u.covers_kind = 'cause'
),
-- A condition that a rule does not name holds of everything.
met AS (
    SELECT r.decision_id, r.rank, r.effects, d.pair_id, d.difference_id, d.entity, d.identity, d.attribute
    FROM rule r
    JOIN (SELECT DISTINCT entity, area FROM open_difference) t
      ON list_contains(r.entity, t.entity) OR list_contains(r.area, t.area)
    JOIN open_difference d ON d.entity = t.entity
    WHERE (len(r.attribute) = 0 OR list_contains(r.attribute, d.attribute))
      AND (len(r.kind) = 0 OR list_contains(r.kind, d.kind))
      AND (r.only_in IS NULL OR r.only_in = CASE d.kind WHEN 'only_a' THEN d.domain_a WHEN 'only_b' THEN d.domain_b END)
      AND (len(r.label) = 0 OR list_bool_or(list_transform(r.label, lambda pattern:
           coalesce(d.label, '') GLOB pattern)))
      AND (len(r.said) = 0 OR list_bool_and(list_transform(r.said, lambda one:
           (d.domain_a = one.domain AND coalesce(d.value_a, '') GLOB one.pattern)
           OR (d.domain_b = one.domain AND coalesce(d.value_b, '') GLOB one.pattern))))
)
SELECT h.decision_id, h.rank, h.pair_id, h.difference_id,
       s.difference_id IS NULL OR d.kind IS DISTINCT FROM s.kind OR d.value_a IS DISTINCT FROM s.value_a
           OR d.value_b IS DISTINCT FROM s.value_b AS moved
FROM held h
JOIN open_difference d ON d.pair_id = h.pair_id AND d.difference_id = h.held_by
LEFT JOIN stamp s ON s.decision_id = h.decision_id AND s.difference_id = h.held_by
UNION ALL
SELECT decision_id, rank, pair_id, difference_id, false
FROM (
    SELECT decision_id, rank, pair_id, difference_id FROM met
    UNION
    SELECT w.decision_id, w.rank, e.pair_id, e.difference_id
    FROM met w
    JOIN open_difference e ON e.pair_id = w.pair_id AND e.cause_entity = w.entity AND e.cause_identity = w.identity
    WHERE w.effects AND w.attribute IS NULL
);
