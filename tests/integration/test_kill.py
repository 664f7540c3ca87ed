"""Killed at any moment, out of room at any moment, two at once: the next run ends as if nothing had happened.

The ordinary suite kills a few times; ``make kill-test`` two hundred times and more.
"""

from __future__ import annotations

import json
import random
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from flows.settings import Settings, load_settings
from tests.support.forks import Server
from tests.support.project import A, B, changed, deliver, make_project
from transforms.land.history import rows_of
from transforms.warehouse import Session, Warehouse, ident, scratch

pytestmark = pytest.mark.integration
# How long something took, or when it was done, is nobody's result.
_OF_THE_RUN = {"step", "part", "built_under", "audit"}


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    made = Server()
    yield made
    made.close()


def make_pending(folder: Path, server: Server) -> Settings:
    """A project with one night published and one due: changed rows, a bad row, a personal one, a file that stays."""
    settings = make_project(folder)
    text = settings.file.read_text(encoding="utf-8")
    settings.file.write_text(text + '\n[history]\nkeep = "1 day"\n', encoding="utf-8")
    many = [
        {"ORDER_ID": str(i), "NAME": f"Ordination {i}", "DOSE": str(i % 9), "UNIT_ID": "1"} for i in range(100, 900)
    ]
    orders = B["ORDERS"]
    assert not isinstance(orders, str)
    wide = {**B, "ORDERS": [*orders, *many]}
    deliver(settings, "west", "2026-03-01", wide)
    assert server(folder)["codes"] == [0]
    path = deliver(settings, "west", "2026-03-02", changed(wide, "ORDERS", "DOSE", "2"))
    with (path / "ORDERS.csv").open("a", encoding="utf-8") as handle:
        handle.write("97,for kort\n98,skriv till anna.berg@vard.example,1,71\n")
    deliver(settings, "east", "2026-03-02", changed(A, "ORDERS", "DOSE", "2"))
    return load_settings({}, folder)


def state(settings: Settings) -> dict[str, Any]:
    """All that is landed and published, and what lies in the data folder."""
    found: dict[str, Any] = {}
    with Warehouse(settings.data, threads=1).archive() as session:
        tables = session.rows("SELECT table_name FROM duckdb_tables() WHERE schema_name = 'landed' ORDER BY 1")
        for (table,) in tables:
            found[f"landed.{table}"] = sorted(map(str, session.rows(f"SELECT * FROM landed.{ident(table)}")))
        for file_id, series in session.rows("SELECT file_id, series FROM landed.file ORDER BY 1"):
            rows = session.rows(f"SELECT * FROM ({rows_of(session, [file_id], database='')}) ORDER BY _row")
            found[f"rows {file_id} {series}"] = rows
    con = scratch()
    session = Session(con)
    session.execute(f"ATTACH '{settings.data / 'published.duckdb'}' AS night (READ_ONLY); USE night")
    for schema, name in session.rows(
        "SELECT schema_name, table_name FROM duckdb_tables() WHERE database_name = 'night' UNION ALL "
        "SELECT schema_name, view_name FROM duckdb_views() WHERE database_name = 'night' AND schema_name = 'published'"
    ):
        if name not in _OF_THE_RUN:
            rows = session.rows(f"SELECT * FROM night.{ident(schema)}.{ident(name)}")
            found[f"{schema}.{name}"] = sorted(map(str, rows))
    con.close()
    found["folder"] = sorted(
        p.relative_to(settings.data).as_posix()
        for p in settings.data.rglob("*")
        if "incoming" not in p.parts and "site" not in p.parts
    )
    found["attempt"] = json.loads(settings.attempt.read_text(encoding="utf-8"))["outcome"]
    return found


