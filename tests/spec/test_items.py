"""From delivered rows to items: which rows are live and in scope, and what their columns become."""

import pytest

from tests.support.builds import house

UNIT = """
entity: unit
title: Unit
area: one
source:
  table: UNIT
  local_id: UNIT_ID
  live: {ACTIVE_IND: 1, END_DT: {after: snapshot}, BEG_DT: {not_after: snapshot}}
  scope: {CODE_SET: {not: [72, 200]}, KIND: [PO, IV], NOTE: {present: false}}
keys: [name]
attributes: {name: {column: NAME, compare: text}}
"""


@pytest.fixture
def items(tmp_path):
    def make(entity_yaml, columns, entity="unit", **builds):
        return house(tmp_path, entity_yaml).items(entity, columns, **builds)

    return make


def test_only_live_rows_in_scope_are_items(items):
    # The snapshot is of 2026-03-02.
    found = items(
        UNIT,
        "local_id, name",
        a={
            "UNIT": """
            UNIT_ID | ACTIVE_IND | BEG_DT      | END_DT      | CODE_SET | KIND | NOTE | NAME
            1       | 1          | 01-JAN-2020 | 31-DEC-2100 | 54       | PO   |      | live
            2       | 1.00       |             |             | 54.00    | " IV"|      | live without dates
            3       | 1          | 02-MAR-2026 | 02-MAR-2026 00:00:01 | 54 | PO |    | to expire
            4       | 0          | 01-JAN-2020 | 31-DEC-2100 | 54       | PO   |      | inactive
            5       |            | 01-JAN-2020 | 31-DEC-2100 | 54       | PO   |      | not known to be active
            6       | 1          | 01-JAN-2020 | 02-MAR-2026 | 54       | PO   |      | expired now
            7       | 1          | 01-JAN-2020 | 01-JAN-2026 | 54       | PO   |      | expired long ago
            8       | 1          | 03-MAR-2026 | 31-DEC-2100 | 54       | PO   |      | not begun
            9       | 1          | 01-JAN-2020 | 31-DEC-2100 | 72       | PO   |      | set out of scope
            10      | 1          | 01-JAN-2020 | 31-DEC-2100 | 200.00   | PO   |      | float out of scope
            11      | 1          | 01-JAN-2020 | 31-DEC-2100 |          | PO   |      | no set is not an excluded one
            12      | 1          | 01-JAN-2020 | 31-DEC-2100 | 54       | IM   |      | kind out of scope
            13      | 1          | 01-JAN-2020 | 31-DEC-2100 | 54       | PO   | x    | noted
            """
        },
    )
    assert found == [
        ("1", "live"),
        ("11", "no set is not an excluded one"),
        ("2", "live without dates"),
        ("3", "to expire"),
    ]


def test_a_filter_on_a_column_that_was_not_extracted_lets_all_pass(items):
    assert items(UNIT, "local_id", a={"UNIT": "UNIT_ID|NAME\n1|x"}) == [("1",)]


def test_columns_are_found_in_any_case(items):
    assert items(UNIT, "local_id, name", a={"UNIT": "unit_id|Name|active_ind\n1|x|1\n2|y|0"}) == [("1", "x")]


def test_a_local_id_of_several_columns_is_joined(items):
    found = items(
        """
        entity: unit
        title: Unit
        area: one
        source: {table: UNIT, local_id: [UNIT_ID, SEQ]}
        keys: [name]
        attributes: {name: {column: NAME}}
        """,
        "local_id",
        a={"UNIT": "UNIT_ID|SEQ|NAME\n 7.00|1|x\n7|2|y\n7||z"},
    )
    assert found == [("7|",), ("7|1",), ("7|2",)]


LINKED = """
entity: unit
title: Unit
area: one
source: {table: UNIT, local_id: UNIT_ID}
keys: [name]
attributes:
  name: {column: NAME}
  other: {column: OTHER_ID, references: unit}
  any: {column: ANY_ID, references: unit, none: ["-1"]}
  guarded: {column: G_ID, references: unit, when: {G_NAME: UNIT}}
  loose:
    column: L_ID
    references: {type_column: L_NAME, types: {UNIT: unit}}
"""


def test_a_reference_holds_the_targets_local_id_and_0_is_none(items):
    found = items(
        LINKED,
        "name, other",
        a={
            "UNIT": """
            UNIT_ID | NAME  | OTHER_ID
            1       | zero  | 0
            2       | zero. | 0.00
            3       | blank |
            4       | float | 1.00
            5       | pad   | "   2"
            """
        },
    )
    assert found == [("blank", None), ("float", "1"), ("pad", "2"), ("zero", None), ("zero.", None)]


