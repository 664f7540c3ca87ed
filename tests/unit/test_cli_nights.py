"""``likare run`` and ``land``: which nights are built of which deliveries, and what stands in their way."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.command import Likare
from tests.support.project import A, B, changed, deliver
from tests.support.shared import ROOT
from transforms.warehouse import Warehouse
from transforms.words.errors import WarehouseError

pytestmark = pytest.mark.usefixtures("without_pages")


def test_one_night_per_time_of_delivery_each_on_the_newest_extract_before_it(fresh: Likare) -> None:
    deliver(fresh.settings, "east", "2026-03-03", A)
    deliver(fresh.settings, "west", "2026-03-02", changed(B, "ORDERS", "DOSE", "7"))
    found = fresh.data("run")
    assert [n["as_of"][:10] for n in found["outcome"]["nights"]] == ["2026-03-01", "2026-03-02", "2026-03-03"]
    stands_on = {s["domain"]: s["delivered_at"][:10] for s in found["summary"]["snapshots"]}
    assert stands_on == {"east": "2026-03-03", "west": "2026-03-02"}


def test_latest_skips_the_nights_between_and_a_late_delivery_makes_no_night(fresh: Likare) -> None:
    deliver(fresh.settings, "east", "2026-03-03", A)
    assert [n["as_of"][:10] for n in fresh.data("run", "--latest")["outcome"]["nights"]] == ["2026-03-03"]
    deliver(fresh.settings, "west", "2026-03-02", B)
    out = fresh.ok("run")
    assert "too late for a night of its own: 2026-03-02" in out
    assert "Nothing new" in out


def test_a_delivery_can_be_landed_from_anywhere_but_a_snapshot_is_never_changed(fresh: Likare, tmp_path: Path) -> None:
    fresh.ok("run")
    path = deliver(fresh.settings, "west", "2026-03-02", B)
    elsewhere = path.rename(tmp_path / "mail")
    assert "3 unchanged" in fresh.ok("land", "west", str(elsewhere), "--at", "2026-03-05T0130")
    assert "no effect" in fresh.ok("land", "west", str(elsewhere), "--at", "2026-03-05T0130")
    other = deliver(fresh.settings, "west", "2026-03-03", A).rename(tmp_path / "other")
    assert "a snapshot is never changed" in fresh.refused(2, "land", "west", str(other), "--at", "2026-03-05T0130")
    assert fresh.data("run")["outcome"]["nights"][0]["as_of"] == "2026-03-05T01:30:00"


def test_overlapping_runs_exclude_each_other(likare: Likare) -> None:
    attempt = likare.settings.attempt.read_bytes()
    with Warehouse(likare.settings.data).lock():
        assert "another night is running" in likare.refused(WarehouseError.exit_code, "run")
        assert likare.settings.attempt.read_bytes() == attempt, "the run that was refused is not the last one"
        likare.ok("status")
    with (likare.settings.data / "lock").open() as handle:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)


def test_a_database_that_another_process_has_open_is_one_line(copied: Likare) -> None:
    deliver(copied.settings, "west", "2026-03-04", B)
    code = (
        "import sys; from pathlib import Path; from transforms.warehouse import Warehouse\n"
        "with Warehouse(Path(sys.argv[1])).archive():\n    print(flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(copied.settings.data)],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as holder:
        assert holder.stdout is not None
        holder.stdout.readline()
        try:
            assert "open in another process" in copied.refused(14, "run")
        finally:
            holder.communicate()
    assert "Published night 3" in copied.ok("run")


def test_a_domain_without_deliveries_is_named(fresh: Likare) -> None:
    shutil.rmtree(fresh.settings.incoming / "west")
    assert "the domain west has delivered nothing" in fresh.refused(12, "run")
    shutil.rmtree(fresh.settings.incoming)
    assert "no such folder" in fresh.refused(12, "run")
