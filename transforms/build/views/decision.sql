-- One row per decision of the register, as the newest night found it.
-- decision_id: its id
-- title: what it is about
-- forum: who ruled
-- ruled_on: when
-- covers_kind: item, difference, cause or rule
-- covers: what it covers, in words
-- ruling: adopt (a domain's side), standard (an agreed value), keep_local, retire or defer
-- adopt: the domain whose side is taken; NULL for other rulings
-- value: the agreed value; NULL for other rulings
-- reason: why
-- basis: legal and national bases by their short names, divided by a comma
-- owner: the role that answers for it
-- expires: the last day it holds; NULL for open
-- supersedes: the decisions that it ended
-- superseded_by: the decision that ended it
-- state: holds, stale, expired, superseded, not recorded, altered, coming or conflict
-- note: why it does not hold, or what is to be known; NULL where there is nothing to say
-- recorded_at: when it was recorded
-- recorded_by: by which role
-- covered_when_recorded: how many differences it covered then
-- covers_now: how many open differences it governs tonight
-- stale_now: how many of its differences are open again because the builds have moved
-- file: the file of the register that holds it
SELECT d.decision_id, d.title, d.forum, d.ruled_on, d.covers_kind, d.covers, d.ruling, d.adopt, d.value, d.reason,
       d.basis,
       d.owner, d.expires, d.supersedes, d.superseded_by, d.state, d.note, d.recorded_at, d.recorded_by,
       d.covered_when_recorded, coalesce(c.covers_now, 0) AS covers_now, coalesce(c.stale_now, 0) AS stale_now,
           d.place AS file
FROM decided.decision d
LEFT JOIN (
    SELECT decision_id, count(*) FILTER (state = 'holds') AS covers_now, count(*) FILTER (state = 'stale') AS stale_now
    FROM decided.cover GROUP BY 1
) c USING (decision_id)
