-- One row per decision and domain that must act on it, or has said that it does: how far it has come.
-- decision_id: the decision
-- domain: the domain
-- step: nothing to do, waiting, received, planned, approved, built, verified (its extract shows it) or regressed (it
--     did, and no longer does)
-- step_date: when the step was taken; for waiting the decision's date, for verified the night's
-- by_role: the role that took it
-- due: when the next step is promised
-- overdue: whether that day has passed by the night
-- days: days from the step to the night
-- tasks: how many differences the domain must settle, ever
-- done: how many of them its extract shows as done
-- regressed: how many were done once and are not any more
-- note: what is to be known; NULL where there is nothing to say
WITH tasks AS (
    SELECT decision_id, domain, count(*) AS tasks, count(done_night) AS done,
           count(*) FILTER (done_night IS NULL AND regressed_night IS NOT NULL) AS regressed,
           max(done_night) AS last_done,
           count(instead) AS instead
    FROM decided.task WHERE lapsed_night IS NULL GROUP BY ALL
), last AS (
    SELECT decision_id, domain, max_by(step, ordinal) AS step, max_by(taken_on, ordinal) AS taken_on,
           max_by(by_role, ordinal) AS by_role,
           max_by(due, ordinal) AS due
    FROM decided.step GROUP BY ALL
), found AS (
    SELECT decision_id, domain, coalesce(t.tasks, 0) AS tasks, coalesce(t.done, 0) AS done,
           coalesce(t.regressed, 0) AS regressed, coalesce(t.instead, 0) AS instead,
           l.step AS told, l.taken_on, l.by_role, l.due, n.as_of AS seen_at
    FROM tasks t FULL JOIN last l USING (decision_id, domain) LEFT JOIN measured.night n ON n.night_id = t.last_done
), judged AS (
    SELECT f.*, d.ruled_on, (SELECT max(as_of) FROM measured.night)::DATE AS today,
           CASE WHEN regressed > 0 THEN 'regressed' WHEN tasks > 0 AND done = tasks THEN 'verified'
                WHEN tasks = 0 AND told IS NULL THEN 'nothing to do' ELSE coalesce(told, 'waiting') END AS step
    FROM found f JOIN decided.decision d USING (decision_id)
)
SELECT decision_id, domain, step,
       CASE step WHEN 'verified' THEN seen_at::DATE WHEN 'waiting' THEN ruled_on ELSE taken_on END AS step_date,
       by_role, due,
       due < today AND step NOT IN ('verified', 'nothing to do') AS overdue, today - step_date AS days, tasks, done,
       regressed,
       CASE WHEN instead > 0
            THEN 'in ' || instead || ' of ' || tasks || ' both have come to agree on something else than was ruled'
            WHEN regressed > 0 THEN regressed || ' of ' || tasks || ' were there once and are not any more'
            WHEN step = 'verified' AND told IS DISTINCT FROM 'built'
            THEN 'its extract shows it before it was said to be built'
            WHEN told = 'built' AND done < tasks
            THEN 'said to be built, but its extract lacks ' || (tasks - done) || ' of ' || tasks
       END AS note
FROM judged
