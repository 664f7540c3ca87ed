"""What people ruled about which items are the same: files in version control, read strictly and written whole.

One file per entity type, ``<entity>.tsv``, one line per answer of one reader. An item is named by its *content keys*
(``transforms.content``), never by a local id, so a ruling holds when every id changes. Lines may stand in any order and
a line may be there twice: two branches of a repository merge by keeping the lines of both.
"""

from __future__ import annotations

import difflib
import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from transforms.words.errors import ReviewError
from transforms.words.files import read_text, write_text

RULINGS = ("equal", "close", "broader", "narrower", "retired", "reject", "no_counterpart", "unsure")
"""``broader``: the item of domain_b is the broader one. ``retired``: the same item, and one side should retire it."""
MATCHING = ("equal", "close", "retired")
"""The rulings that may count as a match (``[review] match`` chooses among them)."""
ROLES = ("reader", "adjudicator", "import")

COLUMNS = (
    "ruling", "domain_a", "label_a", "domain_b", "label_b", "reader", "role", "read_at", "keys_a", "keys_b",
    "seen_a", "seen_b", "note",
)  # fmt: skip
_TURNED = {"broader": "narrower", "narrower": "broader"}

Keys = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Reading:
    """One reader's answer about two items, or about one that has no counterpart (its other ``keys`` are empty).

    ``seen_a`` and ``seen_b`` are fingerprints of what identified the items when they were read, empty where nobody
    looked at them (an import). ``label_a`` and ``label_b`` are there for the person who reads the file.
    """

    entity: str
    ruling: str
    domain_a: str
    domain_b: str
    keys_a: Keys
    keys_b: Keys
    reader: str
    read_at: datetime
    label_a: str = ""
    label_b: str = ""
    role: str = "reader"
    seen_a: str = ""
    seen_b: str = ""
    note: str = ""

    def seen_from(self, domain_a: str) -> Reading:
        """The same answer with that domain as side a."""
        if self.domain_a == domain_a:
            return self
        return replace(
            self,
            ruling=_TURNED.get(self.ruling, self.ruling),
            domain_a=self.domain_b,
            domain_b=self.domain_a,
            keys_a=self.keys_b,
            keys_b=self.keys_a,
            label_a=self.label_b,
            label_b=self.label_a,
            seen_a=self.seen_b,
            seen_b=self.seen_a,
        )

    @property
    def subject(self) -> tuple[object, ...]:
        """What the answer is about, whichever way round it is written."""
        return (self.entity, *sorted(((self.domain_a, self.keys_a), (self.domain_b, self.keys_b))))


@dataclass(frozen=True)
class Policy:
    """What a ruling does: how many readers must agree before it counts, and which relations count as a match."""

    readers: int = 1
    match: tuple[str, ...] = MATCHING


@dataclass(frozen=True)
class Reviewed:
    """Every reading of an installation, with the policy they count by."""

    readings: tuple[Reading, ...] = ()
    policy: Policy = Policy()

    @property
    def fingerprint(self) -> str:
        """Tells one set of rulings from another; the order they stand in does not count."""
        return hashlib.sha256(repr((sorted(map(repr, self.readings)), self.policy)).encode()).hexdigest()


def load(folder: Path, entities: Iterable[str], domains: Sequence[str]) -> tuple[Reading, ...]:
    """Every reading in the folder's files; none where there is no folder.

    Raises ReviewError, with file, line and field, for a file of no entity type and for a line that does not hold.
    """
    known = sorted(entities)
    found: list[Reading] = []
    for path in sorted(folder.glob("*.tsv")):
        if path.stem not in known:
            raise ReviewError(f"{path}: '{path.stem}' is not an entity type{_nearest(path.stem, known)}")
        found += read(path, path.stem, domains)
    return tuple(dict.fromkeys(found))


def read(path: Path, entity: str, domains: Sequence[str]) -> list[Reading]:
    """The readings of one file. Raises ReviewError."""
    text = read_text(path, ReviewError)
    found = []
    header: list[str] | None = None
    for number, line in enumerate(text.split("\n"), 1):
        line = line.rstrip("\r")
        if not line.strip() or line.startswith("#"):
            continue
        cells = [_unquoted(c) for c in line.split("\t")]
        if {"ruling", "domain_a"} <= set(cells):
            # Lines that two branches both added are merged with their headers.
            header = cells
            unknown = [c for c in header if c not in COLUMNS]
            missing = [c for c in COLUMNS if c not in header and c not in ("seen_a", "seen_b", "note", "role")]
            if unknown:
                raise ReviewError(f"{path}:{number}: {unknown[0]}: unknown column{_nearest(unknown[0], COLUMNS)}")
            if missing:
                raise ReviewError(f"{path}:{number}: {missing[0]}: the column is missing; add it to the heading")
        elif header is None:
            raise ReviewError(f"{path}:{number}: the heading is missing; the first line is {' '.join(COLUMNS)}")
        elif cells[0][:7] in ("<<<<<<<", "=======", ">>>>>>>"):
            raise ReviewError(f"{path}:{number}: two branches were not merged; keep the lines of both, or one")
        else:
            if len(cells) > len(header) or len(cells) < len(header) - 1:
                raise ReviewError(
                    f"{path}:{number}: {len(cells)} cells under {len(header)} headings; cells are divided by one tab"
                )
            row = dict(zip(header, cells, strict=False))
            found.append(_reading(row, entity, domains, f"{path}:{number}"))
    return found


