-- One row per area: a part of the build that leadership follows.
-- area: short name
-- title_sv: title in Swedish
-- title_en: title in English
-- weight: its share in the total, relative to the other areas
-- ordinal: place in the catalogue, from 1
SELECT area, title_sv, title_en, weight, ordinal FROM measured.area ORDER BY ordinal
