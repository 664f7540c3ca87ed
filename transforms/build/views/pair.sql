-- One row per pair of domains that is compared.
-- pair_id: domain_a~domain_b
-- domain_a: the first domain
-- domain_b: the second domain
SELECT pair_id, domain_a, domain_b FROM measured.pair
