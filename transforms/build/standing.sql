-- What the domains say of each thing, where any two of them differ.
-- Reads:  normalised.item and extracted, matched.item and cluster_item, compared.difference, comparable and
--         not_comparable, catalogue.*.
-- Writes: temp tables here (one row per entity type that three domains or more delivered, and such a domain), own (what
--         the attributes that every pair compares weigh), thing (one row per item of them: thing_no is the match that
--         names its cluster, or below 0 where no other domain has it), cell (one row per thing and attribute that is
--         anywhere different, and domain; says: the same number for domains that say the same, once standing_round.sql
--         has run) and accord (pairs of cells between which there is no difference).
CREATE OR REPLACE TEMP TABLE here AS
SELECT e.entity_no, d.domain_no, row_number() OVER (PARTITION BY e.entity_no ORDER BY d.domain_no)::INTEGER AS position,
       count(*) OVER (PARTITION BY e.entity_no) AS domains
FROM normalised.extracted x
JOIN catalogue.entity e USING (entity)
JOIN catalogue.domain d USING (domain)
WHERE x.attribute = '' AND x.delivered AND d.domain_no IN (SELECT domain_no FROM catalogue.side)
QUALIFY domains > 2;

CREATE OR REPLACE TEMP TABLE own AS
WITH pairs AS (
    SELECT entity_no, count(*) AS pairs FROM compared.comparable WHERE place IS NULL GROUP BY entity_no
)
SELECT c.entity_no, c.place, any_value(c.weight) AS weight
FROM compared.comparable c
JOIN pairs p USING (entity_no)
WHERE c.place IS NOT NULL
GROUP BY c.entity_no, c.place, p.pairs
HAVING count(*) = p.pairs;

CREATE OR REPLACE TEMP TABLE thing AS
SELECT coalesce(c.match_no, -i.item_no) AS thing_no, i.item_no, i.entity_no, i.domain_no, i.local_id, i.label,
       h.position, coalesce(c.certain, true) AS certain
FROM normalised.item i
JOIN here h USING (entity_no, domain_no)
LEFT JOIN matched.cluster_item c USING (item_no);

CREATE OR REPLACE TEMP TABLE dispute AS
SELECT d.match_no, d.entity_no, d.place, a.thing_no, m.item_a, m.item_b, d.value_a, d.value_b, d.weight
FROM compared.difference d
JOIN matched.item m USING (match_no)
JOIN thing a ON a.item_no = m.item_a
JOIN thing b ON b.item_no = m.item_b AND b.thing_no = a.thing_no
WHERE d.place IS NOT NULL;

CREATE OR REPLACE TEMP TABLE cell AS
WITH disputed_place AS (
    SELECT thing_no, entity_no, place, max(weight) AS weight FROM dispute GROUP BY ALL
), words AS (
    SELECT place, item_no, max(value) AS value
    FROM (SELECT place, item_a AS item_no, value_a AS value FROM dispute
          UNION ALL SELECT place, item_b, value_b FROM dispute)
    GROUP BY ALL
)
SELECT s.thing_no, s.place, s.weight, t.item_no, t.domain_no, v.value, t.position AS says
FROM disputed_place s
JOIN thing t USING (thing_no)
LEFT JOIN words v ON v.item_no = t.item_no AND v.place = s.place
JOIN catalogue.domain d USING (domain_no)
JOIN catalogue.entity e ON e.entity_no = s.entity_no
JOIN catalogue.attribute a ON a.entity_no = s.entity_no AND a.place = s.place
ANTI JOIN compared.not_comparable n ON n.entity = e.entity AND n.attribute = a.attribute AND n.domain = d.domain;

CREATE OR REPLACE TEMP TABLE accord AS
SELECT x.place, x.item_no, y.item_no AS other_no
FROM cell x
JOIN matched.item m ON m.item_a = x.item_no AND m.rule IS NOT NULL
JOIN cell y ON y.item_no = m.item_b AND y.place = x.place AND y.thing_no = x.thing_no
ANTI JOIN dispute d ON d.match_no = m.match_no AND d.place = x.place;
