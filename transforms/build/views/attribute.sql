-- One row per attribute of an entity type.
-- entity: the entity type
-- attribute: short name; parent is the link to the owner
-- title_sv: title in Swedish
-- title_en: title in English
-- kind: how it is compared: exact, text, number, flag, date, set or reference
-- weight: its weight in the agreement of a match; 0 means not compared
-- target: the entity types a reference may lead to
SELECT entity, attribute, title_sv, title_en, kind, weight, target FROM measured.attribute
