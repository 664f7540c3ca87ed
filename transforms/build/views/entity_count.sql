-- One row per night, pair and entity type: what the metrics are made of.
-- night_id: the night
-- as_of: the night's time
-- pair_id: the pair of domains
-- entity: the entity type
-- matched: number of matches; NULL, as the counts below, where a domain did not deliver the table
-- only_a: live items in scope of domain a without a match
-- only_b: live items in scope of domain b without a match
-- identical: matches without any difference, components included
-- uncertain: matches by a key that is not certain
-- ambiguous_a: unmatched items of a that share a key value with unmatched items of b
-- ambiguous_b: the same for b
-- agreement_sum: sum of the matches' agreement
-- measurable: whether anything could be compared
-- reason: why not, where not
SELECT c.night_id, n.as_of, c.pair_id, c.entity, c.matched, c.only_a, c.only_b, c.identical, c.uncertain, c.ambiguous_a,
       c.ambiguous_b, c.agreement_sum, c.measurable, c.reason
FROM measured.entity_count c JOIN measured.night n USING (night_id)
