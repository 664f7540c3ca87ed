# ruff: noqa: E501 (formulas stand on one line)
"""The published figures computed a second time, from the published rows alone, in plain pandas."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd
import pytest

from tests.spec.test_decisions import LINE, PLAN, UNIT, A, B, decision, recorded
from tests.support.builds import Answer, House, house
from transforms.build import measure
from transforms.register import forecast

ROUTE = """
entity: route
title: Route
area: one
weight: 3
source: {table: ROUTE, local_id: ID}
keys: [name]
attributes: {name: {column: NAME, weight: 0}, code: {column: CODE, weight: 4}, use: {column: USE, compare: flag}}
"""
ROUTES = (
    {"ROUTE": "ID|NAME|CODE|USE\n1|po|1|1\n2|iv|2|1\n3|sc|3|1"},
    {"ROUTE": "ID|NAME|CODE|USE\n7|po|1|0\n8|iv|9|1"},
)


@pytest.fixture(scope="module")
def h(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    made = house(tmp_path_factory.mktemp("recomputed"), UNIT, PLAN, LINE, ROUTE)
    yield made
    made.close()


@pytest.fixture(scope="module")
def night(h: House) -> Answer:
    h.night(a={**A, **ROUTES[0]}, b={**B, **ROUTES[1]})
    recorded(
        h,
        decision("D1", "{rule: {entity: unit, attribute: size}}"),
        decision("D2", "{rule: {entity: route, attribute: code}}", "adopt", ", adopt: b"),
        decision("D3", "{rule: {entity: route, only_in: a}}"),
        decision("D4", "{item: {entity: unit, key: w}}", "adopt", ", adopt: a"),
    )
    return h.night()


def frame(night: Answer, view: str, where: str = "true") -> pd.DataFrame:
    return night.con.execute(f"SELECT * FROM {view} WHERE {where}").df()


@pytest.mark.parametrize("entity", ["unit", "route"])
def test_the_figures_of_an_entity_type(night: Answer, entity: str) -> None:
    of = f"entity = '{entity}'"
    weights = frame(night, "attribute", of).set_index("attribute")["weight"]
    differences = frame(night, "difference", of).merge(
        frame(night, "decision_cover"), how="left", on=["pair_id", "difference_id"]
    )
    matches, alone = frame(night, "crosswalk", of), frame(night, "unmatched", of)
    accepted = differences["accepted"].eq(True)
    inside = differences["attribute"].notna()

    def shares(counted: pd.Series) -> pd.Series:
        lost = differences[inside & counted].groupby("identity")["attribute"].apply(lambda a: weights[a].sum())
        return 1 - matches["identity"].map(lost).fillna(0) / weights.sum()

    def agreement(counted: pd.Series) -> float:
        return float(shares(counted).sum())

    items = len(matches) + len(alone)
    whole = int((accepted & ~inside).sum())
    decided = differences["state"].eq("holds") & differences["ruling"].ne("defer")
    sure = matches["certain"].astype(bool)
    left = alone[alone["ambiguous"].astype(bool)].groupby("domain").size()
    possible = int(left.min()) if len(left) == 2 else 0
    tasks = frame(night, "task", f"{of} AND lapsed_night IS NULL")
    expected = {
        "convergence_lower": shares(inside)[sure].sum() / (items + (~sure).sum()),
        "convergence_upper": (agreement(inside) + possible) / (items - possible),
        "implemented": tasks["done_night"].notna().sum() / len(tasks),
        "coverage": len(matches) / items,
        "agreement": agreement(inside) / len(matches),
        "convergence": agreement(inside) / items,
        "justified": (agreement(~accepted) + whole) / items,
        "strict": (~matches["identity"].isin(differences["identity"])).sum() / items,
        "decided": decided.sum() / len(differences),
    }
    assert {m: night.figure(entity, m) for m in expected} == pytest.approx(expected)
    # Every figure there is is computed here a second time; those by use in test_usage.
    assert set(frame(night, "measure")["metric"]) == expected.keys()

    settled = decided & differences["ruling"].isin(["adopt", "standard", "retire"])
    heavy = differences["attribute"].map(weights).fillna(differences["weight"])
    total = len(matches) * weights.sum() - heavy[inside & ~settled].sum() + heavy[~inside & settled].sum()
    rulings = frame(night, "decision").set_index("decision_id")["adopt"]
    pair = frame(night, "pair").iloc[0]
    for domain, kind in ((pair.domain_a, "only_a"), (pair.domain_b, "only_b")):
        # Whoever's side was taken has what was ruled; the other does not, whole items included.
        other = differences["decision_id"].map(rulings).ne(domain)
        missing = heavy[settled & other].sum()
        row = frame(
            night, "adherence", f"domain = '{domain}' AND subject = '{entity}' AND night_id = {night.number}"
        ).iloc[0]
        assert (row.numerator, row.denominator) == pytest.approx((total - missing, total)), kind


@pytest.mark.parametrize(
    "metric",
    ["convergence", "justified", "strict", "decided", "coverage", "implemented", "agreement", "convergence_lower"],
)
def test_areas_and_the_total_are_weighted_means(night: Answer, metric: str) -> None:
    types = frame(night, "entity_type", "role = 'item' AND NOT expected_local").set_index("entity")
    areas = frame(night, "area").set_index("area")["weight"]
    found = frame(night, "measure", f"night_id = {night.number} AND metric = '{metric}'")
    own = found[found["level"] == "entity"].set_index("subject")["value"].reindex(types.index).dropna()
    by_area = {a: (own * types["weight"]).reindex(g.index).sum() / types["weight"].reindex(own.index.intersection(g.index)).sum()
               for a, g in types.groupby("area") if len(own.index.intersection(g.index))}  # fmt: skip
    for area, value in by_area.items():
        assert night.figure(area, metric, "area") == pytest.approx(value)
    total = sum(areas[a] * v for a, v in by_area.items()) / sum(areas[a] for a in by_area)
    assert night.figure("total", metric, "total") == pytest.approx(total)


def test_every_figure_stays_a_share_and_the_justified_is_never_below_the_raw(night: Answer) -> None:
    found = frame(night, "measure").dropna(subset=["value"])
    assert found["value"].between(0, 1).all()
    wide = found.pivot_table(index=["night_id", "level", "subject"], columns="metric", values="value")
    both = wide.dropna(subset=["justified", "convergence"])
    assert len(both) and (both["justified"] >= both["convergence"] - 1e-12).all()


def test_a_changed_definition_computes_history_anew_and_marks_the_seam(h: House, night: Answer, monkeypatch) -> None:
    before = frame(night, "measure", "metric = 'convergence'").drop(columns="method_version")
    assert frame(night, "seam").empty
    monkeypatch.setattr(measure, "METHOD_VERSION", "test")
    h.carries = False
    after = h.night()
    assert after.rows("seam", "night_id, from_version, to_version") == [(after.number, "1", "test")]
    again = frame(after, "measure", f"metric = 'convergence' AND night_id < {after.number}")
    assert set(again["method_version"]) == {"test"}
    keys = ["night_id", "level", "subject"]
    left, right = (f.sort_values(keys).reset_index(drop=True) for f in (before, again.drop(columns="method_version")))
    pd.testing.assert_frame_equal(left, right)


def test_the_courses_that_forecasts_draw_from_are_those_of_the_figures(night: Answer) -> None:
    found = forecast.courses(night.con.execute(forecast.query("published")).fetchall())
    values = frame(night, "measure", "metric = 'convergence' AND level = 'total'").sort_values("night_id")["value"]
    # Both nights are as of the same time: the later stands for both.
    assert list(found[("a~b", "total", "total")].values) == [values.iloc[-1]]
    assert {r[0] for r in night.rows("forecast", "state")} == {"too short"}
