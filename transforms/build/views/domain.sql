-- One row per domain (an installation that delivers extracts).
-- domain: short name
-- title: name as people read it
-- programme: the domain's programme
-- ordinal: place in the settings, from 1
-- ended: whether the settings say that it delivers no more; its last delivery stands
-- vendor_model: whether the settings say that it holds the vendor's model content
SELECT domain, title, programme, ordinal, ended, vendor_model FROM measured.domain ORDER BY ordinal
