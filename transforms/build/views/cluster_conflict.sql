-- One row per match that the clusters leave out, since taking it too would bring two items of one domain together, or
--     two that a reader held apart; the stronger matches stand.
-- entity: the entity type
-- pair_id: the pair of the match that is left out
-- identity: that match
-- local_id_a: its item in domain a
-- local_id_b: its item in domain b
-- label_a: that item as domain a shows it
-- label_b: that item as domain b shows it
-- rule: the rule that made it
-- key_name: the key that made it
-- reason: two items of one domain, or held apart by a reader
-- domain: the domain that would have two items, NULL where a reader held them apart
-- local_id_one: one of the two items that clash
-- local_id_other: the other
-- cluster_id_a: the cluster of the item of domain a, NULL where nothing else holds it
-- cluster_id_b: the cluster of the item of domain b, NULL where nothing else holds it
SELECT entity, pair_id, identity, local_id_a, local_id_b, label_a, label_b, rule, key_name, reason, domain,
       local_id_one,
       local_id_other, cluster_id_a, cluster_id_b FROM matched.cluster_conflict
