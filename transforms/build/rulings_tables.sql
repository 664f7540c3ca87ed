-- The reviewed rulings as the night found them, empty.
-- Writes: matched.ruling, one row per ruling, entity type and pair (see published.review); temp tables ruled (what
--         people say is the same), apart (pairs never to be matched or proposed), alone (items not to be proposed).
TRUNCATE matched.ruling;
CREATE OR REPLACE TEMP TABLE ruled (
    pair_no USMALLINT, item_a INTEGER, item_b INTEGER, key_text VARCHAR, certain BOOLEAN
);
CREATE OR REPLACE TEMP TABLE apart (pair_no USMALLINT, item_a INTEGER, item_b INTEGER);
CREATE OR REPLACE TEMP TABLE alone (pair_no USMALLINT, item_no INTEGER);
