"""What both builds said when a decision was recorded: one file per decision in the register's folder ``stamped``.

A stamp is written once, by ``likare decisions record``, and belongs in version control beside the decision.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from transforms.words.errors import DecisionError
from transforms.words.files import write_text

FOLDER = "stamped"


@dataclass(frozen=True)
class Said:
    """One difference as it stood: what each of the two builds said, as shown."""

    pair_id: str
    difference_id: str
    entity: str
    identity: str
    label: str | None
    kind: str
    attribute: str | None
    value_a: str | None
    value_b: str | None


@dataclass(frozen=True)
class Stamp:
    """When, by which role and on which extracts a decision was recorded.

    ``content`` is the hash of the decision's own text, ``covered`` how many differences it covered, ``said`` those by
    which it is held (for a rule none: a rule speaks of whatever meets it).
    """

    decision: str
    content: str
    recorded_at: str
    by: str
    night: int
    as_of: str
    snapshots: Mapping[str, int]
    covered: int
    said: tuple[Said, ...]


def read_stamps(folder: Path) -> dict[str, Stamp]:
    """Every stamp of the register by its decision. Raises DecisionError for a file that is none."""
    found: dict[str, Stamp] = {}
    for path in sorted((folder / FOLDER).glob("*.json")):
        try:
            record = json.loads(path.read_text(encoding="utf-8"))
            said = tuple(Said(**one) for one in record.pop("said"))
            stamp = Stamp(**record, said=said)
        except (OSError, ValueError, KeyError, TypeError):
            raise DecisionError(f"{path}: not a stamp; take it back from version control, or record again") from None
        if stamp.decision != path.stem:
            raise DecisionError(f"{path}: is the stamp of '{stamp.decision}'; a stamp bears its decision's name")
        found[stamp.decision] = stamp
    return found


def write_stamp(folder: Path, stamp: Stamp) -> Path:
    """Write the stamp, whole or not at all. Returns its path."""
    target = folder / FOLDER / f"{stamp.decision}.json"
    target.parent.mkdir(parents=True, exist_ok=True)
    write_text(target, json.dumps(asdict(stamp), indent=1, ensure_ascii=False) + "\n")
    return target
