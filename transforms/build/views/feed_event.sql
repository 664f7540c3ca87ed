-- One row per event of a delivery: what was peculiar about it against the domain's delivery before, and domains that
--     delivered nothing for the newest night.
-- domain: the domain
-- delivered_at: the delivery's time; the night's where nothing was delivered
-- is_current: whether the newest night stands on that delivery
-- kind: redelivered, unchanged, rolled_back, table_missing, table_new, table_collapsed, table_jumped,
--     table_rolled_back, column_missing, column_added, column_renamed, column_numbered, columns_reordered,
--     not_delivered or ended
-- severity: critical, warning or info
-- table_name: the source table; NULL for the whole delivery
-- column_name: the column
-- before_value: rows, name or time before
-- after_value: rows, name or time now; the age in days of a domain that did not deliver
-- detail: the same in plain words
SELECT domain, delivered_at, is_current, kind, severity, table_name, column_name, before_value, after_value, detail
FROM measured.feed_event ORDER BY delivered_at DESC, domain, table_name NULLS FIRST, column_name NULLS FIRST
