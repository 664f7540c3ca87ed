"""The register applied to small nights: what governs a difference, and what the figures make of it."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest

from tests.support.builds import House, house
from transforms.register import load_register
from transforms.register.asked import alarms
from transforms.register.stamps import Said, Stamp, write_stamp

UNIT = """
entity: unit
title: Unit
area: one
source: {table: UNIT, local_id: ID}
keys: [name]
attributes: {name: {column: NAME, weight: 0}, size: {column: SIZE}, shown: {column: SHOWN, compare: flag, weight: 3}}
"""
PLAN = """
entity: plan
title: Plan
area: two
source: {table: PLAN, local_id: ID}
keys: [name]
attributes: {name: NAME, type: {column: TYPE}}
"""
LINE = """
entity: line
title: Line
area: two
role: component
weight: 2
source: {table: LINE, local_id: ID}
parent: {entity: plan, column: PLAN_ID}
keys: [[parent, number]]
attributes: {number: {column: NUMBER, weight: 0}, text: TEXT}
label: text
"""
A = {
    "UNIT": "ID|NAME|SIZE|SHOWN\n1|x|1|1\n2|y|1|1\n3|z|1|1\n4|w|1|1",
    "PLAN": "ID|NAME|TYPE\n1|p|one\n2|q|one",
    "LINE": "ID|PLAN_ID|NUMBER|TEXT\n1|1|1|same\n2|1|2|here\n3|1|3|only in a\n4|2|1|same",
}
B = {
    "UNIT": "ID|NAME|SIZE|SHOWN\n1|x|2|1\n2|y|2|0\n3|z|1|1\n5|v|1|1",
    "PLAN": "ID|NAME|TYPE\n1|p|one\n2|q|two",
    "LINE": "ID|PLAN_ID|NUMBER|TEXT\n1|1|1|same\n2|1|2|there\n4|2|1|same",
}


def decide(h: House, text: str) -> None:
    """Put a file into the house's register."""
    (h.folder / "decisions").mkdir(exist_ok=True)
    (h.folder / "decisions" / "matter.yaml").write_text(dedent(text), encoding="utf-8")


def decision(name: str, covers: str, ruling: str = "keep_local", more: str = "") -> str:
    return (
        f"- {{id: {name}, title: T, forum: Styrgrupp, date: 2026-03-01, covers: {covers}, ruling: {ruling}, "
        f"reason: R, owner: Role{more}}}\n"
    )


@pytest.fixture
def h(tmp_path: Path):
    made = house(tmp_path, UNIT, PLAN, LINE)
    yield made
    made.close()


def recorded(h: House, *decisions: str) -> None:
    """Put decisions into the register and record them as the published night stands."""
    from transforms.register.record import record

    decide(h, "decisions:\n" + "".join("  " + d for d in decisions))
    register = h.register()
    record(h.newest, h.catalogue, register, register.decisions, by="Sekreterare", at="2026-03-02T00:00:00")


def test_without_a_register_the_justified_figure_is_the_raw_one(h: House) -> None:
    night = h.night(a=A, b=B)
    for level, subject in (("entity", "unit"), ("entity", "plan"), ("area", "one"), ("total", "total")):
        assert night.figure(subject, "justified", level) == night.figure(subject, "convergence", level) is not None
    assert night.figure("total", "decided", "total") == 0


def test_an_accepted_attribute_counts_as_equal_and_the_raw_figure_stays(h: House) -> None:
    first = h.night(a=A, b=B)
    recorded(h, decision("D1", "{rule: {entity: unit, attribute: size}}"))
    night = h.night()
    # x: size differs (1 of 4); y: both differ; z: equal; w and v stand alone: 3 matches and 2 alone.
    assert first.figure("unit") == night.figure("unit") == pytest.approx((3 / 4 + 0 + 1) / 5)
    assert night.figure("unit", "justified") == pytest.approx((1 + 1 / 4 + 1) / 5)
    assert night.figure("unit", "decided") == pytest.approx(2 / 5)
    night.shows(
        "decision_cover JOIN difference USING (pair_id, difference_id)",
        """
        label | attribute | decision_id | ruling     | state | accepted
        x     | size      | D1          | keep_local | holds | yes
        y     | size      | D1          | keep_local | holds | yes
        """,
    )


