-- One row per line of the register's log, as the newest night read it: a decision that was recorded.
-- number: the line's number
-- recorded_at: when
-- by_role: the role that recorded it
-- event: recorded (the first time) or recorded again
-- decision_id: the decision
-- ruling: what it rules
-- covers: what it covers, in words
-- forum: who ruled
-- ruled_on: when
-- as_of: the time of the night that it was recorded on
-- snapshots: the extracts that night stood on, domain and number
-- covered: how many differences it covered then
-- content: hash of the decision's text
-- hash: hash of the line, which the next one carries
SELECT number, recorded_at, by_role, event, decision_id, ruling, covers, forum, ruled_on, as_of, snapshots, covered,
       content, hash FROM decided.audit
