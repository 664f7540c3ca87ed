"""Faults in landed values that are named, not mended: letters read in the wrong encoding, ids rounded on their way.

The policy for each kind is here and nowhere else.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from transforms.land import screen
from transforms.land.reading import NewFile
from transforms.land.written import Doubt
from transforms.warehouse import Session
from transforms.words.errors import ExtractError


@dataclass(frozen=True)
class Policy:
    """What is done about a kind of fault.

    ``signs``: texts of which a value with the fault holds one (a fast first look). ``pattern``: the fault itself.
    ``of_ids``: only in columns of identifiers, or only in others (None: in any). ``takes_out``: the row is quarantined.
    ``refuse_above``: the share of a file's rows in one column above which the file is refused, from ``refuse_from``
    such rows on.
    """

    kind: str
    told: str
    signs: tuple[str, ...]
    pattern: str
    of_ids: bool | None = None
    takes_out: bool = False
    refuse_above: float = 0.5
    refuse_from: int = 10


POLICIES = (
    Policy(
        "mojibake",
        "letters that were read in another encoding than they were written in",
        ("\u00c3", "\u00c2", "\u00e2\u20ac"),
        # UTF-8 read as Windows-1252 or ISO-8859-1: a lead byte's letter and what can follow it.
        "\u00c3[\u0080-\u00bf\u0152\u0153\u0160\u0161\u0178\u017d\u017e\u0192\u02c6\u02dc\u2013-\u203a\u20ac\u2122]"
        "|\u00c2[\u0080-\u00bf]|\u00e2\u20ac",
    ),
    Policy("replacement", "the sign for a letter that was lost (U+FFFD)", ("\ufffd",), "\ufffd"),
    Policy(
        "scientific",
        "an id in scientific notation, its last digits perhaps lost",
        ("E+", "e+"),
        r"^\s*[+-]?[0-9](\.[0-9]+)?[eE]\+[0-9]+\s*$",
        of_ids=True,
        takes_out=True,
    ),
    Policy(
        "scientific number",
        "a number in scientific notation, its last digits perhaps lost",
        ("E+", "e+"),
        r"^\s*[+-]?[0-9]([.,][0-9]+)?[eE]\+[0-9]+\s*$",
        of_ids=False,
        refuse_above=1.0,
    ),
    # Lines of a report that are no rows, where the file's first or last row is one: see written.found.
    Policy("ruled line", "a line of dashes", (), "", takes_out=True, refuse_above=1.0),
    Policy("totals", "a line of totals at the end", (), "", takes_out=True, refuse_above=1.0),
    Policy("ambiguous date", "a date whose day and month nothing tells apart", (), "", refuse_above=1.0),
    Policy(
        "dates of two orders",
        "dates of which some begin with the day and some with the month",
        (),
        "",
        refuse_above=1.0,
    ),
)
TOLD = (
    {p.kind: p.told for p in POLICIES}
    | screen.TOLD
    | {"counter": "a name that differs from another column's only by a counter", "title": "lines above the header"}
)
_ID_COLUMN = re.compile(r"(^|_|\b)(ID|CD|CODE|KOD|KEY|NUMBER|NBR|NR|CKI|UUID)$", re.IGNORECASE)


@dataclass(frozen=True)
class Finding:
    """A kind of fault in one column of one file: how many rows, and the line of the first."""

    file_name: str
    column: str
    kind: str
    rows: int
    first_line: int


def look(session: Session, files: Sequence[NewFile], doubts: Sequence[Doubt]) -> bool:
    """Find faults in the values of the batch's files: whether landing_fault has any. ``doubts``: see written.found.

    Counters in the names of columns and lines above a header are noted in landed.finding at once.
    """
    told = [(f.file_id, column, "counter", 0, 1) for f in files for column in _counted(f.door.kept)]
    told += [(f.file_id, "", "title", 0, 1) for f in files if f.shape.titles or f.part.titles]
    session.insert("landed.finding", told)
    if not doubts and not any(f.shape.signs for f in files):
        return False
    done = session.run(
        "land_faults.sql.j2",
        policies=[p for p in POLICIES if p.signs],
        doubts=doubts,
        patterns={d.kind: d.pattern for d in doubts},
        takes_out=[p.kind for p in POLICIES if p.takes_out],
    ).fetchone()
    return done is not None and done[0] > 0


def is_id(column: str) -> bool:
    """Whether a column holds identifiers, by its name."""
    return bool(_ID_COLUMN.search(column))


def refuse(session: Session, files: Sequence[NewFile]) -> None:
    """Raise ExtractError for the first file of which so many rows have a fault that it is refused."""
    shown = {f.file_id: f.part.shown for f in files}
    policies = {p.kind: p for p in POLICIES}
    # Rows that were left at the door are none of those that could have a fault.
    for file_id, column, kind, faulty, line, total in session.rows("""
        WITH fault AS (
            SELECT file_id, column_name, kind, count(*) AS rows, min(line) AS line
            FROM landing_fault JOIN landing_line USING (file_id, _row) GROUP BY ALL
        )
        SELECT file_id, column_name, kind, f.rows, f.line, r.rows + coalesce(q.rows, 0)
        FROM fault f
        JOIN (SELECT file_id, count(*) AS rows FROM landing_row WHERE cells IS NOT NULL GROUP BY 1) r USING (file_id)
        LEFT JOIN (SELECT file_id, count(*) AS rows FROM landed.quarantine GROUP BY 1) q USING (file_id) ORDER BY ALL
    """):
        policy = policies[kind]
        if faulty >= policy.refuse_from and faulty > policy.refuse_above * total:
            raise ExtractError(
                f"{shown[file_id]}: {faulty} of {total} rows hold {policy.told} in {column}, first in line {line}; "
                "deliver it again"
            )


def of_snapshot(session: Session, snapshot_id: int) -> tuple[Finding, ...]:
    """The faults in a snapshot's files."""
    found = session.rows(
        "SELECT f.file_name, n.column_name, n.kind, n.rows, n.first_line FROM landed.finding n "
        "JOIN landed.file f USING (file_id) JOIN landed.snapshot_file USING (file_id) WHERE snapshot_id = ? "
        "ORDER BY ALL",
        [snapshot_id],
    )
    return tuple(Finding(*row) for row in found)


def _counted(names: Sequence[str]) -> list[str]:
    """Columns called as another one is but for a counter at the end: MNEMONIC, MNEMONIC_1, MNEMONIC_2."""
    stems: dict[str, list[str]] = {}
    for name in (n for n in names if not re.fullmatch(r"COLUMN_[0-9]+", n)):
        stems.setdefault(re.sub(r"_?[0-9]+$", "", name), []).append(name)
    return [name for stem, alike in stems.items() if stem and len(alike) > 1 for name in alike if name != stem]
