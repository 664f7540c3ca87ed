-- One row per open difference and cause that explains it; a direct difference is its own cause, in 0 steps.
-- pair_id: the pair of domains
-- difference_id: the difference
-- cause_id: the direct difference behind it (difference.difference_id, cause.cause_id); where a difference has several,
--     all of them must be settled for it to go
-- steps: how many links lie between them
SELECT pair_id, difference_id, cause_id, steps FROM compared.difference_cause
