-- The same item by item.
-- Reads: matched.item. Writes: matched.side gains what is not there yet.
INSERT INTO matched.side
SELECT pair_no, unnest(CASE WHEN item_a IS NULL THEN [item_b] WHEN item_b IS NULL THEN [item_a] ELSE [item_a, item_b] END),
       match_no, rule IS NOT NULL
FROM matched.item WHERE match_no > (SELECT coalesce(max(match_no), 0) FROM matched.side);
