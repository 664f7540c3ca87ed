-- Numbers that come to the same in their units are equal, whichever units they are in. A unit is looked at even where it is
-- not compared itself, if both domains delivered it.
-- Reads: missing, normalised.*. Writes: differing_own loses them.
CREATE OR REPLACE TEMP TABLE unit AS
SELECT d.match_no, d.place, i.side, coalesce(c.value, t.label) AS unit
FROM differing_own d
JOIN catalogue.attribute a USING (entity_no, place)
JOIN (
    SELECT match_no, unnest([item_a, item_b]) AS item_no, unnest(['a', 'b']) AS side FROM matched.item
) i USING (match_no)
ANTI JOIN missing m ON m.pair_no = d.pair_no AND m.entity_no = d.entity_no AND m.place = a.unit_place
LEFT JOIN normalised.cell c ON c.item_no = i.item_no AND c.place = a.unit_place
LEFT JOIN normalised.reference r ON r.item_no = i.item_no AND r.place = a.unit_place
LEFT JOIN normalised.item t ON t.item_no = r.target_no
WHERE a.unit_place IS NOT NULL;
DELETE FROM differing_own d USING unit a, unit b
WHERE a.match_no = d.match_no AND a.place = d.place AND a.side = 'a'
  AND b.match_no = d.match_no AND b.place = d.place AND b.side = 'b'
  AND as_base(d.value_a, a.unit) = as_base(d.value_b, b.unit);
DROP TABLE unit;
