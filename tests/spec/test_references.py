"""References are compared by what they lead to on each side, never by id."""

UNIT = """
entity: unit
title: Unit
area: one
source: {table: UNIT, local_id: ID}
keys: [name]
attributes: {name: NAME, parts: {column: PARTS}}
"""

ROUTE = """
entity: route
title: Route
area: one
source: {table: ROUTE, local_id: ID}
keys: [name]
attributes: {name: NAME}
"""

DOSE = """
entity: dose
title: Dose
area: one
source: {table: DOSE, local_id: ID}
keys: [name]
attributes:
  name: NAME
  unit: {column: UNIT_ID, references: unit}
"""


def test_equal_ids_that_mean_different_things_differ_and_different_ids_that_mean_the_same_are_equal(run):
    head = "ID|NAME|UNIT_ID\n"
    night = run(
        UNIT,
        DOSE,
        a={
            "UNIT": "ID|NAME\n1|mg\n2|ml\n3|only a",
            "DOSE": head
            + "1|same id|1\n2|same unit|2\n3|none|0\n4|lost|1\n5|dangling|99\n6|cause|3\n7|both dangling|98",
        },
        b={
            "UNIT": "ID|NAME\n1|ml\n2|mg\n4|only b",
            "DOSE": head + "1|same id|1\n2|same unit|1\n3|none|\n4|lost|0\n5|dangling|2\n6|cause|4\n7|both dangling|97",
        },
    )
    night.shows(
        "difference",
        """
        label         | kind    | attribute | value_a | value_b | cause_entity | cause_label
        same id       | changed | unit      | mg      | ml      |              |
        lost          | changed | unit      | mg      |         |              |
        dangling      | changed | unit      | ? 99    | mg      |              |
        cause         | changed | unit      | only a  | only b  | unit         | only a
        """,
        "entity = 'dose'",
    )
    assert night.rows("crosswalk", "label_a", "entity = 'dose' AND identical") == [
        ("both dangling",),
        ("none",),
        ("same unit",),
    ]


def test_a_cause_on_the_other_side_is_named_too(run):
    night = run(
        UNIT,
        DOSE,
        a={"UNIT": "ID|NAME\n1|mg", "DOSE": "ID|NAME|UNIT_ID\n1|x|1"},
        b={"UNIT": "ID|NAME\n1|mg\n2|new", "DOSE": "ID|NAME|UNIT_ID\n1|x|2"},
    )
    night.shows(
        "difference",
        """
        entity | label | kind    | attribute | value_a | value_b | cause_entity | cause_label
        dose   | x     | changed | unit      | mg      | new     | unit         | new
        unit   | new   | only_b  |           |         |         |              |
        """,
    )


def test_a_polymorphic_reference_is_compared_by_type_and_meaning(run):
    dose = """
    entity: dose
    title: Dose
    area: one
    source: {table: DOSE, local_id: ID}
    keys: [name]
    attributes:
      name: NAME
      about: {column: P_ID, references: {type_column: P_NAME, types: {UNIT: unit, ROUTE: route}}}
    """
    head = "ID|NAME|P_ID|P_NAME\n"
    night = run(
        UNIT,
        ROUTE,
        dose,
        a={
            "UNIT": "ID|NAME\n1|x\n2|y",
            "ROUTE": "ID|NAME\n1|x\n2|y",
            "DOSE": head
            + "1|same|1|UNIT\n2|other type|1|UNIT\n3|undescribed|7|FORM\n4|undescribed too|7|FORM\n5|none|0|UNIT",
        },
        b={
            "UNIT": "ID|NAME\n2|x\n1|y",
            "ROUTE": "ID|NAME\n2|x\n1|y",
            "DOSE": head
            + "1|same|2|UNIT\n2|other type|2|ROUTE\n3|undescribed|8|FORM\n4|undescribed too|7|SHEET\n5|none||",
        },
    )
    # What the catalogue does not describe can only be told by its type.
    night.shows(
        "difference",
        """
        label           | attribute | value_a | value_b
        other type      | about     | x       | x
        undescribed too | about     | FORM    | SHEET
        """,
        "entity = 'dose'",
    )


