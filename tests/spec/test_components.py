"""Items and what they own: components count in their owner, wherever they went."""

import pytest

PLAN = """
entity: plan
title: Plan
area: one
source: {table: PLAN, local_id: ID}
keys: [name]
attributes: {name: {column: NAME}, note: {column: NOTE}}
"""

STEP = """
entity: step
title: Step
area: one
role: component
weight: 2
source: {table: STEP, local_id: ID}
parent: {entity: plan, column: PLAN_ID}
keys: [cki, [parent, what]]
attributes:
  what: {column: WHAT, compare: text}
  dose: {column: DOSE, compare: number, weight: 2}
  cki: {column: CKI, weight: 0}
"""

DETAIL = """
entity: detail
title: Detail
area: one
role: component
source: {table: DETAIL, local_id: ID}
parent: {entity: step, column: STEP_ID}
keys: [[parent, field]]
attributes:
  field: {column: FIELD, weight: 0}
  value: {column: VALUE, compare: text, weight: 3}
"""


def agreements(night, entity):
    found = night.rows("crosswalk", "label_a, agreement, identical", f"entity = '{entity}'")
    return {label: (round(agreement, 6), identical) for label, agreement, identical in found}


def test_components_count_in_their_owner_by_best_match_average(run):
    night = run(
        PLAN,
        STEP,
        a={
            "PLAN": "ID|NAME|NOTE\n1|P|x\n2|Q|x\n3|R|x\n4|S|x\n5|T|x",
            "STEP": """
            ID | PLAN_ID | WHAT | DOSE | CKI
            1  | 1       | wash | 1    |
            2  | 1       | rest | 1    |
            3  | 1       | only | 1    |
            4  | 2       | wash | 0,50 |
            5  | 4       | wash | 1    |
            """,
        },
        b={
            "PLAN": "ID|NAME|NOTE\n11|P|y\n12|Q|x\n13|R|x\n14|S|x\n15|T|y",
            "STEP": """
            ID | PLAN_ID | WHAT | DOSE | CKI
            21 | 11      | rest | 2    |
            22 | 11      | wash | 1    |
            23 | 12      | wash | .5   |
            """,
        },
    )
    # A step: parent 1, what 1, dose 2.
    assert agreements(night, "step") == {"wash": (1, True), "rest": (0.5, False)}
    assert agreements(night, "plan") == {
        # Own: name equal, note not. Steps: twice (1 + 0.5) over 3 + 2, with weight 2.
        "P": (round((1 + 2 * 2 * 1.5 / 5) / (2 + 2), 6), False),
        "Q": (1, True),
        "R": (1, True),
        # Its only step has no counterpart.
        "S": (round((2 + 0) / (2 + 2), 6), False),
        # No steps on either side: nothing to add.
        "T": (0.5, False),
    }
    night.shows(
        "difference",
        """
        entity | label | kind    | attribute | value_a | value_b | weight | root_entity | root_label
        plan   | P     | changed | note      | x       | y       | 1      | plan        | P
        plan   | T     | changed | note      | x       | y       | 1      | plan        | T
        step   | rest  | changed | dose      | 1       | 2       | 2      | plan        | P
        step   | only  | only_a  |           |         |         | 4      | plan        | P
        step   | wash  | only_a  |           |         |         | 4      | plan        | S
        """,
    )
    # The items of the area are its plans: the steps count within them.
    assert night.figure("one", level="area") == pytest.approx(sum(v for v, _ in agreements(night, "plan").values()) / 5)


