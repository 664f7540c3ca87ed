"""What the register makes of drawn differences: the step alone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from tests.spec.test_decisions import LINE, PLAN, UNIT, decide, decision
from tests.support.builds import write_catalogue
from tests.support.tables import given, layers, shown
from transforms.catalogue import Catalogue, load_catalogue, tables
from transforms.register import decide as step
from transforms.register import load_register
from transforms.register.stamps import Stamp, write_stamp
from transforms.warehouse import Night, scratch

# What other steps leave, as far as this one reads it.
OTHERS = """
INSERT INTO measured.domain (domain, title, vendor_model) VALUES ('a', 'A', false), ('b', 'B', false);
INSERT INTO measured.area (area, weight) VALUES ('one', 1), ('two', 3);
"""
# A unit x of which the size differs (1, 2); a unit w in a alone (3); a plan p (4, 5) with a line that differs (6, 7)
# and one in a alone (8). Types in matching order: plan 1, unit 2, line 3.
DRAWN = {
    "catalogue.domain": "domain_no | domain\n1 | a\n2 | b",
    "normalised.item": """
        item_no | domain_no | entity_no | local_id | label
        1       | 1         | 2         | 1        | x
        2       | 2         | 2         | 9        | x
        3       | 1         | 2         | 3        | w
        4       | 1         | 1         | 1        | p
        5       | 2         | 1         | 1        | p
        6       | 1         | 3         | 1        | here
        7       | 2         | 3         | 1        | there
        8       | 1         | 3         | 2        | alone
        """,
    "normalised.cell": """
        item_no | entity_no | place | value
        1       | 2         | 1     | x
        1       | 2         | 2     | 1
        1       | 2         | 3     | 1
        2       | 2         | 1     | x
        2       | 2         | 2     | 2
        2       | 2         | 3     | 1
        3       | 2         | 1     | w
        6       | 3         | 2     | here
        7       | 3         | 2     | there
        8       | 3         | 2     | alone
        """,
    "normalised.reference": """
        item_no | entity_no | place | written | state   | target_entity_no | target_no
        6       | 3         | 0     | 1       | leads   | 1                | 4
        7       | 3         | 0     | 1       | leads   | 1                | 5
        8       | 3         | 0     | 1       | leads   | 1                | 4
        """,
    "matched.item": """
        match_no | pair_no | entity_no | identity | item_a | item_b | rule         | key_text | certain
        1        | 1       | 2         | X        | 1      | 2      | declared_key | x        | true
        2        | 1       | 2         | W        | 3      |        |              |          |
        3        | 1       | 1         | P        | 4      | 5      | declared_key | p        | true
        4        | 1       | 3         | L        | 6      | 7      | declared_key | 1        | true
        5        | 1       | 3         | M        | 8      |        |              |          |
        """,
    "compared.comparable": "pair_no | entity_no\n1 | 2\n1 | 1\n1 | 3",
    "compared.total": "pair_no | entity_no | weight\n1 | 2 | 4\n1 | 1 | 2\n1 | 3 | 1",
    "compared.owner": "match_no | root_match_no\n4 | 3\n5 | 3",
    # Of the plan's three lines (weight 2) two are a match that says nothing alike.
    "compared.agreement": """
        match_no | pair_no | entity_no | differing | own_weight | own_equal | child_weight | child_equal | agreement
        1        | 1       | 2         | 1         | 4          | 3         | 0            | 0           | 0.75
        3        | 1       | 1         | 0         | 2          | 2         | 2            | 0           | 0.5
        4        | 1       | 3         | 1         | 1          | 0         | 0            | 0           | 0
        """,
    "compared.difference": """
        pair_no | match_no | entity_no | place | pair_id | difference_id | entity | identity | kind    | attribute | label | value_a | value_b | weight
        1       | 1        | 2         | 2     | a~b     | d1            | unit   | X        | changed | size      | x     | 1       | 2       | 1
        1       | 2        | 2         |       | a~b     | d2            | unit   | W        | only_a  |           | w     |         |         | 4
        1       | 4        | 3         | 2     | a~b     | d3            | line   | L        | changed | text      | here  | here    | there   | 1
        1       | 5        | 3         |       | a~b     | d4            | line   | M        | only_a  |           | alone |         |         | 1
        """,  # noqa: E501
    "measured.entity_count": """
        night_id | pair_id | entity | matched | only_a | only_b | agreement_sum | measurable
        2        | a~b     | unit   | 1       | 1      | 0      | 0.75          | true
        2        | a~b     | plan   | 1       | 0      | 0      | 0.5           | true
        """,
}  # fmt: skip
TARGET = """
SELECT t.label, t.state, c.attribute, c.value, t.from_night, t.to_night
FROM decided.target t LEFT JOIN (FROM decided.target_cell WHERE attribute <> 'name') c USING (target_no)
WHERE t.entity = 'unit' ORDER BY ALL
"""


class Drawn:
    """The drawn night and a register beside it."""

    def __init__(self, folder: Path, night: Night, catalogue: Catalogue) -> None:
        self.folder, self.night, self.catalogue = folder, night, catalogue

    def run(self, *decisions: str) -> int:
        """Record the decisions and run the step."""
        decide(self, "decisions:\n" + "".join("  " + d for d in decisions) if decisions else "{}")
        register = load_register(self.folder / "decisions", self.catalogue, ("a", "b"))
        for d in register.decisions:
            write_stamp(register.folder, Stamp(d.id, d.digest, "2026-03-02T00:00:00", "Role", 1, "", {}, 0, ()))
        register = load_register(self.folder / "decisions", self.catalogue, ("a", "b"))
        pairs = tables.pairs_of(("a", "b"))
        return step.run(self.night, self.catalogue, pairs, register, datetime(2026, 3, 3))


@pytest.fixture
def drawn(tmp_path: Path) -> Iterator[Drawn]:
    catalogue = load_catalogue(write_catalogue(tmp_path / "catalogue", UNIT, PLAN, LINE))
    with scratch(threads="1") as con:
        night = Night(con, 2, previous=False, carried=True)
        layers(night)
        night.execute(OTHERS)
        rows = tables.Rows(catalogue, ("a", "b"), tables.pairs_of(("a", "b")))
        for name in ("pair", "side", "entity", "attribute", "key", "key_part"):
            night.insert(f"catalogue.{name}", list(getattr(rows, name)()))
        for name, text in DRAWN.items():
            given(night, name, text)
        night.execute(
            "INSERT INTO matched.side "
            "SELECT pair_no, item_a, match_no, rule IS NOT NULL FROM matched.item WHERE item_a IS NOT NULL UNION ALL "
            "SELECT pair_no, item_b, match_no, rule IS NOT NULL FROM matched.item WHERE item_b IS NOT NULL"
        )
        yield Drawn(tmp_path, night, catalogue)


def test_a_rule_governs_whatever_meets_it_and_the_nearer_goes_before(drawn: Drawn) -> None:
    covered = drawn.run(
        decision("D1", "{rule: {area: one}}"),
        decision("D2", "{item: {entity: unit, key: w}}", "retire"),
        decision("D3", "{rule: {entity: line, label: '?ere', values: {b: 'th*'}}}", "adopt", ", adopt: b"),
    )
    # An item that was not there when its decision was recorded (its stamp is empty here) has moved since.
    assert covered == 2
    assert shown(drawn.night, "SELECT difference_id, decision_id, state FROM decided.cover ORDER BY ALL") == [
        "d1 | D1 | holds",
        "d2 | D2 | stale",
        "d3 | D3 | holds",
    ]
    assert shown(drawn.night, "SELECT domain, label, action, wanted, was FROM decided.task") == [
        "a | here | change | there | here"
    ]


def test_an_accepted_component_raises_its_owner(drawn: Drawn) -> None:
    drawn.run(decision("D1", "{rule: {entity: line, kind: only_a}}"))
    # Three lines on both sides together; the one in a alone now adds its one: 2 of weight for the plan, 2 · 1/3 of 2.
    assert shown(drawn.night, "SELECT entity, identity, round(agreement, 6) FROM decided.justified") == [
        f"plan | P | {round((2 + 2 / 3) / 4, 6)}"
    ]
    drawn.run(decision("D1", "{rule: {entity: line}}"))
    assert shown(drawn.night, "SELECT entity, identity, agreement, identical FROM decided.justified ORDER BY ALL") == [
        "line | L | 1.0 | True",
        "plan | P | 1.0 | True",
    ]


def test_the_target_is_kept_as_spans_of_nights(drawn: Drawn) -> None:
    drawn.run()
    assert shown(drawn.night, TARGET) == ["w | open |  |  | 2 | ", "x | agreed | shown | 1 | 2 | "]
    drawn.night.number = 3
    drawn.run()
    assert shown(drawn.night, "SELECT DISTINCT from_night, to_night FROM decided.target") == ["2 | "]
    drawn.night.number = 4
    drawn.run(decision("D1", "{rule: {entity: unit, attribute: size}}", "adopt", ", adopt: b"))
    assert shown(drawn.night, TARGET) == [
        "w | open |  |  | 2 | ",
        "x | agreed | shown | 1 | 2 | 4",
        "x | agreed | shown | 1 | 4 | ",
        "x | agreed | size | 2 | 4 | ",
    ]