class Yard:
    """A project with a night due, and what it is like when that has been run undisturbed."""

    def __init__(self, folder: Path, server: Server) -> None:
        self.folder, self.server = folder, server
        make_pending(folder / "pending", server)
        whole = self.copy("whole")
        answer = server(whole.file.parent)
        assert answer["codes"] == [0]
        self.seconds = answer["seconds"]
        self.expected = state(whole)
        self.kills = 0

    def copy(self, name: str) -> Settings:
        shutil.rmtree(self.folder / name, ignore_errors=True)
        shutil.copytree(self.folder / "pending", self.folder / name, symlinks=True)
        return load_settings({}, self.folder / name)

    def holds(self, settings: Settings, told: str) -> None:
        """Run once more, undisturbed, and find everything as it should be."""
        answer = self.server(settings.file.parent)
        assert answer["codes"] == [0], (told, (settings.file.parent / "err.txt").read_text())
        found = state(settings)
        found["attempt"] = self.expected["attempt"]
        different = [key for key in self.expected.keys() | found.keys() if self.expected.get(key) != found.get(key)]
        assert different == [], f"{told}: {sorted(different)}"

    def disturb(self, chance: random.Random, most: int) -> None:
        """Kill the run at random moments, then let it end. Half of the moments are while it lands."""
        settings = self.copy("killed")
        moments = []
        for _ in range(most):
            until = self.seconds * chance.choice([0.25, 1.0])
            moments.append(round(chance.uniform(0.0, until), 4))
            answer = self.server(settings.file.parent, kill_after=moments[-1])
            assert answer["codes"][0] in (-9, 0), (moments, (settings.file.parent / "err.txt").read_text())
            if answer["codes"] == [0]:
                break
            self.kills += 1
        self.holds(settings, f"killed after {moments} s")


@pytest.fixture(scope="module")
def yard(tmp_path_factory: pytest.TempPathFactory, server: Server) -> Yard:
    return Yard(tmp_path_factory.mktemp("yard"), server)


def test_a_night_that_is_killed_again_and_again_ends_like_any_other(yard: Yard) -> None:
    chance = random.Random(7)
    yard.disturb(chance, 5)


def test_without_room_nothing_is_lost(yard: Yard) -> None:
    settings = yard.copy("full")
    for largest in (40_000, 700_000):
        answer = yard.server(settings.file.parent, largest=largest)
        assert answer["codes"][0] not in (0, 1), "it was to fail, in one line"
    lines = (settings.file.parent / "err.txt").read_text(encoding="utf-8").splitlines()
    assert len(lines) == 2 and all(line.startswith("likare: ") for line in lines), lines
    yard.holds(settings, "full")


def test_of_two_runs_at_once_one_does_it_all(yard: Yard) -> None:
    settings = yard.copy("both")
    answer = yard.server(settings.file.parent, at_once=2)
    assert sorted(answer["codes"]) == [0, 14]
    assert "another night is running" in (settings.file.parent / "err.txt").read_text(encoding="utf-8")
    yard.holds(settings, "both")


@pytest.mark.slow
def test_two_hundred_kills(yard: Yard, capsys: pytest.CaptureFixture[str]) -> None:
    chance = random.Random(2026)
    episodes = 0
    while yard.kills < 200:
        yard.disturb(chance, 25)
        episodes += 1
    with capsys.disabled():
        print(f"\n{yard.kills} kills in {episodes} runs, each ended as the undisturbed one")  # noqa: T201


@pytest.mark.slow
@pytest.mark.parametrize("largest", [10_000, 100_000, 300_000, 1_000_000, 1_500_000, 2_000_000, 3_000_000, 5_000_000])
def test_full_at_any_moment(yard: Yard, largest: int) -> None:
    settings = yard.copy("full")
    answer = yard.server(settings.file.parent, largest=largest)
    told = (settings.file.parent / "err.txt").read_text(encoding="utf-8")
    assert answer["codes"] == [0] or (answer["codes"][0] not in (1, -9) and told.count("\n") == 1), told
    yard.holds(settings, f"full at {largest}")


@pytest.mark.slow
def test_a_compaction_that_is_killed_leaves_the_archive_whole(yard: Yard) -> None:
    chance = random.Random(5)
    settings = yard.copy("compacted")
    assert yard.server(settings.file.parent)["codes"] == [0]
    before = yard.server(settings.file.parent, "history", "verify")
    assert before["codes"] == [0]
    seconds = yard.server(yard.copy("timed").file.parent, "history", "compact")["seconds"]
    for _ in range(20):
        yard.server(settings.file.parent, "history", "compact", kill_after=chance.uniform(0, seconds * 1.2))
        assert yard.server(settings.file.parent, "history", "verify")["codes"] == [0]
    assert yard.server(settings.file.parent, "history", "compact")["codes"] == [0]
    whole = yard.copy("once")
    assert yard.server(whole.file.parent)["codes"] == [0]
    assert yard.server(whole.file.parent, "history", "compact")["codes"] == [0]
    assert state(settings) == state(whole)
