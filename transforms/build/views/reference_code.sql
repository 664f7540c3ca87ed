-- One row per code of a national list, as it stood last: those of the version in use and those that earlier versions
--     had.
-- list: the list (reference_list)
-- code: the code as it is compared: upper case, without points and blanks that the list may be written with
-- shown: the code as the list writes it
-- text: what it stands for
-- details: further columns of the list that are kept, as a JSON object; NULL where there are none
-- valid_from: first day of the code itself, where the list says so
-- valid_to: last day of the code itself, where the list says so
-- is_valid: whether the version in use has it and its own days include the night's
-- first_version: the first version added here that had it
-- last_version: the last version up to the one in use that had it
SELECT list, code, shown, text, details, valid_from, valid_to, is_valid, first_version, last_version
FROM measured.reference_code