def write(folder: Path, entity: str, readings: Iterable[Reading]) -> Path:
    """Write one entity type's readings, sorted, whole or not at all. Lines of comment at the head stay."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{entity}.tsv"
    head: list[str] = []
    if path.exists():
        for line in path.read_bytes().decode("utf-8-sig").split("\n"):
            if not line.startswith("#"):
                break
            head.append(line.rstrip("\r"))
    lines = sorted({_line(r) for r in readings}, key=lambda line: line.split("\t")[8:10] + line.split("\t"))
    write_text(path, "\n".join([*head, "\t".join(COLUMNS), *lines]) + "\n")
    return path


def put(readings: Sequence[Reading], new: Reading) -> tuple[Reading, ...]:
    """The readings with this one in place of the same reader's earlier answer about the same items."""
    return (*(r for r in readings if not (r.subject == new.subject and r.reader == new.reader)), new)


def _line(r: Reading) -> str:
    cells = (
        r.ruling, r.domain_a, r.label_a, r.domain_b, r.label_b, r.reader, r.role,
        r.read_at.isoformat(timespec="seconds"), _json(r.keys_a), _json(r.keys_b), r.seen_a, r.seen_b, r.note,
    )  # fmt: skip
    return "\t".join(_one_line(c) for c in cells)


def _one_line(cell: str) -> str:
    """A cell without what would end it; a JSON cell escapes these by itself."""
    return " ".join(cell.replace("\t", " ").splitlines()) if not cell.startswith("{") else cell


def _json(keys: Keys) -> str:
    return json.dumps(dict(keys), ensure_ascii=False) if keys else ""


def _unquoted(cell: str) -> str:
    """A cell as a spreadsheet saves it: in quotes, with the quotes inside doubled."""
    cell = cell.strip(" ")
    return cell[1:-1].replace('""', '"') if len(cell) > 1 and cell[0] == cell[-1] == '"' else cell


def _reading(row: dict[str, str], entity: str, domains: Sequence[str], where: str) -> Reading:
    def error(field: str, message: str) -> ReviewError:
        return ReviewError(f"{where}: {field}: {message}")

    for field, allowed in (("ruling", RULINGS), ("role", ROLES), ("domain_a", domains), ("domain_b", domains)):
        value = row.get(field, "reader" if field == "role" else "") or ("reader" if field == "role" else "")
        if value not in allowed:
            raise error(field, f"'{value}' is not one of its values{_nearest(value, allowed)}")
    if row["domain_a"] == row["domain_b"]:
        raise error("domain_b", "is the same as domain_a; a ruling is about items of two domains")
    if not row["reader"].strip():
        raise error("reader", "is empty; say who answered, by role or initials")
    try:
        at = datetime.fromisoformat(row["read_at"]).replace(tzinfo=None)
    except ValueError:
        raise error("read_at", f"'{row['read_at']}' is not a time such as 2026-11-23T09:30:00") from None
    keys = {}
    for field in ("keys_a", "keys_b"):
        try:
            loaded = json.loads(row.get(field) or "{}")
        except ValueError:
            loaded = None
        if not isinstance(loaded, dict) or not all(isinstance(v, str) and v for v in loaded.values()):
            raise error(field, 'holds the item\'s keys by name, such as {"cki": "CKI.1"}')
        keys[field] = tuple((str(k), str(v)) for k, v in loaded.items())
    one_sided = row["ruling"] == "no_counterpart"
    if one_sided and bool(keys["keys_a"]) == bool(keys["keys_b"]):
        raise error(
            "keys_b" if keys["keys_a"] else "keys_a", "no_counterpart is about one item: give one side's keys only"
        )
    for field in ("keys_a", "keys_b"):
        if not one_sided and not keys[field]:
            raise error(field, "is empty; the item cannot be found without a key")
    return Reading(
        entity=entity,
        ruling=row["ruling"],
        domain_a=row["domain_a"],
        domain_b=row["domain_b"],
        keys_a=keys["keys_a"],
        keys_b=keys["keys_b"],
        reader=row["reader"].strip(),
        read_at=at,
        label_a=row["label_a"],
        label_b=row["label_b"],
        role=row.get("role") or "reader",
        seen_a=row.get("seen_a", ""),
        seen_b=row.get("seen_b", ""),
        note=row.get("note", ""),
    )


def _nearest(word: str, known: Sequence[str]) -> str:
    near = difflib.get_close_matches(word, known, n=1)
    return f"; did you mean '{near[0]}'?" if near else f"; known here: {', '.join(known)}"
