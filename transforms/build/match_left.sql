-- The items that no key matched, with the best key that each has; and the keys of which the text is needed.
-- Reads:  matching, key, pairs, matched.side of earlier rounds, normalised.item.
-- Writes: left_over (pair_no, side, domain, item_no, entity_no, local_id, key_no, nth), wanted.
CREATE OR REPLACE TEMP TABLE left_over AS
SELECT s.pair_no, s.side, s.domain, i.item_no, i.entity_no, i.local_id, b.first.key_no, b.first.nth
FROM matching m
JOIN normalised.item i USING (entity_no)
JOIN catalogue.side s USING (domain_no)
LEFT JOIN (
    SELECT pair_no, item_no, min({'key_no': key_no, 'nth': nth}) AS first FROM key GROUP BY ALL
) b ON b.pair_no = s.pair_no AND b.item_no = i.item_no
ANTI JOIN (SELECT pair_no, unnest([item_a, item_b]) AS item_no FROM pairs) p
  ON p.pair_no = s.pair_no AND p.item_no = i.item_no
ANTI JOIN matched.side d ON d.pair_no = s.pair_no AND d.item_no = i.item_no AND d.is_paired;
CREATE OR REPLACE TEMP TABLE wanted AS
SELECT pair_no, item_a AS item_no, entity_no, key_no, nth FROM pairs WHERE key_no IS NOT NULL
UNION
SELECT pair_no, item_no, entity_no, key_no, nth FROM left_over WHERE key_no IS NOT NULL;
