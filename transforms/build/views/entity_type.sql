-- One row per entity type: a kind of build.
-- entity: short name
-- title_sv: title in Swedish
-- title_en: title in English
-- description: what it is
-- area: the area it counts in
-- role: item, or component (measured as part of the item that owns it)
-- weight: its share in its area, or in its owner's agreement
-- expected_local: whether it is compared and reported, not scored: it is expected to differ, or no file of the
--   catalogue describes it yet
SELECT entity, title_sv, title_en, description, area, role, weight, expected_local
FROM measured.entity_type ORDER BY ordinal
