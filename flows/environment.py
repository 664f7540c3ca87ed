"""What the libraries we use read from the process environment, set before they are imported: no calls home.

Prefect looks at ``DO_NOT_TRACK`` each time it is about to report and at its own settings when it is imported;
Great Expectations looks when it is imported. So ``flows`` calls ``quiet`` as its first act, and a worker, which imports
Prefect before it imports a flow, is covered by ``prefect.yaml`` (the flow's process starts with the same variables)
and by ``[tool.prefect]`` in ``pyproject.toml`` (read by every Prefect process started in the project's folder).
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flows.settings import Settings

# Set even where the caller's environment says otherwise: that nothing leaves the machine is not a preference.
QUIET = {
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "DO_NOT_TRACK": "1",
    "GX_ANALYTICS_ENABLED": "false",
}


def quiet() -> None:
    """Turn the telemetry of every dependency off for this process and those it starts."""
    os.environ.update(QUIET)


def prepare(settings: Settings) -> None:
    """Make ready for a flow at the command line: Prefect's files in the data folder, its log off the terminal.

    To be called before Prefect is imported, since it reads its settings then. What the caller has set stands. A server
    that is started for one run only gets two minutes to come up: its own limit of 20 seconds is too short on a busy
    machine. The command line says itself how a run goes, and what was wrong in one line, where Prefect would add a
    traceback; the run's log in Prefect's records is whole.
    """
    quiet()
    if "prefect" in sys.modules:  # a worker's process: it was started with its own, through prefect.yaml
        return
    os.environ.setdefault("PREFECT_HOME", str(settings.data / ".prefect"))
    os.environ.setdefault("PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS", "120")
    os.environ.setdefault("PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL", "CRITICAL")


def for_server(settings: Settings) -> dict[str, str]:
    """The environment for a Prefect server, worker or deployment on this machine: the caller's with ours in it."""
    ours = {"PREFECT_HOME": str(settings.data / ".prefect"), "PREFECT_API_URL": "http://127.0.0.1:4200/api"}
    return {**ours, **os.environ, **QUIET, "LIKARE_CONFIG": str(settings.file), "LIKARE_DATA": str(settings.data)}
