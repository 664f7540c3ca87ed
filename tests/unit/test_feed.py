"""Accidents of a feed: each one drawn, told in plain words, kept, and either published or stopped."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

import pytest

from flows.cli import run as likare
from flows.settings import Settings, load_settings
from tests.support.builds import Build, House, house, write_delivery
from tests.support.project import make_project
from transforms.land.feed import Event
from transforms.warehouse import open_published

DRUG = """
entity: drug
title: Drug
area: one
source: {table: DRUG, local_id: ID}
keys: [name]
attributes:
  name: NAME
  form: {column: FORM}
  dose: {column: DOSE, compare: number}
"""


CODES = """
entity: code
title: Code
area: one
source: {table: CODE, local_id: ID}
keys: [name]
attributes: {name: NAME}
"""


def _drugs(n: int, dose: int = 1, **renamed: str) -> list[dict[str, str]]:
    rows = [{"ID": str(i), "NAME": f"drug {i}", "FORM": f"form {i % 7}", "DOSE": str(dose + i)} for i in range(n)]
    return [{renamed.get(k, k): v for k, v in row.items()} for row in rows]


CODE: Build = {"CODE": "ID | NAME\n1 | one"}
GOOD: Build = {**CODE, "DRUG": _drugs(60), "NOTE": "ID | TEXT\n1 | one\n2 | two"}
OTHER: Build = {**GOOD, "DRUG": _drugs(60, dose=5)}


def _without(build: Build, *names: str) -> Build:
    return {k: v for k, v in build.items() if k not in names}


def _columns(build: Build, *names: str) -> Build:
    rows = build["DRUG"]
    assert not isinstance(rows, str)
    return {**build, "DRUG": [{name: row[name] for name in names} for row in rows]}


@pytest.fixture
def home(tmp_path: Path) -> House:
    return house(tmp_path, DRUG, CODES)


# name: (deliveries in order, the events of the last: kind, severity, table, column, before, after)
ACCIDENTS: dict[str, tuple[list[Build], list[tuple[str | None, ...]]]] = {
    "the first": ([GOOD], []),
    "an ordinary change": ([GOOD, OTHER], []),
    "yesterday's over again": (
        [OTHER, GOOD, GOOD], [("redelivered", "warning", None, None, "2026-03-03 00:00:00", "2026-03-04 00:00:00")]
    ),
    "rolled back": (
        [GOOD, OTHER, GOOD], [("rolled_back", "critical", None, None, "2026-03-03 00:00:00", "2026-03-02 00:00:00")]
    ),
    "a table rolled back": (
        [GOOD, OTHER, {**GOOD, "NOTE": "ID | TEXT\n1 | new\n2 | two"}],
        [("table_rolled_back", "critical", "DRUG", None, "2026-03-03 00:00:00", "2026-03-02 00:00:00")],
    ),
    "a small table rolled back": (
        [GOOD, {**OTHER, "NOTE": "ID | TEXT\n1 | new"}, {**GOOD, "DRUG": _drugs(60, dose=9)}],
        [("table_rolled_back", "info", "NOTE", None, "2026-03-03 00:00:00", "2026-03-02 00:00:00")],
    ),
    "a table missing": ([GOOD, _without(GOOD, "DRUG")], [("table_missing", "critical", "DRUG", None, "60", None)]),
    "a table that nothing reads missing": (
        [GOOD, _without(GOOD, "NOTE")], [("table_missing", "info", "NOTE", None, "2", None)]
    ),
    "a table here again": (
        [GOOD, _without(GOOD, "NOTE"), GOOD | {"DRUG": _drugs(61)}], [("table_new", "info", "NOTE", None, None, "2")]
    ),
    "a collapse": (
        [{"DRUG": _drugs(907)}, {"DRUG": _drugs(1)}], [("table_collapsed", "critical", "DRUG", None, "907", "1")]
    ),
    "a jump": ([GOOD, {**GOOD, "DRUG": _drugs(200)}], [("table_jumped", "critical", "DRUG", None, "60", "200")]),
    "half is no collapse": ([GOOD, {**GOOD, "DRUG": _drugs(30)}], []),
    "a column dropped": (
        [GOOD, _columns(GOOD, "ID", "NAME", "FORM")], [("column_missing", "critical", "DRUG", "DOSE", "DOSE", None)]
    ),
    "a column added": (
        [_columns(GOOD, "ID", "NAME"), _columns(GOOD, "ID", "NAME", "FORM")],
        [("column_added", "info", "DRUG", "FORM", None, "FORM")],
    ),
    "columns in another order": (
        [GOOD, {**_columns(GOOD, "NAME", "DOSE", "FORM", "ID"), "NOTE": "ID | TEXT\n1 | x"}],
        [("columns_reordered", "info", "DRUG", None, None, None)]
    ),
    "a column renamed": (
        [GOOD, {**GOOD, "DRUG": _drugs(61, FORM="DOSAGE_FORM")}],
        [("column_renamed", "critical", "DRUG", "FORM", "FORM", "DOSAGE_FORM")],
    ),
    "two columns renamed and moved": (
        [GOOD, _columns({**GOOD, "DRUG": _drugs(60, FORM="A", DOSE="B")}, "B", "ID", "A", "NAME")],
        [
            ("column_renamed", "critical", "DRUG", "DOSE", "DOSE", "B"),
            ("column_renamed", "critical", "DRUG", "FORM", "FORM", "A"),
        ],
    ),
    "another column in its place is no rename": (
        [GOOD, {**GOOD, "DRUG": [{**row, "X": "1"} for row in _columns(GOOD, "ID", "NAME", "FORM")["DRUG"]]}],  # type: ignore[dict-item]
        [
            ("column_missing", "critical", "DRUG", "DOSE", "DOSE", None),
            ("column_added", "info", "DRUG", "X", None, "X"),
        ],
    ),
    "counters in the header": (
        [GOOD, {**GOOD, "DRUG": _drugs(60, NAME="NAME_1", FORM="FORM2")}],
        [
            ("column_numbered", "critical", "DRUG", "FORM", "FORM", "FORM2"),
            ("column_numbered", "critical", "DRUG", "NAME", "NAME", "NAME_1"),
        ],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", ACCIDENTS)
def test_an_accident_is_told_and_kept(name: str, home: House) -> None:
    deliveries, expected = ACCIDENTS[name]
    for build in deliveries:
        landed = home.land("a", build)
    told = [(e.kind, e.severity, e.table, e.column, e.before, e.after) for e in landed.events]
    assert sorted(told, key=str) == sorted(expected, key=str)
    assert all(e.detail and "None" not in e.detail for e in landed.events)
    with home.warehouse.archive() as session:
        kept = session.rows(
            "SELECT kind, severity, table_name, column_name, before_value, after_value, detail FROM landed.feed_event "
            "WHERE snapshot_id = ?",
            [landed.snapshot_id],
        )
    assert {Event(*row) for row in kept} == set(landed.events)


def test_the_age_of_what_comes_over_and_over_is_told(home: House) -> None:
    for at in (1, 5, 7, 9):
        landed = home.land("a", OTHER if at == 1 else GOOD, datetime(2026, 5, at))
    (event,) = landed.events
    assert event.before == "2026-05-05 00:00:00"
    assert "the delivery of 2026-05-07 over again" in event.detail
    assert "4 days old" in event.detail


def test_an_unchanged_build_whose_manifest_states_a_new_time_is_no_redelivery(home: House, tmp_path: Path) -> None:
    home.land("a", GOOD)
    from transforms.land import landing

    path = write_delivery(tmp_path / "stated", GOOD)
    (path / "manifest.json").write_text('{"time": "2026-03-09"}', encoding="utf-8")
    with home.warehouse.archive() as session:
        landed = landing.land(session, home.catalogue, landing.Delivery("a", datetime(2026, 3, 9), path))
    assert [(e.kind, e.severity) for e in landed.events] == [("unchanged", "info")]


# --- what a person sees ---------------------------------------------------------------------------------------------


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    settings = make_project(tmp_path)
    monkeypatch.chdir(tmp_path)
    return settings


def _copy(settings: Settings, domain: str, at: str, to: str) -> Path:
    return Path(shutil.copytree(settings.incoming / domain / at, settings.incoming / domain / to))


def _rows(settings: Settings, query: str) -> list[tuple[object, ...]]:
    con = open_published(settings.data)
    try:
        return con.execute(query).fetchall()
    finally:
        con.close()


def _edited(settings: Settings, text: Mapping[str, str]) -> None:
    written = settings.file.read_text(encoding="utf-8")
    for old, new in text.items():
        assert old in written
        written = written.replace(old, new)
    settings.file.write_text(written, encoding="utf-8")


def test_the_same_delivery_twice_has_no_effect_and_is_said(
    project: Settings, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    first = project.incoming / "east" / "2026-03-01"
    assert likare(["land", "east", str(first)]) == 0
    assert likare(["land", "east", str(first)]) == 0
    assert "was landed before, file by file the same: no effect" in capsys.readouterr().out
    other = write_delivery(tmp_path / "2026-03-01", {"UNIT": "UNIT_ID | NAME\n1 | other"})
    assert likare(["land", "east", str(other)]) == 2
    assert "before, and otherwise" in capsys.readouterr().err


def test_a_domain_that_does_not_deliver_is_shown_with_its_age(
    project: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    assert likare(["run", "--plain"]) == 0
    _copy(project, "west", "2026-03-01", "2026-03-06")
    assert likare(["run", "--plain"]) == 0
    out = capsys.readouterr().out
    assert "2026-03-06: warning: the delivery of 2026-03-01 over again" in out
    assert "Öst stands on 2026-03-01 (5 days old)" in out
    assert "Väst stands on 2026-03-06 (the delivery before over again)" in out
    assert likare(["status"]) == 0
    out = capsys.readouterr().out
    assert "Öst 2026-03-06: delivered nothing for this night; its newest delivery is 5 days old" in out
    assert _rows(project, 'SELECT "domain", age_days, state FROM snapshot WHERE night_id = 2 ORDER BY 1') == [
        ("east", 5, "earlier"), ("west", 0, "redelivered"),
    ]  # fmt: skip
    assert _rows(
        project, "SELECT check_id, \"domain\" FROM quality WHERE entity = 'delivery' AND status = 'failed' ORDER BY 1"
    ) == [("delivery.delivery_new", "west"), ("delivery.delivery_recent", "east")]
    page = (project.site / "en" / "quality.html").read_text(encoding="utf-8")
    assert "delivered nothing for this night" in page
    svenska = (project.site / "quality.html").read_text(encoding="utf-8")
    assert "levererade inget till den här natten" in svenska


def test_a_domain_that_has_ended_stands_without_alarm(project: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    assert likare(["run", "--plain"]) == 0
    _edited(project, {'title = "Öst"\n': 'title = "Öst"\nended = "2026-03-02"\n'})
    _copy(project, "east", "2026-03-01", "2026-03-20")
    _copy(project, "west", "2026-03-01", "2026-03-20")
    assert likare(["run", "--plain"]) == 0
    out = capsys.readouterr().out
    assert "Not landed: east 2026-03-20; by the settings the domain has ended" in out
    assert "Öst stands on 2026-03-01 (the domain has ended; its last delivery stands)" in out
    assert _rows(project, "SELECT age_days, state FROM snapshot WHERE night_id = 2 AND \"domain\" = 'east'") == [
        (19, "ended")
    ]
    assert _rows(project, "SELECT kind, severity FROM feed_event WHERE \"domain\" = 'east'") == [("ended", "info")]
    assert _rows(
        project, "SELECT status FROM quality WHERE check_id = 'delivery.delivery_recent' AND \"domain\" = 'east'"
    ) == [("not_applicable",)]
    assert load_settings({}, project.file.parent).domains[0].has_ended(datetime(2026, 3, 3))
    assert not load_settings({}, project.file.parent).domains[0].has_ended(datetime(2026, 3, 2))


def test_a_frozen_domain_needs_no_folder(project: Settings) -> None:
    assert likare(["run", "--plain"]) == 0
    _edited(project, {'title = "Öst"\n': 'title = "Öst"\nfrozen = true\n'})
    shutil.rmtree(project.incoming / "east")
    _copy(project, "west", "2026-03-01", "2026-04-01")
    assert likare(["run", "--plain"]) == 0
    assert _rows(project, "SELECT count(*) FROM domain WHERE ended") == [(1,)]


def test_a_night_on_a_renamed_column_waits_for_a_person_and_the_last_good_one_stays(
    project: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    assert likare(["run", "--plain"]) == 0
    path = _copy(project, "east", "2026-03-01", "2026-03-02")
    orders = next(p for p in path.rglob("*") if p.stem.upper() == "ORDERS")
    orders.write_text(orders.read_text(encoding="utf-8").replace("DOSE", "DOSIS", 1), encoding="utf-8")
    assert likare(["run", "--plain"]) == 13
    err = capsys.readouterr().err
    assert "order.columns_kept" in err
    assert "the column DOSE seems to be called DOSIS now" in err
    assert _rows(project, "SELECT max(night_id) FROM night") == [(1,)]
    page = (project.site / "en" / "index.html").read_text(encoding="utf-8")
    assert "The night of 2 March 2026 was stopped by the quality checks." in page.replace("\u00a0", " ")
    assert likare(["release", "--by", "Anna", "--reason", "agreed with the region"]) == 0
    assert likare(["run", "--plain"]) == 0
    assert _rows(project, "SELECT max(night_id) FROM night") == [(2,)]
    note, note_sv = _rows(
        project, "SELECT note, note_sv FROM quality WHERE check_id = 'order.columns_kept' AND \"domain\" = 'east'"
    )[0]
    assert "Released by Anna" in str(note)
    assert "Frisläppt av Anna" in str(note_sv)
    # It is the new ground: the next night is not stopped again.
    _copy(project, "east", "2026-03-02", "2026-03-03")
    assert likare(["run", "--plain"]) == 0


def test_what_is_not_extracted_is_neither_solved_nor_different_on_later_nights(home: House) -> None:
    """A column that vanishes leaves its differences as they were: they close when it is seen that they are gone."""
    a = {"DRUG": _drugs(5)}
    b = {"DRUG": _drugs(5, dose=2)}
    without = _columns(a, "ID", "NAME", "FORM")
    first = home.night(a=a, b=b)
    opened = first.rows("difference", "difference_id", "attribute = 'dose'")
    assert len(opened) == 5
    for _ in range(2):
        later = home.night(a=without)
        assert later.rows("difference", "difference_id", "attribute = 'dose'") == []
        assert later.rows("not_comparable", "attribute, reason", "entity = 'drug'") == [
            ("dose", "column not extracted")
        ]
        lives = later.rows("difference_history", "difference_id, closed_night", "attribute = 'dose'")
        assert lives == [(one[0], None) for one in opened]
        assert later.rows("drift", "opened, closed, open", f"night_id = {later.number} AND entity = 'drug'") == [
            (0, 0, 5)
        ]
        assert later.figure("drug") == 1.0
    back = home.night(a={"DRUG": _drugs(5, dose=2)})
    lives = back.rows("difference_history", "closed_night", "attribute = 'dose'")
    assert lives == [(back.number,)] * 5
