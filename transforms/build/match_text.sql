-- The text of a key: its parts in order with a unit separator between them, and which of several it is.
-- Reads:  wanted (pair_no, item_no, entity_no, key_no, nth), said, normalised.cell, catalogue.key_part.
-- Writes: key_text gains one row per wanted key that it does not hold yet.
INSERT INTO key_text
SELECT w.pair_no, w.item_no, w.key_no,
       concat_ws(chr(31), in_order(
           CASE WHEN k.fold_case THEN upper(coalesce(c.value, s.text)) ELSE coalesce(c.value, s.text) END, p.part_no,
           count(*)), any_value(w.nth))
FROM wanted w
ANTI JOIN key_text t ON t.pair_no = w.pair_no AND t.item_no = w.item_no AND t.key_no = w.key_no
JOIN catalogue.key k ON k.entity_no = w.entity_no AND k.key_no = w.key_no
JOIN catalogue.key_part p ON p.entity_no = w.entity_no AND p.key_no = w.key_no
LEFT JOIN normalised.cell c ON c.item_no = w.item_no AND c.place = p.place
LEFT JOIN said s ON s.pair_no = w.pair_no AND s.item_no = w.item_no AND s.place = p.place
GROUP BY w.pair_no, w.item_no, w.key_no;
