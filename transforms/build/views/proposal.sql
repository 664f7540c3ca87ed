-- One row per open difference that no decision governs and for which a plain rule has something to propose (docs/decide.md).
-- pair_id: the pair of domains
-- difference_id: the difference
-- rule: what it is proposed by: national (only one side's code is valid), vendor (one side is as the vendor's model content, or alone bears its identifier), majority (of the domains), usage (counts of use), precedent (like differences ruled alike) or expected local
-- ruling: what is proposed; never applied by itself
-- adopt: the domain whose side is proposed; NULL for other rulings
-- value: the value proposed; NULL for other rulings
-- evidence: what speaks for it
-- evidence_sv: the same in Swedish
SELECT pair_id, difference_id, rule, ruling, adopt, value, evidence, evidence_sv FROM decided.proposal
