-- Items of one level of labels take the label of the item they are shown by; where that leads nowhere, what stands in for
-- a label, or their own value.
-- Reads:  shown, catalogue.target; the level ($level). Writes: shown.label.
UPDATE shown AS s SET label = CASE WHEN f.label IS NOT DISTINCT FROM s.own THEN coalesce(s.otherwise, f.label) ELSE f.label END
FROM (
    SELECT s.item_no,
           CASE WHEN s.target_no IS NULL THEN s.own WHEN g.by_own_label THEN t.own ELSE t.label END AS label
    FROM shown s
    JOIN catalogue.entity e USING (entity_no)
    LEFT JOIN shown t ON t.item_no = s.target_no
    LEFT JOIN (SELECT DISTINCT entity_no, place, target_no, by_own_label FROM catalogue.target) g
      ON g.entity_no = s.entity_no AND g.place = e.label_place AND g.target_no = t.entity_no
    WHERE s.label_level = $level
) f
WHERE f.item_no = s.item_no
