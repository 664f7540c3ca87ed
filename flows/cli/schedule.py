"""``likare schedule …``: Prefect's server, deployment and worker, started with the environment they need."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import click

from flows.environment import for_server
from flows.settings import load_settings
from transforms.words.errors import UsageError

POOL = "likare"


@click.group()
def schedule() -> None:
    """The night by the clock: a server and a worker.

    docs/schedule.md tells more.
    """


@schedule.command()
@click.option("--port", default=4200, show_default=True, type=click.IntRange(1, 65535))
def server(port: int) -> None:
    """Start a Prefect server that only this machine reaches.

    It runs until stopped; its page is http://127.0.0.1:4200. On another port, tell deploy and worker where by
    PREFECT_API_URL=http://127.0.0.1:PORT/api.
    """
    _become("server", "start", "--host", "127.0.0.1", "--port", str(port))


@schedule.command()
def deploy() -> None:
    """Tell the server of the nightly run, and of one on demand."""
    folder, environment = _ready()
    # A deployment is refused while its pool is not there; making it again would undo what was changed on it.
    there = subprocess.run(
        [*_PREFECT, "work-pool", "inspect", POOL], cwd=folder, env=environment, capture_output=True, check=False
    )
    if there.returncode != 0:
        made = subprocess.run(
            [*_PREFECT, "work-pool", "create", POOL, "--type", "process"],
            cwd=folder,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        if made.returncode != 0:
            said = (made.stderr or made.stdout).strip().splitlines()
            raise UsageError(
                f"the Prefect server at {environment['PREFECT_API_URL']} does not answer "
                f"({said[-1] if said else 'no reason given'}); start one with 'likare schedule server'"
            )
    _become("--no-prompt", "deploy", "--all")


@schedule.command()
def worker() -> None:
    """Start a worker that carries the nights out, until stopped."""
    _become("worker", "start", "--pool", POOL, "--type", "process", "--name", POOL)


# Not the command `prefect`: this environment's own, whatever the PATH says.
_PREFECT = (sys.executable, "-m", "prefect")


def _ready() -> tuple[Path, dict[str, str]]:
    """The folder of prefect.yaml and the environment for Prefect."""
    settings = load_settings()
    folder = settings.file.parent
    if not (folder / "prefect.yaml").is_file():
        raise UsageError(f"{folder}: no prefect.yaml beside {settings.file.name}; run this in the project's folder")
    settings.data.mkdir(parents=True, exist_ok=True)
    return folder, for_server(settings)


def _become(*arguments: str) -> None:
    """Turn this process into ``prefect …`` in the folder of prefect.yaml, so that signals and exit code are its own."""
    folder, environment = _ready()
    os.chdir(folder)
    os.execve(sys.executable, [*_PREFECT, *arguments], environment)


COMMANDS = (schedule,)
