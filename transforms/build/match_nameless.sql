-- What the whole of an item says is needed only of those that no key tells apart.
-- Reads: left_over, key_text. Writes: left_over.best, wanted_content.
CREATE OR REPLACE TEMP TABLE best AS
SELECT l.*, t.text AS best, count(*) OVER (PARTITION BY l.pair_no, l.side, l.entity_no, t.text) > 1 AS is_shared
FROM left_over l LEFT JOIN key_text t USING (pair_no, item_no, key_no);
CREATE OR REPLACE TEMP TABLE wanted_content AS
SELECT pair_no, item_no, entity_no FROM best b
ANTI JOIN content USING (pair_no, item_no)
WHERE b.is_shared OR b.best IS NULL;
