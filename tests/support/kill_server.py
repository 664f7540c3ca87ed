"""Carry nights out in processes that are killed: one line of JSON in per attempt, one out.

Everything is imported once, and each attempt is a fork, so that hundreds take minutes. No database is opened here
before a fork: what a killed process did is all in its own memory and in the data folder.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

import great_expectations  # noqa: E402, F401  (seconds, once)

from flows import cli, night  # noqa: E402, F401


def child(folder: str, command: list[str], largest: int | None) -> None:
    """Does not return."""
    os.chdir(folder)
    # What is printed is that of the last one, errors are those of all.
    with open("err.txt", "ab") as err, open("out.txt", "wb") as out:  # noqa: PTH123
        os.dup2(out.fileno(), 1)
        os.dup2(err.fileno(), 2)
    if largest is not None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (largest, largest))
    code = 70
    try:
        code = cli.run(command)
    finally:
        os._exit(code)


def started(order: dict[str, object]) -> int:
    pid = os.fork()
    if pid == 0:
        child(order["folder"], order["command"], order.get("largest"))  # type: ignore[arg-type]
    return pid


def carried_out(order: dict[str, object]) -> dict[str, object]:
    """Start as many processes as are wanted at once, and kill them after a while if they have not ended."""
    pids = [started(order) for _ in range(int(order.get("at_once", 1)))]  # type: ignore[call-overload]
    began = time.monotonic()
    kill_after = order.get("kill_after")
    codes = []
    for pid in pids:
        if kill_after is None:
            _, status = os.waitpid(pid, 0)
        else:
            while True:
                done, status = os.waitpid(pid, os.WNOHANG)
                left = float(kill_after) - (time.monotonic() - began)  # type: ignore[arg-type]
                if done:
                    break
                if left <= 0:
                    os.kill(pid, signal.SIGKILL)
                    _, status = os.waitpid(pid, 0)
                    break
                time.sleep(min(left, 0.002))
        codes.append(os.waitstatus_to_exitcode(status))
    return {"codes": codes, "seconds": time.monotonic() - began}


for line in sys.stdin:
    sys.stdout.write(json.dumps(carried_out(json.loads(line))) + "\n")
    sys.stdout.flush()
