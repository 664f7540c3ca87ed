-- One row per ruling of the reviewed crosswalk as this night found it, those that do not count included.
-- pair_id: the pair of domains
-- entity: the entity type
-- ruling_id: the ruling; the same from night to night while its keys are
-- ruling: equal, close, retired, broader (the item of domain b is), narrower, reject, no_counterpart or unsure; NULL where the readers disagree
-- state: single, agreed (two readers), conflict, adjudicated or imported
-- problem: why it does not count: lost, several, moved, conflict, crossed, waiting or contradicted; NULL where it does
-- effect: match, kept apart, not proposed or none
-- local_id_a: the item found in domain a, NULL where none is
-- local_id_b: the item found in domain b, NULL where none is
-- label_a: the item of domain a as it was shown to the reader
-- label_b: the item of domain b as it was shown to the reader
-- key_a: the keys that name the item of domain a
-- key_b: the keys that name the item of domain b
-- readers: who answered
-- answers: how many answers it stands on
-- read_at: the last answer
-- note: the last answer's note
SELECT pair_id, entity, ruling_id, ruling, state, problem, effect, local_id_a, local_id_b, label_a, label_b,
       key_a, key_b, readers, answers, read_at, note FROM matched.ruling
