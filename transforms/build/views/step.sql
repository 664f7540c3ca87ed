-- One row per night and step: how long it took.
-- night_id: the night
-- step: the step
-- seconds: duration in seconds
-- rows: rows it made
SELECT night_id, step, seconds, rows FROM measured.step
