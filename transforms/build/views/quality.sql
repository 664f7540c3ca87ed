-- One row per quality check and domain of the newest night.
-- night_id: the night
-- check_id: the check; the same from night to night
-- entity: the entity type; delivery for what is checked of a domain's delivery as a whole
-- domain: the domain
-- column_name: the attribute or column looked at; NULL for the whole table
-- kind: what is tested
-- severity: critical (stops the publication), warning or info
-- status: passed, failed, error (the check itself broke) or not_applicable
-- failed: rows that fail
-- total: rows looked at
-- threshold: share of failing rows that is let pass
-- note: what the check means, or why it was set so
-- note_sv: the same in Swedish
-- state: against the night before: new (fails for the first time), persisting, resolved, or unseen (failed when it was
--     last measured); NULL where there is nothing to tell
-- since_night: the night from which it has failed; of a resolved one, had failed
-- since: the time that night speaks of
SELECT (SELECT max(night_id) FROM measured.night) AS night_id, check_id, entity, domain, column_name, kind, severity,
       status, failed, total, threshold, note, note_sv, state, since_night,
       (SELECT n.as_of FROM measured.night n WHERE n.night_id = q.since_night) AS since
FROM measured.quality q
