-- Links between differences: what explains each, one step back. All entity types and pairs at once.
-- Reads:  compared.difference, matched.item, normalised.cell and reference, catalogue.pair, entity, key, key_part,
--         signature and follow.
-- Writes: compared.link, emptied first, with all but what texts hold (cause_text.sql, cause_ids.sql): of an attribute
--         that leads to an item without a counterpart, that item; of an item without a counterpart its owner, where
--         that has none; else what its keys lead to, where every key that has a value leads to something without a
--         counterpart (no key of it could have found one); else what it follows. One row per difference, difference
--         that would explain it (whether there is such a difference is looked at when the links are followed) and
--         attribute that leads there.
-- Leaves: temp table unmatched, one row per item without a counterpart and pair: the difference that it is.

DELETE FROM compared.link;

CREATE OR REPLACE TEMP TABLE unmatched AS
SELECT m.match_no, m.pair_no, p.pair_id, m.entity_no, coalesce(m.item_a, m.item_b) AS item_no,
       m.item_a IS NOT NULL AS in_a, md5(concat_ws(chr(31), p.pair_id, e.entity, m.identity, '')) AS difference_id
FROM matched.item m
JOIN catalogue.pair p USING (pair_no)
JOIN catalogue.entity e USING (entity_no)
WHERE m.rule IS NULL;

INSERT INTO compared.link BY NAME
SELECT d.pair_id, d.difference_id, u.difference_id AS on_id, coalesce(d.attribute, 'parent') AS via
FROM (
    SELECT d.pair_no, d.pair_id, d.difference_id, d.place, d.attribute, unnest([m.item_a, m.item_b]) AS item_no
    FROM compared.difference d
    JOIN matched.item m USING (match_no)
) d
JOIN normalised.reference r ON r.item_no = d.item_no AND r.place = coalesce(d.place, 0)
JOIN unmatched u ON u.pair_no = d.pair_no AND u.item_no = r.target_no;

-- Items without a counterpart that their owner does not explain.
CREATE OR REPLACE TEMP TABLE orphan AS
FROM unmatched
SEMI JOIN compared.difference USING (match_no)
ANTI JOIN compared.link USING (difference_id);

INSERT INTO compared.link BY NAME
WITH element AS (
    -- What a key can be made of, and the item without a counterpart that it leads to.
    SELECT o.difference_id, c.place, NULL AS on_id
    FROM orphan o
    JOIN normalised.cell c USING (item_no)
    UNION ALL
    SELECT o.difference_id, r.place, u.difference_id
    FROM orphan o
    JOIN normalised.reference r USING (item_no)
    LEFT JOIN unmatched u ON u.pair_no = o.pair_no AND u.item_no = r.target_no
    UNION ALL
    SELECT o.difference_id, s.place, u.difference_id
    FROM orphan o
    JOIN catalogue.signature s USING (entity_no)
    JOIN normalised.reference child ON child.target_no = o.item_no AND child.place = 0 AND child.entity_no = s.child_no
    LEFT JOIN normalised.reference r ON r.item_no = child.item_no AND r.place = s.child_place
    LEFT JOIN unmatched u ON u.pair_no = o.pair_no AND u.item_no = r.target_no
),
attempt AS (
    SELECT o.pair_id, o.difference_id,
           list(DISTINCT e.on_id) FILTER (e.on_id IS NOT NULL) AS on_ids
    FROM orphan o
    JOIN catalogue.key k USING (entity_no)
    JOIN catalogue.key_part p USING (entity_no, key_no)
    JOIN element e ON e.difference_id = o.difference_id AND e.place = p.place
    GROUP BY o.pair_id, o.difference_id, k.key_no, k.needed, k.choice
    HAVING count(DISTINCT p.part_no) FILTER (p.is_needed) = k.needed
       AND (NOT k.choice OR count(*) FILTER (NOT p.is_needed) > 0)
)
SELECT DISTINCT pair_id, difference_id, unnest(flatten(list(on_ids))) AS on_id, 'key' AS via
FROM attempt
GROUP BY pair_id, difference_id
HAVING bool_and(on_ids IS NOT NULL);

INSERT INTO compared.link BY NAME
WITH ours AS (
    -- What an item says of its place by its references, its own and its owner's.
    SELECT o.pair_id, o.pair_no, o.difference_id, o.entity_no, o.in_a, f.name, f.follow_no,
           list(r.written ORDER BY f.their_place) AS words
    FROM orphan o
    ANTI JOIN compared.link l USING (difference_id)
    JOIN catalogue.follow f USING (entity_no)
    LEFT JOIN normalised.reference owner ON owner.item_no = o.item_no AND owner.place = 0
    JOIN normalised.reference r
      ON r.place = f.our_place AND r.item_no = CASE WHEN f.of_parent THEN owner.target_no ELSE o.item_no END
    GROUP BY o.pair_id, o.pair_no, o.difference_id, o.entity_no, o.in_a, f.name, f.follow_no, f.needed
    HAVING count(*) = f.needed
),
theirs AS (
    SELECT f.entity_no AS follower_no, f.follow_no, u.pair_no, u.in_a, u.difference_id,
           list(r.written ORDER BY f.their_place) AS words
    FROM unmatched u
    JOIN catalogue.follow f ON f.followed_no = u.entity_no
    JOIN normalised.reference r ON r.place = f.their_place AND r.item_no = u.item_no
    GROUP BY f.entity_no, f.follow_no, u.pair_no, u.in_a, u.difference_id
)
SELECT o.pair_id, o.difference_id, t.difference_id AS on_id, o.name AS via
FROM ours o
JOIN theirs t ON t.pair_no = o.pair_no AND t.in_a = o.in_a AND t.follower_no = o.entity_no
 AND t.follow_no = o.follow_no AND t.words = o.words
QUALIFY o.follow_no = min(o.follow_no) OVER (PARTITION BY o.difference_id);

DROP TABLE orphan;
