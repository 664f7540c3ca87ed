-- Take over what the probabilistic rule found in the pairs of one level.
-- Reads:  probable (pair_no, entity_no, item_a, item_b, score, verdict, reason, evidence), apart, alone, best texts.
-- Writes: matched.candidate gains the scored pairs; pairs gains the accepted ones, and loses those whose shared identifier
--         is contradicted by their content.
DELETE FROM probable p
WHERE EXISTS (FROM apart x WHERE x.pair_no = p.pair_no AND x.item_a = p.item_a AND x.item_b = p.item_b)
   OR EXISTS (FROM alone x WHERE x.pair_no = p.pair_no AND x.item_no IN (p.item_a, p.item_b));
INSERT INTO matched.candidate
SELECT q.pair_id, e.entity, a.local_id, b.local_id, p.score, p.verdict, p.reason, p.evidence::JSON
FROM probable p
JOIN catalogue.pair q USING (pair_no)
JOIN catalogue.entity e USING (entity_no)
JOIN normalised.item a ON a.item_no = p.item_a
JOIN normalised.item b ON b.item_no = p.item_b;
DELETE FROM pairs USING probable p
WHERE p.verdict = 'review' AND p.pair_no = pairs.pair_no AND p.item_a = pairs.item_a AND p.item_b = pairs.item_b;
CREATE OR REPLACE TEMP TABLE wanted_content AS
SELECT pair_no, unnest([item_a, item_b]) AS item_no, entity_no FROM probable WHERE verdict = 'accepted';
DELETE FROM wanted_content w USING content c WHERE c.pair_no = w.pair_no AND c.item_no = w.item_no;
