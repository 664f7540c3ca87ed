-- The first ten failing rows of every failed check.
-- Reads:  measured.quality, temp tables check_row and check_failing, normalised.item.
-- Writes: measured.quality_failure, one row per check, domain and failing row.
DELETE FROM measured.quality_failure;

INSERT INTO measured.quality_failure
SELECT q.check_id, q.domain, q.entity, row_number() OVER shown AS ordinal, coalesce(i.local_id, f.local_id), i.label,
    q.column_name, f.value
FROM measured.quality q
JOIN check_row c USING (check_id)
JOIN catalogue.domain d USING (domain)
JOIN check_failing f USING (check_no, domain_no)
LEFT JOIN normalised.item i ON i.item_no = f.item_no
WHERE q.status = 'failed'
WINDOW shown AS (
    PARTITION BY q.check_id, q.domain ORDER BY coalesce(i.local_id, f.local_id) NULLS FIRST, f.value
)
QUALIFY ordinal <= 10
ORDER BY q.check_id, q.domain, ordinal;
