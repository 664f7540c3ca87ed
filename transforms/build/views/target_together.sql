-- One row per thing that two domains or more have and attribute: what the targets of all their pairs say of it
--     together, as they stand.
-- cluster_id: the thing (published.cluster)
-- entity: the entity type
-- label: the thing as it is shown
-- domains: how many domains have it
-- attribute: the attribute; parent is the link to the owner
-- value: what is agreed or ruled among all that have it; NULL where it is not settled
-- provenance: agreed (by all that have it), decision, local (an accepted deviation in one pair at least), open (in one
--     pair at least), or conflict (settled otherwise in one pair than in another)
-- decisions: the decisions it stands on, divided by a comma
-- pairs: how many pairs of domains speak of it
WITH place AS (
    SELECT x.pair_id, x.entity, x.identity, c.cluster_id, c.label, c.items
    FROM published.crosswalk x
    JOIN published.pair p ON p.pair_id = x.pair_id
    JOIN published.cluster c ON c.entity = x.entity AND c.domain = p.domain_a AND c.local_id = x.local_id_a
    JOIN published.cluster d ON d.cluster_id = c.cluster_id AND d.entity = x.entity AND d.domain = p.domain_b
        AND d.local_id = x.local_id_b
), said AS (
    SELECT l.cluster_id, l.entity, min(l.label) AS label, any_value(l.items) AS domains, t.attribute, count(*) AS pairs,
           -- A ruling for a third domain's side settles what these two differ in as well.
           bool_or(t.provenance = 'open' AND NOT coalesce(
               r.ruling = 'adopt' AND r.state = 'holds' AND r.adopt NOT IN (p.domain_a, p.domain_b), false)) AS is_open,
           bool_or(t.provenance = 'local') AS is_local, bool_or(t.provenance = 'decision') AS is_ruled,
           count(DISTINCT coalesce(t.value, chr(0))) FILTER (t.provenance IN ('agreed', 'decision')) AS told,
           min(t.value) FILTER (t.provenance IN ('agreed', 'decision')) AS one,
           string_agg(DISTINCT t.decision_id, ', ' ORDER BY t.decision_id)
               FILTER (t.provenance IN ('decision', 'local')) AS decisions
    FROM place l JOIN published.target_value t ON t.pair_id = l.pair_id AND t.entity = l.entity
        AND t.identity = l.identity
    JOIN published.pair p ON p.pair_id = t.pair_id
    LEFT JOIN published.decision r ON r.decision_id = t.decision_id
    WHERE t.to_night IS NULL GROUP BY l.cluster_id, l.entity, t.attribute
)
, judged AS (
    SELECT *, CASE WHEN is_open THEN 'open' WHEN told > 1 THEN 'conflict' WHEN is_local THEN 'local'
                   WHEN is_ruled THEN 'decision' ELSE 'agreed' END AS provenance
    FROM said
)
SELECT cluster_id, entity, label, domains, attribute,
       CASE WHEN provenance IN ('agreed', 'decision') THEN one END AS value, provenance, decisions, pairs
FROM judged
