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
    -- Which side's code is valid, where the codes of a national list differ.
    SELECT o.pair_id, o.difference_id, n.list, a.code IS NOT NULL AS valid_a, b.code IS NOT NULL AS valid_b
    FROM open o
    JOIN catalogue.national n ON n.entity_no = o.entity_no AND n.place = o.place
    LEFT JOIN measured.reference_code a
      ON a.is_valid AND a.list = n.list AND starts_with(o.value_a, n.prefix)
     AND a.code = upper(translate(substr(o.value_a, length(n.prefix) + 1), '. ', ''))
    LEFT JOIN measured.reference_code b
      ON b.is_valid AND b.list = n.list AND starts_with(o.value_b, n.prefix)
     AND b.code = upper(translate(substr(o.value_b, length(n.prefix) + 1), '. ', ''))
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
used AS (
    -- Of what both have: where one uses it at least twice as much, as a share of all it uses. Of what one has: whether
    -- it does at all.
    SELECT o.pair_id, o.difference_id, o.attribute IS NULL AND coalesce(u.uses_a, u.uses_b) = 0 AS is_idle,
           CASE WHEN o.kind = 'only_a' OR coalesce(u.share_a, 0) > coalesce(u.share_b, 0) THEN o.domain_a
                ELSE o.domain_b END AS adopt,
           u.uses_a::BIGINT AS uses_a, u.uses_b::BIGINT AS uses_b, printf('%.3g', 100 * u.share_a) AS share_a,
           printf('%.3g', 100 * u.share_b) AS share_b
    FROM open o
    JOIN decided.used u ON u.pair_id = o.pair_id AND u.entity = o.root_entity AND u.identity = o.root_identity
    WHERE CASE WHEN o.attribute IS NULL AND o.entity = o.root_entity THEN true
               ELSE greatest(u.share_a, u.share_b) >= 2 * least(u.share_a, u.share_b) AND u.share_a <> u.share_b END
),
proposed AS (
    SELECT o.pair_id, o.difference_id, 1 AS place, 'national' AS rule, 'adopt' AS ruling,
           CASE WHEN c.valid_a THEN o.domain_a ELSE o.domain_b END AS adopt, NULL AS value,
           'only ' || CASE WHEN c.valid_a THEN o.domain_a ELSE o.domain_b END || '''s code is valid in ' || c.list
               AS evidence,
           'bara koden i ' || CASE WHEN c.valid_a THEN o.title_a ELSE o.title_b END || ' är giltig i ' || c.list
               AS evidence_sv
    FROM open o
    JOIN coded c USING (pair_id, difference_id)
    WHERE c.valid_a <> c.valid_b
    UNION ALL
    SELECT o.pair_id, o.difference_id, 2, 'vendor', 'adopt',
           CASE WHEN model_a > model_b THEN domain_a ELSE domain_b END, NULL,
           h.model || ', the vendor''s model content, '
               || CASE WHEN o.attribute IS NULL THEN 'has it'
                       ELSE 'says as ' || CASE WHEN model_a > model_b THEN domain_a ELSE domain_b END || ' does' END,
           'leverantörens modell '
               || CASE WHEN o.attribute IS NULL THEN 'har den'
                       ELSE 'säger som ' || CASE WHEN model_a > model_b THEN o.title_a ELSE o.title_b END END
    FROM open o
    JOIN held h USING (pair_id, difference_id)
    WHERE model_a <> model_b
    UNION ALL
    SELECT o.pair_id, o.difference_id, 3, 'vendor', 'adopt', CASE WHEN by_a THEN domain_a ELSE domain_b END, NULL,
           'only ' || CASE WHEN by_a THEN domain_a ELSE domain_b END || '''s item bears the vendor''s own identifier ('
               || identifier || ')',
           'bara posten i ' || CASE WHEN by_a THEN o.title_a ELSE o.title_b END
               || ' bär leverantörens egen beteckning (' || identifier || ')'
    FROM open o
    JOIN borne w USING (pair_id, difference_id)
    WHERE by_a <> by_b
    UNION ALL
    SELECT pair_id, difference_id, 4, 'majority', 'adopt', CASE WHEN with_a > with_b THEN domain_a ELSE domain_b END,
           NULL,
           most || CASE about WHEN 'value' THEN ' domains say so, ' WHEN 'having' THEN ' domains have it, '
                              ELSE ' domains do without it, ' END
               || fewest || CASE about WHEN 'value' THEN ' do not' WHEN 'having' THEN ' do without' ELSE ' have it' END,
           most || CASE about WHEN 'value' THEN ' domäner säger så, ' WHEN 'having' THEN ' domäner har den, '
                              ELSE ' domäner klarar sig utan, ' END
               || fewest || CASE about WHEN 'lacking' THEN ' har den' ELSE ' inte' END
    FROM (
        SELECT o.*, h.with_a, h.with_b, greatest(with_a, with_b) + 1 AS most, least(with_a, with_b) + 1 AS fewest,
               CASE WHEN o.attribute IS NOT NULL THEN 'value'
                    WHEN (with_a > with_b) = (o.kind = 'only_a') THEN 'having' ELSE 'lacking' END AS about
        FROM open o
        JOIN held h USING (pair_id, difference_id)
        WHERE with_a <> with_b
    )
    UNION ALL
    SELECT o.pair_id, o.difference_id, 5, 'usage', CASE WHEN is_idle THEN 'retire' ELSE 'adopt' END,
           CASE WHEN NOT is_idle THEN u.adopt END, NULL,
           'used ' || CASE WHEN o.kind = 'only_b' THEN uses_b || ' times in ' || o.domain_b
                           WHEN o.attribute IS NULL THEN uses_a || ' times in ' || o.domain_a
                           ELSE uses_a || ' times in ' || o.domain_a || ' (' || share_a || ' % of its uses), '
                                || uses_b || ' in ' || o.domain_b || ' (' || share_b || ' %)' END,
           'använd ' || CASE WHEN o.kind = 'only_b' THEN uses_b || ' gånger i ' || o.title_b
                             WHEN o.attribute IS NULL THEN uses_a || ' gånger i ' || o.title_a
                             ELSE uses_a || ' gånger i ' || o.title_a || ' (' || replace(share_a, '.', ',')
                                  || ' % av dess bruk), ' || uses_b || ' i ' || o.title_b || ' ('
                                  || replace(share_b, '.', ',') || ' %)' END
    FROM open o
    JOIN used u USING (pair_id, difference_id)
    UNION ALL
    SELECT o.pair_id, o.difference_id, 6, 'precedent', r.ruling, r.adopt, r.value,
           r.n || ' differences of the same kind were ruled so in ' || r.decisions || ' decisions, such as '
               || r.example,
           r.n || ' skillnader av samma slag har beslutats så i ' || r.decisions || ' beslut, som ' || r.example
    FROM open o
    JOIN precedent r
      ON r.pair_id = o.pair_id AND r.entity_no = o.entity_no AND r.kind = o.kind
     AND r.attribute IS NOT DISTINCT FROM o.attribute
    UNION ALL
    SELECT pair_id, difference_id, 7, 'expected local', 'keep_local', NULL, NULL,
           'the catalogue expects this entity type to differ', 'posttypen väntas skilja sig åt'
    FROM open WHERE expected_local
)
SELECT pair_id, difference_id, rule, ruling, adopt, value, evidence, evidence_sv
FROM proposed
QUALIFY row_number() OVER (PARTITION BY pair_id, difference_id ORDER BY place, evidence) = 1;
