"""The night by the clock: a real Prefect server, worker and deployment on loopback, and the publication changes.

Also the guard of two pins in pyproject.toml: with a newer fastapi the server does not start, with SQLAlchemy 2.1 the
scheduler creates no runs and says nothing.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from flows import night
from flows.settings import Settings
from flows.steps import NIGHT_STEPS
from tests.support.project import B, changed, deliver, make_project
from tests.support.shared import ROOT
from transforms.warehouse import Warehouse
from transforms.words.errors import ExtractError

pytestmark = pytest.mark.integration

LIKARE = (sys.executable, "-m", "flows.cli")


@dataclass
class Server:
    """A Prefect server, the project it serves, and the environment of everybody who talks to it."""

    settings: Settings
    environment: dict[str, str]
    log: Path

    def ask(self, path: str, body: dict[str, Any] | None = None) -> Any:
        request = urllib.request.Request(
            self.environment["PREFECT_API_URL"] + path,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=20) as answer:
            return json.load(answer)

    def start(self, *arguments: str) -> subprocess.Popen[bytes]:
        with self.log.open("ab") as log:
            return subprocess.Popen(
                [*LIKARE, "schedule", *arguments],
                cwd=self.settings.file.parent,
                env=self.environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def said(self) -> str:
        return self.log.read_text(encoding="utf-8", errors="replace")[-6000:]

    def until(self, what: str, found: Callable[[], Any], seconds: float) -> Any:
        """The first answer that is not empty; what the processes said where none comes in time."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            with contextlib.suppress(OSError):
                answer = found()
                if answer:
                    return answer
            time.sleep(0.5)
        raise AssertionError(f"no {what} within {seconds:.0f} s; the processes said:\n{self.said()}")


def stop(process: subprocess.Popen[bytes], seconds: float = 20) -> None:
    """End the process and all it started, politely if it lets us."""
    for sign in (signal.SIGTERM, signal.SIGKILL):
        # The group may live on when its leader is gone.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, sign)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(seconds)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    settings = make_project(tmp_path / "project")
    shutil.copy(ROOT / "prefect.yaml", settings.file.parent)
    port = free_port()
    inherited = {k: v for k, v in os.environ.items() if not k.startswith(("PREFECT_", "DO_NOT_TRACK", "LIKARE_"))}
    made = Server(
        settings,
        inherited
        | {
            "PYTHONPATH": str(ROOT),
            "PREFECT_API_URL": f"http://127.0.0.1:{port}/api",
            "PREFECT_WORKER_QUERY_SECONDS": "1",
        },
        tmp_path / "log",
    )
    process = made.start("server", "--port", str(port))
    try:
        made.until("answer of the server", lambda: made.ask("/health"), 90)
        yield made
    finally:
        stop(process)


def test_the_night_runs_by_the_clock_and_on_demand(server: Server) -> None:
    night.run_nights(server.settings)
    deliver(server.settings, "west", "2026-03-02", changed(B, "ORDERS", "DOSE", "500"))
    warehouse = Warehouse(server.settings.data)
    assert warehouse.last_night == 1

    deployed = server.start("deploy")
    assert deployed.wait(90) == 0, server.said()

    def scheduled() -> Any:
        return server.ask("/flow_runs/filter", {"flow_runs": {"state": {"type": {"any_": ["SCHEDULED"]}}}})

    runs = server.until("scheduled run", scheduled, 60)
    times = {datetime.fromisoformat(r["expected_start_time"]).astimezone(ZoneInfo("Europe/Stockholm")) for r in runs}
    assert {(t.hour, t.minute) for t in times} == {(2, 0)}

    worker = server.start("worker")
    try:
        deployment = server.ask("/deployments/name/nightly/on-demand")
        started = server.ask(f"/deployments/{deployment['id']}/create_flow_run", {})

        def ended() -> Any:
            state = server.ask(f"/flow_runs/{started['id']}")["state"]
            return state if state["type"] in ("COMPLETED", "FAILED", "CRASHED", "CANCELLED") else None

        state = server.until("end of the flow run", ended, 120)
        assert state["type"] == "COMPLETED", f"{state}\n{server.said()}"
        assert warehouse.last_night == 2, "the publication did not change"
        only_this = {"flow_runs": {"id": {"any_": [started["id"]]}}}

        def tasks() -> Any:
            # A task run is written shortly after it ended.
            names = [t["name"] for t in server.ask("/task_runs/filter", only_this)]
            return sorted(names) if len(names) >= 9 else None

        steps = (
            "causes",
            "check",
            "compare",
            "dashboard",
            "decide",
            "land",
            "match",
            "measure",
            "moved",
            "normalise",
            "publish",
        )
        assert server.until("record of the steps", tasks, 20) == [
            s if s in ("dashboard", "land") else f"{s} 2026-03-02" for s in steps
        ]
        artifacts = {a["key"]: a for a in server.ask("/artifacts/filter", only_this)}
        assert set(artifacts) == {"likare-summary", "likare-steps"}
        assert "Öst and Väst" in artifacts["likare-summary"]["data"]
        assert "match of 2026-03-02: " in server.said()
    finally:
        stop(worker)


def test_landing_is_tried_again_for_a_share_that_is_away_and_not_for_a_bad_extract() -> None:
    from prefect.states import Failed

    from flows.nightly import TASKS

    land = TASKS["land"]
    assert land.retries == 3
    assert land.retry_condition_fn is not None

    def again(fault: Exception) -> Any:
        assert land.retry_condition_fn is not None
        return land.retry_condition_fn(land, None, Failed(data=fault))

    try:
        try:
            raise FileNotFoundError(2, "No such file or directory")
        except OSError:
            raise ExtractError("x.csv: cannot be read") from None
    except ExtractError as fault:
        away = fault
    assert again(away)

    async def where_an_event_loop_runs() -> bool:
        return bool(again(away))

    # In a thread of its own: the browser's tests leave a loop running in this one.
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(asyncio.run, where_an_event_loop_runs()).result()
    assert not again(ExtractError("x.csv: the file is empty"))
    assert {name: one.retries for name, one in TASKS.items() if name != "land"} == dict.fromkeys(
        [*NIGHT_STEPS, "dashboard"], 0
    )
