"""Lists, masks, amounts with units, long and structured text: what is equal, and what is said where it is not."""

import pytest

from tests.support.builds import UNIT, house
from transforms.land.structured import KINDS_WITH_A_DIFF, canonical_json, canonical_xml, diff

THING = """
entity: thing
title: Thing
area: one
source: {table: THING, local_id: ID}
keys: [name]
attributes:
  name: {column: NAME, weight: 0}
  items: {column: ITEMS, compare: list}
  members: {column: MEMBERS, compare: set}
  mask: {column: MASK, compare: mask}
  strength: {column: STRENGTH, compare: quantity}
  dose: {column: DOSE, compare: number, unit: unit}
  unit: {column: UNIT_ID, references: unit, weight: 0}
  note: {column: NOTE, compare: long}
  form: {column: FORM, compare: xml}
  setup: {column: SETUP, compare: json}
  title: {column: TITLE, compare: text}
  hidden: {column: HIDDEN, compare: flag}
  until: {column: UNTIL, compare: date}
"""

UNITS = {"UNIT": "ID|NAME\n1|g\n2|mg\n3|mg/ml\n4|g/l\n5|puff"}


CASES = [
    ("ITEMS", "x;y; z", "x; y;z", None, None),
    ("ITEMS", "x;y;z", "y;x;z", "the same in another order", "samma i annan ordning"),
    ("ITEMS", "x;y", "x;z", "only in a: y; only in b: z", "bara i a: y; bara i b: z"),
    ("MEMBERS", "x;y;y", "y;x", None, None),
    ("MASK", "5", "0x5", None, None),
    ("MASK", "5", "12", "bits 0, 3 set on one side alone", "bitarna 0, 3 är satta på bara ena sidan"),
    ("STRENGTH", "0,5 g", "500 mg", None, None),
    ("STRENGTH", "5 mg/ml", "5 g/l", None, None),
    ("STRENGTH", "0,5 g", "50 mg", "another amount", "annan mängd"),
    ("STRENGTH", "2 puff", "2 Puff", "another amount", "annan mängd"),
    ("NOTE", "one \r\ntwo  three\n\n", "one\ntwo three", None, None),
    ("NOTE", "one\ntwo", "one\n2\n3", "1 lines only in a, 2 only in b", "1 rader bara i a, 2 bara i b"),
    ("FORM", '<f b="2" a="1"> <x/>t</f>', "<f a='1' b='2'>\n  <x></x>\n t </f>", None, None),
    ("FORM", "<f><x/></f>", "<f><y/></f>", "1 lines only in a, 1 only in b", "1 rader bara i a, 1 bara i b"),
    ("SETUP", '{"b": 1.50, "a": [1, 2]}', '{"a":[1,2],"b":1.50}', None, None),
    ("SETUP", '{"a": [1, 2]}', '{"a": [2, 1]}', "2 lines only in a, 2 only in b", "2 rader bara i a, 2 bara i b"),
    ("TITLE", "Kalium", "KALIUM", "upper and lower case alone", "bara stora och små bokstäver"),
    ("TITLE", "P-Kalium", "P Kalium", "blanks and signs alone", "bara blanktecken och skiljetecken"),
    ("TITLE", "far", "får", "å, ä, ö and accents alone", "bara å, ä, ö och accenter"),
    ("TITLE", "Kalium", "Kalium, akut", "goes on in b", "fortsätter i b"),
    ("HIDDEN", "1", "0", "yes in a, no in b", "ja i a, nej i b"),
    ("UNTIL", "2026-01-01", "2026-01-31", "30 days apart", "30 dagar isär"),
    ("UNTIL", "2026-01-01", "31-DEC-2100", "open in b", "öppet i b"),
    ("DOSE", "5", "50", "10 times as much in b", "10 gånger så mycket i b"),
    ("DOSE", "5", "", "no value in b", "saknar värde i b"),
    ("DOSE", {"DOSE": "0.5", "UNIT_ID": "1"}, {"DOSE": "500", "UNIT_ID": "2"}, None, None),
    ("DOSE", {"DOSE": "5", "UNIT_ID": "3"}, {"DOSE": "5.0", "UNIT_ID": "4"}, None, None),
    ("DOSE", {"DOSE": "0.5", "UNIT_ID": "5"}, {"DOSE": "500", "UNIT_ID": "2"},
     "1000 times as much in b", "1000 gånger så mycket i b"),
    ("DOSE", {"DOSE": "1", "UNIT_ID": "1"}, {"DOSE": "1.5", "UNIT_ID": "1"}, "0.5 more in b", "0,5 mer i b"),
]  # fmt: skip
COLUMNS = "ITEMS MEMBERS MASK STRENGTH DOSE NOTE FORM SETUP TITLE HIDDEN UNTIL".split()


