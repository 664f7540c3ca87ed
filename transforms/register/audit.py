"""The register's own log: who recorded what, when, on which extracts. Lines are only ever added.

Each line of ``audit.jsonl`` carries the hash of the line before it and its own, so that a line altered, taken out or
put in breaks the chain there and is named. What the chain cannot tell by itself, that lines are missing at its end, is
told by the stamps, whose hashes it holds; the log's last hash, kept elsewhere (minutes, a mail), tells all of it.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from transforms.register.stamps import FOLDER, Stamp
from transforms.words.errors import DecisionError

FILE = "audit.jsonl"
_START = "0" * 64


@dataclass(frozen=True)
class Entry:
    """One line: what was done with a decision. ``stamp`` is the hash of the stamp's file as it was then written."""

    number: int
    at: str
    by: str
    event: str
    decision: str
    ruling: str
    covers: str
    forum: str
    ruled_on: str
    content: str
    stamp: str
    night: int
    as_of: str
    snapshots: dict[str, int]
    covered: int
    before: str
    hash: str


def append(folder: Path, stamp: Stamp, *, event: str, ruling: str, covers: str, forum: str, ruled_on: str) -> Entry:
    """Add the recording of a decision. Raises DecisionError where the log does not hold together."""
    path = folder / FILE
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+", encoding="utf-8") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        entries = read(folder)
        fields: dict[str, Any] = {
            "number": len(entries) + 1, "at": stamp.recorded_at, "by": stamp.by, "event": event,
            "decision": stamp.decision, "ruling": ruling, "covers": covers, "forum": forum, "ruled_on": ruled_on,
            "content": stamp.content, "stamp": stamp_hash(folder, stamp.decision), "night": stamp.night,
            "as_of": stamp.as_of, "snapshots": dict(stamp.snapshots), "covered": stamp.covered,
            "before": entries[-1].hash if entries else _START,
        }  # fmt: skip
        entry = Entry(**fields, hash=_hash(fields))
        handle.write(json.dumps(asdict(entry), ensure_ascii=False) + "\n")
        handle.flush()
        os.fsync(handle.fileno())
    return entry


def read(folder: Path) -> tuple[Entry, ...]:
    """Every line, checked to be what it was and to follow the one before. Raises DecisionError for the first not so."""
    path = folder / FILE
    if not path.is_file():
        return ()
    found: list[Entry] = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        try:
            entry = Entry(**json.loads(line))
        except (ValueError, TypeError):
            raise DecisionError(f"{path}:{number}: not a line of the log; take it back from version control") from None
        fields = asdict(entry)
        told = fields.pop("hash")
        if _hash(fields) != told:
            raise DecisionError(f"{path}:{number}: was altered after it was written ({entry.decision})")
        if entry.before != (found[-1].hash if found else _START) or entry.number != number:
            raise DecisionError(f"{path}:{number}: does not follow the line before it; a line was taken out or put in")
        found.append(entry)
    return tuple(found)


def verify(folder: Path) -> tuple[Entry, ...]:
    """The log, checked against itself and against the stamps. Raises DecisionError for the first thing that fails."""
    entries = read(folder)
    newest = {e.decision: e for e in entries}
    for path in sorted((folder / FOLDER).glob("*.json")):
        entry = newest.get(path.stem)
        if entry is None:
            raise DecisionError(
                f"{path}: the log knows nothing of it; lines are missing at the log's end, or it was put in"
            )
        if entry.stamp != stamp_hash(folder, path.stem):
            raise DecisionError(f"{path}: is not what was recorded on {entry.at[:10]} (line {entry.number} of the log)")
    for decision, entry in newest.items():
        if not (folder / FOLDER / f"{decision}.json").is_file():
            raise DecisionError(
                f"{folder / FOLDER}: the stamp of '{decision}' is gone (line {entry.number} of the log)"
            )
    return entries


def stamp_hash(folder: Path, decision: str) -> str:
    """The hash of a stamp's file."""
    return hashlib.sha256((folder / FOLDER / f"{decision}.json").read_bytes()).hexdigest()


def _hash(fields: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(fields, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