def test_a_component_under_another_owner_is_moved_and_counts_in_neither(run):
    night = run(
        PLAN,
        STEP,
        a={"PLAN": "ID|NAME|NOTE\n1|P|\n2|Q|", "STEP": "ID|PLAN_ID|WHAT|DOSE|CKI\n1|1|wash|1|C1\n2|1|rest|1|C2"},
        b={"PLAN": "ID|NAME|NOTE\n1|Q|\n2|P|", "STEP": "ID|PLAN_ID|WHAT|DOSE|CKI\n1|1|wash|1|C1\n2|2|rest|1|C2"},
    )
    night.shows(
        "difference",
        """
        entity | label | kind  | attribute | value_a | value_b | root_label | cause_entity
        step   | wash  | moved | parent    | P       | Q       | P          |
        """,
    )
    assert agreements(night, "step") == {"wash": (0.75, False), "rest": (1, True)}
    # P: one of three steps' worth twice over (1 + 2); Q: nothing of one. Own weight 2, steps' 2.
    assert agreements(night, "plan") == {"P": (round((2 + 2 * 2 / 3) / 4, 6), False), "Q": (0.5, False)}


def test_children_of_an_unmatched_parent_carry_it_as_their_cause(run):
    night = run(
        PLAN,
        STEP,
        DETAIL,
        a={
            "PLAN": "ID|NAME|NOTE\n1|P|",
            "STEP": "ID|PLAN_ID|WHAT|DOSE|CKI\n1|1|wash|1|\n2|1|rest|1|C2",
            "DETAIL": "ID|STEP_ID|FIELD|VALUE\n1|1|temp|40\n2|2|time|1",
        },
        b={
            "PLAN": "ID|NAME|NOTE\n1|Q|",
            "STEP": "ID|PLAN_ID|WHAT|DOSE|CKI\n1|1|rest|1|C2",
            "DETAIL": "ID|STEP_ID|FIELD|VALUE\n1|1|time|1",
        },
    )
    # The match by CKI lives on below parents that have no match of their own.
    night.shows(
        "difference",
        """
        entity | label | kind   | attribute | value_a | value_b | cause_entity | cause_label | root_entity | root_label
        plan   | P     | only_a |           |         |         |              |             | plan        | P
        plan   | Q     | only_b |           |         |         |              |             | plan        | Q
        step   | wash  | only_a |           |         |         | plan         | P           | plan        | P
        detail | temp  | only_a |           |         |         | step         | wash        | plan        | P
        step   | rest  | moved  | parent    | P       | Q       | plan         | P           | plan        | P
        """,
    )
    assert night.matches("detail") == {("2", "1")}


def test_components_of_components_count_through(run):
    night = run(
        PLAN,
        STEP,
        DETAIL,
        a={
            "PLAN": "ID|NAME|NOTE\n1|P|",
            "STEP": "ID|PLAN_ID|WHAT|DOSE|CKI\n1|1|wash|1|",
            "DETAIL": "ID|STEP_ID|FIELD|VALUE\n1|1|temp|40\n2|1|time|5",
        },
        b={
            "PLAN": "ID|NAME|NOTE\n1|P|",
            "STEP": "ID|PLAN_ID|WHAT|DOSE|CKI\n1|1|wash|1|",
            "DETAIL": "ID|STEP_ID|FIELD|VALUE\n1|1|temp|37\n2|1|time|5",
        },
    )
    detail = {"temp": (0.25, False), "time": (1, True)}  # parent 1, value 3
    step = (4 + 2 * 1.25 / 4) / 5  # own 4; details by 1
    plan = (2 + 2 * step) / 4
    assert agreements(night, "detail") == detail
    assert agreements(night, "step") == {"wash": (round(step, 6), False)}
    assert agreements(night, "plan") == {"P": (round(plan, 6), False)}
    night.shows("difference", "label|attribute|root_entity|root_label\ntemp|value|plan|P")
    assert night.figure("plan", "strict") == 0