def test_an_accepted_item_without_a_match_counts_as_one(h: House) -> None:
    h.night(a=A, b=B)
    recorded(h, decision("D1", "{rule: {entity: unit, only_in: a}}"))
    assert h.night().figure("unit", "justified") == pytest.approx((3 / 4 + 0 + 1 + 1) / 5)


def test_accepted_components_raise_their_owner(h: House) -> None:
    first = h.night(a=A, b=B)
    # p: own weight 2, equal; 3 lines and 2, of weight 2: 2 · (1 + 1/2) / 5. q: type differs, its line is the same.
    assert first.figure("plan") == pytest.approx(((2 + 2 * 3 / 5) / 4 + (1 + 2) / 4) / 2)
    recorded(h, decision("D1", "{rule: {entity: line, kind: only_a}}"))
    assert h.night().figure("plan", "justified") == pytest.approx(((2 + 2 * 4 / 5) / 4 + 3 / 4) / 2)
    recorded(h, decision("D1", "{rule: {entity: line}}"))
    assert h.night().figure("plan", "justified") == pytest.approx((1 + 3 / 4) / 2)


def test_all_accepted_is_one(h: House) -> None:
    h.night(a=A, b=B)
    recorded(h, decision("D1", "{rule: {area: one}}"), decision("D2", "{rule: {area: two}}"))
    night = h.night()
    assert night.figure("total", "justified", "total") == night.figure("total", "decided", "total") == 1
    assert night.figure("total", "convergence", "total") < 1


def test_the_nearer_decision_goes_before_the_rule(h: House) -> None:
    h.night(a=A, b=B)
    recorded(
        h,
        decision("D1", "{rule: {entity: unit}}"),
        decision("D2", "{item: {entity: unit, key: y}}", "adopt", ", adopt: a"),
    )
    h.night().shows(
        "decision_cover JOIN difference USING (pair_id, difference_id)",
        """
        label | attribute | decision_id
        x     | size      | D1
        y     | size      | D2
        y     | shown     | D2
        w     |           | D1
        v     |           | D1
        """,
    )


def test_two_of_one_rank_govern_nothing_and_are_both_named(h: House) -> None:
    h.night(a=A, b=B)
    text = decision("D1", "{rule: {entity: unit}}"), decision("D2", "{rule: {attribute: size, area: one}}", "retire")
    recorded(h, text[0])
    decide(h, "decisions:\n  " + text[0] + "  " + text[1])
    folder = h.folder / "decisions"
    d2 = h.register().decision("D2")
    write_stamp(folder, Stamp("D2", d2.digest, "2026-03-02", "Role", 1, "2026-03-02", {}, 2, ()))
    night = h.night()
    night.shows("decision_conflict", "decision_id | other_id\nD1 | D2\nD1 | D2")
    assert {r[0] for r in night.rows("decision", "state")} == {"conflict"}
    # Only y's flag, w and v are D1's alone.
    assert night.figure("unit", "justified") == pytest.approx((3 / 4 + 3 / 4 + 1 + 2) / 5)


