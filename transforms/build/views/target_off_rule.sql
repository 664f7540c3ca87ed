-- One row per value of the target as it stands that is agreed or ruled and whose national code is not a valid one: both
--     regions can say the same and both be off the rule.
-- pair_id: the pair of domains
-- entity: the entity type
-- identity: the match or the item
-- label: the item as it is shown
-- attribute: the attribute that is to hold a national code
-- value: the target's value
-- provenance: agreed (in fact) or decision
-- decision_id: the decision it stands on; NULL where it is agreed
-- list: the national list
-- state: malformed, invalid or retired
SELECT DISTINCT t.pair_id, t.entity, t.identity, t.label, t.attribute, t.value, t.provenance,
       CASE WHEN t.provenance = 'decision' THEN t.decision_id END AS decision_id,
       n.list, n.state
FROM published.target_value t
JOIN published.pair p ON p.pair_id = t.pair_id
JOIN (
    SELECT pair_id, entity, identity, unnest([{'side': 'a', 'id': local_id_a}, {'side': 'b', 'id': local_id_b}]) AS one
        FROM published.crosswalk
    UNION ALL SELECT pair_id, entity, identity,
        {'side': CASE WHEN u.domain = q.domain_a THEN 'a' ELSE 'b' END, 'id': local_id}
    FROM published.unmatched u JOIN published.pair q USING (pair_id)
) i ON i.pair_id = t.pair_id AND i.entity = t.entity AND i.identity = t.identity
JOIN decided.national_item n
  ON n.domain = CASE i.one.side WHEN 'a' THEN p.domain_a ELSE p.domain_b END AND n.entity = t.entity
 AND n.local_id = i.one.id AND n.attribute = t.attribute AND n.value = t.value
WHERE t.to_night IS NULL AND t.provenance IN ('agreed', 'decision') AND t.item_state <> 'out'
  AND n.state IN ('malformed', 'invalid', 'retired')
