"""Which items are recognised as the same, by which key, and what is left to people."""

from tests.support.builds import house

UNIT = """
entity: unit
title: Unit
area: one
source: {table: UNIT, local_id: ID}
label: display
keys:
  - {on: cki, rule: vendor_identifier}
  - {on: meaning, name: by_meaning}
  - {on: display, certain: false, fold_case: true}
attributes:
  cki: {column: CKI, weight: 0}
  meaning: {column: MEANING, weight: 0}
  display: {column: DISPLAY, compare: text}
"""


def test_keys_are_tried_in_order_and_ids_never(run):
    night = run(
        UNIT,
        a={
            "UNIT": """
            ID | CKI   | MEANING | DISPLAY
            1  | CKI.1 | MG      | milligram
            2  |       | ML      | milliliter
            3  | CKI.3 |         | Gram
            4  | CKI.4 | TAB     | tablett
            5  |       |         | droppe
            6  | CKI.6 | PUFF    | puff
            """
        },
        b={
            "UNIT": """
            ID | CKI   | MEANING | DISPLAY
            2  | CKI.1 | MG2     | annat namn, samma CKI
            1  | CKI.2 | ML      | CKI bara på ena sidan
            13 |       |         | GRAM
            14 | CKI.X | TAB     | olika CKI, samma meaning
            6  |       |         | samma id, inget annat
            16 | CKI.6 | SPRAY   | spray
            """
        },
    )
    night.shows(
        "crosswalk",
        """
        local_id_a | local_id_b | rule              | key_name   | key_text | certain
        1          | 2          | vendor_identifier | cki        | CKI.1    | yes
        6          | 16         | vendor_identifier | cki        | CKI.6    | yes
        2          | 1          | declared_key      | by_meaning | ML       | yes
        4          | 14         | declared_key      | by_meaning | TAB      | yes
        3          | 13         | declared_key      | display    | GRAM     | no
        """,
    )
    night.shows(
        "unmatched",
        """
        domain | local_id | label                 | ambiguous
        a      | 5        | droppe                | no
        b      | 6        | samma id, inget annat | no
        """,
    )


def test_a_value_that_two_items_share_proves_nothing_and_the_next_key_is_tried(run):
    # DISPLAY_KEY is cut at 40 characters, so that different codes share it.
    night = run(
        """
        entity: unit
        title: Unit
        area: one
        source: {table: UNIT, local_id: ID}
        keys: [display_key, {on: display, certain: false}]
        attributes: {display_key: DISPLAY_KEY, display: {column: DISPLAY, compare: text}}
        """,
        a={
            "UNIT": """
            ID | DISPLAY_KEY | DISPLAY
            1  | SUBKUTAN    | subkutan, i buken
            2  | SUBKUTAN    | subkutan, i låret
            3  | ORAL        | oral
            4  | REKTAL      | rektal
            5  | NASAL       | nasal
            6  | NASAL       | nasal
            7  | OTISK       | otisk
            """
        },
        b={
            "UNIT": """
            ID | DISPLAY_KEY | DISPLAY
            11 | SUBKUTAN    | subkutan, i låret
            12 | SUBKUTAN    | subkutan, i armen
            13 | ORAL        | per os
            14 | REKTAL      | rektal stolpiller
            15 | REKTAL      | rektal kräm
            16 | NASAL       | nasal
            17 | NASAL       | nasal
            """
        },
    )
    assert night.matches("unit") == {("2", "11"), ("3", "13")}
    night.shows(
        "unmatched",
        """
        domain | local_id | ambiguous
        a      | 1        | yes
        b      | 12       | yes
        a      | 4        | yes
        b      | 14       | yes
        b      | 15       | yes
        a      | 5        | yes
        a      | 6        | yes
        b      | 16       | yes
        b      | 17       | yes
        a      | 7        | no
        """,
    )
    night.shows(
        "ambiguity",
        """
        key_name    | key_text | items_a | items_b
        display_key | SUBKUTAN | 1       | 1
        display_key | REKTAL   | 1       | 2
        display_key | NASAL    | 2       | 2
        display     | nasal    | 2       | 2
        """,
    )