@pytest.fixture(scope="module")
def reasons(tmp_path_factory):
    """Number of the case → the reasons given, in both languages. All cases are items of one night."""

    def side(which):
        given = [case[which] if isinstance(case[which], dict) else {case[0]: case[which]} for case in CASES]
        blank = dict.fromkeys(COLUMNS, "")
        return [{"ID": str(i), "NAME": str(i), "UNIT_ID": "0", **blank, **row} for i, row in enumerate(given)]

    h = house(tmp_path_factory.mktemp("kinds"), UNIT, THING)
    night = h.night(a={**UNITS, "THING": side(1)}, b={**UNITS, "THING": side(2)})
    found = {}
    for label, reason, reason_sv in night.rows("difference", "label, reason, reason_sv", "entity = 'thing'"):
        found.setdefault(int(label), []).append((reason, reason_sv))
    yield found
    h.close()


@pytest.mark.parametrize("number", range(len(CASES)), ids=lambda n: f"{CASES[n][0]}-{n}")
def test_a_kind_says_what_is_equal_and_why_not(reasons, number):
    *_, reason, reason_sv = CASES[number]
    assert reasons.get(number, []) == ([] if reason is None else [(reason, reason_sv)])


def test_structure_is_read_and_what_has_none_stays():
    assert canonical_json("not json") == "not json" and canonical_json(" ") is None
    assert canonical_xml("<open>") == "<open>" and canonical_xml(None) is None
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaa">]><x>&a;</x>'
    assert canonical_xml(bomb) == bomb
    deep = "<a>" * 5000 + "</a>" * 5000
    assert canonical_xml(deep) == deep
    assert canonical_json("[" * 100_000) == "[" * 100_000


DIFFS = [
    ("long", "a\nb\nc", "a\nx\nc", [" a", "-b", "+x", " c"]),
    ("long", "1\n2\n3\n4\n5", "1\n2\n3\n4\n6", ["@line 3 | 3", " 3", " 4", "-5", "+6"]),
    ("long", None, "new", ["+new"]),
    ("json", '{\n "a": 1\n}', '{\n "a": 2\n}', [" {", '- "a": 1', '+ "a": 2', " }"]),
    ("list", "x; y; z", "y; z; x", ["-x", " y", " z", "+x"]),
    ("set", "x; y", None, ["-x", "-y"]),
    ("mask", "5", "12", ["-bit 0 (1)", "+bit 3 (8)"]),
    ("mask", "none", "12", ["-none", "+12"]),
    ("text", "Kalium i plasma", "Kalium i serum akut", [" Kalium i", "-plasma", "+serum akut"]),
    ("text", "a b", "a  b", ["-a b", "+a  b"]),
    ("number", "1", "2", ["-1", "+2"]),
    ("number", "1", "1", []),
]


@pytest.mark.parametrize(("kind", "a", "b", "lines"), DIFFS)
def test_a_diff_is_readable(kind, a, b, lines):
    assert [line.sign + line.text for line in diff(kind, a, b)] == lines
    assert kind in KINDS_WITH_A_DIFF or len(lines) <= 2
