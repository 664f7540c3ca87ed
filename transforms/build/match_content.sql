-- A hash of what an item says, ids left out: it orders what nothing else orders, and names what has no key.
-- Reads:  wanted_content (pair_no, item_no, entity_no), said, normalised.cell, catalogue.content_part.
-- Writes: content gains one row per wanted pair and item.
INSERT INTO content
SELECT w.pair_no, w.item_no, md5(string_agg(coalesce(c.value, s.text, ''), chr(31) ORDER BY p.part_no))
FROM wanted_content w
JOIN catalogue.content_part p USING (entity_no)
LEFT JOIN normalised.cell c ON c.item_no = w.item_no AND c.place = p.place
LEFT JOIN said s ON s.pair_no = w.pair_no AND s.item_no = w.item_no AND s.place = p.place
GROUP BY w.pair_no, w.item_no;
