"""Nights that are stopped: by a check, by a file, by a fault; and what a release is good for."""

from __future__ import annotations

import json
from typing import Any

import pytest

from flows import night, steps
from tests.support.command import Likare, halved
from tests.support.project import B, deliver
from transforms.words.errors import QualityError

pytestmark = pytest.mark.usefixtures("without_pages")


def test_a_critical_check_stops_the_night_and_leaves_the_publication(copied: Likare) -> None:
    before = copied.ok("status").split("\n\nExtracts")[0]
    path = deliver(copied.settings, "west", "2026-03-04", B) / "ORDERS.csv"
    path.write_text(path.read_text(encoding="utf-8") + "99,cut off he\n", encoding="utf-8")
    line = copied.refused(QualityError.exit_code, "run")
    assert "the night of 2026-03-04 00:00 is not published: west: " in line
    page = copied.settings.data / "attempt" / "quality.html"
    assert str(page) in line
    assert page.is_file()
    attempt = json.loads(copied.settings.attempt.read_text(encoding="utf-8"))
    assert (attempt["outcome"], attempt["step"], attempt["exit_code"]) == ("stopped", "check", 13)
    status = copied.ok("status")
    assert status.split("\n\nExtracts")[0] == before
    assert "Last run: stopped" in status
    # It is not forgotten either: the extract is landed, and the next run tries the night again.
    copied.refused(QualityError.exit_code, "run")


def test_a_release_holds_for_the_counts_it_was_given_for(fresh: Likare) -> None:
    halved(fresh.settings, "2026-03-01")
    fresh.ok("run")
    halved(fresh.settings, "2026-03-03")
    fresh.refused(QualityError.exit_code, "run")
    fresh.ok("release", "--by", "Kim", "--reason", "med flit")
    releases = fresh.settings.data / "releases.jsonl"
    releases.write_text(releases.read_text(encoding="utf-8").replace('"failed": 90', '"failed": 89'), encoding="utf-8")
    fresh.refused(QualityError.exit_code, "run")
    releases.write_text("{}\n", encoding="utf-8")
    assert f"{releases}:1: not a release" in fresh.refused(2, "run")


def test_a_stopped_night_does_not_hold_up_a_later_one_that_holds(fresh: Likare) -> None:
    halved(fresh.settings, "2026-03-01")
    fresh.ok("run")
    halved(fresh.settings, "2026-03-03")
    fresh.refused(QualityError.exit_code, "run")
    deliver(fresh.settings, "west", "2026-03-04", B)
    (fresh.settings.incoming / "west" / "2026-03-04").rename(fresh.settings.incoming / "west" / "2026-03-05")
    path = fresh.settings.incoming / "west" / "2026-03-05"
    for file in (fresh.settings.incoming / "west" / "2026-03-01").iterdir():
        (path / file.name).write_bytes(file.read_bytes())
    out = fresh.ok("run")
    assert "Passed over: the night of 2026-03-03 00:00 is not published" in out
    assert "Published night 2, as of 2026-03-05" in out
    fresh.refused(2, "release", "--by", "Kim", "--reason", "too late")


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "the file is empty"),
        (b"\x00\x01\x02binary", "is not text"),
        (b"\x81\x8d\x8f\n\x90", "is not text"),
    ],
)
def test_a_bad_file_is_named_and_the_publication_stays(copied: Likare, content: bytes, says: str) -> None:
    path = deliver(copied.settings, "west", "2026-03-04", B) / "ORDERS.csv"
    path.write_bytes(content)
    line = copied.refused(12, "run")
    assert str(path) in line
    assert says in line
    assert "(night 2)" in copied.ok("status")


def test_a_catalogue_fault_names_file_line_and_field(copied: Likare) -> None:
    path = copied.settings.file.parent / "catalogue" / "order.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("weight: 2", "wieght: 2"), encoding="utf-8")
    assert "order.yaml:8: attributes.name.wieght: unknown key; did you mean 'weight'?" in copied.refused(11, "run")
    assert "(night 2)" in copied.ok("status")


def test_the_record_of_an_unforeseen_fault_holds_its_kind_and_no_text(copied: Likare, monkeypatch: Any) -> None:
    def fails(context: steps.Context) -> int:
        raise ValueError("19121212-1212 is in the text of the fault")

    monkeypatch.setitem(steps.NIGHT_STEPS, "match", fails)
    deliver(copied.settings, "west", "2026-03-04", B)
    with pytest.raises(ValueError, match="19121212"):
        night.run_nights(copied.settings)
    record = copied.settings.attempt.read_text(encoding="utf-8")
    assert "ValueError" in record
    assert "19121212" not in record
    assert "(night 2)" in copied.ok("status")
