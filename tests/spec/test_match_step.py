"""Matches from drawn items: the step alone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.builds import UNIT
from tests.support.steps import PAIRS, night
from tests.support.tables import given, shown
from transforms.build import match
from transforms.catalogue import Catalogue, load_catalogue
from transforms.warehouse import Session

DRUG = """
entity: drug
title: Drug
area: one
source: {table: DRUG, local_id: ID}
keys: [{on: [cki], rule: vendor_identifier}, [name, unit], {on: [name], occurrence: place, certain: false}]
attributes:
  name: NAME
  cki: CKI
  unit: {column: UNIT_ID, references: unit}
  place: {column: PLACE, compare: number}
"""
MATCHES = """
SELECT a.local_id, b.local_id, m.rule, m.key_name, m.certain
FROM matched.item m JOIN normalised.item a ON a.item_no = m.item_a JOIN normalised.item b ON b.item_no = m.item_b
WHERE m.rule IS NOT NULL AND m.entity_no = 2 ORDER BY ALL
"""
LONE = """
SELECT coalesce(a.local_id, b.local_id), m.ambiguous FROM matched.item m
LEFT JOIN normalised.item a ON a.item_no = m.item_a LEFT JOIN normalised.item b ON b.item_no = m.item_b
WHERE m.rule IS NULL AND m.entity_no = 2 ORDER BY ALL
"""


@pytest.fixture
def step(tmp_path: Path) -> Iterator[tuple[Session, Catalogue]]:
    """Milligram is 1 in a and 7 in b; gram is 7 in a and has no counterpart. In matching order: unit is 1, drug 2."""
    session = night(tmp_path, UNIT, DRUG)
    given(session, "normalised.item", """
        item_no | domain_no | entity_no | local_id | label | row_hash
        1       | 1         | 1         | 1        | mg    | 1
        2       | 1         | 1         | 7        | g     | 2
        3       | 2         | 1         | 7        | mg    | 1
        """)  # fmt: skip
    given(session, "normalised.cell", "item_no | entity_no | place | value\n1|1|1|mg\n2|1|1|g\n3|1|1|mg")
    yield session, load_catalogue(tmp_path / "catalogue")
    session.con.close()


def drugs(session: Session, domain: int, *drawn: tuple[str, str | None, str | None, int | None, str | None]) -> None:
    """Drugs of one domain: local id, name, cki, unit (item number) and place."""
    for n, (local_id, name, cki, unit, place) in enumerate(drawn):
        item = 100 * domain + n
        session.insert("normalised.item (item_no, domain_no, entity_no, local_id, label, row_hash)",
                       [(item, domain, 2, local_id, name, 5)])  # fmt: skip
        cells = [(item, 2, p, v) for p, v in ((1, name), (2, cki), (4, place)) if v is not None]
        session.insert("normalised.cell", cells)
        if unit is not None:
            session.insert("normalised.reference (item_no, entity_no, place, written, state, target_no)",
                           [(item, 2, 3, "?", "leads", unit)])  # fmt: skip


def test_keys_are_tried_in_order_and_a_reference_counts_by_its_match(step: tuple[Session, Catalogue]) -> None:
    session, catalogue = step
    drugs(
        session, 1, ("a1", "Alvedon", "C1", 1, None), ("a2", "Panodil", None, 1, None), ("a3", "Citodon", None, 2, None)
    )
    drugs(
        session, 2, ("b1", "Renamed", "C1", 3, None), ("b2", "Panodil", None, 3, None), ("b3", "Citodon", None, 3, None)
    )
    assert match.run(session, catalogue, PAIRS) == 4  # milligram too
    assert shown(session, MATCHES) == [
        "a1 | b1 | vendor_identifier | cki | True",
        "a2 | b2 | declared_key | name+unit | True",
        "a3 | b3 | declared_key | name | False",  # another unit: only the weak key finds it
    ]


def test_equal_items_are_told_apart_by_their_order(step: tuple[Session, Catalogue]) -> None:
    session, catalogue = step
    drugs(session, 1, ("a1", "Alvedon", None, None, "10"), ("a2", "Alvedon", None, None, "9"))
    drugs(session, 2, ("b1", "Alvedon", None, None, "1"), ("b2", "Alvedon", None, None, "2"))
    match.run(session, catalogue, PAIRS)
    assert [row.split(" | ")[:2] for row in shown(session, MATCHES)] == [["a1", "b2"], ["a2", "b1"]]


def test_a_value_that_two_items_share_proves_nothing_and_is_reported(step: tuple[Session, Catalogue]) -> None:
    session, catalogue = step
    drugs(session, 1, ("a1", "One", "C1", None, None), ("a2", "Two", "C1", None, None))
    drugs(session, 2, ("b1", "Three", "C1", None, None))
    match.run(session, catalogue, PAIRS)
    assert shown(session, MATCHES) == []
    assert shown(session, LONE) == ["a1 | True", "a2 | True", "b1 | True"]
    assert shown(session, "SELECT key_name, key_text, items_a, items_b FROM matched.ambiguous") == ["cki | C1 | 2 | 1"]


def test_every_item_has_one_identity_and_none_is_its_number(step: tuple[Session, Catalogue]) -> None:
    session, catalogue = step
    drugs(session, 1, ("a1", "Alvedon", "C1", 1, None), ("a2", None, None, None, None), ("a3", None, None, None, None))
    drugs(session, 2, ("b1", "Alvedon", "C1", 3, None))
    match.run(session, catalogue, PAIRS)
    before = shown(session, "SELECT identity FROM matched.item ORDER BY ALL")
    assert len(set(before)) == len(before)
    session.execute("UPDATE normalised.item SET local_id = local_id || '0'")
    match.run(session, catalogue, PAIRS)
    assert shown(session, "SELECT identity FROM matched.item ORDER BY ALL") == before
    assert shown(session, "SELECT count(*) FROM matched.side") == ["7"]
