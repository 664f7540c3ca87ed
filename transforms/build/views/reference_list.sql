-- One row per national list that is known here, whether or not it has been added.
-- list: the list's name, as the catalogue and reference_code write it
-- title_sv: title in Swedish
-- title_en: title in English
-- publisher: who keeps the list
-- state: in use, expired (its newest version is past its last day), or absent (only the form of its codes is tested)
-- version: the version that holds at the night's time
-- valid_from: first day of that version, where it was given
-- valid_to: last day of that version, where it was given
-- added_at: when it was added here
-- codes: number of codes that are valid
-- versions: number of versions that have been added
SELECT list, title_sv, title_en, publisher, state, version, valid_from, valid_to, added_at, codes, versions
FROM measured.reference_list ORDER BY list
