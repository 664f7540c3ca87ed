"""Less common words of the catalogue: ids in texts, trees climbed, texts in pieces, terminologies, links to all."""

import pytest

from tests.support.builds import UNIT, house
from transforms.catalogue import load_catalogue
from transforms.words.errors import CatalogueError

RULE = """
entity: rule
title: Rule
area: one
source: {table: RULE, local_id: NAME}
keys: [name]
attributes:
  name: NAME
  logic:
    column: LOGIC
    compare: text
    embedded:
      - {before: 'UNIT_ID\\s*=\\s*', to: unit}
      - {to: [unit, ward], digits: 3}
"""

WARD = """
entity: ward
title: Ward
area: one
source:
  table: WARD
  local_id: ID
  joins:
    up:
      table: TREE
      on: {CHILD: ID}
      where: {VIEW: 0}
      climb: {parent: PARENT, table: PLACE, key: ID, name: NAME}
keys: [[path, name], name]
attributes:
  name: NAME
  path: {column: up.PATH, weight: 0}
"""


def test_ids_in_a_text_are_compared_by_what_they_lead_to(run):
    night = run(
        UNIT,
        RULE,
        WARD,
        a={
            "UNIT": "ID|NAME\n101|mg\n102|ml\n103|only a",
            "WARD": "ID|NAME\n900|A1",
            "RULE": "NAME|LOGIC\n"
            "same|if UNIT_ID = 101.00 then 102,900 else 5\n"
            "other|unit_id=101\n"
            "unmatched|UNIT_ID = 103\n"
            "lost|UNIT_ID = 555 and 444\n"
            "lost alike|UNIT_ID = 555 and 1000 mg\n"
            "no id|0.101 or A102 or _102\n"
            "both lone|UNIT_ID = 103 then 101\n"
            "and more|UNIT_ID = 103 then stop\n"
            "one of two|UNIT_ID = 103 then 101",
        },
        b={
            "UNIT": "ID|NAME\n201|mg\n101|ml\n333|only b",
            "WARD": "ID|NAME\n102|A1",
            "RULE": "NAME|LOGIC\n"
            "same|if UNIT_ID = 201 then 101,102 else 5\n"
            "other|unit_id=101\n"
            "unmatched|UNIT_ID = 201\n"
            "lost|UNIT_ID = 556 and 444\n"
            "lost alike|UNIT_ID = 555 and 1000 mg\n"
            "no id|0.101 or A102 or _102\n"
            "both lone|UNIT_ID = 333 then 201\n"
            "and more|UNIT_ID = 333 then go\n"
            "one of two|UNIT_ID = 333 then 101",
        },
    )
    # What leads to an item without a counterpart follows from that; not where the text says something else besides.
    night.shows(
        "difference",
        """
        label      | because_label | causes | steps
        unmatched  | only a        | 1      | 1
        both lone  | only b        | 2      | 1
        other      |               | 1      | 0
        lost       |               | 1      | 0
        and more   |               | 1      | 0
        one of two |               | 1      | 0
        """,
        "entity = 'rule'",
    )
    night.shows(
        "difference",
        """
        label     | kind    | attribute | value_a               | value_b
        other     | changed | logic     | unit_id=<mg>          | unit_id=<ml>
        unmatched | changed | logic     | UNIT_ID = <only a>    | UNIT_ID = <mg>
        lost      | changed | logic     | UNIT_ID = 555 and 444 | UNIT_ID = 556 and 444
        """,
        "entity = 'rule' AND label IN ('other', 'unmatched', 'lost')",
    )
    # What is written where an id must stand, and leads nowhere, is told; a number that merely might be one is not.
    night.shows(
        "embedded_id",
        """
        domain | label      | place | written | resolved
        a      | lost       | 1     | 555     | no
        a      | lost alike | 1     | 555     | no
        b      | lost       | 1     | 556     | no
        b      | lost alike | 1     | 555     | no
        """,
        "NOT resolved",
    )
    night.shows(
        "embedded_id",
        """
        domain | place | written | target_entity | target_label
        a      | 1     | 101     | unit          | mg
        a      | 2     | 102     | unit          | ml
        a      | 3     | 900     | ward          | A1
        b      | 1     | 201     | unit          | mg
        b      | 2     | 101     | unit          | ml
        b      | 3     | 102     | ward          | A1
        """,
        "label = 'same'",
    )


