-- One row per night, severity and status: how many quality checks came to it. Nights measured before this was kept have
--     none.
-- night_id: the night
-- as_of: the night's time
-- severity: critical, warning or info
-- status: passed, failed, error or not_applicable
-- checks: how many checks of a domain
SELECT q.night_id, n.as_of, q.severity, q.status, q.checks
FROM measured.quality_count q JOIN measured.night n USING (night_id)