def test_a_decision_holds_while_both_say_what_they_said_and_turns_stale_when_one_moves(h: House) -> None:
    h.night(a=A, b=B)
    recorded(h, decision("D1", "{item: {entity: unit, key: y}}"))
    assert h.night().rows("decision", "state, covers_now") == [("holds", 2)]
    assert h.night().rows("decision", "state, covers_now") == [("holds", 2)]
    moved = h.night(b={**B, "UNIT": "ID|NAME|SIZE|SHOWN\n1|x|2|1\n2|y|3|0\n3|z|1|1\n5|v|1|1"})
    assert moved.rows("decision", "state, covers_now, stale_now") == [("stale", 1, 1)]
    assert moved.rows("decision_cover", "state, accepted") == [("holds", True), ("stale", False)]
    assert moved.figure("unit", "justified") == pytest.approx((3 / 4 + 3 / 4 + 1) / 5)
    back = h.night(b=B)
    assert back.rows("decision", "state, covers_now") == [("holds", 2)]
    # Settled: nothing is open any more, and the decision stands.
    gone = h.night(b={**B, "UNIT": "ID|NAME|SIZE|SHOWN\n1|x|2|1\n2|y|1|1\n3|z|1|1\n5|v|1|1"})
    assert gone.rows("decision", "state, covers_now, note") == [("holds", 0, "none of what it covers is open any more")]


def test_what_was_not_there_when_it_was_recorded_is_not_covered(h: House) -> None:
    h.night(a=A, b=B)
    recorded(h, decision("D1", "{item: {entity: unit, key: x}}"))
    night = h.night(b={**B, "UNIT": "ID|NAME|SIZE|SHOWN\n1|x|2|0\n2|y|2|0\n3|z|1|1\n5|v|1|1"})
    assert night.rows("decision_cover", "state") == [("holds",), ("stale",)]


def test_a_decision_not_recorded_altered_expired_or_coming_governs_nothing(h: House) -> None:
    h.night(a=A, b=B)
    rule = "{rule: {entity: unit}}"
    decide(h, "decisions:\n  " + decision("D1", rule))
    night = h.night()
    assert night.rows("decision", "state") == [("not recorded",)]
    assert night.rows("decision_cover", "*") == []
    recorded(h, decision("D1", rule))
    decide(h, "decisions:\n  " + decision("D1", rule, "retire"))
    assert h.night().rows("decision", "state") == [("altered",)]
    recorded(h, decision("D1", rule, more=", expires: 2026-03-02"))
    night = h.night()
    assert night.rows("decision", "state") == [("expired",)]
    assert {r for r in night.rows("decision_cover", "state, accepted")} == {("expired", False)}
    recorded(h, decision("D1", rule).replace("2026-03-01", "2027-01-01"))
    assert h.night().rows("decision", "state") == [("coming",)]


def test_superseding_keeps_the_old_one_and_ends_it(h: House) -> None:
    h.night(a=A, b=B)
    rule = "{rule: {entity: unit}}"
    recorded(h, decision("D1", rule), decision("D2", rule, "retire", ", supersedes: D1"))
    night = h.night()
    assert night.rows("decision", "decision_id, state, superseded_by") == [
        ("D1", "superseded", "D2"),
        ("D2", "holds", None),
    ]
    assert {r for r in night.rows("decision_cover", "decision_id, accepted")} == {("D2", False)}


def test_stamps_are_read_back_as_written(tmp_path: Path) -> None:
    said = Said("a~b", "1" * 32, "unit", "i", "x", "changed", "size", "å", None)
    stamp = Stamp("D1", "c", "2026-03-02", "Role", 3, "2026-03-01", {"a": 1, "b": 2}, 1, (said,))
    write_stamp(tmp_path / "decisions", stamp)
    from transforms.register.stamps import read_stamps

    assert read_stamps(tmp_path / "decisions") == {"D1": stamp}
    assert load_register(tmp_path / "nowhere", None, ()).decisions == ()  # type: ignore[arg-type]


def size(b: str, y: str = "2", v: str = "5|v|1|1") -> dict[str, str]:
    return {**B, "UNIT": f"ID|NAME|SIZE|SHOWN\n1|x|{b}|1\n2|y|{y}|0\n3|z|1|1\n{v}"}