def test_what_means_none_can_be_said_per_column(items):
    found = items(LINKED, 'name, "any"', a={"UNIT": "UNIT_ID|NAME|ANY_ID\n1|all|0\n2|none|-1\n3|float|-1.00\n4|blank|"})
    assert found == [("all", "0"), ("blank", None), ("float", None), ("none", None)]


def test_a_value_counts_only_when_its_condition_holds(items):
    found = items(LINKED, "name, guarded", a={"UNIT": "UNIT_ID|NAME|G_ID|G_NAME\n1|yes|1|UNIT\n2|no|1|OTHER\n3|?|1|"})
    assert found == [("?", None), ("no", None), ("yes", "1")]


def test_a_polymorphic_reference_carries_its_type(items):
    found = items(
        LINKED,
        "name, loose, loose__type",
        a={"UNIT": "UNIT_ID|NAME|L_ID|L_NAME\n1|in|1|UNIT\n2|out|1|ORDER_FORM\n3|no|0|UNIT"},
    )
    assert found == [("in", "1", "unit"), ("no", None, None), ("out", "1", "*ORDER_FORM")]


JOINED = """
entity: event
title: Event
area: one
source:
  table: EVENT
  local_id: EVENT_CD
  joins:
    code: {table: CODE_VALUE, on: {CODE_VALUE: EVENT_CD, CODE_SET: CODE_SET}, where: {ACTIVE_IND: 1}}
keys: [cki]
attributes:
  cki: {column: code.CKI}
  name: {column: NAME}
"""


def test_a_join_adds_columns_by_id_where_its_condition_holds(items):
    found = items(
        JOINED,
        "name, cki",
        entity="event",
        a={
            "EVENT": """
            EVENT_CD | CODE_SET | NAME
            1        | 72       | found
            2        | 72       | inactive code
            3        | 72       | no code
            4        | 72       | code of another set
            """,
            "CODE_VALUE": """
            CODE_VALUE | CODE_SET | ACTIVE_IND | CKI
            1.00       | 72       | 1          | CKI.1
            2          | 72       | 0          | CKI.2
            4          | 73       | 1          | CKI.4
            """,
        },
    )
    assert found == [("code of another set", None), ("found", "CKI.1"), ("inactive code", None), ("no code", None)]


def test_a_joined_table_that_was_not_delivered_gives_no_values_and_loses_no_rows(items):
    assert items(JOINED, "name, cki", entity="event", a={"EVENT": "EVENT_CD|NAME\n1|x"}) == [("x", None)]


def test_distinct_rows_repeat_a_parent_once_per_child(items):
    found = items(
        """
        entity: plan
        title: Plan
        area: one
        source: {table: ROW, local_id: PLAN_ID, distinct: true}
        keys: [name]
        attributes: {name: {column: PLAN}}
        """,
        "local_id, name, row_number",
        entity="plan",
        a={"ROW": "PLAN_ID|PLAN|PHASE\n1|x|first\n1|x|second\n2|y|first\n1.00|x|third"},
    )
    assert found == [("1", "x", 1), ("2", "y", 3)]


def test_latest_keeps_the_highest_version_by_number(items):
    found = items(
        """
        entity: plan
        title: Plan
        area: one
        source: {table: PLAN, local_id: ID, live: {ACTIVE_IND: 1}, latest: {per: UUID, by: VERSION}}
        keys: [name]
        attributes: {name: {column: NAME}}
        """,
        "local_id",
        entity="plan",
        a={
            "PLAN": """
            ID | UUID | VERSION | ACTIVE_IND | NAME
            1  | u    | 9       | 1          | older, though '9' is after '10' as text
            2  | u    | 10      | 1          | newest live
            3  | u    | 11      | 0          | newer, not live
            4  | v    |         | 1          | alone
            """
        },
    )
    assert found == [("2",), ("4",)]


def test_an_item_shown_by_a_reference_takes_its_targets_label(tmp_path):
    h = house(
        tmp_path,
        """
        entity: event
        title: Event
        area: one
        source: {table: EVENT, local_id: EVENT_CD}
        keys: [code]
        attributes: {code: {column: CODE, references: code}}
        """,
        """
        entity: code
        title: Code
        area: one
        source: {table: CODE, local_id: ID}
        keys: [display]
        attributes: {display: DISPLAY}
        """,
    )
    build = {"EVENT": "EVENT_CD|CODE\n1|5\n2|6\n3|0", "CODE": "ID|DISPLAY\n5|Puls\n7|Puls"}
    assert h.items("event", "local_id, label", a=build) == [("1", "Puls"), ("2", "6"), ("3", None)]
