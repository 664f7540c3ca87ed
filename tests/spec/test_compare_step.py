"""What differs between matches, from drawn items and matches: the step alone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.builds import UNIT
from tests.support.steps import PAIRS, night
from tests.support.tables import given, shown
from transforms.build import compare
from transforms.catalogue import Catalogue, load_catalogue
from transforms.warehouse import Session

ORDER = """
entity: order
title: Order
area: one
source: {table: ORDERS, local_id: ID}
keys: [name]
attributes:
  name: {column: NAME, weight: 0}
  dose: {column: DOSE, compare: number, weight: 3, unit: unit}
  unit: {column: UNIT_ID, references: unit}
"""
LINE = """
entity: line
title: Line
area: one
role: component
source: {table: LINE, local_id: ID}
parent: {entity: order, column: ORDER_ID}
keys: [[parent, number]]
attributes: {number: NUMBER, text: {column: TEXT, weight: 2}}
"""
# In matching order: order is 1, unit 2, line 3; of an order the dose has place 2 and the unit 3, of a line the parent 0
# and the text 2.
ALL = ["unit", "order", "line"]


@pytest.fixture
def step(tmp_path: Path) -> Iterator[tuple[Session, Catalogue]]:
    session = night(tmp_path, UNIT, ORDER, LINE)
    columns = {"unit": ["name"], "order": ["name", "dose", "unit"], "line": ["parent", "number", "text"]}
    session.insert(
        "normalised.extracted", [(d, e, n, True) for d in "ab" for e in ALL for n in ["", *columns[e]]]
    )  # fmt: skip
    given(session, "normalised.item", """
        item_no | domain_no | entity_no | local_id | label
        11      | 1         | 2         | 1        | mg
        12      | 1         | 2         | 2        | g
        21      | 2         | 2         | 2        | mg
        22      | 2         | 2         | 1        | g
        """)  # fmt: skip
    given(session, "matched.item", """
        match_no | pair_no | entity_no | identity | item_a | item_b | rule | same_row
        1        | 1       | 2         | mg       | 11     | 21     | key  | true
        2        | 1       | 2         | g        | 12     | 22     | key  | true
        """)  # fmt: skip
    given(session, "matched.side", """
        pair_no | item_no | match_no | is_paired
        1       | 11      | 1        | true
        1       | 21      | 1        | true
        1       | 12      | 2        | true
        1       | 22      | 2        | true
        """)  # fmt: skip
    yield session, load_catalogue(tmp_path / "catalogue")
    session.con.close()


def orders(
    session: Session, *drawn: tuple[int, str | None, tuple[str, int | None], str | None, tuple[str, int | None]]
):
    """Matched orders: number, dose and unit (written id, unit item) of a, dose and unit of b."""
    for n, dose_a, unit_a, dose_b, unit_b in drawn:
        match = 100 + n
        session.insert("matched.item (match_no, pair_no, entity_no, identity, item_a, item_b, rule, same_row)",
                       [(match, 1, 1, f"order {n}", 1000 + n, 2000 + n, "key", dose_a == dose_b)])  # fmt: skip
        for item, domain, dose, (written, unit) in ((1000 + n, 1, dose_a, unit_a), (2000 + n, 2, dose_b, unit_b)):
            session.insert("matched.side", [(1, item, match, True)])
            session.insert("normalised.item (item_no, domain_no, entity_no, local_id, label)",
                           [(item, domain, 1, str(n), f"order {n}")])  # fmt: skip
            session.insert("normalised.cell", [(item, 1, 2, dose)] if dose else [])
            state = "nowhere" if unit is None else "leads"
            session.insert("normalised.reference (item_no, entity_no, place, written, state, target_no)",
                           [(item, 1, 3, written, state, unit)])  # fmt: skip


DIFFERENCES = "SELECT label, attribute, value_a, value_b, weight FROM compared.difference ORDER BY ALL"


def test_a_reference_is_compared_by_what_it_leads_to(step: tuple[Session, Catalogue]) -> None:
    session, catalogue = step
    orders(
        session,
        (1, "5", ("1", 11), "5", ("2", 21)),  # mg under two ids
        (2, "5", ("1", 11), "5", ("1", 22)),  # one id, two units
        (3, "5", ("98", None), "5", ("97", None)),  # nowhere on both sides
        (4, "5", ("1", 11), "5", ("97", None)),
    )
    assert compare.run(session, catalogue, PAIRS) == 2
    assert shown(session, DIFFERENCES) == ["order 2 | unit | mg | g | 1.0", "order 4 | unit | mg | ? 97 | 1.0"]


def test_amounts_that_come_to_the_same_in_their_units_are_equal(step: tuple[Session, Catalogue]) -> None:
    session, catalogue = step
    orders(
        session,
        (1, "500", ("1", 11), "0.5", ("1", 22)),
        (2, "500", ("1", 11), "0.5", ("2", 21)),
        (3, "500", ("1", 11), None, ("2", 21)),
    )
    compare.run(session, catalogue, PAIRS)
    assert shown(session, DIFFERENCES) == [
        "order 1 | unit | mg | g | 1.0",
        "order 2 | dose | 500 | 0.5 | 3.0",
        "order 3 | dose | 500 |  | 3.0",
    ]


def test_a_component_counts_in_its_owner_and_one_that_moved_or_is_alone_counts_against_it(
    step: tuple[Session, Catalogue],
) -> None:
    session, catalogue = step
    orders(session, (1, "5", ("1", 11), "5", ("2", 21)), (2, "5", ("1", 11), "5", ("2", 21)))
    # Line 7 differs in its text (2 of 4 weights); line 8 stands under order 1 in a and order 2 in b; 9 in a alone.
    given(session, "normalised.item", """
        item_no | domain_no | entity_no | local_id | label
        3007    | 1         | 3         | 7        | seven
        4007    | 2         | 3         | 7        | seven
        3008    | 1         | 3         | 8        | eight
        4008    | 2         | 3         | 8        | eight
        3009    | 1         | 3         | 9        | nine
        """)  # fmt: skip
    given(session, "normalised.reference", """
        item_no | entity_no | place | written | state | target_entity_no | target_no
        3007    | 3         | 0     | 1       | leads | 1                | 1001
        4007    | 3         | 0     | 1       | leads | 1                | 2001
        3008    | 3         | 0     | 1       | leads | 1                | 1001
        4008    | 3         | 0     | 2       | leads | 1                | 2002
        3009    | 3         | 0     | 1       | leads | 1                | 1001
        """)  # fmt: skip
    given(session, "normalised.cell", "item_no | entity_no | place | value\n3007 | 3 | 2 | x\n4007 | 3 | 2 | y")
    given(session, "matched.item", """
        match_no | pair_no | entity_no | identity | item_a | item_b | rule | same_row
        307      | 1       | 3         | seven    | 3007   | 4007   | key  | false
        308      | 1       | 3         | eight    | 3008   | 4008   | key  | true
        309      | 1       | 3         | nine     | 3009   |        |      |
        """)  # fmt: skip
    given(session, "matched.side", """
        pair_no | item_no | match_no | is_paired
        1       | 3007    | 307      | true
        1       | 4007    | 307      | true
        1       | 3008    | 308      | true
        1       | 4008    | 308      | true
        1       | 3009    | 309      | false
        """)  # fmt: skip
    compare.run(session, catalogue, PAIRS)
    assert shown(session, "SELECT label, kind, attribute FROM compared.difference ORDER BY ALL") == [
        "eight | moved | parent",
        "nine | only_a | ",
        "seven | changed | text",
    ]
    # Of line 7 half of the weight is equal; order 1 has lines 7, 8, 9 in a and 7 in b: 2 * 0.5 of 4.
    assert shown(
        session,
        "SELECT m.identity, f.number, a.child_equal, a.agreement FROM compared.agreement a "
        "JOIN matched.item m USING (match_no) "
        "LEFT JOIN compared.fold f USING (match_no) WHERE a.entity_no = 1 ORDER BY 1",
    ) == ["order 1 | 4 | 0.25 | 0.85", "order 2 | 1 | 0.0 | 0.8"]
    assert shown(
        session,
        "SELECT m.identity, r.identity FROM compared.owner o JOIN matched.item m USING (match_no) "
        "JOIN matched.item r ON r.match_no = o.root_match_no ORDER BY ALL",
    ) == ["eight | order 1", "nine | order 1", "seven | order 1"]


def test_what_one_domain_did_not_deliver_is_not_compared(step: tuple[Session, Catalogue]) -> None:
    session, catalogue = step
    session.execute("DELETE FROM normalised.extracted WHERE domain = 'b' AND (attribute = 'dose' OR entity = 'line')")
    orders(session, (1, "5", ("1", 11), "50", ("2", 21)))
    assert compare.run(session, catalogue, PAIRS) == 0
    assert shown(session, "SELECT entity, attribute, domain, reason FROM compared.not_comparable ORDER BY ALL") == [
        "line |  | b | table not delivered",
        "order | dose | b | column not extracted",
    ]


def test_compared_again_it_replaces_what_was_found_before(step: tuple[Session, Catalogue]) -> None:
    session, catalogue = step
    orders(session, (1, "5", ("1", 11), "50", ("2", 21)))
    assert compare.run(session, catalogue, PAIRS) == 1
    session.execute("UPDATE normalised.cell SET value = '5' WHERE value = '50'")
    assert compare.run(session, catalogue, PAIRS) == 0
