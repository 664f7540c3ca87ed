-- Follow the links between differences to their ends, any number of steps, through circles too.
-- Reads:  compared.link and difference.
-- Writes: compared.difference_cause, emptied first. One row per difference and cause: the direct difference at the end
--         of its links, and how few steps lead there; a direct difference is its own, in 0 steps. Differences that
--         explain each other in a circle have no direct one among them: the first by id stands for them, of every
--         circle that leads to no other.

DELETE FROM compared.difference_cause;

CREATE OR REPLACE TEMP TABLE step AS
SELECT DISTINCT l.difference_id, l.on_id
FROM compared.link l
SEMI JOIN compared.difference d ON d.difference_id = l.on_id;

CREATE OR REPLACE TEMP TABLE cause AS
SELECT difference_id FROM compared.difference ANTI JOIN step USING (difference_id);

INSERT INTO cause
WITH RECURSIVE reach AS (
    FROM cause
    UNION
    SELECT s.difference_id FROM reach r JOIN step s ON s.on_id = r.difference_id
),
circle_step AS (
    FROM step ANTI JOIN reach USING (difference_id)
),
-- All that each leads to, itself too.
way AS (
    SELECT DISTINCT difference_id, difference_id AS to_id FROM circle_step
    UNION
    SELECT w.difference_id, c.on_id FROM way w JOIN circle_step c ON c.difference_id = w.to_id
),
least AS MATERIALIZED (
    SELECT difference_id, min(to_id) AS to_id FROM way GROUP BY difference_id
)
SELECT w.difference_id
FROM way w
JOIN least l ON l.difference_id = w.to_id
GROUP BY w.difference_id
HAVING bool_and(l.to_id = w.difference_id);

INSERT INTO compared.difference_cause BY NAME
WITH RECURSIVE trace(difference_id, cause_id, steps) USING KEY (difference_id, cause_id) AS (
    SELECT difference_id, difference_id, 0 FROM cause
    UNION
    SELECT s.difference_id, t.cause_id, min(t.steps) + 1
    FROM trace t
    JOIN step s ON s.on_id = t.difference_id
    ANTI JOIN recurring.trace r ON r.difference_id = s.difference_id AND r.cause_id = t.cause_id
    GROUP BY s.difference_id, t.cause_id
)
SELECT d.pair_id, t.difference_id, t.cause_id, t.steps
FROM trace t
JOIN compared.difference d USING (difference_id);

DROP TABLE step;
DROP TABLE cause;
