-- One row: the version of the published views themselves.
-- version: goes up if ever a view or column is taken away, renamed or comes to mean something else; what is added
--     leaves it
SELECT 1 AS version
