-- Items without a local id, and local ids that several rows had.
-- Reads:  temp tables check_row and check_live, normalised.item and duplicate.
-- Writes: check_failing (empty before), check_count.
INSERT INTO check_failing
SELECT c.check_no, i.domain_no, i.item_no, NULL, i.local_id
FROM check_row c JOIN normalised.item i USING (entity_no)
WHERE c.kind = 'local_id_present' AND coalesce(i.local_id, '') = '';

-- Normalising keeps one row per id and notes the surplus.
INSERT INTO check_failing
SELECT c.check_no, d.domain_no, NULL, u.local_id, u.surplus::VARCHAR
FROM check_row c
JOIN catalogue.entity e USING (entity_no)
JOIN normalised.duplicate u USING (entity)
JOIN catalogue.domain d USING (domain)
WHERE c.kind = 'local_id_unique';

INSERT INTO check_count
SELECT c.check_no, l.domain_no, coalesce(f.failed, 0),
    l.items + CASE c.kind WHEN 'local_id_unique' THEN coalesce(f.failed, 0) ELSE 0 END
FROM check_row c
JOIN check_live l USING (entity_no)
LEFT JOIN (
    SELECT check_no, domain_no, sum(CASE WHEN item_no IS NULL THEN value::BIGINT ELSE 1 END)::BIGINT AS failed
    FROM check_failing GROUP BY ALL
) f USING (check_no, domain_no)
WHERE c.kind IN ('local_id_present', 'local_id_unique');
