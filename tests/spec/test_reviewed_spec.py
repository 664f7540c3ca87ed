"""What people ruled comes before every key, holds when ids change, and never counts in silence when it does not fit."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from tests.support import readings
from tests.support.builds import Answer, house
from transforms.build import content, rulings
from transforms.build.reviewed import Policy, Reviewed
from transforms.warehouse import Session

UNIT = """
entity: unit
title: Unit
area: one
source: {table: UNIT, local_id: ID}
label: display
keys:
  - {on: cki, rule: vendor_identifier}
  - {on: display, certain: false, fold_case: true}
attributes:
  cki: {column: CKI, weight: 0}
  display: {column: DISPLAY, compare: text}
  note: {column: NOTE, compare: text}
"""
DRUG = """
entity: drug
title: Drug
area: one
source: {table: DRUG, local_id: ID}
label: name
keys: [[unit, name]]
attributes:
  name: {column: NAME, compare: text}
  unit: {column: UNIT_ID, references: unit}
"""
A = {
    "UNIT": "ID|CKI|DISPLAY|NOTE\n1|CKI.1|milligram|x\n2||tablett|x\n3||droppe|x\n4||puff|x",
    "DRUG": "ID|NAME|UNIT_ID\n51|Alvedon|2\n52|Panodil|1",
}
B = {
    "UNIT": "ID|CKI|DISPLAY|NOTE\n11|CKI.1|mg|x\n12||tabl.|x\n13||droppe|x\n14||inhalation|x",
    "DRUG": "ID|NAME|UNIT_ID\n61|Alvedon|12\n62|Panodil 500|11",
}


@pytest.fixture
def h(tmp_path):
    made = house(tmp_path, UNIT, DRUG)
    yield made
    made.close()


def reading(h, ruling, a, b, entity="unit", **more):
    return readings.reading(h, Answer(h._open[-1], 0), ruling, a, b, entity=entity, **more)


def ruled(h, *given, policy=None):
    h.reviewed = Reviewed(tuple(given), policy or Policy())


def renumbered(build, by):
    """The same build with every id another."""

    def text(table, columns):
        lines = build[table].split("\n")
        header = lines[0].split("|")
        rows = [
            "|".join(str(int(c) + by) if header[i] in columns else c for i, c in enumerate(line.split("|")))
            for line in lines[1:]
        ]
        return "\n".join([lines[0], *reversed(rows)])

    return {"UNIT": text("UNIT", ("ID",)), "DRUG": text("DRUG", ("ID", "UNIT_ID"))}


def test_a_ruling_makes_the_first_match_and_what_refers_to_it_follows(h):
    before = h.night(a=A, b=B)
    assert before.matches("unit") == {("1", "11"), ("3", "13")}
    assert before.matches("drug") == set()
    ruled(h, reading(h, "equal", "2", "12"))
    after = h.night()
    after.shows(
        "crosswalk",
        """
        local_id_a | local_id_b | rule                    | certain
        1          | 11         | vendor_identifier       | yes
        2          | 12         | reviewed                | yes
        3          | 13         | declared_key            | no
        51         | 61         | declared_key            | yes
        """,
    )
    after.shows("review", "ruling|state|effect|problem|local_id_a|local_id_b\nequal|single|match||2|12")


def test_rulings_hold_when_every_id_changes(h):
    h.night(a=A, b=B)
    ruled(
        h,
        reading(h, "equal", "2", "12"),
        reading(h, "reject", "1", "11"),
        reading(h, "no_counterpart", "4", None),
        reading(h, "close", "52", "62", entity="drug"),
    )
    one = h.night()
    crosswalk = [r[2:] for r in one.rows("crosswalk", "local_id_a, local_id_b, identity, rule, label_a, label_b")]
    two = h.night(a=renumbered(A, 400), b=renumbered(B, 700))
    two.shows(
        "crosswalk",
        """
        local_id_a | local_id_b | rule         | certain
        402        | 712        | reviewed     | yes
        403        | 713        | declared_key | no
        451        | 761        | declared_key | yes
        452        | 762        | reviewed     | no
        """,
    )
    # Nor is any identity another, so no difference closes and opens again.
    again = [r[2:] for r in two.rows("crosswalk", "local_id_a, local_id_b, identity, rule, label_a, label_b")]
    assert sorted(again) == sorted(crosswalk)
    assert two.rows("review", "problem", "problem IS NOT NULL") == []


def test_what_a_key_would_match_keeps_its_identity_when_a_reader_confirms_it(h):
    before = h.night(a=A, b=B).rows("crosswalk", "identity", "local_id_a = '1'")
    ruled(h, reading(h, "equal", "1", "11"))
    after = h.night()
    assert after.rows("crosswalk", "identity", "local_id_a = '1'") == before
    assert after.rows("crosswalk", "rule", "local_id_a = '1'") == [("reviewed",)]


@pytest.mark.parametrize("ruling", ["reject", "broader", "narrower"])
def test_a_pair_that_is_not_the_same_is_matched_by_no_key_and_is_not_ambiguous(h, ruling):
    h.night(a=A, b=B)
    ruled(h, reading(h, ruling, "1", "11"), reading(h, ruling, "3", "13"))
    night = h.night()
    assert night.matches("unit") == set()
    assert night.rows("ambiguity", "*") == []
    assert night.rows("unmatched", "local_id", "ambiguous") == []
    assert night.rows("review", "ruling, effect") == [(ruling, "kept apart")] * 2


def test_a_pair_that_is_apart_still_shares_its_key_with_others(h):
    h.night(a={"UNIT": "ID|DISPLAY\n1|mg\n2|x"}, b={"UNIT": "ID|DISPLAY\n11|mg\n12|y"})
    ruled(h, reading(h, "reject", "1", "11"))
    night = h.night(b={"UNIT": "ID|DISPLAY\n11|mg\n12|mg"})
    # The rejected item is no longer known from the new one: its only key is now that of two items.
    assert night.rows("review", "problem, effect") == [("several", "none")]
    assert night.rows("ambiguity", "key_text, items_a, items_b") == [("MG", 1, 2)]


def test_a_ruling_on_an_item_that_is_gone_or_has_become_another_makes_no_match(h):
    h.night(a=A, b=B)
    ruled(h, reading(h, "equal", "2", "12"), reading(h, "equal", "4", "14"), reading(h, "reject", "1", "11"))
    changed = {**B, "UNIT": B["UNIT"].replace("12||tabl.", "12||dosett").replace("11|CKI.1|mg", "11|CKI.1|mikrogram")}
    night = h.night(b=changed)
    night.shows(
        "review",
        """
        ruling | label_b    | problem | effect
        equal  | tabl.      | lost    | none
        equal  | inhalation |         | match
        reject | mg         | moved   | kept apart
        """,
    )
    assert night.matches("unit") == {("3", "13"), ("4", "14")}


def test_two_keys_of_a_ruling_that_lead_to_different_items_are_reported(h):
    h.night(a=A, b=B)
    ruled(h, reading(h, "equal", "1", "11"))
    night = h.night(b={**B, "UNIT": "ID|CKI|DISPLAY|NOTE\n11||mg|x\n12|CKI.1|tabl.|x\n13||droppe|x"})
    assert night.rows("review", "problem, effect") == [("moved", "none")]
    assert night.matches("unit") == {("1", "12"), ("3", "13")}


def test_what_does_not_identify_an_item_may_change(h):
    h.night(a=A, b=B)
    ruled(h, reading(h, "equal", "2", "12"))
    night = h.night(b={**B, "UNIT": B["UNIT"].replace("tabl.|x", "TABL.|y")})
    assert night.rows("review", "problem, effect") == [(None, "match")]


def test_two_readers_and_an_adjudicator(h):
    h.night(a=A, b=B)
    two = Policy(readers=2)
    first = reading(h, "equal", "2", "12", reader="AB")
    ruled(h, first, policy=two)
    h.night().shows("review", "state|problem|effect|readers\nsingle|waiting|none|AB")
    agreeing = reading(h, "equal", "2", "12", reader="CD")
    ruled(h, first, agreeing, policy=two)
    h.night().shows("review", "state|problem|effect|readers\nagreed||match|AB, CD")
    other = reading(h, "narrower", "2", "12", reader="CD")
    ruled(h, first, other, policy=two)
    night = h.night()
    night.shows("review", "ruling|state|problem|effect|readers\n|conflict|conflict|none|AB, CD")
    assert ("2", "12") not in night.matches("unit")
    third = reading(h, "equal", "2", "12", reader="EF", role="adjudicator")
    ruled(h, first, other, third, policy=two)
    h.night().shows("review", "ruling|state|effect|readers\nequal|adjudicated|match|AB, CD, EF (adjudicator)")


def test_a_readers_last_answer_counts(h):
    h.night(a=A, b=B)
    first = reading(h, "reject", "2", "12")
    ruled(h, first, replace(first, ruling="equal", read_at=datetime(2026, 4, 1)))
    assert h.night().rows("review", "ruling, effect") == [("equal", "match")]


def test_a_reader_comes_before_an_import_and_the_import_is_no_disagreement(h):
    h.night(a=A, b=B)
    imported = replace(reading(h, "equal", "2", "12", reader="old map"), role="import", seen_a="", seen_b="")
    ruled(h, imported)
    assert h.night().rows("review", "state, effect") == [("imported", "match")]
    ruled(h, imported, reading(h, "reject", "2", "12"))
    assert h.night().rows("review", "ruling, state, effect") == [("reject", "single", "kept apart")]


def test_an_item_ruled_the_same_as_two_is_matched_with_neither(h):
    h.night(a=A, b=B)
    ruled(h, reading(h, "equal", "2", "12"), reading(h, "equal", "2", "14"), reading(h, "equal", "4", "14"))
    night = h.night()
    assert night.rows("review", "problem, effect") == [("crossed", "none")] * 3
    assert night.matches("unit") == {("1", "11"), ("3", "13")}


def test_no_counterpart_is_reported_when_a_key_finds_one_all_the_same(h):
    h.night(a=A, b=B)
    ruled(h, reading(h, "no_counterpart", "4", None))
    assert h.night().rows("review", "effect, problem") == [("not proposed", None)]
    night = h.night(b={**B, "UNIT": B["UNIT"] + "\n15||puff|x"})
    assert night.rows("review", "effect, problem") == [("none", "contradicted")]
    assert ("4", "15") in night.matches("unit")


def test_the_policy_says_which_relations_match(h):
    h.night(a=A, b=B)
    ruled(
        h, reading(h, "close", "2", "12"), reading(h, "retired", "4", "14"), policy=Policy(match=("equal", "retired"))
    )
    night = h.night()
    night.shows("review", "ruling|effect\nclose|kept apart\nretired|match")


def test_a_ruling_may_be_written_the_other_way_round(h):
    h.night(a=A, b=B)
    found = reading(h, "broader", "2", "12")
    turned = found.seen_from("b")
    assert (turned.ruling, turned.domain_a, turned.keys_a) == ("narrower", "b", found.keys_b)
    ruled(h, turned, reading(h, "equal", "4", "14").seen_from("b"))
    h.night().shows("review", "ruling|effect|local_id_a|local_id_b\nbroader|kept apart|2|12\nequal|match|4|14")


def test_items_that_nothing_tells_apart_have_no_name(h):
    h.night(a={"UNIT": "ID|CKI|DISPLAY|NOTE\n1||mg|x\n2||mg|x\n3||ml|x\n4||ml|y"}, b=B)
    session = Session(h._open[-1].cursor())
    found = content.names(session, "unit", [("a", i) for i in "1234"])
    assert [found["a", i].keys for i in "12"] == [(), ()]
    assert [[k for k, _ in found["a", i].keys] for i in "34"] == [["(content)"], ["(content)"]]


def test_what_the_matching_may_learn_from_is_what_counts(h):
    h.night(a=A, b=B)
    ruled(
        h,
        reading(h, "close", "2", "12"),
        reading(h, "narrower", "1", "11"),
        reading(h, "unsure", "3", "13"),
        reading(h, "no_counterpart", "4", None),
    )
    session = Session(h.night().con)
    assert rulings.labels_of(session, "unit", "a~b") == [("1", "11", False), ("2", "12", True)]
    assert rulings.labels_of(session, "drug", "a~b") == []