def test_a_text_is_compared_anew_when_only_what_its_ids_lead_to_changed(tmp_path):
    there = house(tmp_path, UNIT, RULE, WARD)
    wards = "ID|NAME\n900|A1"
    a = {"UNIT": "ID|NAME\n101|mg", "WARD": wards, "RULE": "NAME|LOGIC\nr|UNIT_ID = 101"}
    b = {"UNIT": "ID|NAME\n7|mg", "WARD": wards, "RULE": "NAME|LOGIC\nr|UNIT_ID = 7"}
    there.night(a=a, b=b).shows("difference", "label\n", "entity = 'rule'")
    night = there.night(a=a, b={**b, "UNIT": "ID|NAME\n7|mgx"})
    night.shows("difference", "label | value_a | value_b\nr | UNIT_ID = <mg> | UNIT_ID = <mgx>", "entity = 'rule'")
    there.close()


def test_a_place_is_known_by_the_way_down_to_it(run):
    night = run(
        WARD,
        a={
            "PLACE": "ID|NAME\n1|Hospital\n2|House A\n3|House B",
            "TREE": "PARENT|CHILD|VIEW\n1|2|0\n1|3|0\n2|10|0\n3|11|0\n3|10|8\n12|13|0\n13|12|0",
            "WARD": "ID|NAME\n10|Ward 1\n11|Ward 1\n12|round\n14|nowhere",
        },
        b={
            "PLACE": "ID|NAME\n5|Hospital\n6|House B\n7|House A",
            "TREE": "PARENT|CHILD|VIEW\n5|6|0\n5|7|0\n6|20|0\n7|21|0",
            "WARD": "ID|NAME\n20|Ward 1\n21|Ward 1",
        },
    )
    assert night.matches("ward") == {("10", "21"), ("11", "20")}
    found = night.rows("item_ward", "local_id, path", "domain = 'a'")
    assert found == [("10", "Hospital / House A"), ("11", "Hospital / House B"), ("12", None), ("14", None)]


def test_a_text_in_pieces_is_one_text(run):
    entity = """
    entity: text
    title: Text
    area: one
    source: {table: PIECE, local_id: [NAME, PART], gather: {per: [NAME, PART], by: SEQ, column: WORDS}}
    keys: [[name, part]]
    attributes: {name: NAME, part: {column: PART}, words: {column: WORDS, compare: text}}
    """
    night = run(
        entity,
        a={"PIECE": "NAME|PART|SEQ|WORDS\nr|1|10|e end\nr|1|9|th\nr|2|1|same words\n"},
        b={"PIECE": "NAME|PART|SEQ|WORDS\nr|1|2|the start\nr|2|2|me words\nr|2|1|sa\n"},
    )
    night.shows("difference", "attribute | value_a | value_b\nwords | the end | the start")


