-- A proposed ruling for each open difference that no decision governs, from plain rules (docs/decide.md), with
-- evidence.
-- Reads:  temporary table open_difference, decided.cover, decision and used, matched.item and side, normalised.cell and
--         reference, catalogue.*, measured.domain and reference_code.
-- Writes: decided.proposal, one row per difference: the first of the rules, in their order, that says anything.
-- A proposal is never applied by itself.
CREATE OR REPLACE TABLE decided.proposal AS
WITH open AS (
    SELECT d.*, e.expected_local, da.title AS title_a, db.title AS title_b, m.item_a, m.item_b
    FROM open_difference d
    JOIN matched.item m ON m.match_no = d.match_no
    JOIN catalogue.entity e ON e.entity_no = d.entity_no
    JOIN measured.domain da ON da.domain = d.domain_a
    JOIN measured.domain db ON db.domain = d.domain_b
    ANTI JOIN (FROM decided.cover WHERE state = 'holds') v
      ON v.pair_id = d.pair_id AND v.difference_id = d.difference_id
),
coded AS (
    -- Which side's code is valid in a national list, where one alone is.
    SELECT o.pair_id, o.difference_id, n.list, a.code IS NOT NULL AS valid_a
    FROM open o
    JOIN catalogue.national n ON n.entity_no = o.entity_no AND n.place = o.place
    LEFT JOIN measured.reference_code a
      ON a.is_valid AND a.list = n.list AND starts_with(o.value_a, n.prefix)
     AND a.code = upper(translate(substr(o.value_a, length(n.prefix) + 1), '. ', ''))
    LEFT JOIN measured.reference_code b
      ON b.is_valid AND b.list = n.list AND starts_with(o.value_b, n.prefix)
     AND b.code = upper(translate(substr(o.value_b, length(n.prefix) + 1), '. ', ''))
    WHERE a.code IS NULL <> (b.code IS NULL)
    QUALIFY row_number() OVER (PARTITION BY o.pair_id, o.difference_id ORDER BY n.list) = 1
),
others AS (
    -- What the other domains have of the same item, by the pairs in which each side is matched. Of a value: what a
    -- domain says that has the item. Of a whole item: whether a domain has it.
    SELECT o.pair_id, o.difference_id, o.attribute IS NULL AS is_whole, o.side, third.domain AS third,
           third.vendor_model AS vendor, NOT q.is_paired OR x.match_no IS NOT NULL AS differs
    FROM (
        SELECT *, unnest([{'side': 'a', 'item_no': item_a, 'domain': domain_a},
                          {'side': 'b', 'item_no': item_b, 'domain': domain_b}], recursive := true)
        FROM open
    ) o
    JOIN matched.side q ON q.item_no = o.item_no AND q.pair_no <> o.pair_no
    JOIN catalogue.pair p ON p.pair_no = q.pair_no
    JOIN measured.domain third ON third.domain = CASE p.domain_a WHEN o.domain THEN p.domain_b ELSE p.domain_a END
    LEFT JOIN open_difference x ON x.match_no = q.match_no AND x.place = o.place
    WHERE o.attribute IS NULL OR q.is_paired
),
held AS (
    -- An item that one side alone has: a third that lacks it agrees with the other. That the vendor lacks it says
    -- nothing.
    SELECT pair_id, difference_id, any_value(third) FILTER (vendor) AS model,
           count(*) FILTER (NOT vendor
               AND CASE WHEN is_whole THEN (side = 'a') <> differs ELSE side = 'a' AND NOT differs END) AS with_a,
           count(*) FILTER (NOT vendor
               AND CASE WHEN is_whole THEN (side = 'b') <> differs ELSE side = 'b' AND NOT differs END) AS with_b,
           count(*) FILTER (vendor AND side = 'a' AND NOT differs) AS model_a,
           count(*) FILTER (vendor AND side = 'b' AND NOT differs) AS model_b
    FROM others GROUP BY pair_id, difference_id
),
vendor_part AS (
    -- Of which attributes the vendor's own identifier is made: the first such key, where it is made of nothing else.
    SELECT k.entity_no, k.needed, t.part_no, t.place
    FROM (
        SELECT * FROM catalogue.key WHERE rule = 'vendor_identifier' AND certain
        QUALIFY key_no = min(key_no) OVER (PARTITION BY entity_no)
    ) k
    JOIN catalogue.key_part t ON t.entity_no = k.entity_no AND t.key_no = k.key_no AND t.is_needed
    JOIN catalogue.attribute a ON a.entity_no = t.entity_no AND a.place = t.place AND a.place > 0
),
written AS (
    SELECT item_no, place, value FROM normalised.cell UNION ALL SELECT item_no, place, written FROM normalised.reference
),
borne AS (
    -- Which side's item bears the vendor's own identifier.
    SELECT o.pair_id, o.difference_id, count(a.value) = v.needed AS by_a, count(b.value) = v.needed AS by_b,
           coalesce(any_value(a.value) FILTER (part_no = 1), any_value(b.value) FILTER (part_no = 1)) AS identifier
    FROM open o
    JOIN vendor_part v ON v.entity_no = o.entity_no
    LEFT JOIN written a ON a.item_no = o.item_a AND a.place = v.place
    LEFT JOIN written b ON b.item_no = o.item_b AND b.place = v.place
    GROUP BY o.pair_id, o.difference_id, v.needed
    HAVING count(*) = v.needed
),
precedent AS (
    SELECT d.pair_id, d.entity_no, d.attribute, d.kind, any_value(v.ruling) AS ruling, any_value(r.adopt) AS adopt,
           any_value(r.value) AS value, count(*) AS n, count(DISTINCT v.decision_id) AS decisions,
           min(v.decision_id) AS example
    FROM open_difference d
    JOIN decided.cover v USING (pair_id, difference_id)
    JOIN decided.decision r ON r.decision_id = v.decision_id
    WHERE v.state = 'holds' AND v.ruling <> 'defer' AND r.covers_kind <> 'rule'
    GROUP BY d.pair_id, d.entity_no, d.attribute, d.kind
    HAVING count(DISTINCT (v.ruling, r.adopt, r.value)) = 1 AND decisions >= 3
),
-- On what ground a ruling is proposed, and whether for side a.
grounded AS (
    SELECT o.*, c.list, h.model, w.identifier, r.n, r.decisions, r.example, r.ruling AS ruled_so, r.adopt AS adopted_so,
           r.value AS valued_so, u.uses_a::BIGINT AS uses_a, u.uses_b::BIGINT AS uses_b,
           printf('%.3g', 100 * u.share_a) AS share_a, printf('%.3g', 100 * u.share_b) AS share_b,
           greatest(h.with_a, h.with_b) + 1 AS most, least(h.with_a, h.with_b) + 1 AS fewest,
           CASE WHEN c.list IS NOT NULL THEN 'national'
                WHEN h.model_a <> h.model_b THEN 'model'
                WHEN w.by_a <> w.by_b THEN 'identifier'
                WHEN h.with_a <> h.with_b THEN 'majority'
                WHEN u.identity IS NOT NULL THEN 'usage'
                WHEN r.n IS NOT NULL THEN 'precedent'
                WHEN o.expected_local THEN 'expected local' END AS ground,
           CASE ground WHEN 'national' THEN c.valid_a WHEN 'model' THEN h.model_a > h.model_b
                       WHEN 'identifier' THEN w.by_a WHEN 'majority' THEN h.with_a > h.with_b
                       WHEN 'usage' THEN o.kind = 'only_a' OR coalesce(u.share_a, 0) > coalesce(u.share_b, 0)
                       END AS for_a
    FROM open o
    LEFT JOIN coded c ON c.pair_id = o.pair_id AND c.difference_id = o.difference_id
    LEFT JOIN held h ON h.pair_id = o.pair_id AND h.difference_id = o.difference_id
    LEFT JOIN borne w ON w.pair_id = o.pair_id AND w.difference_id = o.difference_id
    -- Of what both have: where one uses it at least twice as much, as a share of all it uses. Of what one has: whether
    -- it does at all.
    LEFT JOIN decided.used u
      ON u.pair_id = o.pair_id AND u.entity = o.root_entity AND u.identity = o.root_identity
     AND CASE WHEN o.attribute IS NULL AND o.entity = o.root_entity THEN true
              ELSE greatest(u.share_a, u.share_b) >= 2 * least(u.share_a, u.share_b) AND u.share_a <> u.share_b END
    LEFT JOIN precedent r
      ON r.pair_id = o.pair_id AND r.entity_no = o.entity_no AND r.kind = o.kind
     AND r.attribute IS NOT DISTINCT FROM o.attribute
),
-- name, title: of the domain whose side is proposed. has_it: is it proposed that a whole item stays.
worded AS (
    SELECT *, CASE WHEN for_a THEN domain_a ELSE domain_b END AS name,
           CASE WHEN for_a THEN title_a ELSE title_b END AS title,
           attribute IS NULL AS is_whole, for_a = (kind = 'only_a') AS has_it,
           ground = 'usage' AND is_whole AND coalesce(uses_a, uses_b) = 0 AS is_idle
    FROM grounded WHERE ground IS NOT NULL
)
SELECT pair_id, difference_id, CASE WHEN ground IN ('model', 'identifier') THEN 'vendor' ELSE ground END AS rule,
       CASE WHEN is_idle THEN 'retire' WHEN ground = 'precedent' THEN ruled_so
            WHEN ground = 'expected local' THEN 'keep_local' ELSE 'adopt' END AS ruling,
       CASE WHEN ground = 'precedent' THEN adopted_so WHEN for_a IS NOT NULL AND NOT is_idle THEN name END AS adopt,
       CASE WHEN ground = 'precedent' THEN valued_so END AS value,
       CASE ground
           WHEN 'national' THEN 'only ' || name || '''s code is valid in ' || list
           WHEN 'model' THEN model || ', the vendor''s model content, '
               || CASE WHEN is_whole THEN 'has it' ELSE 'says as ' || name || ' does' END
           WHEN 'identifier'
           THEN 'only ' || name || '''s item bears the vendor''s own identifier (' || identifier || ')'
           WHEN 'majority'
           THEN CASE WHEN NOT is_whole THEN most || ' domains say so, ' || fewest || ' do not'
                     WHEN has_it THEN most || ' domains have it, ' || fewest || ' do without'
                     ELSE most || ' domains do without it, ' || fewest || ' have it' END
           WHEN 'usage'
           THEN 'used ' || CASE WHEN kind = 'only_b' THEN uses_b || ' times in ' || domain_b
                                WHEN is_whole THEN uses_a || ' times in ' || domain_a
                                ELSE uses_a || ' times in ' || domain_a || ' (' || share_a || ' % of its uses), '
                                     || uses_b || ' in ' || domain_b || ' (' || share_b || ' %)' END
           WHEN 'precedent' THEN n || ' differences of the same kind were ruled so in ' || decisions
               || ' decisions, such as ' || example
           ELSE 'the catalogue expects this entity type to differ' END AS evidence,
       CASE ground
           WHEN 'national' THEN 'bara koden i ' || title || ' är giltig i ' || list
           WHEN 'model' THEN 'leverantörens modell '
               || CASE WHEN is_whole THEN 'har den' ELSE 'säger som ' || title END
           WHEN 'identifier'
           THEN 'bara posten i ' || title || ' bär leverantörens egen beteckning (' || identifier || ')'
           WHEN 'majority'
           THEN CASE WHEN NOT is_whole THEN most || ' domäner säger så, ' || fewest || ' inte'
                     WHEN has_it THEN most || ' domäner har den, ' || fewest || ' inte'
                     ELSE most || ' domäner klarar sig utan, ' || fewest || ' har den' END
           WHEN 'usage'
           THEN 'använd ' || CASE WHEN kind = 'only_b' THEN uses_b || ' gånger i ' || title_b
                                  WHEN is_whole THEN uses_a || ' gånger i ' || title_a
                                  ELSE uses_a || ' gånger i ' || title_a || ' (' || replace(share_a, '.', ',')
                                       || ' % av dess bruk), ' || uses_b || ' i ' || title_b || ' ('
                                       || replace(share_b, '.', ',') || ' %)' END
           WHEN 'precedent' THEN n || ' skillnader av samma slag har beslutats så i ' || decisions
               || ' beslut, som ' || example
           ELSE 'posttypen väntas skilja sig åt' END AS evidence_sv
FROM worded;
