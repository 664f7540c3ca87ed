-- Items that have the whole of a key, and those of them that repeat another's.
-- Reads:  temp table check_row, view check_held, catalogue.key_part, normalised.item.
-- Writes: check_failing, check_count.
-- A hash stands for the key: a collision would cost one row in a share, and memory stays small.
CREATE OR REPLACE TEMP TABLE check_key AS
SELECT check_no, domain_no, item_no, key_hash
FROM (
    SELECT c.check_no, h.item_no,
        bit_xor(hash(p.part_no, CASE WHEN c.fold_case THEN lower(h.value) ELSE h.value END, h.type)) AS key_hash
    FROM check_row c
    JOIN catalogue.key_part p USING (entity_no, key_no)
    JOIN check_held h ON h.entity_no = p.entity_no AND h.place = p.place
    WHERE c.kind = 'key_unique'
    GROUP BY c.check_no, h.item_no, c.parts
    HAVING count(*) = c.parts
)
JOIN normalised.item i USING (item_no);

INSERT INTO check_count
SELECT check_no, domain_no, count(*) - count(DISTINCT key_hash), count(*) FROM check_key GROUP BY ALL;

INSERT INTO check_failing
WITH repeated AS (
    SELECT k.check_no, k.domain_no, k.item_no
    FROM check_key k JOIN check_count n USING (check_no, domain_no)
    WHERE n.failed > 0
    QUALIFY count(*) OVER (PARTITION BY k.check_no, k.domain_no, k.key_hash) > 1
)
SELECT r.check_no, r.domain_no, r.item_no, NULL, string_agg(h.value, ' | ' ORDER BY p.part_no)
FROM repeated r
JOIN check_row c USING (check_no)
JOIN catalogue.key_part p USING (entity_no, key_no)
JOIN check_held h ON h.item_no = r.item_no AND h.place = p.place
GROUP BY ALL;

DROP TABLE check_key;
