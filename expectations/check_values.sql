-- Values that are missing, are not of their kind, or end before they begin.
-- Reads:  temp tables check_row and check_live, view check_held, normalised.item. Writes: check_failing, check_count.
CREATE OR REPLACE TEMP TABLE check_filled AS
SELECT h.entity_no, h.place, i.domain_no, count(*) AS items
FROM check_held h JOIN normalised.item i USING (item_no)
WHERE (h.entity_no, h.place) IN (
    SELECT entity_no, place FROM check_row WHERE kind IN ('required', 'allowed', 'number', 'flag', 'date')
)
GROUP BY ALL;

INSERT INTO check_failing
SELECT c.check_no, i.domain_no, i.item_no, NULL, h.value
FROM check_row c
JOIN check_held h USING (entity_no, place)
JOIN normalised.item i USING (item_no)
WHERE CASE c.kind
    WHEN 'allowed' THEN NOT list_contains(c.allowed, h.value)
    WHEN 'number' THEN NOT regexp_full_match(h.value, '-?[0-9]+([.][0-9]+)?')
    WHEN 'flag' THEN h.value NOT IN ('0', '1')
    WHEN 'date' THEN h.value <> 'open'
        AND (length(h.value) <> 19 OR try_strptime(h.value, '%Y-%m-%d %H:%M:%S') IS NULL)
END;

INSERT INTO check_count
SELECT c.check_no, n.domain_no, coalesce(f.failed, 0), n.items
FROM check_row c
JOIN check_filled n USING (entity_no, place)
LEFT JOIN (SELECT check_no, domain_no, count(*) AS failed FROM check_failing GROUP BY ALL) f USING (check_no, domain_no)
WHERE c.kind IN ('allowed', 'number', 'flag', 'date');

INSERT INTO check_count
SELECT c.check_no, l.domain_no, l.items - coalesce(n.items, 0), l.items
FROM check_row c
JOIN check_live l USING (entity_no)
LEFT JOIN check_filled n USING (entity_no, place, domain_no)
WHERE c.kind = 'required';

INSERT INTO check_failing
SELECT c.check_no, i.domain_no, i.item_no, NULL, NULL
FROM check_row c
JOIN check_count n USING (check_no)
JOIN normalised.item i USING (entity_no, domain_no)
ANTI JOIN check_held h ON h.item_no = i.item_no AND h.place = c.place
WHERE c.kind = 'required' AND n.failed > 0;

-- Canonical text sorts as time does, and 'open' sorts after every date.
CREATE OR REPLACE TEMP TABLE check_order AS
SELECT c.check_no, i.domain_no, i.item_no, b.value || ' | ' || e.value AS value,
    b.value > e.value AND regexp_full_match(b.value, '[0-9]{4}-[0-9 :-]{14}|open')
    AND regexp_full_match(e.value, '[0-9]{4}-[0-9 :-]{14}|open') AS fails
FROM check_row c
JOIN normalised.cell b USING (entity_no, place)
JOIN normalised.cell e ON e.item_no = b.item_no AND e.place = c.end_place
JOIN normalised.item i ON i.item_no = b.item_no
WHERE c.kind = 'dates_in_order';

INSERT INTO check_count
SELECT check_no, domain_no, count(*) FILTER (fails), count(*) FROM check_order GROUP BY ALL;

INSERT INTO check_failing SELECT check_no, domain_no, item_no, NULL, value FROM check_order WHERE fails;

DROP TABLE check_order;
DROP TABLE check_filled;
