"""Entity types whose keys need each other's matches are matched in rounds, until nothing more is found."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.builds import House, house

# A form is recognised by its code or by its unit and name; a unit by its code or by its form and name.
FORM = """
entity: form
title: Form
area: one
source: {table: FORM, local_id: ID}
keys:
  - [unit, name]
  - {on: code, rule: vendor_identifier}
attributes:
  name: NAME
  code: {column: CODE, weight: 0}
  unit: {column: UNIT_ID, references: unit}
"""
UNIT = """
entity: unit
title: Unit
area: one
source: {table: UNIT, local_id: ID}
keys:
  - [form, name]
  - {on: code, rule: vendor_identifier}
attributes:
  name: NAME
  code: {column: CODE, weight: 0}
  form: {column: FORM_ID, references: form}
"""
# A tree: a place is told by its name under the place above it.
PLACE = """
entity: place
title: Place
area: one
source: {table: PLACE, local_id: ID}
keys:
  - {on: code, rule: vendor_identifier}
  - [above, name]
attributes:
  name: NAME
  code: {column: CODE, weight: 0}
  above: {column: ABOVE_ID, references: place}
"""


def chain(first: int, names: str) -> dict[str, str]:
    """form 1 – unit 1 – form 2 – unit 2 …, each known only by the one before; the first form has a code."""
    forms, units = ["ID | NAME | CODE | UNIT_ID"], ["ID | NAME | CODE | FORM_ID"]
    for i, name in enumerate(names):
        code = "F0" if i == 0 else ""
        forms.append(f"{first + i} | {name} | {code} | {first + 50 + i - 1 if i else ''}")
        units.append(f"{first + 50 + i} | {name} | | {first + i}")
    return {"FORM": "\n".join(forms), "UNIT": "\n".join(units)}


@pytest.fixture
def circle(tmp_path: Path) -> Iterator[House]:
    made = house(tmp_path, FORM, UNIT)
    yield made
    made.close()


def test_matches_of_each_feed_the_keys_of_the_other(circle: House) -> None:
    night = circle.night(a=chain(100, "pqrs"), b=chain(700, "pqrs"))
    assert night.matches("form") == {(str(100 + i), str(700 + i)) for i in range(4)}
    assert night.matches("unit") == {(str(150 + i), str(750 + i)) for i in range(4)}
    by = dict(night.rows("crosswalk", "local_id_a, key_name", "entity = 'form'"))
    assert by["100"] == "code" and {by["101"], by["102"], by["103"]} == {"unit+name"}


def test_where_the_chain_breaks_nothing_follows(circle: House) -> None:
    night = circle.night(a=chain(100, "pqrs"), b=chain(700, "pxrs"))
    # Form 2 has another name, so its unit and all that hangs on it stay apart.
    assert night.matches("form") == {("100", "700")}
    assert night.matches("unit") == {("150", "750")}
    assert len(night.rows("unmatched", "local_id")) == 12


def test_identities_outlive_new_ids_and_further_rounds(circle: House) -> None:
    first = circle.night(a=chain(100, "pqr"), b=chain(700, "pqr"))
    before = set(first.rows("crosswalk", "identity, label_a"))
    longer = circle.night(a=chain(2000, "pqrst"), b=chain(9000, "pqrst"))
    after = set(longer.rows("crosswalk", "identity, label_a"))
    assert before < after and len(after) == 10


def test_a_carried_night_is_that_of_one_built_from_nothing(tmp_path: Path) -> None:
    found = []
    for carries in (True, False):
        made = house(tmp_path / str(carries), FORM, UNIT)
        made.carries = carries
        made.night(a=chain(100, "pqrs"), b=chain(700, "pxrs"))
        # One side mends the second form's name; the units are as they were.
        night = made.night(b=chain(700, "pqrs"))
        found.append((night.rows("crosswalk", "*"), night.rows("unmatched", "*")))
        assert len(night.matches("unit")) == 4
        made.close()
    assert found[0] == found[1]


def test_a_tree_is_matched_level_by_level(tmp_path: Path) -> None:
    rows_a, rows_b = ["ID | NAME | CODE | ABOVE_ID"], ["ID | NAME | CODE | ABOVE_ID"]
    for i in range(1, 8):
        rows_a.append(f"{i} | {'ward' if i > 1 else 'house'} | {'H' if i == 1 else ''} | {i - 1 or ''}")
        rows_b.append(
            f"{90 - i} | {'ward' if i > 1 else 'house'} | {'H' if i == 1 else ''} | {91 - i if i > 1 else ''}"
        )
    made = house(tmp_path, PLACE)
    try:
        night = made.night(a={"PLACE": "\n".join(rows_a)}, b={"PLACE": "\n".join(rows_b)})
        assert night.matches("place") == {(str(i), str(90 - i)) for i in range(1, 8)}
        assert night.figure("place") == 1.0
    finally:
        made.close()
