-- One round: a domain says what the first says that says the same as it. It says how many cells changed.
-- Reads:  temp tables cell, accord.
-- Writes: cell.says.
UPDATE cell SET says = earlier.says
FROM (
    SELECT item_no, place, min(says) AS says
    FROM (
        SELECT l.item_no, l.place, c.says FROM accord l JOIN cell c ON c.item_no = l.other_no AND c.place = l.place
        UNION ALL
        SELECT l.other_no, l.place, c.says FROM accord l JOIN cell c ON c.item_no = l.item_no AND c.place = l.place
    )
    GROUP BY ALL
) earlier
WHERE earlier.item_no = cell.item_no AND earlier.place = cell.place AND earlier.says < cell.says;
