-- Items equal in a key are told apart by their order: first with first, second with second.
-- Reads:  key, catalogue.key, said. Writes: key.hash and key.nth of the keys that put items in order.
CREATE OR REPLACE TEMP TABLE in_order AS
SELECT k.pair_no, k.side, k.item_no, k.entity_no, k.key_no, k.hash, coalesce(c.value, r.written) AS occurrence
FROM key k
JOIN catalogue.key o USING (entity_no, key_no)
LEFT JOIN normalised.cell c ON c.item_no = k.item_no AND c.place = o.occurrence_place
LEFT JOIN normalised.reference r ON r.item_no = k.item_no AND r.place = o.occurrence_place
WHERE o.occurrence_place IS NOT NULL;
-- The whole content is looked at only where the order itself leaves a tie.
CREATE OR REPLACE TEMP TABLE wanted_content AS
SELECT DISTINCT pair_no, item_no, entity_no FROM (
    SELECT *, count(*) OVER (PARTITION BY pair_no, side, entity_no, key_no, hash, occurrence) AS alike FROM in_order
)
WHERE alike > 1;
