-- One row per night and quality check of a domain that failed or could not be run that night.
-- night_id: the night
-- as_of: the night's time
-- check_id: the check (quality)
-- domain: the domain
-- status: failed, or error (the check itself broke)
-- failed: rows that failed
-- total: rows looked at
SELECT q.night_id, n.as_of, q.check_id, q.domain, q.status, q.failed, q.total
FROM measured.quality_history q JOIN measured.night n USING (night_id)
