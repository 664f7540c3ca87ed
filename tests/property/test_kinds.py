"""Every kind of comparison against the oracle: sets, lists, masks, amounts with units, long and structured text."""

from __future__ import annotations

import random
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.property import oracle
from tests.property.test_core import Run, names_of, small
from tests.support.builds import house

ENTITIES = (
    """
    entity: unit
    title: Unit
    area: one
    source: {table: UNIT, local_id: ID}
    keys: [code]
    label: name
    attributes: {code: {column: CODE, weight: 0}, name: {column: NAME, compare: text}}
    """,
    """
    entity: thing
    title: Thing
    area: two
    source: {table: THING, local_id: ID}
    keys: [name]
    attributes:
      name: {column: NAME, weight: 0}
      members: {column: MEMBERS, compare: set, weight: 2}
      steps: {column: STEPS, compare: list}
      mask: {column: MASK, compare: mask}
      strength: {column: STRENGTH, compare: quantity, weight: 3}
      dose: {column: DOSE, compare: number, unit: unit, weight: 5}
      unit: {column: UNIT_ID, references: unit}
      note: {column: NOTE, compare: long}
      form: {column: FORM, compare: xml}
      setup: {column: SETUP, compare: json}
    """,
)
# Each holds values that say the same in other words, and some that nearly do.
MEMBERS = ["", "x;y", "y; x", "x;y;y", " x ;; y ", "x", "X;y", "a\u030a;b", "b;å", "far;får"]
MASKS = ["", "5", "0x5", "0X05", "5.00", "4", "0x1F", "31", "none"]
STRENGTHS = ["", "0,5 g", "500 mg", ".5 g", "500mg", "50 mg", "5 mg/ml", "5 g/l", "5 g", "5 puff", "5  puff", "g"]
DOSES = ["", "0.5", "500", "0,50", "5", "5.0", "x", "0"]
UNITS = ["g", "mg", "mg/ml", "g/l", "puff", ""]
NOTES = [
    "",
    "one\ntwo",
    "one \r\ntwo\n\n",
    "one\t two",
    "one  two",
    "one\u00a0two",
    " one",
    "one\n\ntwo",
    "\n",
    "a\u030a",
]
FORMS = [
    "", '<f b="2" a="1"><x/>t</f>', "<f a='1' b='2'>\n <x></x> t </f>", '<f a="1" b="2"><x>t</x></f>', "<f><x/></f>",
    "<f><x/><x/></f>", "<f>", "plain", "<!DOCTYPE f><f/>",
]  # fmt: skip
SETUPS = [
    "", '{"b": 1.50, "a": [1, 2]}', '{"a":[1,2],"b":1.50}', '{"a":[2,1],"b":1.50}', '{"a":[1,2],"b":1.5}', "[]", "{}",
    '"1"', "1", "not json", '{"a": null}',
]  # fmt: skip
VALUES = {
    "MEMBERS": MEMBERS, "STEPS": MEMBERS, "MASK": MASKS, "STRENGTH": STRENGTHS, "DOSE": DOSES, "NOTE": NOTES,
    "FORM": FORMS, "SETUP": SETUPS,
}  # fmt: skip
ROWS = 60


@st.composite
def sides(draw: st.DrawFn) -> dict[str, Any]:
    """Both sides: the same names, each cell drawn for each side by itself, so that all pairs of values meet."""
    made = {}
    for which, plus in (("a", 0), ("b", 500)):
        order = draw(st.permutations(range(len(UNITS))))
        units = [{"ID": str(plus + 1 + n), "CODE": str(i), "NAME": UNITS[i]} for n, i in enumerate(order)]
        # Now and then a side lacks a unit, and what refers to it leads nowhere.
        units = units[: draw(st.sampled_from([len(units), len(units) - 1]))]
        # Both sides of one draw must not be alike: the smallest seed is the first that is tried.
        chance = random.Random(draw(st.integers(0, 10_000)) + plus)
        rows = [
            {
                "ID": str(plus + i),
                "NAME": f"thing {i}",
                "UNIT_ID": str(plus + chance.randrange(len(UNITS) + 1)),
                **{column: chance.choice(values) for column, values in VALUES.items()},
            }
            for i in range(100, 100 + ROWS)
        ]
        chance.shuffle(rows)
        made[which] = {"UNIT": units, "THING": rows}
    return made


@pytest.fixture(scope="module")
def catalogue(tmp_path_factory: pytest.TempPathFactory) -> Any:
    return house(tmp_path_factory.mktemp("kinds"), *ENTITIES).catalogue


@small(3)
@given(builds=sides())
def test_every_kind_agrees_with_the_oracle(catalogue: Any, builds: dict[str, Any]) -> None:
    with Run(catalogue) as run:
        night = run.night(**builds)
        told = oracle.Night(catalogue, builds, datetime(2026, 3, 3))
        assert set(night.rows("crosswalk", "entity, local_id_a, local_id_b, key_name")) == told.matches()
        names = names_of(night)
        cells = {
            (*names[entity, identity], kind, attribute, one, other, names.get((*cause,)))
            for entity, identity, kind, attribute, one, other, *cause in night.rows(
                "difference", "entity, identity, kind, attribute, value_a, value_b, cause_entity, cause_identity"
            )
        }
        assert cells == told.differences
        # Of every kind some cells were equal though they were not written alike, or the test would prove little.
        for attribute in ("members", "steps", "mask", "strength", "note", "form", "setup"):
            column = attribute.upper()
            by_name = [{row["NAME"]: row[column] for row in builds[side]["THING"]} for side in "ab"]
            unlike = {n for n in by_name[0] if by_name[0][n] != by_name[1][n]}
            differing = {r[0] for r in night.rows("difference", "label", f"attribute = '{attribute}'")}
            assert differing and unlike - differing, attribute
