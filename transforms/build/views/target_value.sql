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
SELECT t.pair_id, t.entity, t.identity, t.label, t.item_state, t.cell.attribute AS attribute, t.cell."value" AS "value",
       CASE WHEN said.state IS NOT NULL THEN said.state WHEN t.item_state IN ('agreed', 'decision') THEN t.item_state
            WHEN t.item_state = 'out' THEN 'decision' ELSE t.item_state END AS provenance,
       coalesce(said.decision_id, t.item_decision) AS decision_id, t.from_night, t.to_night
FROM (SELECT *, list_filter(unsettled, lambda u: u.attribute = cell.attribute)[1] AS said FROM decided.target_value) t
