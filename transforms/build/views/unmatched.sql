-- One row per live item in scope that has no match, of the entity types that both domains delivered.
-- pair_id: the pair of domains
-- entity: the entity type
-- identity: the item; the same from night to night while its key is
-- domain: the domain that has it
-- local_id: its id there
-- label: the item as it is shown
-- ambiguous: whether unmatched items of the other side share a key value with it
SELECT m.pair_id, m.entity, m.identity, CASE WHEN m.local_id_a IS NOT NULL THEN p.domain_a
    ELSE p.domain_b END AS domain,
       coalesce(m.local_id_a, m.local_id_b) AS local_id, m.label, m.ambiguous
FROM measured.item m JOIN measured.pair p USING (pair_id) WHERE m.rule IS NULL
  AND NOT EXISTS (
      SELECT 1 FROM compared.not_comparable n
      WHERE n.pair_id = m.pair_id AND n.entity = m.entity AND n.attribute IS NULL)
