"""What must hold of the figures whatever was ruled, and that a carried night says so too."""

# ruff: noqa: E501 (what must hold stands on one line)

from __future__ import annotations

import random
import tempfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.property.test_core import ENTITIES, pairs, small
from tests.property.test_nights import changed, told
from tests.spec.test_decisions import decision, recorded
from tests.support.builds import FIRST_NIGHT, House, house

COVERS = [
    "{rule: {entity: code_value, attribute: display}}",
    "{rule: {entity: orderable, kind: [only_a, only_b], effects: true}}",
    "{rule: {entity: synonym, only_in: a}}",
    "{rule: {entity: [sentence, detail]}}",
]
RULINGS = [
    ("keep_local", ""),
    ("adopt", ", adopt: a"),
    ("adopt", ", adopt: b"),
    ("retire", ""),
    ("standard", ", value: x"),
]


@pytest.fixture(scope="module")
def catalogue(tmp_path_factory: pytest.TempPathFactory) -> Any:
    return house(tmp_path_factory.mktemp("register"), *ENTITIES).catalogue


@small(2)
@given(sides=pairs(), seed=st.integers(0, 10_000))
def test_whatever_was_ruled_the_figures_hold_and_a_carried_night_says_the_same(
    catalogue: Any, sides: Any, seed: int
) -> None:
    chance = random.Random(seed)
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as other:
        carrying = House(Path(one), catalogue)
        building = House(Path(other), catalogue, carries=False)
        builds = {"a": sides[0], "b": sides[1]}
        texts = [decision(f"D{i}", c, *chance.choice(RULINGS)) for i, c in enumerate(COVERS)]
        for h in (carrying, building):
            h.night(at=FIRST_NIGHT + timedelta(days=1), **builds)
            recorded(h, *texts)
        due: dict[str, Any] = {}
        for day in range(2, 4):
            at = FIRST_NIGHT + timedelta(days=day)
            carried, anew = carrying.night(at, **due), building.night(at, **due)
            left, right = told(carried), told(anew)
            assert [name for name in right if left.get(name) != right[name]] == []
            figures = {
                r[:3]: r[3] for r in anew.rows("measure", "level, subject, metric, value", f"night_id = {anew.number}")
            }
            for (level, subject, metric), value in figures.items():
                assert value is None or 0 <= value <= 1
                if metric == "justified" and value is not None:
                    assert value >= figures[level, subject, "convergence"] - 1e-9
            for value, settled in anew.rows("adherence", "value, settled"):
                assert (value is None or -1e-9 <= value <= 1 + 1e-9) and (
                    settled is None or -1e-9 <= settled <= 1 + 1e-9
                )
            domain = chance.choice(["a", "b"])
            builds[domain] = changed(builds[domain], chance)
            due = {domain: builds[domain]}
        carrying.close()
        building.close()
