-- Numbers that come to the same in their units have not changed, whichever units they are in.
-- Reads:  macro as_base; temp tables common, item_pair; normalised.cell, reference and item of both nights.
-- Writes: value_change loses such rows.
DELETE FROM value_change USING (
    SELECT v.now_no, v.place
    FROM value_change v
    JOIN item_pair k USING (now_no)
    JOIN common a ON a.domain_no = k.domain_no AND a.entity_no = k.entity_no AND a.place = v.place
    JOIN common c ON c.domain_no = k.domain_no AND c.entity_no = k.entity_no AND c.place = a.unit_place
    LEFT JOIN previous.normalised.cell pc ON pc.item_no = k.then_no AND pc.place = c.then_place
    LEFT JOIN previous.normalised.reference pr ON pr.item_no = k.then_no AND pr.place = c.then_place
    LEFT JOIN previous.normalised.item pi ON pi.item_no = pr.target_no
    LEFT JOIN normalised.cell nc ON nc.item_no = v.now_no AND nc.place = c.place
    LEFT JOIN normalised.reference nr ON nr.item_no = v.now_no AND nr.place = c.place
    LEFT JOIN normalised.item ni ON ni.item_no = nr.target_no
    WHERE as_base(v.before, coalesce(pc.value, pi.label)) = as_base(v.after, coalesce(nc.value, ni.label))
) alike
WHERE value_change.now_no = alike.now_no AND value_change.place = alike.place;
