-- One row per published night.
-- night_id: number of the night, from 1
-- as_of: the time the night speaks of: that of its newest delivery
-- method_version: version of the definitions by which it was measured
-- catalogue: name of the catalogue
-- catalogue_fingerprint: hash of the catalogue's files that night
-- is_latest: whether it is the newest night
SELECT night_id, as_of, method_version, catalogue, catalogue_fingerprint,
       night_id = max(night_id) OVER () AS is_latest
FROM measured.night ORDER BY night_id
