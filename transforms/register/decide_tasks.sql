-- What each domain must do to reach what was ruled, and what of it the night's extract shows as done.
-- Reads:  variable night_id, temporary tables open_difference, gap, stands and says, decided.cover and decision,
--         compared.not_comparable.
-- Writes: decided.task (kept from night to night), one row per decision, difference and domain that must act;
--         decided.decision, where both have come to agree on something else.
-- A task is done when the domain's own extract shows what was ruled. That a difference is gone is not enough: both may
-- have come to agree on something else, which is said in "instead" and in the decision. What could not be compared
-- tonight stays as it was; what is there under another identity has lapsed; what was done and is not any more has
-- regressed. A rule that adopts a domain's side is bound to no value: it is done by whatever both say that is not what
-- was to go.
UPDATE decided.task AS t SET local_id = s.local_id
FROM stands s
WHERE s.pair_id = t.pair_id AND s.entity = t.entity AND s.identity = t.identity AND t.action <> 'change'
  AND s.domain = CASE t.action WHEN 'add' THEN t.other ELSE t.domain END;

CREATE OR REPLACE TEMP TABLE judged AS
WITH gone AS (
    -- No longer open, and could have been compared.
    SELECT t.*
    FROM decided.task t
    ANTI JOIN open_difference d ON d.pair_id = t.pair_id AND d.difference_id = t.difference_id
    -- An item that stands under another identity is another task, also once that is done.
    WHERE (t.lapsed_night IS NULL OR t.action = 'change') AND NOT EXISTS (
        FROM compared.not_comparable n
        WHERE n.pair_id = t.pair_id AND n.entity = t.entity AND (n.attribute IS NULL OR n.attribute = t.attribute))
),
whereabouts AS (
    -- The item that was to go or to come, in the domain that has it: by its own number, else by its name alone. Of
    -- several of that name one that both have goes before.
    SELECT t.decision_id, t.pair_id, t.difference_id, t.domain, s.paired
    FROM gone t
    JOIN stands s
      ON s.pair_id = t.pair_id AND s.entity = t.entity
     AND s.domain = CASE t.action WHEN 'add' THEN t.other ELSE t.domain END
     AND (s.local_id = t.local_id OR s.label = t.label)
    WHERE t.action <> 'change'
    QUALIFY row_number() OVER (
        PARTITION BY t.decision_id, t.pair_id, t.difference_id, t.domain
        ORDER BY (s.local_id = t.local_id)::INTEGER + (s.label IS NOT DISTINCT FROM t.label)::INTEGER DESC,
                 s.local_id = t.local_id DESC, s.paired DESC, s.local_id) = 1
)
SELECT t.decision_id, t.pair_id, t.difference_id, t.domain,
       CASE t.action
            WHEN 'change' THEN
                CASE WHEN y.identity IS NULL THEN 'lapsed'
                     WHEN r.covers_kind = 'rule' AND r.ruling = 'adopt'
                          AND y.value_a IS DISTINCT FROM t.was AND y.value_b IS DISTINCT FROM t.was THEN 'done'
                     WHEN y.value_a IS NOT DISTINCT FROM t.wanted OR y.value_b IS NOT DISTINCT FROM t.wanted THEN 'done'
                     ELSE 'instead' END
            WHEN 'add' THEN CASE WHEN w.paired THEN 'done' WHEN w.paired IS NULL THEN 'instead' ELSE 'lapsed' END
            ELSE CASE WHEN w.paired IS NULL THEN 'done' WHEN w.paired THEN 'instead'
                      WHEN t.attribute IS NULL THEN 'lapsed' ELSE 'waiting' END
       END AS found,
       CASE WHEN found <> 'instead' THEN NULL
            WHEN t.action = 'change' THEN coalesce(y.value_a, '(none)')
            WHEN t.action = 'add' THEN 'neither has it' ELSE 'both have it' END AS instead,
       CASE WHEN found = 'done' AND t.action = 'change' THEN y.value_a ELSE t.wanted END AS wanted
FROM gone t
JOIN decided.decision r ON r.decision_id = t.decision_id
LEFT JOIN says y
  ON y.pair_id = t.pair_id AND y.entity = t.entity AND y.identity = t.identity AND y.attribute = t.attribute
LEFT JOIN whereabouts w
  ON w.decision_id = t.decision_id AND w.pair_id = t.pair_id AND w.difference_id = t.difference_id
 AND w.domain = t.domain
UNION ALL
-- Still open, but what is left is the other domain's to do. Open by another ruling or none: only what it says itself
-- counts.
SELECT t.decision_id, t.pair_id, t.difference_id, t.domain, 'done', NULL, t.wanted
FROM decided.task t
JOIN open_difference d ON d.pair_id = t.pair_id AND d.difference_id = t.difference_id
ANTI JOIN gap g
  ON g.decision_id = t.decision_id AND g.pair_id = t.pair_id AND g.difference_id = t.difference_id
 AND g.domain = t.domain
