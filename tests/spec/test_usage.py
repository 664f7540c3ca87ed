"""The comparison weighed by use: what it is by hand, what must hold of it, and that its rows add up to it."""

from __future__ import annotations

import random
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.property.test_core import small
from tests.spec.test_decisions import UNIT
from tests.support.builds import HEAD, Answer, House, house
from transforms.catalogue import Catalogue

USED = HEAD + "undescribed: {usage: {table: USE, of_table: T, local_id: I, uses: N}}\n"
METRICS = ("used_coverage", "used_convergence")


def build(sizes: dict[str, int], uses: dict[str, int], first: int = 1) -> dict[str, list[dict[str, str]]]:
    """Units by name with their size, and how often each is used (of those named)."""
    ids = {name: str(i) for i, name in enumerate(sizes, first)}
    return {
        "UNIT": [{"ID": ids[n], "NAME": n, "SIZE": str(s), "SHOWN": "1"} for n, s in sizes.items()],
        "USE": [{"T": "unit ", "I": f"{ids.get(n, 999)}.00", "N": str(u)} for n, u in uses.items()],
    }


@pytest.fixture
def h(tmp_path: Path):
    made = house(tmp_path, UNIT, head=USED)
    yield made
    made.close()


def test_what_is_used_more_weighs_more_and_each_domain_counts_alike(h: House) -> None:
    night = h.night(
        a=build({"x": 1, "y": 1, "w": 1}, {"x": 60, "y": 20, "w": 20, "gone": 5}),
        b=build({"x": 1, "y": 2, "v": 1}, {"x": 1, "y": 3}, first=7),
    )
    # x: 0.6 of a's uses and 0.25 of b's, y: 0.2 and 0.75, w: 0.2 and 0; the size is one of four weights.
    x, y, w = (0.6 + 0.25) / 2, (0.2 + 0.75) / 2, 0.2 / 2
    night.shows(
        "usage",
        f"""
        label | uses_a | uses_b | weight  | agreement | is_matched
        x     | 60     | 1      | {x:.4g} | 1         | yes
        y     | 20     | 3      | {y:.4g} | 0.75      | yes
        w     | 20     |        | {w:.4g} | 0         | no
        """,
    )
    assert night.figure("unit", "used_convergence") == pytest.approx(x + 0.75 * y)
    assert night.figure("unit", "used_coverage") == pytest.approx(x + y)
    assert night.figure("one", "used_convergence", "area") == night.figure("unit", "used_convergence")
    assert night.figure("unit") == pytest.approx((1 + 0.75) / 4)
    # One domain that counts nothing: not measurable, and nothing that is left of the night before.
    alone = h.night(b=build({"x": 1, "y": 2, "v": 1}, {}, first=7))
    assert alone.figure("unit", "used_convergence") is None
    assert alone.rows("usage", "DISTINCT uses_b, weight") == [(None, None)]


def test_the_register_counts_in_place_of_the_delivery_and_a_name_of_several_for_none(h: House) -> None:
    (h.folder / "decisions").mkdir()
    (h.folder / "decisions" / "usage.csv").write_text("domain;entity;item;uses\na;unit;x;7\nb;unit;y;4\na;unit;z;9\n")
    a = build({"x": 1, "y": 1}, {"x": 60, "y": 3})
    a["UNIT"] += [{"ID": i, "NAME": "z", "SIZE": "1", "SHOWN": "1"} for i in ("50", "51")]
    night = h.night(a=a, b=build({"x": 1, "y": 2}, {"x": 1}))
    assert night.rows("usage", "label, uses_a, uses_b") == [("x", 7, 1), ("y", 3, 4)]


def figures(night: Answer) -> dict[str, float | None]:
    return {m: night.figure("unit", m) for m in METRICS}


names = st.sampled_from([*"uvwxyz"])
sides = st.tuples(
    st.dictionaries(names, st.integers(0, 2), min_size=1), st.dictionaries(names, st.integers(0, 40), min_size=1)
)


@pytest.fixture(scope="module")
def catalogue(tmp_path_factory: pytest.TempPathFactory) -> Catalogue:
    return house(tmp_path_factory.mktemp("usage"), UNIT, head=USED).catalogue


@small(4)
@given(a=sides, b=sides, seed=st.integers(0, 1000))
def test_whatever_is_used_the_figures_hold(catalogue: Catalogue, a: tuple, b: tuple, seed: int) -> None:
    chance = random.Random(seed)
    with tempfile.TemporaryDirectory() as folder:
        h = House(Path(folder), catalogue)
        first = h.night(a=build(*a), b=build(*b))
        told = figures(first)
        # Between 0 and 1, and what the published rows add up to.
        used = first.con.execute("SELECT * FROM usage").df()
        whole = used["weight"].sum()
        for metric, counted in (
            ("used_coverage", used["weight"] * used["is_matched"]),
            ("used_convergence", used["weight"] * used["agreement"]),
        ):
            assert told[metric] is None if not whole else told[metric] == pytest.approx(counted.sum() / whole)
            assert told[metric] is None or 0 <= told[metric] <= 1
        # Other ids, another order, ten times the uses in one domain: the same.
        shuffled = {t: chance.sample(rows, len(rows)) for t, rows in build(*a, first=400).items()}
        more = build(b[0], {n: 10 * u for n, u in b[1].items()})
        assert figures(h.night(a=shuffled, b=more)) == {
            m: v if v is None else pytest.approx(v) for m, v in told.items()
        }
        # The sides changed about: the same. A build beside itself: 1, if anything is used.
        assert figures(h.night(a=build(*b), b=build(*a))) == {
            m: v if v is None else pytest.approx(v) for m, v in told.items()
        }
        same = figures(h.night(a=build(*a), b=build(*a, first=70)))
        assert set(same.values()) == ({1.0} if any(a[1].get(n) for n in a[0]) else {None})
        h.close()