def test_a_reference_may_be_stored_as_another_attributes_value(run):
    dose = DOSE.replace("references: unit}", "references: {to: unit, by: name}}")
    night = run(
        UNIT,
        dose,
        a={
            "UNIT": "ID|NAME|PARTS\n1|mg|1\n2|ml|2\n3|twice|3\n4|twice|4\n5|only a|5",
            "DOSE": "ID|NAME|UNIT_ID\n1|same|mg\n2|other|mg\n3|unclear|twice\n4|nowhere|g\n5|cause|only a\n6|apart|g",
        },
        b={
            "UNIT": "ID|NAME|PARTS\n7|mg|1\n8|ml|2\n9|twice|3",
            "DOSE": "ID|NAME|UNIT_ID\n1|same| mg \n2|other|ml\n3|unclear|twice\n4|nowhere|g\n5|cause|mg\n6|apart|h",
        },
    )
    night.shows(
        "difference",
        """
        label   | value_a | value_b | cause_label
        other   | mg      | ml      |
        unclear | ? twice | twice   | twice
        apart   | ? g     | ? h     |
        cause   | only a  | mg      | only a
        """,
        "entity = 'dose'",
    )


def test_a_reference_by_value_finds_it_however_the_value_is_written(run):
    unit = UNIT.replace("name: NAME", "name: NAME, number: {column: NUMBER, weight: 0}")
    dose = DOSE.replace("references: unit}", "references: {to: unit, by: number}}")
    night = run(
        unit,
        dose,
        a={"UNIT": "ID|NAME|NUMBER\n1|mg|12.00", "DOSE": "ID|NAME|UNIT_ID\n1|x|12.00"},
        b={"UNIT": "ID|NAME|NUMBER\n1|mg|77", "DOSE": "ID|NAME|UNIT_ID\n1|x|77"},
    )
    assert night.rows("difference", "*") == []


def test_references_may_go_round_in_a_circle(run):
    unit = UNIT.replace("parts: {column: PARTS}", "base: {column: BASE_ID, references: unit}")
    night = run(
        unit,
        a={"UNIT": "ID|NAME|BASE_ID\n1|g|2\n2|mg|1\n3|self|3"},
        b={"UNIT": "ID|NAME|BASE_ID\n5|g|6\n6|mg|6\n7|self|7"},
    )
    night.shows("difference", "label|attribute|value_a|value_b\nmg|base|g|mg")


def test_a_reference_into_a_table_that_was_not_delivered_is_not_comparable(run):
    night = run(
        UNIT,
        DOSE,
        a={"UNIT": "ID|NAME|PARTS\n1|mg|", "DOSE": "ID|NAME|UNIT_ID\n1|x|1"},
        b={"DOSE": "ID|NAME|UNIT_ID\n1|x|9"},
    )
    assert night.rows("difference", "*") == []
    night.shows(
        "not_comparable",
        """
        entity | attribute | domain | reason
        unit   |           | b      | table not delivered
        dose   | unit      | b      | table of its target not delivered
        """,
    )
    assert night.figure("dose") == 1


def test_a_polymorphic_reference_into_a_table_that_was_not_delivered_is_compared_by_type(run):
    dose = """
    entity: dose
    title: Dose
    area: one
    source: {table: DOSE, local_id: ID}
    keys: [name]
    attributes:
      name: NAME
      about: {column: P_ID, references: {type_column: P_NAME, types: {UNIT: unit, ROUTE: route}}}
    """
    night = run(
        UNIT,
        ROUTE,
        dose,
        a={
            "UNIT": "ID|NAME\n1|x\n2|y",
            "ROUTE": "ID|NAME\n1|x",
            "DOSE": "ID|NAME|P_ID|P_NAME\n1|q|1|ROUTE\n2|r|1|UNIT",
        },
        b={"UNIT": "ID|NAME\n1|x\n2|y", "DOSE": "ID|NAME|P_ID|P_NAME\n1|q|9|ROUTE\n2|r|2|UNIT"},
    )
    night.shows("difference", "label|attribute|value_a|value_b\nr|about|x|y", "entity = 'dose'")