def test_a_decision_is_verified_by_the_next_extract_and_a_regression_is_told(h: House) -> None:
    h.night(a=A, b=B)
    recorded(
        h,
        decision("D1", "{rule: {entity: unit, attribute: size}}", "adopt", ", adopt: a"),
        decision("D2", "{rule: {entity: unit, only_in: b}}", "adopt", ", adopt: a"),
    )
    night = h.night()
    night.shows(
        "task",
        """
        decision_id | domain | label | attribute | action | wanted | first_night | done_night
        D1          | b      | x     | size      | change | 1      | 2           |
        D1          | b      | y     | size      | change | 1      | 2           |
        D2          | b      | v     |           | remove |        | 2           |
        """,
    )
    assert night.figure("unit", "implemented") == 0
    assert night.rows("process", "decision_id, domain, step, tasks, done") == [
        ("D1", "b", "waiting", 2, 0),
        ("D2", "b", "waiting", 1, 0),
    ]
    assert h.night(b=size("1", v="9|u|1|1")).rows("process", "decision_id, step, tasks, done") == [
        # u is another item that only b has; v is gone.
        ("D1", "waiting", 2, 1),
        ("D2", "waiting", 2, 1),
    ]
    night = h.night(b=size("1", "1"))
    assert night.rows("process", "decision_id, step, tasks, done") == [
        ("D1", "verified", 2, 2),
        ("D2", "regressed", 2, 1),
    ]
    night = h.night(b=size("2", "1", v=""))
    assert night.rows("process", "decision_id, step, done, regressed") == [
        ("D1", "regressed", 1, 1),
        ("D2", "verified", 2, 0),
    ]
    assert night.figure("unit", "implemented") == pytest.approx(3 / 4)
    # Moved on to a third value: not what was ruled, though it moved.
    assert (
        h.night(b=size("7", "1", v="")).rows("process", "decision_id, step, done", "decision_id = 'D1'")[0][1]
        == "regressed"
    )


def units(side: str, x: str, rest: str) -> dict[str, str]:
    """The side's build in which x has that size and the other units stand so."""
    return {**(A if side == "a" else B), "UNIT": f"ID|NAME|SIZE|SHOWN\n1|x|{x}|1\n{rest}"}


def test_agreeing_on_something_else_than_was_ruled_is_not_done_and_is_told(h: House) -> None:
    h.night(a=A, b=B)
    recorded(h, decision("D1", "{item: {entity: unit, key: x}}", "adopt", ", adopt: a"))
    h.night()
    both = "2|y|1|1\n3|z|1|1\n4|w|1|1"
    night = h.night(a=units("a", "5", both), b=units("b", "5", both))
    assert night.rows("difference", "count(*)", "label = 'x'") == [(0,)]
    assert night.rows("task", "domain, wanted, done_night, instead") == [("b", "1", None, "5")]
    assert night.figure("unit", "implemented") == 0
    assert night.rows("process", "step, done, note") == [
        ("waiting", 0, "in 1 of 1 both have come to agree on something else than was ruled")
    ]
    ((state, note),) = night.rows("decision", "state, note")
    assert state == "stale" and "x (size): 5 instead of 1" in note
    assert any("x (size): 5 instead of 1" in line for line in alarms(night.con))
    # As ruled at last, then both move on to something else together: what was verified is lost, without a difference.
    night = h.night(a=units("a", "1", both), b=units("b", "1", both))
    assert night.rows("process", "step, done") == [("verified", 1)]
    assert night.rows("decision", "state") == [("holds",)]
    night = h.night(a=units("a", "7", both), b=units("b", "7", both))
    assert night.rows("process", "step, done, regressed") == [("regressed", 0, 1)]
    assert night.figure("unit", "implemented") == 0


