"""How many statements a night takes: a fixed number, whatever the entity types, domains and pairs.

The numbers may only fall. Gathering raw values is one statement per entity type and domain; what is recognised by what
it says takes a few per entity type with items left over on both sides.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from expectations import checks
from transforms.build import causes, compare, match, measure, moved, normalise, probable, publish
from transforms.build.template import template
from transforms.catalogue import Catalogue, load_catalogue, ordered
from transforms.catalogue.tables import pairs_of
from transforms.land import landing
from transforms.register import Register, decide
from transforms.sample import generate
from transforms.warehouse import Night, Session, Warehouse

BUDGET = {
    "normalise": 56,
    "check": 45,
    "match": 210,
    "compare": 45,
    "measure": 24,
    "causes": 23,
    "moved": 11,
    "decide": 55,
    "publish": 4,
}
# Who stands alone is asked of three domains and more.
SEVERAL = {**BUDGET, "moved": 43}
PER_WEIGHED_TYPE = 8
ROWS = 5_000


class Count:
    """Counts statements by the step that carries them out."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.of: Counter[str] = Counter()
        self.step = ""
        self.weighed = 0
        carry_out, weigh = Session.execute, probable._lies

        def counted(session: Session, sql: str, params: Any = None) -> Any:
            statements = 1 if params is not None else len(duckdb.extract_statements(sql))
            gathers = "INSERT INTO raw\n" in sql
            self.of["gather" if gathers else self.step] += statements
            return carry_out(session, sql, params)

        def weighed(*args: Any) -> Any:
            self.weighed += 1
            return weigh(*args)

        monkeypatch.setattr(Session, "execute", counted)
        monkeypatch.setattr(probable, "_lies", weighed)


@pytest.fixture(scope="module")
def landed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, dict[str, int]]]:
    """An archive with one delivery of every table from three domains, and their snapshots."""
    folder = tmp_path_factory.mktemp("budget")
    generate(folder, rows=ROWS, nights=1, domains=("a", "b"), start=date(2026, 3, 1))
    catalogue, snapshots = load_catalogue("millennium"), {}
    with Warehouse(folder / "data").archive() as archive:
        for domain, of in (("a", "a"), ("b", "b"), ("c", "b")):
            path = folder / "incoming" / of / "2026-03-01"
            delivery = landing.Delivery(domain, datetime(2026, 3, 1), path)
            snapshots[domain] = landing.land(archive, catalogue, delivery).snapshot_id
    yield folder / "data", snapshots


def night_of(data: Path, catalogue: Catalogue, snapshots: dict[str, int], count: Count) -> Counter[str]:
    """Carry out the steps of a first night and count their statements."""
    pairs = pairs_of(tuple(snapshots))
    moment = datetime(2026, 3, 1)
    domains = [measure.DomainInfo(d, d) for d in snapshots]
    with Warehouse(data, threads=2).night(template(catalogue)) as night:
        for step, carry_out in steps(night, catalogue, pairs, snapshots, domains, moment).items():
            count.step = step
            carry_out()
        count.step = ""
    return count.of


def steps(night: Night, catalogue: Catalogue, pairs: Any, snapshots: Any, domains: Any, moment: datetime) -> Any:
    return {
        "normalise": lambda: normalise.run(night, catalogue, snapshots, pairs),
        "check": lambda: checks.store(night, checks.run(night, catalogue, tuple(snapshots), {}, snapshots=snapshots)),
        "match": lambda: match.run(night, catalogue, pairs),
        "compare": lambda: compare.run(night, catalogue, pairs),
        "measure": lambda: measure.run(night, catalogue, pairs, domains, snapshots, moment),
        "causes": lambda: causes.run(night, catalogue, pairs),
        "moved": lambda: moved.run(night, catalogue, pairs),
        "decide": lambda: decide.run(night, catalogue, pairs, Register(), moment),
        "publish": lambda: publish.run(night, catalogue, pairs),
    }


def beyond(found: Counter[str], budget: dict[str, int], weighed: int) -> dict[str, tuple[int, int]]:
    """The steps that took more than their budget, with both numbers."""
    allowed = {**budget, "match": budget["match"] + PER_WEIGHED_TYPE * weighed}
    return {step: (found[step], most) for step, most in allowed.items() if found[step] > most}


def twice(catalogue: Catalogue) -> Catalogue:
    """Every entity type of the catalogue, and each again under another name."""
    again = {
        f"{name}_again": e.model_copy(update={"entity": f"{name}_again"}) for name, e in catalogue.entities.items()
    }
    return ordered(catalogue.model_copy(update={"entities": {**catalogue.entities, **again}}))


def test_a_first_night_of_all_types_keeps_within_its_budget(
    landed: tuple[Path, dict[str, int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    data, snapshots = landed
    catalogue = load_catalogue("millennium")
    two = {d: snapshots[d] for d in "ab"}
    count = Count(monkeypatch)
    found = night_of(data, catalogue, two, count)
    assert beyond(found, BUDGET, count.weighed) == {}
    assert found["gather"] <= 2 * len(catalogue.entities)


def test_a_third_domain_and_twice_the_types_take_no_further_statements(
    landed: tuple[Path, dict[str, int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    data, snapshots = landed
    catalogue = load_catalogue("millennium")
    count = Count(monkeypatch)
    found = night_of(data, catalogue, snapshots, count)
    assert beyond(found, SEVERAL, count.weighed) == {}
    assert found["gather"] <= 3 * len(catalogue.entities)
    doubled = Count(monkeypatch)
    found = night_of(data, twice(catalogue), {d: snapshots[d] for d in "ab"}, doubled)
    assert beyond(found, BUDGET, doubled.weighed) == {}
    assert found["gather"] <= 4 * len(catalogue.entities)
