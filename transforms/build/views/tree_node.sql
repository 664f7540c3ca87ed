-- One row per owner and component of a pair: what an item is composed of on both sides. A component that stands under
--     different owners has a row under each. Where a component leads on to an item of its own (a form's section to the
--     section that several forms share), it has a row for that item, which is not owned: linked.
-- pair_id: the pair of domains
-- owner_entity: entity type of the owner
-- owner_identity: the owner: a match or an unmatched item, itself perhaps a component
-- entity: entity type of the component
-- identity: the component
-- label: the component as it is shown
-- state: both (under this owner on both sides), moved (under another owner on the other side), only_a or only_b; a
--     linked item never moved
-- place_a: its place among the components of its type under this owner in domain a; NULL where it is not there
-- place_b: the same in domain b
-- differences: how many of its own attributes differ
-- label_a: the component as domain a shows it; NULL where it is not under this owner there
-- label_b: the same in domain b
-- root_entity: entity type of the item at the top that the component belongs to
-- root_identity: that item; all rows of one tree have the same
-- elsewhere_entity: of one that moved: entity type of its owner on the other side
-- elsewhere_identity: that owner
-- elsewhere_label: that owner as it is shown there
-- linked: whether it is an item of its own that the owner refers to; its own components are rows of its own tree
-- matched: whether the component (or the linked item) has a counterpart anywhere
SELECT p.pair_id, oe.entity AS owner_entity, o.identity AS owner_identity, e.entity, m.identity,
       coalesce(t.label_a, t.label_b) AS label,
       CASE WHEN t.place_a IS NOT NULL AND t.place_b IS NOT NULL THEN 'both'
            WHEN m.rule IS NOT NULL AND NOT t.linked THEN 'moved'
            WHEN t.place_b IS NULL THEN 'only_a' ELSE 'only_b' END AS state,
       t.place_a, t.place_b, coalesce(d.differences, 0) AS differences, t.label_a, t.label_b,
       re.entity AS root_entity, r.identity AS root_identity, ee.entity AS elsewhere_entity,
       x.identity AS elsewhere_identity,
       CASE state WHEN 'moved' THEN CASE WHEN t.place_a IS NOT NULL THEN d.owner_b ELSE d.owner_a END END
           AS elsewhere_label,
       t.linked, m.rule IS NOT NULL AS matched
FROM measured.tree t
JOIN catalogue.pair p USING (pair_no)
JOIN matched.item o ON o.match_no = t.owner_no
JOIN catalogue.entity oe ON oe.entity_no = o.entity_no
JOIN matched.item m ON m.match_no = t.match_no
JOIN catalogue.entity e ON e.entity_no = m.entity_no
JOIN matched.item r ON r.match_no = t.root_no
JOIN catalogue.entity re ON re.entity_no = r.entity_no
LEFT JOIN matched.item x ON x.match_no = t.elsewhere_no
LEFT JOIN catalogue.entity ee ON ee.entity_no = x.entity_no
LEFT JOIN (
    SELECT match_no, count(*) FILTER (attribute IS NOT NULL AND kind <> 'moved') AS differences,
           any_value(value_a) FILTER (kind = 'moved') AS owner_a, any_value(value_b) FILTER (kind = 'moved') AS owner_b
    FROM compared.difference GROUP BY match_no
) d ON d.match_no = t.match_no