def test_a_rule_that_adopts_a_side_follows_that_side_but_not_the_other(h: House) -> None:
    h.night(a=A, b=B)
    recorded(h, decision("D1", "{rule: {entity: unit, attribute: size, label: x}}", "adopt", ", adopt: a"))
    both = "2|y|1|1\n3|z|1|1\n4|w|1|1"
    # a goes on to 5 and b follows: as ruled. That a comes to say what b said is not.
    night = h.night(a=units("a", "5", both))
    assert night.rows("task", "wanted, done_night") == [("5", None)]
    night = h.night(a=units("a", "6", both), b=units("b", "6", both))
    assert night.rows("process", "step, done, regressed") == [("verified", 1, 0)]
    # a is ahead again: more to do, and nothing lost.
    night = h.night(a=units("a", "7", both))
    assert night.rows("process", "step, done, regressed") == [("waiting", 0, 0)]
    night = h.night(a=units("a", "6", both))
    assert night.rows("task", "done_night, instead") == [(None, "6")]
    assert night.rows("decision", "state") == [("stale",)]


def test_an_item_that_was_to_go_or_to_come_is_looked_for_in_the_extract(h: House) -> None:
    h.night(a=A, b=B)
    recorded(
        h,
        decision("D1", "{rule: {entity: unit, only_in: a}}", "adopt", ", adopt: a"),
        decision("D2", "{rule: {entity: unit, only_in: b}}", "adopt", ", adopt: a"),
    )
    h.night()
    # w was to come to b, and a gave it up; v was to go from b, and a took it over.
    night = h.night(a=units("a", "1", "2|y|1|1\n3|z|1|1\n9|v|1|1"))
    assert night.rows("task", "decision_id, domain, action, done_night, instead") == [
        ("D1", "b", "add", None, "neither has it"),
        ("D2", "b", "remove", None, "both have it"),
    ]
    assert night.rows("decision", "decision_id, state") == [("D1", "stale"), ("D2", "stale")]
    # b has w under another name: what it is called is another item, and the ruling no longer asks for the old one.
    night = h.night(a=units("a", "1", "2|y|1|1\n3|z|1|1\n4|w2|1|1"), b=units("b", "2", "2|y|2|0\n3|z|1|1\n5|v|1|1"))
    assert [r[:2] for r in night.rows("task", "label, domain, first_night", "lapsed_night IS NULL")] == [
        ("v", "b"),
        ("w2", "b"),
    ]
    night = h.night(b=units("b", "2", "2|y|2|0\n3|z|1|1\n77|w2|1|1"))
    assert night.rows("process", "decision_id, step, tasks, done") == [
        ("D1", "verified", 1, 1),
        ("D2", "verified", 1, 1),
    ]


def test_what_is_settled_before_the_next_night_sees_it_is_verified_too(h: House) -> None:
    h.night(a=A, b=B)
    recorded(
        h,
        decision("D1", "{item: {entity: unit, key: x}}", "adopt", ", adopt: a"),
        decision("D2", "{item: {entity: unit, key: v}}", "adopt", ", adopt: a"),
        decision("D3", "{item: {entity: unit, key: w}}", "adopt", ", adopt: a"),
    )
    # The region was quick: x as ruled, v gone; w it has not built, and a gave it up.
    night = h.night(a=units("a", "1", "2|y|1|1\n3|z|1|1"), b=units("b", "1", "2|y|2|0\n3|z|1|1"))
    assert night.rows("process", "decision_id, domain, step, tasks, done") == [
        ("D1", "b", "verified", 1, 1),
        ("D2", "b", "verified", 1, 1),
        ("D3", "b", "waiting", 1, 0),
    ]
    assert night.rows("decision", "decision_id, state") == [("D1", "holds"), ("D2", "holds"), ("D3", "stale")]
    assert h.night().rows("process", "decision_id, step") == [("D1", "verified"), ("D2", "verified"), ("D3", "waiting")]


