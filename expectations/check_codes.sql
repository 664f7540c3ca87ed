-- Codes that are none of their national list.
-- Reads:  temp tables check_row and check_code_state (one row per list and code that an item holds), view check_held,
--         normalised.item. Writes: check_failing, check_count.
CREATE OR REPLACE TEMP TABLE check_code AS
SELECT c.check_no, i.domain_no, i.item_no, s.value, s.state
FROM check_row c
JOIN check_held h USING (entity_no, place)
JOIN normalised.item i USING (item_no)
JOIN check_code_state s ON s.list = c.list AND h.value = c.prefix || s.value
WHERE c.kind = 'national_code' AND starts_with(h.value, c.prefix);

INSERT INTO check_count
SELECT check_no, domain_no, count(*) FILTER (state NOT IN ('valid', 'unverified')), count(*)
FROM check_code GROUP BY ALL;

INSERT INTO check_failing
SELECT check_no, domain_no, item_no, NULL, value || ': ' || state
FROM check_code WHERE state NOT IN ('valid', 'unverified');

DROP TABLE check_code;
DROP TABLE check_code_state;
