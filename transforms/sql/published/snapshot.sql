-- One row per night and domain: the extract that the night stood on.
-- night_id: the night
-- as_of: the night's time
-- domain: the domain
-- snapshot_id: number of the landed extract
-- delivered_at: when the domain delivered it; older than as_of where the domain delivered nothing newer
-- files: number of files in it
-- rows_accepted: rows taken in
-- rows_quarantined: rows refused and kept aside, with their reason in quarantine (newest night)
SELECT s.night_id, n.as_of, s.domain, s.snapshot_id, s.delivered_at, s.files, s.rows_accepted, s.rows_quarantined
FROM measured.snapshot s JOIN measured.night n USING (night_id) ORDER BY s.night_id, s.domain