def test_adherence_is_measured_against_what_is_settled(h: House) -> None:
    night = h.night(a=A, b=B)
    # Settled without a decision: all three units' values but the three that differ: both domains have them all.
    for domain in ("a", "b"):
        where = f"subject = 'unit' AND domain = '{domain}'"
        assert night.rows("adherence", "numerator, denominator, value", where) == [(12 - 5, 12 - 5, 1.0)]
    recorded(h, decision("D1", "{rule: {entity: unit, attribute: size}}", "adopt", ", adopt: a"))
    night = h.night()
    last = f"subject = 'unit' AND night_id = {night.number}"
    assert night.rows("adherence", "domain, numerator, denominator", last) == [("a", 9.0, 9.0), ("b", 7.0, 9.0)]
    recorded(
        h,
        decision("D1", "{rule: {entity: unit, attribute: size}}", "adopt", ", adopt: a"),
        decision("D2", "{rule: {entity: unit, only_in: b}}", "adopt", ", adopt: b"),
    )
    night = h.night()
    last = f"subject = 'unit' AND night_id = {night.number}"
    assert night.rows("adherence", "domain, numerator, denominator", last) == [("a", 9.0, 13.0), ("b", 11.0, 13.0)]


def test_the_steps_of_a_region_are_told_and_waiting_is_counted(h: House) -> None:
    h.night(a=A, b=B)
    recorded(h, decision("D1", "{rule: {entity: unit, attribute: size}}", "adopt", ", adopt: a"))
    (h.folder / "decisions" / "process.yaml").write_text(
        "process:\n- {decision: D1, domain: b, received: {date: 2026-03-01, by: Förvaltning}, "
        "planned: {date: 2026-03-02, by: Förvaltning, due: 2026-03-02}}\n"
    )
    night = h.night(b=B)
    assert night.rows("process", "domain, step, by_role, days, overdue, note") == [
        ("b", "planned", "Förvaltning", 2, True, None)
    ]


def test_the_target_is_composed_from_agreement_and_decisions_and_kept_by_version(h: House) -> None:
    h.night(a=A, b=B)
    recorded(
        h,
        decision("D1", "{rule: {entity: unit, attribute: size}}", "standard", ", value: '9'"),
        decision("D2", "{rule: {entity: unit, only_in: b}}", "adopt", ", adopt: b"),
        decision("D3", "{rule: {entity: unit, only_in: a}}", "adopt", ", adopt: b"),
        decision("D4", "{rule: {entity: unit, attribute: shown}}"),
    )
    night = h.night()
    now = "entity = 'unit' AND to_night IS NULL AND attribute <> 'name'"
    night.shows(
        "target_value",
        """
        label | item_state | attribute | value | provenance | decision_id | from_night
        x     | agreed     | size      | 9     | decision   | D1          | 2
        x     | agreed     | shown     | 1     | agreed     |             | 2
        y     | agreed     | size      | 9     | decision   | D1          | 2
        y     | agreed     | shown     |       | local      | D4          | 2
        z     | agreed     | size      | 1     | agreed     |             | 1
        z     | agreed     | shown     | 1     | agreed     |             | 1
        w     | out        | size      | 1     | decision   | D3          | 2
        w     | out        | shown     | 1     | decision   | D3          | 2
        v     | decision   | size      | 1     | decision   | D2          | 2
        v     | decision   | shown     | 1     | decision   | D2          | 2
        """,
        now,
    )
    first = "label = 'x' AND attribute = 'size' AND from_night <= 1 AND (to_night IS NULL OR to_night > 1)"
    assert night.rows("target_value", "value, provenance", first) == [(None, "open")]
    assert h.night().rows("target_value", "count(*)", "from_night = 3") == [(0,)]


LOCAL = """
entity: place
title: Place
area: one
expected_local: true
source: {table: PLACE, local_id: ID}
keys: [name]
attributes: {name: {column: NAME, weight: 0}, floor: FLOOR}
"""


