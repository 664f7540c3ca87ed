-- One round: every open link that is the strongest of both clusters it touches is taken or dropped.
-- Reads:  temp tables node, link, veto.
-- Writes: link.state, node.cluster; clash gains why a link was dropped, with the two items that clash.
CREATE OR REPLACE TEMP TABLE across AS
SELECT l.place, l.match_no, a.cluster AS ca, b.cluster AS cb
FROM link l
JOIN node a ON a.number = l.a
JOIN node b ON b.number = l.b
WHERE l.state = 'open';

-- Within one cluster a further link only agrees.
UPDATE link SET state = 'taken' FROM across x WHERE x.place = link.place AND x.ca = x.cb;

CREATE OR REPLACE TEMP TABLE verdict AS
WITH strongest AS (
    SELECT cluster, min(place) AS place
    FROM (SELECT ca AS cluster, place FROM across WHERE ca <> cb UNION ALL SELECT cb, place FROM across WHERE ca <> cb)
    GROUP BY cluster
)
SELECT x.place, x.match_no, least(ca, cb) AS keep, greatest(ca, cb) AS gone
FROM across x
JOIN strongest a ON a.cluster = x.ca AND a.place = x.place
JOIN strongest b ON b.cluster = x.cb AND b.place = x.place;

CREATE OR REPLACE TEMP TABLE bad AS
SELECT j.place, j.match_no, 'two items of one domain' AS reason, n, m
FROM verdict j
JOIN node n ON n.cluster = j.keep
JOIN node m ON m.cluster = j.gone AND m.domain_no = n.domain_no
UNION ALL
-- In the order of the pair.
SELECT j.place, j.match_no, 'held apart by a reader', a, b
FROM veto h
JOIN node a ON a.item_no = h.item_a
JOIN node b ON b.item_no = h.item_b
JOIN verdict j ON (a.cluster = j.keep AND b.cluster = j.gone) OR (b.cluster = j.keep AND a.cluster = j.gone);

INSERT INTO clash
SELECT match_no, min_by(reason, (reason, n.number, m.number)), min_by(n.item_no, (reason, n.number, m.number)),
       min_by(m.item_no, (reason, n.number, m.number))
FROM bad GROUP BY match_no;
UPDATE link
SET state = CASE WHEN EXISTS (SELECT 1 FROM bad b WHERE b.place = link.place) THEN 'dropped' ELSE 'taken' END
FROM verdict j WHERE j.place = link.place;
UPDATE node SET cluster = j.keep FROM verdict j ANTI JOIN bad USING (place) WHERE node.cluster = j.gone;
