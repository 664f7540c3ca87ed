-- One row per difference open in the newest night: an attribute that differs, or an item without a match.
-- pair_id: the pair of domains
-- difference_id: the same from night to night
-- entity: the entity type
-- area: its area
-- identity: the match or the unmatched item (crosswalk.identity, unmatched.identity)
-- label: the item as it is shown
-- root_entity: entity type of the item that owns a component in the end; else as entity
-- root_identity: that item
-- root_label: that item as it is shown
-- kind: changed, moved (stands under another owner), only_a or only_b
-- attribute: what differs; NULL for an item without a match
-- value_a: the value in domain a as shown; a reference by its target's label
-- value_b: the value in domain b
-- weight: how much it weighs
-- expected_local: whether the entity type is expected to differ
-- cause_entity: entity type of the unmatched item that it leads to, one step back; what explains it in the end is cause_id
-- cause_identity: that item
-- cause_label: that item as it is shown
-- opened_night: the night since which it has been open
-- opened_at: that night's time
-- cause_id: the direct difference that explains it, the nearest where there are several (difference_cause has all); its own id where it is direct
-- because_entity: the cause's entity type, where it is another difference
-- because_label: the cause's item as it is shown
-- because_attribute: what differs of it; NULL where it has no counterpart
-- causes: how many direct differences explain it; 1 where it is direct
-- steps: how many links lie between it and its cause; 0 where it is direct
-- worth: by how much the convergence of the total would rise if this difference alone were gone; 0 where it does not count
-- first_seen: the time of the first night it was seen in, ever
-- last_seen: the time of the newest night it was seen in
-- reopened: how many times it has come back after it was gone
-- nights_open: how many nights it has been open, the newest included
-- reason: what the difference is, in English words
-- reason_sv: the same in Swedish
SELECT d.pair_id, d.difference_id, d.entity, t.area, d.identity, d.label,
       coalesce(r.entity, d.entity) AS root_entity, coalesce(r.identity, d.identity) AS root_identity,
       coalesce(r.label, d.label) AS root_label,
       d.kind, d.attribute, d.value_a, d.value_b, d.weight, t.expected_local,
       d.cause_entity, d.cause_identity, c.label AS cause_label, l.opened_night, n.as_of AS opened_at,
       coalesce(b.cause_id, d.difference_id) AS cause_id, g.entity AS because_entity, g.label AS because_label,
       g.attribute AS because_attribute, coalesce(b.causes, 1) AS causes, coalesce(b.steps, 0) AS steps,
       coalesce(w.worth, 0) AS worth, f.as_of AS first_seen, s.as_of AS last_seen, l.reopened,
       s.night_id - l.opened_night + 1 AS nights_open,
       CASE WHEN d.kind = 'only_a' THEN 'only in ' || p.domain_a
            WHEN d.kind = 'only_b' THEN 'only in ' || p.domain_b
            WHEN d.kind = 'moved' THEN 'stands under another owner'
            WHEN d.value_a IS NULL THEN 'no value in ' || p.domain_a
            WHEN d.value_b IS NULL THEN 'no value in ' || p.domain_b
            ELSE CASE k.kind
                WHEN 'reference' THEN CASE WHEN b.steps > 0 THEN 'leads to something that the other side lacks' ELSE 'leads to something else' END
                WHEN 'number' THEN coalesce(
                    CASE WHEN try_cast(d.value_a AS DOUBLE) > 0 AND try_cast(d.value_b AS DOUBLE) / try_cast(d.value_a AS DOUBLE) >= 2
                         THEN printf('%.4g', try_cast(d.value_b AS DOUBLE) / try_cast(d.value_a AS DOUBLE)) || ' times as much in ' || p.domain_b
                         WHEN try_cast(d.value_b AS DOUBLE) > 0 AND try_cast(d.value_a AS DOUBLE) / try_cast(d.value_b AS DOUBLE) >= 2
                         THEN printf('%.4g', try_cast(d.value_a AS DOUBLE) / try_cast(d.value_b AS DOUBLE)) || ' times as much in ' || p.domain_a
                         WHEN try_cast(d.value_b AS DOUBLE) > try_cast(d.value_a AS DOUBLE)
                         THEN printf('%.10g', try_cast(d.value_b AS DOUBLE) - try_cast(d.value_a AS DOUBLE)) || ' more in ' || p.domain_b
                         WHEN try_cast(d.value_b AS DOUBLE) < try_cast(d.value_a AS DOUBLE)
                         THEN printf('%.10g', try_cast(d.value_a AS DOUBLE) - try_cast(d.value_b AS DOUBLE)) || ' more in ' || p.domain_a END, 'another value')
                WHEN 'flag' THEN CASE WHEN d.value_a = '1' AND d.value_b = '0' THEN 'yes in ' || p.domain_a || ', no in ' || p.domain_b
                                      WHEN d.value_a = '0' AND d.value_b = '1' THEN 'no in ' || p.domain_a || ', yes in ' || p.domain_b ELSE 'another value' END
                WHEN 'date' THEN CASE WHEN d.value_a = 'open' THEN 'open in ' || p.domain_a WHEN d.value_b = 'open' THEN 'open in ' || p.domain_b
                     ELSE coalesce(abs(date_diff('day', try_cast(d.value_a AS TIMESTAMP), try_cast(d.value_b AS TIMESTAMP))) || ' days apart', 'another date') END
                WHEN 'mask' THEN 'bits ' || array_to_string(list_filter(range(62), lambda i: xor(try_cast(d.value_a AS BIGINT), try_cast(d.value_b AS BIGINT)) >> i & 1 = 1), ', ') || ' set on one side alone'
                WHEN 'list' THEN CASE WHEN list_sort(string_split(d.value_a, '; ')) = list_sort(string_split(d.value_b, '; ')) THEN 'the same in another order' ELSE x.lacking END
                WHEN 'set' THEN x.lacking
                WHEN 'long' THEN x.lines WHEN 'xml' THEN x.lines WHEN 'json' THEN x.lines
                WHEN 'quantity' THEN 'another amount'
                WHEN 'text' THEN CASE WHEN lower(d.value_a) = lower(d.value_b) THEN 'upper and lower case alone'
                     WHEN regexp_replace(lower(d.value_a), '[^\p{L}\p{N}]', '', 'g') = regexp_replace(lower(d.value_b), '[^\p{L}\p{N}]', '', 'g') THEN 'blanks and signs alone'
                     WHEN strip_accents(lower(d.value_a)) = strip_accents(lower(d.value_b)) THEN 'å, ä, ö and accents alone'
                     WHEN starts_with(d.value_b, d.value_a) THEN 'goes on in ' || p.domain_b WHEN starts_with(d.value_a, d.value_b) THEN 'goes on in ' || p.domain_a
                     ELSE 'another text' END
                ELSE 'another value' END END AS reason,
       CASE WHEN d.kind = 'only_a' THEN 'finns bara i ' || p.domain_a
            WHEN d.kind = 'only_b' THEN 'finns bara i ' || p.domain_b
            WHEN d.kind = 'moved' THEN 'ligger under en annan ägare'
            WHEN d.value_a IS NULL THEN 'saknar värde i ' || p.domain_a
            WHEN d.value_b IS NULL THEN 'saknar värde i ' || p.domain_b
            ELSE CASE k.kind
                WHEN 'reference' THEN CASE WHEN b.steps > 0 THEN 'leder till något som saknas på andra sidan' ELSE 'leder till något annat' END
                WHEN 'flag' THEN CASE WHEN d.value_a = '1' AND d.value_b = '0' THEN 'ja i ' || p.domain_a || ', nej i ' || p.domain_b
                                      WHEN d.value_a = '0' AND d.value_b = '1' THEN 'nej i ' || p.domain_a || ', ja i ' || p.domain_b ELSE 'annat värde' END
                WHEN 'number' THEN coalesce(
                    CASE WHEN try_cast(d.value_a AS DOUBLE) > 0 AND try_cast(d.value_b AS DOUBLE) / try_cast(d.value_a AS DOUBLE) >= 2
                         THEN replace(printf('%.4g', try_cast(d.value_b AS DOUBLE) / try_cast(d.value_a AS DOUBLE)), '.', ',') || ' gånger så mycket i ' || p.domain_b
                         WHEN try_cast(d.value_b AS DOUBLE) > 0 AND try_cast(d.value_a AS DOUBLE) / try_cast(d.value_b AS DOUBLE) >= 2
                         THEN replace(printf('%.4g', try_cast(d.value_a AS DOUBLE) / try_cast(d.value_b AS DOUBLE)), '.', ',') || ' gånger så mycket i ' || p.domain_a
                         WHEN try_cast(d.value_b AS DOUBLE) > try_cast(d.value_a AS DOUBLE)
                         THEN replace(printf('%.10g', try_cast(d.value_b AS DOUBLE) - try_cast(d.value_a AS DOUBLE)), '.', ',') || ' mer i ' || p.domain_b
                         WHEN try_cast(d.value_b AS DOUBLE) < try_cast(d.value_a AS DOUBLE)
                         THEN replace(printf('%.10g', try_cast(d.value_a AS DOUBLE) - try_cast(d.value_b AS DOUBLE)), '.', ',') || ' mer i ' || p.domain_a END, 'annat värde')
                WHEN 'date' THEN CASE WHEN d.value_a = 'open' THEN 'öppet i ' || p.domain_a WHEN d.value_b = 'open' THEN 'öppet i ' || p.domain_b
                     ELSE coalesce(abs(date_diff('day', try_cast(d.value_a AS TIMESTAMP), try_cast(d.value_b AS TIMESTAMP))) || ' dagar isär', 'annat datum') END
                WHEN 'mask' THEN 'bitarna ' || array_to_string(list_filter(range(62), lambda i: xor(try_cast(d.value_a AS BIGINT), try_cast(d.value_b AS BIGINT)) >> i & 1 = 1), ', ') || ' är satta på bara ena sidan'
                WHEN 'list' THEN CASE WHEN list_sort(string_split(d.value_a, '; ')) = list_sort(string_split(d.value_b, '; ')) THEN 'samma i annan ordning' ELSE x.lacking_sv END
                WHEN 'set' THEN x.lacking_sv
                WHEN 'long' THEN x.lines_sv WHEN 'xml' THEN x.lines_sv WHEN 'json' THEN x.lines_sv
                WHEN 'quantity' THEN 'annan mängd'
                WHEN 'text' THEN CASE WHEN lower(d.value_a) = lower(d.value_b) THEN 'bara stora och små bokstäver'
                     WHEN regexp_replace(lower(d.value_a), '[^\p{L}\p{N}]', '', 'g') = regexp_replace(lower(d.value_b), '[^\p{L}\p{N}]', '', 'g') THEN 'bara blanktecken och skiljetecken'
                     WHEN strip_accents(lower(d.value_a)) = strip_accents(lower(d.value_b)) THEN 'bara å, ä, ö och accenter'
                     WHEN starts_with(d.value_b, d.value_a) THEN 'fortsätter i ' || p.domain_b WHEN starts_with(d.value_a, d.value_b) THEN 'fortsätter i ' || p.domain_a
                     ELSE 'annan text' END
                ELSE 'annat värde' END END AS reason_sv
