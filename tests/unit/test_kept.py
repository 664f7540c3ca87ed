"""What is kept of the deliveries: compared at any two times, proved equal to the files, dropped when it is old."""

from __future__ import annotations

import json
import shutil
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from flows import cli, history, night
from flows.opened import warehouse_of
from flows.settings import Settings, load_settings
from tests.support.project import A, B, changed, deliver, make_project
from transforms.warehouse import Warehouse
from transforms.words.errors import SettingsError

pytestmark = pytest.mark.usefixtures("without_pages")


def landed(folder: Path) -> Settings:
    """A project of three nights: west changes its doses in the second, east nothing in the third."""
    settings = make_project(folder)
    deliver(settings, "west", "2026-03-02", changed(B, "ORDERS", "DOSE", "500"))
    deliver(settings, "east", "2026-03-03T0130", A)
    night.run_nights(settings, latest=True)
    return settings


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Tests that only read share one."""
    return landed(tmp_path_factory.mktemp("kept"))


@pytest.fixture
def own(project: Settings, tmp_path: Path) -> Settings:
    """A copy that a test may spoil."""
    shutil.copytree(project.file.parent, tmp_path / "own", symlinks=True)
    return load_settings({}, tmp_path / "own")


class Likare:
    def __init__(self, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
        self.capsys, self.monkeypatch = capsys, monkeypatch

    def __call__(self, settings: Settings, *arguments: str) -> tuple[int, str, str]:
        self.monkeypatch.chdir(settings.file.parent)
        self.capsys.readouterr()
        code = cli.run(arguments)
        out, err = self.capsys.readouterr()
        assert err.count("\n") <= 1
        return code, out, err

    def data(self, settings: Settings, *arguments: str) -> Any:
        code, out, err = self(settings, *arguments, "--json")
        assert (code, err) == (0, "")
        return json.loads(out)


@pytest.fixture
def likare(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Likare:
    return Likare(capsys, monkeypatch)


# --- compare ---


def test_two_domains_are_compared_at_times_of_their_own(project: Settings, likare: Likare) -> None:
    found = likare.data(project, "compare", "east@2026-03-01", "west@2026-03-01")
    assert (found["a"]["delivered_at"], found["b"]["delivered_at"]) == ("2026-03-01T00:00:00", "2026-03-01T00:00:00")
    doses = {d["label"]: (d["value_a"], d["value_b"]) for d in found["differences"] if d["attribute"] == "dose"}
    assert doses["Alvedon"] == ("500", "250")
    later = likare.data(project, "compare", "east@2026-03-01", "west@2026-03")
    assert later["b"]["delivered_at"] == "2026-03-02T00:00:00"
    assert not [d for d in later["differences"] if d["attribute"] == "dose" and d["label"] == "Alvedon"]


def test_a_domain_is_compared_with_itself_at_another_time(project: Settings, likare: Likare) -> None:
    found = likare.data(project, "compare", "west@2026-03-01", "west@now")
    assert {(d["entity"], d["kind"], d["attribute"]) for d in found["differences"]} == {("order", "changed", "dose")}
    assert [(c["entity"], c["changed"], c["only_a"], c["only_b"]) for c in found["counts"]] == [("order", 3, 0, 0)]
    assert found["summary"]["pairs"][0]["title_a"] == "Väst 2026-03-01 00:00"
    same = likare.data(project, "compare", "east@2026-03-01", "east")
    assert (same["total"], same["b"]["delivered_at"]) == (0, "2026-03-03T01:30:00")


@pytest.mark.parametrize(
    ("asked", "at"),
    [
        ("east", datetime(2026, 3, 3, 1, 30)),
        ("east@now", datetime(2026, 3, 3, 1, 30)),
        ("east@2026-03", datetime(2026, 3, 3, 1, 30)),
        ("east@2026-03-03", datetime(2026, 3, 3, 1, 30)),
        ("east@2026-03-03T0130", datetime(2026, 3, 3, 1, 30)),
        ("east@2026-03-03T0129", datetime(2026, 3, 1)),
        ("east@2026-03-02", datetime(2026, 3, 1)),
    ],
)
def test_a_day_is_all_of_it_and_a_moment_is_not(project: Settings, asked: str, at: datetime) -> None:
    snapshots = {"east": {datetime(2026, 3, 1): 1, datetime(2026, 3, 3, 1, 30): 2}}
    assert history.asked_for(project, snapshots, asked).delivered_at == at


def test_a_comparison_is_for_people_too_and_may_be_kept(project: Settings, likare: Likare, tmp_path: Path) -> None:
    out = tmp_path / "comparison.duckdb"
    code, text, err = likare(
        project, "compare", "east", "west", "--entity", "order", "--kind", "changed", "--out", str(out)
    )
    assert (code, err) == (0, "")
    assert "A: east, snapshot of 2026-03-03 01:30" in text
    assert "Convergence" in text
    with duckdb.connect(str(out), read_only=True) as con:
        assert con.execute("SELECT count(*) > 0 FROM published.difference").fetchone() == (True,)
    code, _, err = likare(project, "compare", "east", "west", "--out", str(out))
    assert (code, "exists already" in err) == (2, True)
    # Nothing of it is left in the data folder, and nothing was published.
    assert list((project.data / "tmp").iterdir()) == []
    assert Warehouse(project.data).last_night == 1


@pytest.mark.parametrize(
    ("first", "second", "words"),
    [
        ("north", "west", "there is no domain 'north'; known here: east, west"),
        ("east@2025-01-01", "west", "east has no snapshot as early as 2025-01-01; its first is of 2026-03-01 00:00"),
        ("east@yesterday", "west", "'yesterday' is no time"),
        ("east 2026", "west", "'east 2026' is no snapshot; name it DOMAIN@TIME"),
        ("east@2026-03-01", "east@2026-03-02", "are one snapshot, that of 2026-03-01 00:00"),
    ],
)
def test_what_cannot_be_compared_is_told_in_one_line(
    project: Settings, likare: Likare, first: str, second: str, words: str
) -> None:
    code, out, err = likare(project, "compare", first, second)
    assert (code, out) == (2, "")
    assert words in err


# --- verify ---


def test_every_snapshot_is_equal_to_its_files(project: Settings, likare: Likare) -> None:
    found = likare.data(project, "history", "verify")
    assert len(found) == 12
    assert {v["state"] for v in found} == {"equal"}
    code, text, _ = likare(project, "history", "verify", "west@2026-03-01")
    assert (code, "ORDERS.csv 3 rows: equal" in text) == (0, True)


def test_a_file_that_is_gone_is_proved_by_its_hash(own: Settings, likare: Likare) -> None:
    (own.incoming / "west" / "2026-03-01" / "LINE.csv").unlink()
    shutil.rmtree(own.incoming / "east" / "2026-03-01")
    found = likare.data(own, "history", "verify")
    assert {(v["domain"], v["delivered_at"][:10], v["table"]) for v in found if v["state"] == "gone"} == {
        ("west", "2026-03-01", "LINE"), *(("east", "2026-03-01", t) for t in ("UNIT", "ORDERS", "LINE")),
    }  # fmt: skip
    assert {v["state"] for v in found} == {"gone", "equal"}


def test_files_may_lie_elsewhere(own: Settings, likare: Likare, tmp_path: Path) -> None:
    shutil.move(own.incoming, tmp_path / "elsewhere")
    assert {v["state"] for v in likare.data(own, "history", "verify")} == {"gone"}
    assert {v["state"] for v in likare.data(own, "history", "verify", "--files", str(tmp_path / "elsewhere"))} == {
        "equal"
    }
    one = likare.data(
        own, "history", "verify", "west@2026-03-01", "--files", str(tmp_path / "elsewhere" / "west" / "2026-03-01")
    )
    assert {v["state"] for v in one} == {"equal"}


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("Alvedon forte", "Alvedon svag", "1 rows differ, the first of them row 2"),
        ("Bara", "Bara\n99,x,1,1\n98", "first of them row 3"),
        ("Alvedon", "Alve\0don", "cannot be landed again"),
    ],
)
def test_a_file_that_was_changed_is_told(own: Settings, likare: Likare, old: str, new: str, told: str) -> None:
    path = own.incoming / "east" / "2026-03-01" / "ORDERS.csv"
    path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    code, out, err = likare(own, "history", "verify", "--json")
    found = [v for v in json.loads(out) if v["state"] == "differs"]
    assert (code, err.startswith("likare: ")) == (17, True)
    assert any(told in v["why"] for v in found if v["table"] == "ORDERS"), found
    assert {(v["domain"], v["delivered_at"][:10]) for v in found} == {("east", "2026-03-01")}


def test_a_file_with_other_bytes_and_the_same_rows_is_equal(own: Settings, likare: Likare) -> None:
    path = own.incoming / "east" / "2026-03-01" / "ORDERS.csv"
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    found = {v["table"]: v for v in likare.data(own, "history", "verify", "east@2026-03-01")}
    assert (found["ORDERS"]["state"], found["ORDERS"]["why"]) == ("equal", "its bytes are others, its rows the same")


@pytest.mark.parametrize(
    "spoil",
    [
        """UPDATE data."west.ORDERS.1" SET NAME = 'x' WHERE NAME = 'Alvedon'""",
        """DELETE FROM data."west.ORDERS.1" WHERE NAME = 'Alvedon' AND _to IS NULL""",
        """INSERT INTO data."west.ORDERS.1" SELECT * REPLACE (99 AS _row) FROM data."west.ORDERS.1" WHERE _row = 1""",
        """UPDATE data."west.ORDERS.1" SET _to = NULL""",
    ],
)
@pytest.mark.parametrize("files", ["there", "gone"])
def test_an_archive_that_was_tampered_with_is_told(own: Settings, likare: Likare, spoil: str, files: str) -> None:
    with Warehouse(own.data, threads=1).archive() as session:
        session.execute(spoil)
    if files == "gone":
        shutil.rmtree(own.incoming)
    code, out, err = likare(own, "history", "verify", "--json")
    found = [v for v in json.loads(out) if v["state"] == "differs"]
    assert code == 17
    assert {(v["domain"], v["table"]) for v in found} == {("west", "ORDERS")}
    assert all("the archive" in v["why"] for v in found)


# --- retention ---


def with_history(settings: Settings, text: str) -> Settings:
    settings.file.write_text(settings.file.read_text(encoding="utf-8") + f"\n[history]\n{text}\n", encoding="utf-8")
    return load_settings({}, settings.file.parent)


def test_old_snapshots_leave_and_what_others_need_stays(own: Settings, likare: Likare) -> None:
    settings = with_history(own, 'keep = "3 days"')
    for day in range(4, 9):
        deliver(settings, "west", f"2026-03-{day:02d}", changed(B, "ORDERS", "DOSE", str(day)))
    night.run_nights(settings, latest=True)
    before = likare.data(settings, "compare", "east", "west@2026-03-06")
    with Warehouse(settings.data, threads=1).archive() as session:
        versions = session.value('SELECT count(*) FROM data."west.ORDERS.1"')
    done = history.compact(settings)
    # East's newest is older than three days and stays; its first goes, and west's of the first, second and fourth.
    assert done.dropped.snapshots == 3 + 1 - 1
    with Warehouse(settings.data, threads=1).archive() as session:
        left = session.rows("SELECT domain, day(delivered_at) FROM landed.snapshot ORDER BY ALL")
        assert left == [("east", 3), ("west", 2), ("west", 5), ("west", 6), ("west", 7), ("west", 8)]
        assert session.value('SELECT count(*) FROM data."west.ORDERS.1"') == versions - done.dropped.versions
        assert done.dropped.versions > 0
    assert likare.data(settings, "compare", "east", "west@2026-03-06")["differences"] == before["differences"]
    assert {v["state"] for v in likare.data(settings, "history", "verify")} == {"equal"}
    # And it goes on from there.
    deliver(settings, "west", "2026-03-09", changed(B, "ORDERS", "DOSE", "4"))
    assert len(night.run_nights(settings).nights) == 1
    assert {v["state"] for v in likare.data(settings, "history", "verify")} == {"equal"}


def test_the_archive_shrinks_and_holds_the_same(own: Settings, likare: Likare) -> None:
    with Warehouse(own.data, threads=1).archive() as session:
        session.execute("CREATE TABLE data.x AS SELECT hash(i) AS a FROM range(400000) t(i)")
        session.execute("CHECKPOINT")
        session.execute("CREATE TABLE main.last AS SELECT hash(i) AS a FROM range(100000) t(i)")
        session.execute("CHECKPOINT; DROP TABLE data.x; CHECKPOINT")
    found = likare.data(own, "history", "compact")
    assert found["after"] < found["before"]
    assert found["dropped"]["snapshots"] == 0
    assert sorted(p.name for p in own.data.glob("archive*")) == ["archive.duckdb"]
    assert {v["state"] for v in likare.data(own, "history", "verify")} == {"equal"}
    assert night.run_nights(own).nights == ()


def test_what_a_killed_compaction_left_is_cleared_away(own: Settings) -> None:
    (own.data / "archive.new.duckdb").write_bytes(b"half")
    (own.data / "archive.new.duckdb.wal").write_bytes(b"half")
    night.run_nights(own)
    assert sorted(p.name for p in own.data.glob("archive*")) == ["archive.duckdb"]


def test_the_nights_that_are_kept_are_as_many_as_the_settings_say(own: Settings) -> None:
    warehouse = warehouse_of(with_history(own, "nights = 2"))
    for _ in range(3):
        with warehouse.night() as made:
            made.complete = True
    assert len(list((own.data / "nights").glob("likare-*"))) == 2


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('keep = "a year"', 'history.keep: is a number of days, as in "400 days"'),
        ("nights = 0", "history.nights: "),
        ('kept = "1 day"', "history.kept: unknown key; did you mean 'keep'?"),
    ],
)
def test_wrong_settings_are_told(own: Settings, text: str, words: str) -> None:
    with pytest.raises(SettingsError) as caught:
        with_history(own, text)
    assert words in str(caught.value)


def test_settings_of_one_day(own: Settings) -> None:
    kept = with_history(own, 'keep = "1 day"').history.kept_for
    assert kept is not None and kept.days == 1
    assert datetime(2026, 3, 2) - kept == datetime(2026, 3, 1)
