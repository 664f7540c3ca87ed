-- One round of telling which items are the same: by the links that are the strongest of both their items.
-- Reads:  temp table link.
-- Writes: item_pair: what came and what went become one row; link loses what touches them.
CREATE OR REPLACE TEMP TABLE choice AS
SELECT DISTINCT then_no, now_no FROM link
QUALIFY rank = min(rank) OVER (PARTITION BY then_no) AND rank = min(rank) OVER (PARTITION BY now_no);

INSERT INTO item_pair
SELECT g.domain_no, g.entity_no, g.then_no, c.now_no, g.then_id, c.now_id, c.label, g.then_hash, c.now_hash
FROM choice o
JOIN item_pair g ON g.then_no = o.then_no AND g.now_no IS NULL
JOIN item_pair c ON c.now_no = o.now_no AND c.then_no IS NULL;

DELETE FROM item_pair USING choice o
WHERE (item_pair.now_no IS NULL AND item_pair.then_no = o.then_no)
   OR (item_pair.then_no IS NULL AND item_pair.now_no = o.now_no);

DELETE FROM link WHERE then_no IN (SELECT then_no FROM choice) OR now_no IN (SELECT now_no FROM choice);
