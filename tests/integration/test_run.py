"""`likare run` as a person starts it: a process of its own, Prefect's temporary server in it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from flows.settings import Settings
from tests.support.forks import Server
from tests.support.project import A, B, deliver, make_project
from tests.support.shared import ROOT
from transforms.warehouse import Warehouse

pytestmark = pytest.mark.integration


def run(settings: Settings) -> subprocess.CompletedProcess[str]:
    """No variable of the caller's but the path and a home: neither is the command to need more."""
    return subprocess.run(
        [sys.executable, "-m", "flows.cli", "run"],
        cwd=settings.file.parent,
        env={"PATH": "/usr/bin:/bin", "HOME": str(settings.file.parent), "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def test_a_night_through_prefect_and_one_line_when_it_fails(tmp_path: Path) -> None:
    settings = make_project(tmp_path)
    done = run(settings)
    assert (done.returncode, done.stderr) == (0, "")
    assert "Published night 1" in done.stdout
    assert (settings.data / ".prefect").is_dir(), "Prefect's files are kept in the data folder"
    before = Warehouse(settings.data).published.resolve()

    (deliver(settings, "east", "2026-03-02", A) / "ORDERS.csv").unlink()
    deliver(settings, "west", "2026-03-02", B)
    done = run(settings)
    assert done.returncode == 13
    assert done.stderr.startswith("likare: the night of 2026-03-02 00:00 is not published: east: ")
    assert done.stderr.count("\n") == 1
    assert done.stdout == ""
    assert Warehouse(settings.data).published.resolve() == before
    assert (settings.data / "attempt" / "quality.html").is_file()


def test_a_disk_that_fills_up_at_any_point_is_one_line_and_loses_nothing(tmp_path: Path) -> None:
    """No disk can be filled for a test; a limit on the size of a file makes the same writes fail."""
    settings = make_project(tmp_path)
    err = tmp_path / "err.txt"
    server = Server()
    assert server(tmp_path)["codes"] == [0]
    deliver(settings, "west", "2026-03-02", B)
    before = Warehouse(settings.data).published.resolve()
    whole = before.stat().st_size
    stopped = 0
    for share in (0.02, 0.1, 0.25, 0.5, 0.75, 0.95):
        err.write_text("", encoding="utf-8")
        [code] = server(tmp_path, largest=int(whole * share))["codes"]
        if code:
            stopped += 1
            told = err.read_text(encoding="utf-8")
            assert (code, (tmp_path / "out.txt").read_text(encoding="utf-8")) == (14, ""), told
            assert told.startswith("likare: ") and told.count("\n") == 1, told
            assert Warehouse(settings.data).published.resolve() == before
    assert stopped >= 4
    assert server(tmp_path)["codes"] == [0]
    server.close()
    assert Warehouse(settings.data).last_night == 2
