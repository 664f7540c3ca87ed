-- One row per domain (an installation that delivers extracts).
-- domain: short name
-- title: name as people read it
-- programme: the domain's programme
-- ordinal: place in the settings, from 1
SELECT domain, title, programme, ordinal FROM measured.domain ORDER BY ordinal
