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
-- cause_entity: entity type of the unmatched item that it leads to, one step back; what explains it in the end is
--     cause_id
-- cause_identity: that item
-- cause_label: that item as it is shown
-- opened_night: the night since which it has been open
-- opened_at: that night's time
-- cause_id: the direct difference that explains it, the nearest where there are several (difference_cause has all); its
--     own id where it is direct
-- because_entity: the cause's entity type, where it is another difference
-- because_label: the cause's item as it is shown
-- because_attribute: what differs of it; NULL where it has no counterpart
-- causes: how many direct differences explain it; 1 where it is direct
-- steps: how many links lie between it and its cause; 0 where it is direct
-- worth: by how much the convergence of the total would rise if this difference alone were gone; 0 where it does not
--     count
-- first_seen: the time of the first night it was seen in, ever
-- last_seen: the time of the newest night it was seen in
-- reopened: how many times it has come back after it was gone
-- nights_open: how many nights it has been open, the newest included
-- reason: what the difference is, in English words
-- reason_sv: the same in Swedish
-- What one side's list lacks, and how many lines of a long text are on one side alone.
WITH d AS (
    SELECT d.*, p.domain_a, p.domain_b, k.kind AS compared_as,
           try_cast(d.value_a AS DOUBLE) AS number_a, try_cast(d.value_b AS DOUBLE) AS number_b,
           lower(d.value_a) AS lower_a, lower(d.value_b) AS lower_b,
           string_split(d.value_a, '; ') AS list_a, string_split(d.value_b, '; ') AS list_b,
           string_split(d.value_a, chr(10)) AS lines_a, string_split(d.value_b, chr(10)) AS lines_b
    FROM compared.difference d
    JOIN measured.pair p USING (pair_id)
    LEFT JOIN measured.attribute k ON k.entity = d.entity AND k.attribute = d.attribute
), found AS (
    SELECT d.*,
           nullif(array_to_string(list_filter(list_a, lambda v: NOT list_contains(list_b, v)), '; '), '') AS only_a,
           nullif(array_to_string(list_filter(list_b, lambda v: NOT list_contains(list_a, v)), '; '), '') AS only_b,
           length(list_filter(lines_a, lambda v: NOT list_contains(lines_b, v))) AS more_a,
           length(list_filter(lines_b, lambda v: NOT list_contains(lines_a, v))) AS more_b,
           array_to_string(list_filter(
               range(62), lambda i: xor(try_cast(value_a AS BIGINT), try_cast(value_b AS BIGINT)) >> i & 1 = 1), ', '
           ) AS bits,
           abs(date_diff('day', try_cast(value_a AS TIMESTAMP), try_cast(value_b AS TIMESTAMP))) AS days,
           regexp_replace(lower_a, '[^\p{L}\p{N}]', '', 'g') = regexp_replace(lower_b, '[^\p{L}\p{N}]', '', 'g')
               AS spelt
    FROM d
), explained AS (
    SELECT difference_id, first(cause_id ORDER BY steps, cause_id) AS cause_id, count(*) AS causes, min(steps) AS steps
    FROM compared.difference_cause GROUP BY difference_id
), life AS (
    SELECT difference_id, max(opened_night) FILTER (closed_night IS NULL) AS opened_night,
           min(opened_night) AS first_night, count(*) - 1 AS reopened
    FROM measured.difference_life GROUP BY difference_id
)
SELECT d.pair_id, d.difference_id, d.entity, t.area, d.identity, d.label,
       coalesce(r.entity, d.entity) AS root_entity, coalesce(r.identity, d.identity) AS root_identity,
       coalesce(r.label, d.label) AS root_label,
       d.kind, d.attribute, d.value_a, d.value_b, d.weight, t.expected_local,
       d.cause_entity, d.cause_identity, c.label AS cause_label, l.opened_night, n.as_of AS opened_at,
       coalesce(b.cause_id, d.difference_id) AS cause_id, g.entity AS because_entity, g.label AS because_label,
       g.attribute AS because_attribute, coalesce(b.causes, 1) AS causes, coalesce(b.steps, 0) AS steps,
       coalesce(w.worth, 0) AS worth, f.as_of AS first_seen, s.as_of AS last_seen, l.reopened,
       s.night_id - l.opened_night + 1 AS nights_open,
       CASE WHEN d.kind = 'only_a' THEN 'only in ' || d.domain_a
            WHEN d.kind = 'only_b' THEN 'only in ' || d.domain_b
            WHEN d.kind = 'moved' THEN 'stands under another owner'
            WHEN d.value_a IS NULL THEN 'no value in ' || d.domain_a
            WHEN d.value_b IS NULL THEN 'no value in ' || d.domain_b
            WHEN d.compared_as = 'reference' AND b.steps > 0 THEN 'leads to something that the other side lacks'
            WHEN d.compared_as = 'reference' THEN 'leads to something else'
            WHEN d.compared_as = 'number' AND number_a > 0 AND number_b / number_a >= 2
            THEN printf('%.4g', number_b / number_a) || ' times as much in ' || d.domain_b
            WHEN d.compared_as = 'number' AND number_b > 0 AND number_a / number_b >= 2
            THEN printf('%.4g', number_a / number_b) || ' times as much in ' || d.domain_a
            WHEN d.compared_as = 'number' AND number_b > number_a
            THEN printf('%.10g', number_b - number_a) || ' more in ' || d.domain_b
            WHEN d.compared_as = 'number' AND number_b < number_a
            THEN printf('%.10g', number_a - number_b) || ' more in ' || d.domain_a
            WHEN d.compared_as = 'flag' AND d.value_a = '1' AND d.value_b = '0'
            THEN 'yes in ' || d.domain_a || ', no in ' || d.domain_b
            WHEN d.compared_as = 'flag' AND d.value_a = '0' AND d.value_b = '1'
            THEN 'no in ' || d.domain_a || ', yes in ' || d.domain_b
            WHEN d.compared_as = 'date' AND d.value_a = 'open' THEN 'open in ' || d.domain_a
            WHEN d.compared_as = 'date' AND d.value_b = 'open' THEN 'open in ' || d.domain_b
            WHEN d.compared_as = 'date' THEN coalesce(d.days || ' days apart', 'another date')
            WHEN d.compared_as = 'mask' THEN 'bits ' || d.bits || ' set on one side alone'
            WHEN d.compared_as = 'list' AND list_sort(list_a) = list_sort(list_b) THEN 'the same in another order'
            WHEN d.compared_as IN ('list', 'set')
            THEN concat_ws('; ', 'only in ' || d.domain_a || ': ' || only_a, 'only in ' || d.domain_b || ': ' || only_b)
            WHEN d.compared_as IN ('long', 'xml', 'json')
            THEN more_a || ' lines only in ' || d.domain_a || ', ' || more_b || ' only in ' || d.domain_b
            WHEN d.compared_as = 'quantity' THEN 'another amount'
            WHEN d.compared_as = 'text'
            THEN CASE WHEN lower_a = lower_b THEN 'upper and lower case alone'
                      WHEN d.spelt THEN 'blanks and signs alone'
                      WHEN strip_accents(lower_a) = strip_accents(lower_b) THEN 'å, ä, ö and accents alone'
                      WHEN starts_with(d.value_b, d.value_a) THEN 'goes on in ' || d.domain_b
                      WHEN starts_with(d.value_a, d.value_b) THEN 'goes on in ' || d.domain_a
                      ELSE 'another text' END
            ELSE 'another value' END AS reason,
       CASE WHEN d.kind = 'only_a' THEN 'finns bara i ' || d.domain_a
            WHEN d.kind = 'only_b' THEN 'finns bara i ' || d.domain_b
            WHEN d.kind = 'moved' THEN 'ligger under en annan ägare'
            WHEN d.value_a IS NULL THEN 'saknar värde i ' || d.domain_a
            WHEN d.value_b IS NULL THEN 'saknar värde i ' || d.domain_b
            WHEN d.compared_as = 'reference' AND b.steps > 0 THEN 'leder till något som saknas på andra sidan'
            WHEN d.compared_as = 'reference' THEN 'leder till något annat'
            WHEN d.compared_as = 'number' AND number_a > 0 AND number_b / number_a >= 2
            THEN replace(printf('%.4g', number_b / number_a), '.', ',') || ' gånger så mycket i ' || d.domain_b
            WHEN d.compared_as = 'number' AND number_b > 0 AND number_a / number_b >= 2
            THEN replace(printf('%.4g', number_a / number_b), '.', ',') || ' gånger så mycket i ' || d.domain_a
            WHEN d.compared_as = 'number' AND number_b > number_a
            THEN replace(printf('%.10g', number_b - number_a), '.', ',') || ' mer i ' || d.domain_b
            WHEN d.compared_as = 'number' AND number_b < number_a
            THEN replace(printf('%.10g', number_a - number_b), '.', ',') || ' mer i ' || d.domain_a
            WHEN d.compared_as = 'flag' AND d.value_a = '1' AND d.value_b = '0'
            THEN 'ja i ' || d.domain_a || ', nej i ' || d.domain_b
            WHEN d.compared_as = 'flag' AND d.value_a = '0' AND d.value_b = '1'
            THEN 'nej i ' || d.domain_a || ', ja i ' || d.domain_b
            WHEN d.compared_as = 'date' AND d.value_a = 'open' THEN 'öppet i ' || d.domain_a
            WHEN d.compared_as = 'date' AND d.value_b = 'open' THEN 'öppet i ' || d.domain_b
            WHEN d.compared_as = 'date' THEN coalesce(d.days || ' dagar isär', 'annat datum')
            WHEN d.compared_as = 'mask' THEN 'bitarna ' || d.bits || ' är satta på bara ena sidan'
            WHEN d.compared_as = 'list' AND list_sort(list_a) = list_sort(list_b) THEN 'samma i annan ordning'
            WHEN d.compared_as IN ('list', 'set')
            THEN concat_ws('; ', 'bara i ' || d.domain_a || ': ' || only_a, 'bara i ' || d.domain_b || ': ' || only_b)
            WHEN d.compared_as IN ('long', 'xml', 'json')
            THEN more_a || ' rader bara i ' || d.domain_a || ', ' || more_b || ' bara i ' || d.domain_b
            WHEN d.compared_as = 'quantity' THEN 'annan mängd'
            WHEN d.compared_as = 'text'
            THEN CASE WHEN lower_a = lower_b THEN 'bara stora och små bokstäver'
                      WHEN d.spelt THEN 'bara blanktecken och skiljetecken'
                      WHEN strip_accents(lower_a) = strip_accents(lower_b) THEN 'bara å, ä, ö och accenter'
                      WHEN starts_with(d.value_b, d.value_a) THEN 'fortsätter i ' || d.domain_b
                      WHEN starts_with(d.value_a, d.value_b) THEN 'fortsätter i ' || d.domain_a
                      ELSE 'annan text' END
            ELSE 'annat värde' END AS reason_sv
FROM found d
JOIN measured.entity_type t USING (entity)
LEFT JOIN compared.owner o ON o.match_no = d.match_no
LEFT JOIN measured.shown r ON r.match_no = o.root_match_no
LEFT JOIN measured.shown c ON c.match_no = d.cause_match_no
LEFT JOIN explained b ON b.difference_id = d.difference_id
LEFT JOIN compared.difference g ON g.difference_id = b.cause_id AND b.steps > 0
LEFT JOIN compared.worth w ON w.difference_id = d.difference_id
LEFT JOIN life l ON l.difference_id = d.difference_id
LEFT JOIN measured.night n ON n.night_id = l.opened_night
LEFT JOIN measured.night f ON f.night_id = l.first_night
CROSS JOIN (SELECT night_id, as_of FROM measured.night ORDER BY night_id DESC LIMIT 1) s
