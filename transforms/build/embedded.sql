-- Ids inside texts, replaced by the matched identity of what they lead to.
-- Reads:  marked (item_no, entity_no, place, text: every id between two unit separators, after the letter of the entry that
--         found it), catalogue.embedded, normalised.item, matched.item and side.
-- Writes: matched.embedded, matched.embedded_id (see layers.sql). A number that may be an id and leads nowhere is a row of
--         embedded_id only where the catalogue says that an id stands there. One that items of several types answer to
--         leads nowhere.
CREATE OR REPLACE TEMP TABLE piece AS
SELECT item_no, entity_no, place, unnest(string_split(text, chr(31))) AS piece,
       generate_subscripts(string_split(text, chr(31)), 1) AS nth
FROM marked WHERE contains(text, chr(31));
CREATE OR REPLACE TEMP TABLE id_in_text AS
WITH id AS (
    SELECT item_no, entity_no, place, nth, left(piece, 1) AS mark, substr(piece, 2) AS written
    FROM piece WHERE nth % 2 = 0
)
SELECT d.item_no, d.place, d.nth, d.written, any_value(b.certain) AS certain,
       CASE WHEN count(t.item_no) = 1 THEN min(t.item_no) END AS target_no
FROM id d
JOIN normalised.item i USING (item_no)
JOIN catalogue.embedded b ON b.entity_no = d.entity_no AND b.place = d.place AND b.mark = d.mark
LEFT JOIN normalised.item t
  ON t.domain_no = i.domain_no AND t.entity_no = b.target_no AND t.local_id = d.written
GROUP BY ALL;
CREATE OR REPLACE TEMP TABLE id_resolved AS
SELECT s.pair_no, d.item_no, d.place, d.nth, d.written, d.certain, m.match_no, m.identity, e.entity, t.label
FROM id_in_text d
JOIN normalised.item i USING (item_no)
JOIN catalogue.side s USING (domain_no)
LEFT JOIN normalised.item t ON t.item_no = d.target_no
LEFT JOIN catalogue.entity e ON e.entity_no = t.entity_no
LEFT JOIN matched.side p ON p.pair_no = s.pair_no AND p.item_no = d.target_no
LEFT JOIN matched.item m ON m.match_no = p.match_no;
INSERT INTO matched.embedded
SELECT s.pair_no, p.item_no, p.place,
       string_agg(CASE WHEN r.written IS NULL THEN p.piece
                       WHEN r.identity IS NULL THEN r.written
                       ELSE '<' || r.entity || ' ' || r.identity || '>' END, '' ORDER BY p.nth),
       string_agg(CASE WHEN r.written IS NULL THEN p.piece
                       WHEN r.identity IS NULL THEN r.written
                       ELSE '<' || coalesce(r.label, r.written) || '>' END, '' ORDER BY p.nth)
FROM piece p
JOIN normalised.item i USING (item_no)
JOIN catalogue.side s USING (domain_no)
LEFT JOIN id_resolved r ON r.pair_no = s.pair_no AND r.item_no = p.item_no AND r.place = p.place AND r.nth = p.nth
GROUP BY s.pair_no, p.item_no, p.place;
INSERT INTO matched.embedded_id
SELECT pair_no, item_no, place, row_number() OVER (PARTITION BY pair_no, item_no, place ORDER BY nth), written, match_no,
       label
FROM id_resolved WHERE identity IS NOT NULL OR certain;
DROP TABLE marked;
DROP TABLE piece;
DROP TABLE id_in_text;
DROP TABLE id_resolved;