def test_of_a_terminology_only_what_others_refer_to_is_an_item(tmp_path):
    there = house(
        tmp_path,
        UNIT.replace("local_id: ID", "local_id: ID, referenced: true"),
        """
    entity: dose
    title: Dose
    area: one
    source: {table: DOSE, local_id: ID}
    keys: [name]
    attributes: {name: NAME, unit: {column: UNIT_ID, references: unit}}
    """,
    )
    units = "ID|NAME\n1|mg\n2|ml\n3|g"
    night = there.night(
        a={"UNIT": units, "DOSE": "ID|NAME|UNIT_ID\n1|x|1"}, b={"UNIT": units, "DOSE": "ID|NAME|UNIT_ID\n1|x|1.00"}
    )
    assert night.matches("unit") == {("1", "1")}
    assert night.rows("unmatched", "label") == []
    # Other rows become items when others come to refer to them, though their own file is the same.
    night = there.night(
        a={"UNIT": units, "DOSE": "ID|NAME|UNIT_ID\n1|x|2"}, b={"UNIT": units, "DOSE": "ID|NAME|UNIT_ID\n1|x|1.00"}
    )
    assert night.rows("unmatched", "label") == [("mg",), ("ml",)]
    there.close()


def test_a_link_to_all_is_a_value_of_its_own(run):
    night = run(
        UNIT,
        """
        entity: dose
        title: Dose
        area: one
        source: {table: DOSE, local_id: ID}
        keys: [[name, unit]]
        attributes:
          name: NAME
          unit: {column: UNIT_ID, references: {to: unit, every: 0}}
        """,
        a={"UNIT": "ID|NAME\n1|mg", "DOSE": "ID|NAME|UNIT_ID\n1|x|0\n2|x|1\n3|y|\n4|z|0"},
        b={"UNIT": "ID|NAME\n2|mg", "DOSE": "ID|NAME|UNIT_ID\n7|x|2\n8|x|0.00\n9|y|0\n6|z|2"},
    )
    assert night.matches("dose") == {("1", "8"), ("2", "7")}
    assert night.rows("item_dose", "local_id, unit", "domain = 'a'") == [
        ("1", "*"),
        ("2", "mg"),
        ("3", None),
        ("4", "*"),
    ]
    assert night.rows("quality", "failed", "check_id = 'dose.reference_resolves.unit' AND failed > 0") == []


def test_of_the_open_parts_of_a_key_one_must_have_a_value(run):
    night = run(
        """
        entity: code
        title: Code
        area: one
        source: {table: CODE, local_id: ID, joins: {rule: {table: RULES, on: {SET: SET}}}}
        keys: [{on: [set], some: [by_name, by_kind]}]
        attributes:
          set: {column: SET, weight: 0}
          by_name: {column: NAME, when: {rule.NAME_IND: 1}}
          by_kind: {column: KIND, when: {rule.KIND_IND: 1}}
        """,
        a={
            "RULES": "SET|NAME_IND|KIND_IND\n1|1|0\n2|1|1\n3|0|0",
            "CODE": "ID|SET|NAME|KIND\n1|1|a|x\n2|2|a|x\n3|2|a|y\n4|3|a|x",
        },
        b={
            "RULES": "SET|NAME_IND|KIND_IND\n1|1|0\n2|1|1\n3|0|0",
            "CODE": "ID|SET|NAME|KIND\n5|1|a|other\n6|2|a|y\n7|2|a|x\n8|3|a|x",
        },
    )
    # The sets' own rules: by name alone, by both, and by none, where nothing can be told.
    assert night.matches("code") == {("1", "5"), ("2", "7"), ("3", "6")}


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ("embedded: {to: unti}", "did you mean 'unit'?"),
        ("embedded: {to: unit, before: '(x'}", "no regular expression"),
        ("embedded: {to: unit, before: '(x)'}", "may hold no group"),
        ("references: unit, embedded: unit", "only a text can hold ids"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_its_place(tmp_path, wrong, said):
    from tests.support.builds import write_catalogue

    text = "entity: rule\ntitle: R\narea: one\nsource: {table: R, local_id: ID}\nkeys: [n]\nattributes:\n  n: N\n"
    folder = write_catalogue(tmp_path, UNIT, text + f"  logic: {{column: L, {wrong}}}\n")
    with pytest.raises(CatalogueError, match=said.replace("?", r"\?")) as fault:
        load_catalogue(folder)
    assert "rule.yaml:8" in str(fault.value)
