-- What neither region can settle by itself: what differs in items that bear the vendor's own identifier.
-- Reads:  variable night_id, temporary table open_difference, matched.item, decided.cover, compared.difference_cause.
-- Writes: decided.vendor_request (kept from night to night), one row per direct difference of such an item. What it
--         explains is part of it, not a request of its own. One that is gone is kept, with the night it went; one that
--         is there again is a new one.
MERGE INTO decided.vendor_request AS r
USING (
    SELECT d.pair_id, d.difference_id, d.entity, d.identity, d.label, d.attribute, d.value_a, d.value_b,
           coalesce(e.explains, 0) AS explains
    FROM open_difference d
    JOIN matched.item m ON m.match_no = d.match_no AND m.rule = 'vendor_identifier' AND m.certain
    LEFT JOIN (SELECT pair_id, cause_id, count(*) AS explains FROM compared.difference_cause GROUP BY ALL) e
      ON e.pair_id = d.pair_id AND e.cause_id = d.difference_id
    ANTI JOIN (FROM decided.cover WHERE state = 'holds') g
      ON g.pair_id = d.pair_id AND g.difference_id = d.difference_id
    ANTI JOIN (FROM compared.difference_cause WHERE steps > 0) c
      ON c.pair_id = d.pair_id AND c.difference_id = d.difference_id
    WHERE d.kind = 'changed'
) a
ON a.pair_id = r.pair_id AND a.difference_id = r.request_id
WHEN MATCHED AND r.gone_night IS NULL THEN UPDATE SET
    value_a = a.value_a, value_b = a.value_b, explains = a.explains
WHEN MATCHED THEN UPDATE SET
    label = a.label, value_a = a.value_a, value_b = a.value_b, explains = a.explains,
    first_night = getvariable('night_id'), gone_night = NULL
WHEN NOT MATCHED THEN INSERT (
    request_id, pair_id, entity, identity, label, attribute, value_a, value_b, explains, first_night
) VALUES (
    a.difference_id, a.pair_id, a.entity, a.identity, a.label, a.attribute, a.value_a, a.value_b, a.explains,
    getvariable('night_id')
)
WHEN NOT MATCHED BY SOURCE AND r.gone_night IS NULL THEN UPDATE SET gone_night = getvariable('night_id');