def test_plain_rules_propose_and_nothing_is_applied(tmp_path: Path) -> None:
    h = house(tmp_path, UNIT, LOCAL, domains=("a", "b", "c"))
    (h.folder / "decisions").mkdir()
    (h.folder / "decisions" / "usage.csv").write_text(
        "domain;entity;item;uses\na;unit;w;0\nb;unit;y;9\na;unit;y;2\na;unit;x;8\n"
    )
    unit = {"UNIT": "ID|NAME|SIZE|SHOWN\n1|x|1|1\n2|y|1|1\n4|w|1|1"}
    place = {"PLACE": "ID|NAME|FLOOR\n1|hall|1"}
    other = {"UNIT": "ID|NAME|SIZE|SHOWN\n1|x|2|1\n2|y|1|0"}
    night = h.night(
        a={**unit, **place},
        b={**other, "PLACE": "ID|NAME|FLOOR\n1|hall|2"},
        c={"UNIT": "ID|NAME|SIZE|SHOWN\n7|x|2|1\n8|q|1|1", "PLACE": "ID|NAME|FLOOR\n9|yard|1"},
    )
    night.shows(
        "proposal JOIN difference USING (pair_id, difference_id)",
        """
        label | attribute | rule           | ruling     | adopt | evidence
        x     | size      | majority       | adopt      | b     | 2 domains say so, 1 do not
        y     | shown     | usage          | adopt      | b     | used 2 times in a (20 % of its uses), 9 in b (100 %)
        w     |           | majority       | adopt      | b     | 2 domains do without it, 1 have it
        hall  | floor     | expected local | keep_local |       | the catalogue expects this entity type to differ
        """,
        "pair_id = 'a~b'",
    )
    assert night.rows("proposal", "evidence_sv", "rule = 'usage' AND pair_id = 'a~b'") == [
        ("använd 2 gånger i a (20 % av dess bruk), 9 i b (100 %)",)
    ]
    assert night.rows("decision_cover", "count(*)") == [(0,)]
    h.close()


OWNED = UNIT.replace("keys: [name]", "label: name\nkeys: [{on: cki, rule: vendor_identifier}, name]").replace(
    "attributes: {", "attributes: {cki: {column: CKI, weight: 0}, "
)


def test_what_agrees_with_the_vendor_is_proposed_and_the_vendor_has_no_vote(tmp_path: Path) -> None:
    h = house(tmp_path, OWNED, domains=("a", "b", "c", "v"))
    h.vendors = {"v"}
    night = h.night(
        a={
            "UNIT": "ID|CKI|NAME|SIZE|SHOWN\n1||x|1|1\n2||y|1|1\n3|V!3|z|1|1\n4||w|1|1\n5||u|1|1\n6|V!6|t|1|1\n7||s|1|1"
        },
        b={"UNIT": "ID|CKI|NAME|SIZE|SHOWN\n1||x|2|1\n2||y|2|1\n3||z|2|1"},
        c={"UNIT": "ID|CKI|NAME|SIZE|SHOWN\n1||x|2|1\n2||y|1|1\n4||w|1|1"},
        v={"UNIT": "ID|CKI|NAME|SIZE|SHOWN\n1||x|1|1\n9||s|1|1"},
    )
    night.shows(
        "proposal JOIN difference USING (pair_id, difference_id)",
        """
        label | attribute | rule     | ruling | adopt | evidence
        x     | size      | vendor   | adopt  | a     | v, the vendor's model content, says as a does
        y     | size      | majority | adopt  | a     | 2 domains say so, 1 do not
        z     | size      | vendor   | adopt  | a     | only a's item bears the vendor's own identifier (V!3)
        s     |           | vendor   | adopt  | a     | v, the vendor's model content, has it
        w     |           | majority | adopt  | a     | 2 domains have it, 1 do without
        u     |           | majority | adopt  | b     | 2 domains do without it, 1 have it
        t     |           | vendor   | adopt  | a     | only a's item bears the vendor's own identifier (V!6)
        """,
        "pair_id = 'a~b'",
    )
    assert night.rows("decision_cover", "count(*)") == [(0,)]
    h.close()


