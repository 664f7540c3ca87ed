-- One row per night from which on the figures are defined otherwise than before.
-- night_id: the first night first measured by the newer definitions; the figures of earlier nights have been computed
--     anew by those in use
-- as_of: the night's time
-- from_version: the method version of the night before
-- to_version: the method version of this night
SELECT night_id, as_of, from_version, to_version FROM (
    SELECT night_id, as_of, lag(method_version) OVER (ORDER BY night_id) AS from_version, method_version AS to_version
        FROM measured.night
) WHERE from_version <> to_version
