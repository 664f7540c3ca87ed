"""What came of the last run, whatever it was: ``attempt.json`` in the data folder."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from flows.settings import Settings
from transforms.words.errors import LikareError, QualityError
from transforms.words.files import write_text


def read_attempt(settings: Settings) -> dict[str, Any]:
    """The outcome of the last run, empty before the first or where the file cannot be read."""
    try:
        found = json.loads(settings.attempt.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


@contextlib.contextmanager
def recorded(settings: Settings) -> Iterator[dict[str, Any]]:
    """Keep ``attempt.json`` true: 'running' from the start, the outcome at the end, however that comes about.

    A file that still says 'running' when nobody holds the lock tells of a process that was killed.
    """

    def write() -> None:
        write_text(settings.attempt, json.dumps(record, indent=2, ensure_ascii=False) + "\n")

    record: dict[str, Any] = {"outcome": "running", "started_at": _now(), "process": os.getpid()}
    write()
    try:
        yield record
    except LikareError as fault:
        outcome = "stopped" if isinstance(fault, QualityError) else "failed"
        record.update(outcome=outcome, error=str(fault), exit_code=fault.exit_code)
        raise
    except BaseException as fault:
        # Only the kind: the text of an unexpected error may quote an extract.
        record.update(outcome="failed", error=type(fault).__name__, exit_code=1)
        raise
    finally:
        record.update(ended_at=_now())
        # On a full disk the record may not fit; the error itself must still come out.
        with contextlib.suppress(OSError):
            write()


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
