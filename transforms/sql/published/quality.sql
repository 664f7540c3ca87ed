-- One row per quality check and domain of the newest night.
-- night_id: the night
-- check_id: the check; the same from night to night
-- entity: the entity type
-- domain: the domain
-- column_name: the attribute or column looked at; NULL for the whole table
-- kind: what is tested
-- severity: critical (stops the publication), warning or info
-- status: passed, failed, error (the check itself broke) or not_applicable
-- failed: rows that fail
-- total: rows looked at
-- threshold: share of failing rows that is let pass
-- note: what the check means, or why it was set so
SELECT (SELECT max(night_id) FROM measured.night) AS night_id, check_id, entity, domain, column_name, kind, severity,
       status, failed, total, threshold, note
FROM measured.quality
