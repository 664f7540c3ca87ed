-- Empty temporary tables for the files of one batch on their way into the archive. They stay in memory (or in the
-- scratch folder): what must not be kept is told here before anything is written to the archive.
-- landing_file: how a file is written, how its lines are counted and told (see quarantine.Telling).
-- landing_column: the columns that come in. `place` is the one in landing_row.cells (by name), `nth` the one in the
-- file.
-- landing_row: whole rows, `_row` their place among them from 1. `rule` is why one does not come in (personal,
-- unreached:
--     left at the door, without cells; quarantined), `breaks` counts the line breaks in its values.
-- landing_fault, screened: what is found in rows, by column and kind. landing_version: see history_match.sql.j2.
CREATE OR REPLACE TEMP TABLE landing_file (
    file_id INTEGER NOT NULL, path VARCHAR NOT NULL, above INTEGER NOT NULL, signs BOOLEAN NOT NULL,
    secret BOOLEAN NOT NULL, delimiter VARCHAR NOT NULL, width INTEGER NOT NULL, hidden INTEGER[] NOT NULL,
    id_place INTEGER NOT NULL, id_column VARCHAR
);
CREATE OR REPLACE TEMP TABLE landing_column (
    file_id INTEGER NOT NULL, place INTEGER NOT NULL, nth INTEGER NOT NULL, name VARCHAR NOT NULL,
    is_screened BOOLEAN NOT NULL, is_local BOOLEAN NOT NULL, is_id BOOLEAN NOT NULL
);
CREATE OR REPLACE TEMP TABLE landing_row (
    file_id INTEGER NOT NULL, _row BIGINT NOT NULL, rule VARCHAR, breaks BIGINT NOT NULL, cells VARCHAR[]
);
CREATE OR REPLACE TEMP TABLE landing_fault (
    file_id INTEGER NOT NULL, _row BIGINT NOT NULL, column_name VARCHAR NOT NULL, kind VARCHAR NOT NULL,
    takes_out BOOLEAN NOT NULL
);
CREATE OR REPLACE TEMP TABLE screened (
    file_id INTEGER NOT NULL, _row BIGINT NOT NULL, column_name VARCHAR NOT NULL, kind VARCHAR NOT NULL,
    action VARCHAR NOT NULL
);
CREATE OR REPLACE TEMP TABLE landing_version (
    file_id INTEGER NOT NULL, _row BIGINT, version BIGINT NOT NULL, state VARCHAR NOT NULL
);