def test_every_part_of_a_key_must_have_a_value(run):
    night = run(
        """
        entity: unit
        title: Unit
        area: one
        source: {table: UNIT, local_id: ID}
        keys: [[kind, name]]
        attributes: {kind: KIND, name: NAME}
        """,
        a={"UNIT": "ID|KIND|NAME\n1|x|n\n2||m\n3|y|\n4||"},
        b={"UNIT": "ID|KIND|NAME\n1|x|n\n2||m\n3|y|\n4||"},
    )
    assert night.matches("unit") == {("1", "1")}
    assert night.rows("ambiguity", "*") == []


def test_parts_of_a_key_cannot_run_together(run):
    night = run(
        """
        entity: unit
        title: Unit
        area: one
        source: {table: UNIT, local_id: ID}
        keys: [[kind, name]]
        attributes: {kind: KIND, name: NAME}
        """,
        a={"UNIT": "ID|KIND|NAME\n1|ab|c"},
        b={"UNIT": "ID|KIND|NAME\n1|a|bc"},
    )
    assert night.matches("unit") == set()


PLAN = """
entity: plan
title: Plan
area: one
source: {table: PLAN, local_id: ID}
keys: [name]
attributes: {name: NAME}
"""

STEP = """
entity: step
title: Step
area: one
role: component
source: {table: STEP, local_id: ID}
parent: {entity: plan, column: PLAN_ID}
keys:
  - {on: [parent, what], occurrence: seq, name: in_order}
attributes:
  what: {column: WHAT, compare: text}
  seq: {column: SEQ, compare: number}
  dose: {column: DOSE, compare: number}
"""


def test_repeated_components_are_told_apart_by_their_order(run):
    night = run(
        PLAN,
        STEP,
        a={
            "PLAN": "ID|NAME\n1|P\n2|Q",
            "STEP": """
            ID | PLAN_ID | WHAT | SEQ | DOSE
            10 | 1       | wash | 10  | 3
            11 | 1       | wash | 2   | 1
            12 | 1       | rest | 5   | 7
            13 | 2       | wash | 1   | 9
            """,
        },
        b={
            "PLAN": "ID|NAME\n5|P\n6|Q",
            "STEP": """
            ID | PLAN_ID | WHAT | SEQ | DOSE
            20 | 5       | wash | 1   | 1
            21 | 5       | wash | 2   | 3
            22 | 5       | wash | 9   | 4
            23 | 6       | wash | 1   | 9
            """,
        },
    )
    # 2 comes before 10: the order is that of numbers.
    assert night.matches("step") == {("11", "20"), ("10", "21"), ("13", "23")}
    night.shows("unmatched", "domain|local_id\na|12\nb|22")
    assert night.rows("crosswalk", "DISTINCT rule", "entity = 'step'") == [("child_of_matched_parent",)]


def test_equal_places_in_the_order_are_told_apart_by_what_the_items_say(run):
    rows = ["1|1|wash|0|1", "2|1|wash|0|2", "3|1|wash|0|3"]
    moved = ["7|1|wash|0|2", "8|1|wash|0|3", "9|1|wash|0|1"]
    head = "ID|PLAN_ID|WHAT|SEQ|DOSE\n"
    night = run(
        PLAN,
        STEP,
        a={"PLAN": "ID|NAME\n1|P", "STEP": head + "\n".join(rows)},
        b={"PLAN": "ID|NAME\n1|P", "STEP": head + "\n".join(moved)},
    )
    assert night.matches("step") == {("1", "9"), ("2", "7"), ("3", "8")}


def test_equal_places_in_the_order_are_told_apart_by_what_their_references_mean(run):
    step = STEP + "  unit: {column: UNIT_ID, references: unit}\n"
    head = "ID|PLAN_ID|WHAT|SEQ|DOSE|UNIT_ID\n"
    unit = "ID|CKI\n"
    night = run(
        PLAN,
        step,
        UNIT,
        a={
            "PLAN": "ID|NAME\n1|P",
            "UNIT": unit + "1|C1\n2|C2\n3|C3",
            "STEP": head + "1|1|wash|0|1|1\n2|1|wash|0|1|2\n3|1|wash|0|1|3",
        },
        b={
            "PLAN": "ID|NAME\n1|P",
            "UNIT": unit + "1|C3\n2|C1\n3|C2",
            "STEP": head + "1|1|wash|0|1|1\n2|1|wash|0|1|2\n3|1|wash|0|1|3",
        },
    )
    assert night.matches("step") == {("3", "1"), ("1", "2"), ("2", "3")}
    assert night.rows("difference", "*") == []


