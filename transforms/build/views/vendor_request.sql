-- One row per joint request to the vendor: an item with the vendor's own identifier says something else in the two
--     domains.
-- request_id: the request; the id of the direct difference that it is about
-- pair_id: the pair of domains
-- entity: the entity type
-- label: the item as it was shown
-- attribute: what differs
-- value_a: the value in domain a
-- value_b: the value in domain b
-- explains: how many differences go back to it, itself included
-- first_night: the night it arose
-- gone_night: the night it was settled, or ruled on by a decision; NULL while it stands
-- status: new, or what the register says of it last: sent, accepted, declined or delivered; settled once it is gone
-- status_date: when that was said; NULL for new
-- reference: the vendor's own number for it
-- note: what is to be known; delivered, but the extracts still differ, is told here
SELECT r.request_id, r.pair_id, r.entity, r.label, r.attribute, r.value_a, r.value_b, r.explains, r.first_night,
       r.gone_night, CASE WHEN r.gone_night IS NOT NULL THEN 'settled' ELSE coalesce(s.status, 'new') END AS status,
       s.said_on AS status_date, s.reference,
       CASE WHEN r.gone_night IS NULL AND s.status = 'delivered'
            THEN 'said to be delivered, but the extracts still differ' ELSE s.note END AS note
FROM decided.vendor_request r
LEFT JOIN (
    SELECT request_id, arg_max(status, ordinal) AS status, max_by(said_on, ordinal) AS said_on,
           max_by(reference, ordinal) AS reference, max_by(note, ordinal) AS note
    FROM decided.vendor_status GROUP BY request_id
) s USING (request_id)