def test_a_component_may_have_owners_of_several_types(run):
    group = PLAN.replace("plan", "group").replace("PLAN", "GROUP")
    step = STEP.replace(
        "parent: {entity: plan, column: PLAN_ID}",
        "parent: {column: OWNER_ID, references: {type_column: OWNER, types: {PLAN: plan, GROUP: group}}}",
    )
    night = run(
        PLAN,
        group,
        step,
        a={
            "PLAN": "ID|NAME|NOTE\n1|P|\n9|only plan|",
            "GROUP": "ID|NAME|NOTE\n1|G|\n9|only group|",
            "STEP": "ID|OWNER|OWNER_ID|WHAT|DOSE|CKI\n1|PLAN|1|wash|1|\n2|GROUP|1|wash|1|\n3|PLAN|9|rest|1|",
        },
        b={
            "PLAN": "ID|NAME|NOTE\n1|P|",
            "GROUP": "ID|NAME|NOTE\n1|G|",
            "STEP": "ID|OWNER|OWNER_ID|WHAT|DOSE|CKI\n1|GROUP|1|wash|2|\n2|PLAN|1|wash|1|",
        },
    )
    assert night.matches("step") == {("1", "2"), ("2", "1")}
    assert agreements(night, "plan") == {"P": (1, True)}
    assert agreements(night, "group") == {"G": (0.75, False)}
    night.shows(
        "difference",
        """
        label | kind    | attribute | root_entity | root_label | cause_entity | cause_label
        wash  | changed | dose      | group       | G          |              |
        rest  | only_a  |           | plan        | only plan  | plan         | only plan
        """,
        "entity = 'step'",
    )


def test_an_id_that_two_types_answer_to_leads_nowhere(run):
    group = PLAN.replace("plan", "group").replace("PLAN", "GROUP")
    step = STEP.replace("{entity: plan, column: PLAN_ID}", "{entity: [plan, group], column: OWNER_ID}")
    night = run(
        PLAN,
        group,
        step,
        a={
            "PLAN": "ID|NAME|NOTE\n1|P|\n2|Q|",
            "GROUP": "ID|NAME|NOTE\n1|G|",
            "STEP": "ID|OWNER_ID|WHAT|DOSE|CKI\n1|1|unclear|1|C1\n2|2|clear|1|C2",
        },
        b={
            "PLAN": "ID|NAME|NOTE\n1|P|\n2|Q|",
            "GROUP": "ID|NAME|NOTE\n3|G|",
            "STEP": "ID|OWNER_ID|WHAT|DOSE|CKI\n1|1|unclear|1|C1\n2|2|clear|1|C2",
        },
    )
    night.shows("difference", "label|kind|value_a|value_b\nunclear|moved|? 1|P", "entity = 'step'")
    assert len(night.rows("item_step", "*")) == 4


def test_what_is_expected_to_be_local_is_compared_and_not_scored(run):
    night = run(
        PLAN,
        PLAN.replace("plan", "place").replace("PLAN", "PLACE") + "expected_local: true\n",
        STEP + "expected_local: true\n",
        a={
            "PLAN": "ID|NAME|NOTE\n1|P|",
            "PLACE": "ID|NAME|NOTE\n1|Ward 1|x\n2|Ward 2|",
            "STEP": "ID|PLAN_ID|WHAT|DOSE|CKI\n1|1|wash|1|",
        },
        b={
            "PLAN": "ID|NAME|NOTE\n1|P|",
            "PLACE": "ID|NAME|NOTE\n1|Ward 1|y\n2|Ward 3|",
            "STEP": "ID|PLAN_ID|WHAT|DOSE|CKI\n1|1|wash|2|",
        },
    )
    night.shows(
        "difference",
        """
        entity | label  | kind    | attribute | expected_local
        place  | Ward 1 | changed | note      | yes
        place  | Ward 2 | only_a  |           | yes
        place  | Ward 3 | only_b  |           | yes
        step   | wash   | changed | dose      | yes
        """,
    )
    assert night.figure("place") == pytest.approx(0.5 / 3)
    assert agreements(night, "plan") == {"P": (1, True)}
    assert night.figure("one", level="area") == 1
    assert night.figure("total", level="total") == 1
