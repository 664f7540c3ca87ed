"""A data folder of version 0.1, which kept a table per entity type: read as it is, and gone on with."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from flows import cli, history
from flows.night import Outcome, run_nights
from flows.opened import warehouse_of
from flows.settings import Settings, load_settings
from tests.support.packed import extract
from transforms.land.history import rows_of
from transforms.warehouse import open_night

pytestmark = [pytest.mark.integration, pytest.mark.usefixtures("without_pages")]

PACKED = Path(__file__).parents[1] / "layouts" / "0.1.tar.xz"
DAYS = [datetime(2026, 3, day) for day in (1, 2, 3)]
DOSE, TEXT = "0edb65d22f149207b5b85b3209f37263", "f4d25087424d9d305cc5ebde67f3b40c"


def unpacked(folder: Path) -> Settings:
    """The project, as the second night left it."""
    extract(PACKED, folder)
    (folder / "data" / "published.duckdb").symlink_to(Path("nights") / "likare-000002.duckdb")
    return load_settings({}, folder)


def replaced(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), encoding="utf-8")


def deliver(settings: Settings) -> None:
    """A third delivery of both: west says one line as east does, east has one order more and another dose."""
    for domain in settings.domain_names:
        shutil.copytree(settings.incoming / domain / "2026-03-02", settings.incoming / domain / "2026-03-03")
    replaced(settings.incoming / "west" / "2026-03-03" / "LINE.csv", "Utan vatten", "Med vatten")
    replaced(settings.incoming / "east" / "2026-03-03" / "ORDERS.csv", "12,Alvedon forte,1000", "12,Alvedon forte,1200")
    with (settings.incoming / "east" / "2026-03-03" / "ORDERS.csv").open("a", encoding="utf-8") as file:
        file.write("17,Sist,2,1\n")


@dataclass(frozen=True)
class Kept:
    """The project after the next run, with the night that version 0.1 had published."""

    settings: Settings
    outcome: Outcome

    def rows(self, night: int, query: str) -> list[tuple[Any, ...]]:
        """The rows of a query on one night's views."""
        with closing(open_night(self.settings.data / "nights" / f"likare-{night:06d}.duckdb")) as con:
            return con.execute(query).fetchall()


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory, without_pages: None) -> Iterator[Kept]:
    settings = unpacked(tmp_path_factory.mktemp("kept"))
    deliver(settings)
    yield Kept(settings, run_nights(settings))


def test_the_published_night_is_built_again_before_the_next(kept: Kept) -> None:
    assert [(n.number, n.as_of) for n in kept.outcome.nights] == [(3, DAYS[1]), (4, DAYS[2])]
    assert kept.rows(4, "SELECT night_id, as_of FROM night ORDER BY ALL") == [
        (1, DAYS[0]), (2, DAYS[1]), (3, DAYS[1]), (4, DAYS[2])
    ]  # fmt: skip
    assert run_nights(kept.settings).nights == ()


def test_a_file_that_was_landed_before_is_known(kept: Kept) -> None:
    landed = {one.domain: (one.files, one.new_files) for one in kept.outcome.landed}
    assert landed == {"east": (4, 1), "west": (4, 1)}


def test_what_was_delivered_reads_back_row_by_row(kept: Kept) -> None:
    with warehouse_of(kept.settings).archive() as archive:
        files = archive.rows(
            "SELECT s.domain, s.source, f.file_name, f.file_id FROM landed.snapshot s "
            "JOIN landed.snapshot_file USING (snapshot_id) JOIN landed.file f USING (file_id)"
        )
        for domain, source, name, file_id in files:
            path = kept.settings.incoming / domain / source / name
            with path.open(encoding="utf-8", newline="") as file:
                delivered = list(csv.DictReader(file))
            stored = archive.sql(f"FROM ({rows_of(archive, [file_id], database='')}) ORDER BY _row")
            found = [dict(zip(stored.columns, row, strict=True)) for row in stored.fetchall()]
            assert [{c: row[c] for c in delivered[0]} for row in found] == delivered, path
    assert len(files) == 2 * 3 * 4
    assert {v.state for v in history.verified(kept.settings, None, None)} == {"equal"}


def test_built_again_it_says_what_it_said(kept: Kept) -> None:
    """Identities, differences, causes, figures and what is decided: all but what tells one night from another."""
    views = kept.rows(2, "SELECT view_name FROM duckdb_views() WHERE schema_name = 'published'")
    columns = kept.rows(2, "SELECT table_name FROM duckdb_columns() WHERE column_name = 'night_id'")
    of_a_night = {view for (view,) in columns}
    told_by_night = {"change", "difference_history", "drift", "forecast", "night", "step"}
    for view in {view for (view,) in views} - told_by_night:
        one, again = (
            f"SELECT COLUMNS(lambda c: NOT list_contains(['night_id', 'nights_open'], c)) FROM published.{view} "
            f"{f'WHERE night_id = {night}' if view in of_a_night else ''} ORDER BY ALL"
            for night in (2, 3)
        )
        assert kept.rows(3, again) == kept.rows(2, one), view


