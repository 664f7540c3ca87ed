"""Who moved: what each domain changed since an earlier night, alone, alike or apart, and what came of it.

One story of four nights, each part of it with items of its own.
"""

from __future__ import annotations

import pytest

from tests.support.builds import house

CODE = """
entity: code
title: Code
area: one
source: {table: CODE, local_id: ID}
keys: [name]
attributes: {name: {column: NAME, compare: text}}
"""
THING = """
entity: thing
title: Thing
area: one
source: {table: THING, local_id: ID, live: {LIVE: 1}}
keys: [{on: cki, rule: vendor_identifier}, name]
label: name
attributes:
  cki: {column: CKI, weight: 0}
  name: {column: NAME, compare: text, weight: 3}
  dose: {column: DOSE, compare: number, weight: 2, unit: unit}
  unit: {column: UNIT_CD, references: code, weight: 0}
  kind: {column: KIND_CD, references: code}
  note: {column: NOTE, compare: text}
"""
# As many numbers in one unit as a reference range has limits: the more of them, the more there was to plan.
LIMITS = [f"N{i}" for i in range(14)]
RANGE = """
entity: range
title: Range
area: one
source: {table: RANGE, local_id: ID}
keys: [name]
attributes:
  name: {column: NAME}
  unit: {column: UNIT_CD, references: code}
""" + "".join(f"  n{i}: {{column: N{i}, compare: number, unit: unit}}\n" for i in range(14))
SHOWN = "label | attribute | kind | who | outcome | base_a | base_b | value_a | value_b"
# By name: dose, unit, kind in a and in b; None: it is not there (or, in b's second night, dead).
FIRST = {
    **{name: ("1", "1") for name in "ABCDE"},
    "A": ("1", "1"), "B": ("1", "2"), "E": ("1", "9"),
    "back": ("1", "1"), "gone a": ("1", "1"), "gone b": ("1", "1"), "alone": ("1", None), "late": (None, "1"),
    "gram": ("1", "1"),
}  # fmt: skip
SECOND = {
    **FIRST, "A": ("5", "1"), "B": ("2", "2"), "C": ("7", "7"), "D": ("1", "3"), "E": ("8", "9"),
    "back": ("2", "3"), "gone a": (None, "1"), "gone b": ("1", None), "alone": (None, None), "late": ("1", "1"),
    "new": ("1", "1"),
}  # fmt: skip
THIRD = {**SECOND, "back": ("1", "3"), "gone a": (None, None)}
FOURTH = {**THIRD, "back": ("5", "4")}


def side(which, said, *, plus=0, codes=("mg", "g", "oral", "iv"), iv=(), note=None, gram="1", shuffled=False):
    unit = dict.fromkeys(said, 1) | {"gram": 2}
    rows = [
        {
            "ID": str(i + plus),
            "CKI": "",
            "NAME": name,
            "DOSE": gram if name == "gram" else doses[which] or "1",
            "UNIT_CD": str((unit[name] if gram == "1" else 1) + plus),
            "KIND_CD": str((4 if name in iv else 3) + plus),
            "LIVE": "0" if doses[which] is None else "1",
            **({} if note is None else {"NOTE": note}),
        }
        for i, (name, doses) in enumerate(sorted(said.items(), reverse=shuffled))
    ]
    limits = {"ID": str(1 + plus), "NAME": "r", "UNIT_CD": str(1 + plus), **dict.fromkeys(LIMITS, "7")}
    return {
        "CODE": [{"ID": str(i + plus), "NAME": n} for i, n in enumerate(codes, 1)],
        "THING": rows,
        "RANGE": [limits],
    }


@pytest.fixture(scope="module")
def nights(tmp_path_factory):
    made = house(tmp_path_factory.mktemp("moved"), CODE, THING, RANGE)
    yield [
        made.night(a=side(0, FIRST, note="x"), b=side(1, FIRST, note="x")),
        made.night(a=side(0, SECOND, iv="D", note="x"), b=side(1, SECOND, iv="D", note="x")),
        # a leaves a column out; b calls a code otherwise.
        made.night(
            a=side(0, THIRD, iv=("D", "back")),
            b=side(1, THIRD, iv="D", note="x", codes=("mg", "g", "peroral", "iv")),
        ),
        # Every id of a is another, a gram is written as 1000 mg, the column is there again.
        made.night(
            a=side(0, FOURTH, iv=("D", "back"), note="y", plus=50, gram="1000", shuffled=True),
            b=side(1, FOURTH, iv="D", note="x", codes=("mg", "g", "peroral", "iv")),
        ),
    ]
    made.close()


def test_the_first_night_has_no_baseline(nights):
    assert nights[0].rows("moved", "*") == [] == nights[0].rows("change", "*")