def test_the_target_shows_what_a_reference_leads_to_as_it_is_called_tonight(tmp_path: Path) -> None:
    kind = """
    entity: kind
    title: Kind
    area: one
    source: {table: KIND, local_id: ID}
    keys: [code]
    label: name
    attributes: {code: {column: CODE, weight: 0}, name: NAME}
    """
    # A reference that no one weighs, and that the item is not called by.
    of_kind = UNIT.replace("weight: 3}}", "weight: 3}, kind: {column: KIND_ID, references: kind, weight: 0}}")
    h = house(tmp_path, kind, of_kind)
    try:
        for name in ("old", "new"):
            build = {"KIND": f"ID|CODE|NAME\n1|k|{name}", "UNIT": "ID|NAME|SIZE|SHOWN|KIND_ID\n1|x|1|1|1"}
            night = h.night(a=build, b=build)
            where = f"entity = 'unit' AND attribute = 'kind' AND from_night = {night.number}"
            assert night.rows("target_value", "value", where) == [(name,)]
    finally:
        h.close()


def test_the_targets_of_three_domains_come_to_one(tmp_path: Path) -> None:
    h = house(tmp_path, UNIT, domains=("a", "b", "c"))
    rows = "ID|NAME|SIZE|SHOWN\n"
    h.night(
        a={"UNIT": rows + "1|x|1|1\n2|y|1|1\n3|z|1|1\n4|w|1|1"},
        b={"UNIT": rows + "1|x|1|1\n2|y|2|1\n3|z|2|1"},
        c={"UNIT": rows + "1|x|1|1\n2|y|1|1\n3|z|3|1\n4|w|2|1"},
    )
    recorded(
        h,
        decision("D1", "{rule: {entity: unit, attribute: size, label: y}}", "adopt", ", adopt: a"),
        decision(
            "D2", "{rule: {entity: unit, attribute: size, label: z, values: {b: '2'}}}", "standard", ", value: '9'"
        ),
        decision(
            "D3",
            "{rule: {entity: unit, attribute: size, label: z, values: {a: '1', c: '3'}}}",
            "standard",
            ", value: '8'",
        ),
    )
    h.night().shows(
        "target_together",
        """
        label | domains | value | provenance | decisions | pairs
        x     | 3       | 1     | agreed     |           | 3
        y     | 3       | 1     | decision   | D1        | 3
        z     | 3       |       | conflict   | D2, D3    | 3
        w     | 2       |       | open       |           | 1
        """,
        "attribute = 'size'",
    )
    h.close()


def test_what_nothing_changed_of_stands_and_a_new_decision_is_heeded_at_once(h: House) -> None:
    def figures(night):
        where = f"night_id = {night.number}"
        return night.rows("adherence", "domain, level, subject, numerator, denominator, settled", where)

    def proposed(night):
        return night.rows("proposal", "difference_id, rule, evidence")

    a = {**A, "UNIT": A["UNIT"].replace("4|w|1|1", "4|w|1|1\n7|s|1|1\n8|t|1|1\n9|u|1|1")}
    b = {**B, "UNIT": B["UNIT"] + "\n7|s|2|1\n8|t|2|1\n9|u|2|1"}
    h.night(a=a, b=b)
    # Three decisions alike on one attribute are a precedent for the rest.
    three = [decision(f"D{i}", f"{{item: {{entity: unit, key: {n}}}}}") for i, n in enumerate("stu")]
    recorded(h, *three)
    first, again = h.night(), h.night()
    assert figures(again) == figures(first) != []
    assert proposed(again) == proposed(first) != []
    recorded(h, *three, decision("D9", "{rule: {entity: unit, attribute: size}}", "adopt", ", adopt: a"))
    ruled = h.night()
    assert figures(ruled) != figures(again) and proposed(ruled) != proposed(again)