def test_an_item_without_a_name_is_recognised_by_what_its_components_say(run):
    night = run(
        """
        entity: sentence
        title: Sentence
        area: one
        source: {table: SENTENCE, local_id: ID}
        keys: [[parent, details], {on: [parent], certain: false, name: only_one}]
        signatures: {details: {entity: detail, of: [field, unit]}}
        parent: {entity: plan, column: PLAN_ID}
        attributes: {note: NOTE}
        """,
        """
        entity: detail
        title: Detail
        area: one
        role: component
        source: {table: DETAIL, local_id: ID}
        parent: {entity: sentence, column: SENTENCE_ID}
        keys: [[parent, field]]
        attributes:
          field: {column: FIELD}
          unit: {column: UNIT_ID, references: unit}
        """,
        PLAN,
        UNIT,
        a={
            "PLAN": "ID|NAME\n1|P\n2|Q",
            "UNIT": "ID|CKI\n1|MG\n2|ML",
            "SENTENCE": "ID|PLAN_ID|NOTE\n1|1|two details\n2|1|one\n3|1|none\n4|2|other plan",
            "DETAIL": """
            ID | SENTENCE_ID | FIELD | UNIT_ID
            1  | 1           | dose  | 1
            2  | 1           | vol   | 2
            3  | 2           | dose  | 1
            4  | 4           | dose  | 1
            """,
        },
        b={
            "PLAN": "ID|NAME\n1|Q\n2|P",
            "UNIT": "ID|CKI\n9|MG\n1|ML",
            "SENTENCE": "ID|PLAN_ID|NOTE\n11|2|two details\n12|2|other unit\n13|2|none\n14|1|other unit, alone",
            "DETAIL": """
            ID | SENTENCE_ID | FIELD | UNIT_ID
            1  | 11          | vol   | 1
            2  | 11          | dose  | 9
            3  | 12          | dose  | 1
            4  | 14          | dose  | 1
            """,
        },
    )
    night.shows(
        "crosswalk",
        """
        local_id_a | local_id_b | key_name       | certain
        1          | 11         | parent+details | yes
        4          | 14         | only_one       | no
        """,
        "entity = 'sentence'",
    )


def test_a_reference_in_a_key_means_what_it_leads_to(run):
    head = "ID|UNIT_ID|NAME\n"
    night = run(
        """
        entity: dose
        title: Dose
        area: one
        source: {table: DOSE, local_id: ID}
        keys: [[unit, name]]
        attributes: {unit: {column: UNIT_ID, references: unit}, name: NAME}
        """,
        UNIT,
        a={"UNIT": "ID|CKI\n1|MG\n2|ML\n3|X", "DOSE": head + "1|1|one\n2|2|two\n3|0|three\n4|9|four\n5|3|five"},
        b={"UNIT": "ID|CKI\n2|MG\n1|ML\n3|Y", "DOSE": head + "1|1|one\n2|1|two\n3|0|three\n4|9|four\n5|3|five"},
    )
    # one: unit 1 is another unit there; two: equal though the ids differ; the others lead nowhere that both have.
    assert night.matches("dose") == {("2", "2")}


def test_a_match_keeps_its_identity_in_both_directions(tmp_path):
    h = house(tmp_path, UNIT, domains=("a", "b", "c"))
    build = {"UNIT": "ID|CKI|MEANING|DISPLAY\n1|CKI.1||x\n2|||only here"}
    night = h.night(a=build, b={"UNIT": "ID|CKI|MEANING|DISPLAY\n1|CKI.1||y"}, c=build)
    assert night.rows("pair", "pair_id") == [("a~b",), ("a~c",), ("b~c",)]
    assert len(night.rows("crosswalk", "DISTINCT identity", "key_name = 'cki'")) == 1
    night.shows("crosswalk", "pair_id|local_id_a|local_id_b\na~b|1|1\na~c|1|1\na~c|2|2\nb~c|1|1")
    night.shows("unmatched", "pair_id|domain|local_id\na~b|a|2\nb~c|c|2")
    h.close()
