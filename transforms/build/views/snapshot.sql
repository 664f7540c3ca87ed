-- One row per night and domain: the extract that the night stood on.
-- night_id: the night
-- as_of: the night's time
-- domain: the domain
-- snapshot_id: number of the landed extract
-- delivered_at: when the domain delivered it; older than as_of where the domain delivered nothing newer
-- files: number of files in it
-- rows_accepted: rows taken in
-- rows_quarantined: rows refused and kept aside, with their reason in quarantine (newest night)
-- age_days: whole days from its delivery to the night
-- state: new, earlier (the domain delivered nothing newer), redelivered (the delivery before over again under a new
--     time), or ended (the domain delivers no more)
-- code_level: the version of the product in the domain, where its manifest states it
SELECT s.night_id, n.as_of, s.domain, s.snapshot_id, s.delivered_at, s.files, s.rows_accepted, s.rows_quarantined,
       (epoch(n.as_of - s.delivered_at) // 86400)::INTEGER AS age_days,
       CASE WHEN d.ended THEN 'ended' WHEN s.delivered_at < n.as_of THEN 'earlier'
            WHEN EXISTS (SELECT 1 FROM measured.feed_event e
                WHERE e.domain = s.domain AND e.delivered_at = s.delivered_at
                         AND e.kind = 'redelivered') THEN 'redelivered' ELSE 'new' END AS state,
       s.code_level
FROM measured.snapshot s JOIN measured.night n USING (night_id) LEFT JOIN measured.domain d ON d.domain = s.domain
ORDER BY s.night_id, s.domain