FROM compared.difference d
JOIN measured.entity_type t USING (entity)
JOIN measured.pair p ON p.pair_id = d.pair_id
LEFT JOIN measured.attribute k ON k.entity = d.entity AND k.attribute = d.attribute
LEFT JOIN compared.owner o ON o.match_no = d.match_no
LEFT JOIN measured.shown r ON r.match_no = o.root_match_no
LEFT JOIN measured.shown c ON c.match_no = d.cause_match_no
LEFT JOIN (
    SELECT difference_id, first(cause_id ORDER BY steps, cause_id) AS cause_id, count(*) AS causes, min(steps) AS steps
    FROM compared.difference_cause GROUP BY difference_id
) b ON b.difference_id = d.difference_id
LEFT JOIN compared.difference g ON g.difference_id = b.cause_id AND b.steps > 0
LEFT JOIN compared.worth w ON w.difference_id = d.difference_id
LEFT JOIN (
    SELECT difference_id, max(opened_night) FILTER (closed_night IS NULL) AS opened_night, min(opened_night) AS first_night,
           count(*) - 1 AS reopened
    FROM measured.difference_life GROUP BY difference_id
) l ON l.difference_id = d.difference_id
LEFT JOIN measured.night n ON n.night_id = l.opened_night
LEFT JOIN measured.night f ON f.night_id = l.first_night
-- What one side's list lacks, and how many lines of a long text are on one side alone.
CROSS JOIN LATERAL (
    SELECT only_a, only_b, lines_a + lines_b AS n,
           concat_ws('; ', 'only in ' || p.domain_a || ': ' || only_a, 'only in ' || p.domain_b || ': ' || only_b) AS lacking,
           concat_ws('; ', 'bara i ' || p.domain_a || ': ' || only_a, 'bara i ' || p.domain_b || ': ' || only_b) AS lacking_sv,
           lines_a || ' lines only in ' || p.domain_a || ', ' || lines_b || ' only in ' || p.domain_b AS lines,
           lines_a || ' rader bara i ' || p.domain_a || ', ' || lines_b || ' bara i ' || p.domain_b AS lines_sv
    FROM (SELECT
        nullif(array_to_string(list_filter(string_split(d.value_a, '; '), lambda v: NOT list_contains(string_split(d.value_b, '; '), v)), '; '), '') AS only_a,
        nullif(array_to_string(list_filter(string_split(d.value_b, '; '), lambda v: NOT list_contains(string_split(d.value_a, '; '), v)), '; '), '') AS only_b,
        length(list_filter(string_split(d.value_a, chr(10)), lambda v: NOT list_contains(string_split(d.value_b, chr(10)), v))) AS lines_a,
        length(list_filter(string_split(d.value_b, chr(10)), lambda v: NOT list_contains(string_split(d.value_a, chr(10)), v))) AS lines_b)
) x
CROSS JOIN (SELECT night_id, as_of FROM measured.night ORDER BY night_id DESC LIMIT 1) s
