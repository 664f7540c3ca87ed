-- Where the domains stand, and how far all of them agree on what all have.
-- Reads:  temp tables here, own, thing, cell; matched.item, side and cluster_item, catalogue.*.
-- Writes: measured.standing and standing_item; temp table together, one row per thing that every domain has (its own
--         attributes only: components are folded in later). Drops dispute, cell and accord.

CREATE OR REPLACE TEMP TABLE standing AS
WITH title AS (
    SELECT thing_no, entity_no, first(label ORDER BY position) AS label, count(*) AS items FROM thing GROUP BY ALL
), total AS (
    SELECT entity_no, sum(weight ORDER BY place) AS weight FROM own GROUP BY entity_no
), missing AS (
    SELECT n.thing_no, n.entity_no, n.items, h.domain_no, h.domains
    FROM title n
    JOIN here h USING (entity_no)
    WHERE n.items < h.domains
), statement AS (
    SELECT thing_no, place, weight, domain_no, item_no,
           coalesce(value, max(value) OVER (PARTITION BY thing_no, place, says)) AS value, says,
           count(*) OVER (PARTITION BY thing_no, place, says) AS same,
           count(*) OVER (PARTITION BY thing_no, place) AS of
    FROM cell
    UNION ALL
    SELECT m.thing_no, NULL, greatest(coalesce(w.weight, 0), 1), m.domain_no, t.item_no, NULL,
           CASE WHEN t.item_no IS NULL THEN 2 ELSE 1 END,
           CASE WHEN t.item_no IS NULL THEN m.domains - m.items ELSE m.items END, m.domains
    FROM missing m
    LEFT JOIN total w USING (entity_no)
    LEFT JOIN thing t ON t.thing_no = m.thing_no AND t.domain_no = m.domain_no
)
SELECT n.entity_no, n.label, s.*, max(s.same) OVER (PARTITION BY s.thing_no, s.place) * 2 <= s.of AS split
FROM statement s
JOIN title n USING (thing_no)
WHERE s.same < s.of;

-- A thing of several domains is called as its cluster, another as its item is in the first pair of its domain.
CREATE OR REPLACE TEMP TABLE name AS
WITH subject AS (
    SELECT DISTINCT thing_no FROM standing
), alone AS (
    SELECT t.thing_no, min_by(s.match_no, s.pair_no) AS match_no
    FROM thing t
    SEMI JOIN subject USING (thing_no)
    JOIN matched.side s USING (item_no)
    JOIN compared.comparable k ON k.pair_no = s.pair_no AND k.entity_no = t.entity_no AND k.place IS NULL
    WHERE t.thing_no < 0
    GROUP BY ALL
)
SELECT thing_no, m.entity_no, md5(concat_ws(chr(31), e.entity, p.pair_id, m.identity)) AS thing_id
FROM subject o
JOIN matched.item m ON m.match_no = o.thing_no
JOIN catalogue.pair p USING (pair_no)
JOIN catalogue.entity e USING (entity_no)
UNION ALL
SELECT a.thing_no, m.entity_no, md5(concat_ws(chr(31), e.entity, 'alone', d.domain, m.identity))
FROM alone a
JOIN matched.item m USING (match_no)
JOIN normalised.item i ON i.item_no = -a.thing_no
JOIN catalogue.domain d USING (domain_no)
JOIN catalogue.entity e ON e.entity_no = i.entity_no;

INSERT INTO measured.standing
SELECT e.entity, n.thing_id, s.label, a.attribute, s.weight, d.domain, i.local_id, i.item_no IS NOT NULL, s.value,
       s.says, s.same, s.of, CASE WHEN s.split THEN 'split' WHEN s.same * 2 > s.of THEN 'majority' ELSE 'outlier' END
FROM standing s
JOIN name n USING (thing_no)
JOIN catalogue.entity e ON e.entity_no = s.entity_no
JOIN catalogue.domain d USING (domain_no)
LEFT JOIN catalogue.attribute a ON a.entity_no = s.entity_no AND a.place = s.place
LEFT JOIN normalised.item i ON i.item_no = s.item_no;

INSERT INTO measured.standing_item
SELECT p.pair_id, e.entity, n.thing_id, first(m.identity ORDER BY t.item_no IS DISTINCT FROM m.item_a, m.identity)
FROM name n
JOIN thing t USING (thing_no)
JOIN matched.side s USING (item_no)
JOIN compared.comparable k ON k.pair_no = s.pair_no AND k.entity_no = t.entity_no AND k.place IS NULL
JOIN matched.item m USING (match_no)
JOIN catalogue.pair p ON p.pair_no = s.pair_no
JOIN catalogue.entity e ON e.entity_no = t.entity_no
GROUP BY ALL;

CREATE OR REPLACE TEMP TABLE together AS
WITH whole AS (
    SELECT entity_no, domains FROM here
    WHERE domains = (SELECT count(DISTINCT domain_no) FROM catalogue.side) GROUP BY ALL
), total AS (
    SELECT w.entity_no, w.domains, coalesce(sum(o.weight ORDER BY o.place), 0) AS weight
    FROM whole w
    LEFT JOIN own o USING (entity_no)
    GROUP BY ALL
), complete AS (
    SELECT t.thing_no, t.entity_no, w.weight, w.domains, bool_and(t.certain) AS certain
    FROM thing t
    JOIN total w USING (entity_no)
    GROUP BY ALL HAVING count(*) = w.domains
), lost AS (
    SELECT thing_no, sum(weight)::DOUBLE AS weight
    FROM (
        SELECT DISTINCT s.thing_no, s.place, s.weight::DECIMAL(18, 6) AS weight
        FROM standing s
        JOIN own o ON o.entity_no = s.entity_no AND o.place = s.place
    )
    GROUP BY thing_no
)
SELECT c.thing_no, c.entity_no, c.domains, c.certain, c.weight AS own_weight,
       c.weight - coalesce(l.weight, 0) AS own_equal, 0::DOUBLE AS child_weight, 0::DOUBLE AS child_equal,
       CASE WHEN l.weight IS NULL THEN 1 ELSE (c.weight - l.weight) / coalesce(nullif(c.weight, 0), 1) END AS agreement,
       l.weight IS NULL AS identical
FROM complete c
LEFT JOIN lost l USING (thing_no);

DROP TABLE standing;
DROP TABLE name;
DROP TABLE dispute;
DROP TABLE cell;
DROP TABLE accord;