def test_figures_of_earlier_nights_stay(kept: Kept) -> None:
    views = kept.rows(
        2,
        "SELECT DISTINCT table_name FROM duckdb_columns() WHERE column_name = 'night_id' AND schema_name = 'published'",
    )
    for (view,) in views:
        # Quality is told check by check of the newest night alone.
        if view not in ("night", "quality"):
            earlier = f"FROM published.{view} WHERE night_id <= 2 ORDER BY ALL"
            assert kept.rows(4, earlier) == kept.rows(2, earlier), view


def test_the_history_goes_on(kept: Kept) -> None:
    life = "SELECT difference_id, opened_night, closed_night FROM difference_history"
    before, after = ({r[0]: r[1:] for r in kept.rows(n, life)} for n in (2, 4))
    closed = {TEXT: (1, 4)}
    assert {**after, **before, **closed} == after
    assert {opened for opened, _ in (after[i] for i in after.keys() - before.keys())} == {4}
    assert kept.rows(4, "SELECT night_id, sum(opened), sum(closed), sum(open) FROM drift GROUP BY ALL ORDER BY 1") == [
        (1, None, None, 10), (2, 4, 4, 10), (3, 0, 0, 10), (4, 2, 1, 11)
    ]  # fmt: skip


def test_a_decision_goes_on_covering_its_difference(kept: Kept) -> None:
    covers = "SELECT decision_id, state FROM decision_cover WHERE difference_id = "
    assert kept.rows(2, f"{covers}'{DOSE}'") == kept.rows(4, f"{covers}'{DOSE}'") == [("D-1", "holds")]
    task = f"SELECT first_night, done_night FROM task WHERE difference_id = '{TEXT}'"
    assert kept.rows(2, task) == [(2, None)]
    assert kept.rows(4, task) == [(2, 4)]
    assert kept.rows(4, "SELECT label_a, label_b FROM crosswalk WHERE rule = 'reviewed'") == [
        ("Natriumklorid", "Koksalt")
    ]


def test_the_versions_of_the_target_are_kept(kept: Kept) -> None:
    spans = (
        "SELECT label, value, provenance, from_night, to_night FROM target_value WHERE attribute = 'dose' AND label "
    )
    assert kept.rows(4, f"{spans} LIKE 'Alvedon%' ORDER BY ALL") == [
        ("Alvedon", None, "local", 2, None),
        ("Alvedon", None, "open", 1, 2),
        ("Alvedon forte", "1000", "agreed", 1, 4),
        ("Alvedon forte", None, "open", 4, None),
    ]


def test_what_moved_is_told_of_the_first_new_delivery(kept: Kept) -> None:
    moved = "SELECT night_id, domain, label, attribute, value_before, value_after FROM change WHERE night_id > 2"
    assert kept.rows(4, f"{moved} ORDER BY ALL") == [
        (4, "east", "Alvedon forte", "dose", "1000", "1200"),
        (4, "east", "Sist", None, None, None),
        (4, "west", "Med vatten", "text", "Utan vatten", "Med vatten"),
    ]


def test_nights_of_both_layouts_are_compared(kept: Kept) -> None:
    with history.compared(kept.settings, "east@2026-03-01", "west@2026-03-03") as made:
        found = made.con.execute(
            "SELECT label FROM difference WHERE entity = 'order' AND attribute = 'dose' ORDER BY 1"
        )
        assert found.fetchall() == [("Alvedon",), ("Kalium",)]


@pytest.fixture
def untouched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """The project before anything is run."""
    monkeypatch.chdir(tmp_path)
    return unpacked(tmp_path)


def test_before_the_run_what_is_published_can_be_read(untouched: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    for command in (["status"], ["differences"], ["causes"], ["export", "target_value"], ["decisions", "check"]):
        assert cli.run(command) == 0
    for command in (["explain", "Alvedon"], ["review", "status"], ["crosswalk", "export", "lines.tsv"]):
        capsys.readouterr()
        assert cli.run(command) != 0
        assert capsys.readouterr().err == (
            "likare: the published night was built by an earlier version; likare run builds it again\n"
        )


def test_a_run_with_nothing_new_builds_the_published_night_again(untouched: Settings) -> None:
    old = (untouched.data / "nights" / "likare-000002.duckdb").read_bytes()
    assert [n.as_of for n in run_nights(untouched).nights] == [DAYS[1]]
    assert (untouched.data / "nights" / "likare-000002.duckdb").read_bytes() == old
    assert cli.run(["explain", "Alvedon"]) == 0
    assert run_nights(untouched).nights == ()
