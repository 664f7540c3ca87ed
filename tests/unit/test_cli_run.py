"""``likare run`` with the pages it builds, a release that lets a stopped night through, and the sample."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from flows import steps
from flows.settings import Settings
from tests.support.command import Likare, halved
from tests.support.project import B, deliver
from transforms.words.errors import QualityError


def test_run_lands_publishes_and_says_what_it_found_then_has_nothing_to_do(fresh: Likare) -> None:
    out = fresh.ok("run")
    assert "Landed east 2026-03-01: 8 rows in 3 files" in out
    assert "Published night 1, as of 2026-03-01, in" in out
    assert (fresh.settings.site / "index.html").is_file()
    before = fresh.settings.data.joinpath("published.duckdb").resolve()
    again = fresh.ok("run")
    assert "Nothing new: the night of 2026-03-01 stands." in again
    assert fresh.settings.data.joinpath("published.duckdb").resolve() == before


def test_a_dashboard_that_a_killed_run_left_behind_is_made_by_the_next(copied: Likare, monkeypatch: Any) -> None:
    def killed(settings: Settings) -> int:
        raise KeyboardInterrupt

    deliver(copied.settings, "west", "2026-03-04", B)
    with monkeypatch.context() as patch:
        patch.setattr(steps, "build_dashboard", killed)
        code, _, err = copied("run")
    assert (code, err.strip()) == (130, "likare: interrupted; nothing half was published")
    assert "(night 3)" in copied.ok("status")
    assert "Nothing new" in copied.ok("run")
    assert "2026" in (copied.settings.site / "index.html").read_text(encoding="utf-8")
    assert (copied.settings.data / "site.night").read_text(encoding="utf-8") == "3\n"


def test_a_stopped_night_is_published_when_a_person_releases_it(fresh: Likare) -> None:
    fresh.refused(2, "release", "--by", "Kim", "--reason", "none")
    halved(fresh.settings, "2026-03-01")
    fresh.ok("run")
    halved(fresh.settings, "2026-03-03")
    line = fresh.refused(QualityError.exit_code, "run")
    assert "west: order.rows_collapse" in line
    assert "likare release" in line
    page = (fresh.settings.site / "index.html").read_text(encoding="utf-8")
    assert "stoppades av kvalitetskontrollen" in page
    assert "name who" not in fresh.refused(2, "release", "--by", " ", "--reason", "x")
    out = fresh.ok("release", "--by", "Kim Förvaltare", "--reason", "Byggt om med flit")
    assert "Released the night of 2026-03-03" in out
    assert "west: order.rows_collapse, 90 of 100 fail" in out
    assert "Published night 2, as of 2026-03-03" in fresh.ok("run")
    with fresh.published() as con:
        notes = con.execute("SELECT note FROM quality WHERE status = 'failed' AND severity = 'critical'").fetchall()
    assert [n[0].endswith("Released by Kim Förvaltare: Byggt om med flit") for n in notes] == [True]
    assert "stoppades av" not in (fresh.settings.site / "index.html").read_text(encoding="utf-8")
    fresh.refused(2, "release", "--by", "Kim", "--reason", "again")


def test_the_sample_is_made_once_for_the_settings_domains(fresh: Likare, tmp_path: Path) -> None:
    out = tmp_path / "sample"
    told = fresh.ok("sample", "--scale", "5000", "--nights", "1", "--out", str(out))
    assert "Sample of east and west: 1 nights" in told
    assert {p.name for p in (out / "incoming").iterdir()} == {"east", "west"}
    assert "delivered in sample/incoming already" in fresh.ok("sample", "--out", str(out), "--if-empty")
    assert "there is something already" in fresh.refused(2, "sample", "--out", str(out))
    assert "'huge' is no scale; use demo" in fresh.refused(2, "sample", "--scale", "huge", "--out", "elsewhere")
    assert "delivered in data/incoming already" in fresh.ok("sample", "--if-empty")