def test_alone_alike_and_apart_and_what_came_of_it(nights):
    nights[1].shows(
        "moved",
        f"""
        {SHOWN}
        A | dose | changed | a     | further  | 1    | 1    | 5  | 1
        B | dose | changed | a     | closer   | 1    | 2    | 2  | 2
        C | dose | changed | alike | together | 1    | 1    | 7  | 7
        D | kind | changed | alike | together | oral | oral | iv | iv
        D | dose | changed | b     | further  | 1    | 1    | 1  | 3
        E | dose | changed | a     | still    | 1    | 9    | 8  | 9
        back | dose | changed | apart | further | 1  | 1    | 2  | 3
        """,
        "baseline = 'night' AND baseline_night = 1 AND attribute IS NOT NULL",
    )
    # What differs tonight is named by its difference.
    assert nights[1].rows("moved", "count(*)", "difference_id IS NOT NULL AND attribute IS NOT NULL") == [(4,)]


def test_items_that_come_and_go(nights):
    nights[1].shows(
        "moved",
        """
        label  | kind    | who   | outcome
        gone a | removed | a     | further
        gone b | removed | b     | further
        alone  | removed | a     | closer
        new    | added   | alike | together
        late   | added   | a     | closer
        """,
        "attribute IS NULL",
    )
    assert nights[1].rows("moved", "DISTINCT difference_id IS NULL", "attribute IS NULL AND outcome = 'further'") == [
        (False,)
    ]
    # b follows a a night later: since the first night both dropped it.
    nights[2].shows(
        "moved",
        "baseline_night|kind|who|outcome\n1|removed|alike|together\n2|removed|b|closer",
        "label = 'gone a'",
    )


def test_what_was_changed_back_has_not_moved(nights):
    nights[2].shows(
        "moved",
        f"""
        baseline_night | {SHOWN}
        1 | back | dose | changed | b | further | 1    | 1    | 1  | 3
        1 | back | kind | changed | a | further | oral | oral | iv | peroral
        2 | back | dose | changed | a | still   | 2    | 3    | 1  | 3
        2 | back | kind | changed | a | further | oral | peroral | iv | peroral
        """.replace("| oral | oral | iv | peroral", "| oral | peroral | iv | peroral"),
        "label = 'back'",
    )
    nights[3].shows("moved", "who|outcome|base_a|base_b|value_a|value_b\napart|further|1|1|5|4",
                    "label = 'back' AND attribute = 'dose' AND baseline_night = 1")  # fmt: skip


def test_a_rename_is_one_change_and_its_references_say_nothing(nights):
    nights[2].shows(
        "change",
        "label|attribute|kind|value_before|value_after\nperoral|name|changed|oral|peroral\ngone a||removed||",
        "night_id = 3 AND domain = 'b'",
    )


def test_another_numbering_unit_or_extract_is_no_move(nights):
    nights[3].shows(
        "change",
        "domain|label|attribute|value_before|value_after\na|back|dose|1|5\nb|back|dose|3|4",
        "night_id = 4",
    )
    # What was said before the numbering changed is still told, under the new ids.
    ids = nights[3].rows("item_thing", "local_id", "domain = 'a' AND label = 'A'")
    assert nights[3].rows("change", "DISTINCT local_id", "domain = 'a' AND label = 'A'") == ids
    assert nights[3].rows("moved", "DISTINCT who, baseline_night", "label = 'A'") == [("a", 1)]


RULE = """
entity: rule
title: Rule
area: one
source: {table: RULE, local_id: ID}
keys: [name]
attributes:
  name: {column: NAME}
  logic: {column: LOGIC, compare: long, embedded: [{before: "CODE = ", to: code}, {to: thing, digits: 5}]}
"""


def test_a_text_is_compared_by_what_its_ids_lead_to(tmp_path):
    made = house(tmp_path, CODE, THING, RULE)

    def build(plus, **logic):
        return side(0, {"A": ("1", "1"), "B": ("1", "1")}, note="x", plus=plus) | {
            "RULE": [{"ID": str(n), "NAME": name, "LOGIC": text} for n, (name, text) in enumerate(logic.items())]
        }

    other = build(0, r1="CODE = 1")
    first = build(90000, r1="CODE = 90001 or 90000", r2="CODE = 90002", r3="say 77777", r4="CODE = 90003")
    made.night(a=first, b=other)
    # Every id is another; r2 now names another code by the very number it had, r4 names the one it named.
    again = build(90001, r1="CODE = 90002.00 or 90001", r2="CODE = 90002", r3="say 77777", r4="CODE = 90004")
    told = made.night(a=again)
    told.shows("change", "label|attribute|value_before|value_after\nr2|logic|CODE = <g>|CODE = <mg>")
    told.shows("moved", "label|who|base_a|value_a\nr2|a|CODE = <g>|CODE = <mg>")
    # A text alone is changed: it is shown as people read it.
    later = made.night(a=build(90001, r1="CODE = 90002 or 90002", r2="CODE = 90002", r3="say 88888", r4="CODE = 90004"))
    later.shows(
        "change",
        """
        label | value_before        | value_after
        r1    | CODE = <mg> or <A>  | CODE = <mg> or <B>
        r3    | say 77777           | say 88888
        """,
        "night_id = 3",
    )
    made.close()