LEFT JOIN decided.cover v ON v.pair_id = d.pair_id AND v.difference_id = d.difference_id
WHERE (v.decision_id IS NOT DISTINCT FROM t.decision_id AND v.state = 'holds')
   OR (t.action = 'change'
       AND t.wanted IS NOT DISTINCT FROM CASE WHEN d.domain_a = t.domain THEN d.value_a ELSE d.value_b END);

UPDATE decided.task AS t SET
    done_night = CASE j.found WHEN 'done' THEN coalesce(t.done_night, getvariable('night_id'))
                              WHEN 'instead' THEN NULL ELSE t.done_night END,
    regressed_night = CASE WHEN j.found = 'instead' AND t.done_night < getvariable('night_id')
                           THEN getvariable('night_id') ELSE t.regressed_night END,
    lapsed_night = CASE WHEN j.found = 'lapsed' AND t.done_night IS NULL
                        THEN coalesce(t.lapsed_night, getvariable('night_id')) END,
    instead = j.instead,
    wanted = j.wanted
FROM judged j
WHERE j.decision_id = t.decision_id AND j.pair_id = t.pair_id AND j.difference_id = t.difference_id
  AND j.domain = t.domain;

-- What is open again was not settled otherwise; what was done and is not any more has regressed.
UPDATE decided.task AS t SET
    instead = NULL,
    lapsed_night = NULL,
    done_night = CASE WHEN d.lost THEN NULL ELSE t.done_night END,
    regressed_night = CASE WHEN d.lost THEN getvariable('night_id') ELSE t.regressed_night END
FROM (
    SELECT t.decision_id, t.pair_id, t.difference_id, t.domain,
           t.done_night < getvariable('night_id') AND (t.action <> 'change' OR t.wanted IS DISTINCT FROM
               CASE WHEN d.domain_a = t.domain THEN d.value_a ELSE d.value_b END) AS lost
    FROM decided.task t
    JOIN open_difference d ON d.pair_id = t.pair_id AND d.difference_id = t.difference_id
) d
WHERE d.decision_id = t.decision_id AND d.pair_id = t.pair_id AND d.difference_id = t.difference_id
  AND d.domain = t.domain;

-- The side that a rule adopts may move on: then there is more to do, and nothing was lost.
UPDATE decided.task AS t SET done_night = NULL, wanted = g.wanted, was = g.now
FROM gap g
WHERE g.decision_id = t.decision_id AND g.pair_id = t.pair_id AND g.difference_id = t.difference_id
  AND g.domain = t.domain;

INSERT INTO decided.task BY NAME
SELECT g.decision_id, g.pair_id, g.difference_id, g.domain, g.other, g.entity, g.root_entity, g.identity, g.attribute,
       g.label, g.action, g.wanted, g.weight, getvariable('night_id') AS first_night, s.local_id, g.now AS was
FROM gap g
LEFT JOIN stands s
  ON s.pair_id = g.pair_id AND s.entity = g.entity AND s.identity = g.identity AND g.action <> 'change'
 AND s.domain = CASE g.action WHEN 'add' THEN g.other ELSE g.domain END
ANTI JOIN decided.task t
  ON t.decision_id = g.decision_id AND t.pair_id = g.pair_id AND t.difference_id = g.difference_id
 AND t.domain = g.domain;

-- A decision that no longer stands asks for nothing.
DELETE FROM decided.task WHERE decision_id NOT IN (
    SELECT decision_id FROM decided.decision WHERE state IN ('holds', 'stale', 'conflict', 'expired'));

-- What both have come to agree on against the ruling makes it stale: it speaks of what nobody says any more.
UPDATE decided.decision AS d SET
    state = 'stale',
    note = 'both builds have come to agree on something else than was ruled: ' || o.places
           || CASE o.places WHEN 1 THEN ' place' ELSE ' places' END || ', such as ' || coalesce(o.label, '?')
           || coalesce(' (' || o.attribute || ')', '') || ': ' || o.instead || coalesce(' instead of ' || o.wanted, '')
           || '; rule anew, or take it up with the regions'
FROM (
    SELECT decision_id, count(DISTINCT difference_id) AS places, min_by(label, difference_id) AS label,
           min_by(attribute, difference_id) AS attribute, min_by(instead, difference_id) AS instead,
           min_by(wanted, difference_id) AS wanted
    FROM decided.task WHERE instead IS NOT NULL GROUP BY decision_id
) o
WHERE o.decision_id = d.decision_id AND d.state = 'holds';
