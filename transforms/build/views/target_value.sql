-- One row per item, attribute and span of nights: what the target, the Swedish version so far, says.
-- pair_id: the pair of domains
-- entity: the entity type
-- identity: the match or the unmatched item
-- label: the item as it is shown
-- item_state: agreed (both have it), decision (ruled in), open (one has it and nobody ruled), local (accepted in one) or out (ruled out)
-- attribute: the attribute; parent is the link to the owner
-- value: the target's value as shown; NULL for none, and where it is open or local
-- provenance: agreed (in fact), decision, local (an accepted deviation) or open
-- decision_id: the decision it stands on
-- from_night: the first night in which the item read so
-- to_night: the night from which it did not any more; NULL for the target as it stands
SELECT t.pair_id, t.entity, t.identity, t.label, t.state AS item_state, t.attribute, t."value",
       CASE WHEN said.state IS NOT NULL THEN said.state WHEN t.state IN ('agreed', 'decision') THEN t.state
            WHEN t.state = 'out' THEN 'decision' ELSE t.state END AS provenance,
       coalesce(said.decision_id, t.decision_id) AS decision_id, t.from_night, t.to_night
FROM (
    SELECT t.*, a.attribute, c."value", list_filter(t.unsettled, lambda u: u.attribute = a.attribute)[1] AS said
    FROM decided.target t
    JOIN measured.attribute a ON a.entity = t.entity
    LEFT JOIN decided.target_cell c ON c.target_no = t.target_no AND c.attribute = a.attribute
) t
