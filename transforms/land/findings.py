"""Faults in landed values that are named, not mended: letters read in the wrong encoding, ids rounded on their way.

The policy for each kind is here and nowhere else.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from transforms.land import screen
from transforms.warehouse import Session, Sql, ident, lit
from transforms.words.errors import ExtractError


@dataclass(frozen=True)
class Policy:
    """What is done about a kind of fault.

    ``signs``: texts of which a value with the fault holds one (a fast first look). ``pattern``: the fault itself.
    ``ids_only``: only in columns of identifiers. ``takes_out``: the row is quarantined. ``refuse_above``: the share of
    a file's rows in one column above which the file is refused, from ``refuse_from`` such rows on.
    """

    kind: str
    told: str
    signs: tuple[str, ...]
    pattern: str
    ids_only: bool = False
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
        ids_only=True,
        takes_out=True,
    ),
    Policy(
        "scientific number",
        "a number in scientific notation, its last digits perhaps lost",
        ("E+", "e+"),
        r"^\s*[+-]?[0-9]([.,][0-9]+)?[eE]\+[0-9]+\s*$",
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


def note(
    session: Session,
    rows: Sql,
    file_id: int,
    kept: Sequence[str],
    shown: str,
    *,
    header: int,
    multiline: bool,
    signs: bool,
    telling: Mapping[str, Any],
    doubts: Sequence[tuple[str, str, str]] = (),
) -> None:
    """Record the faults of one landed file in landed.finding, and take rows out where the policy says so.

    ``signs``: whether the file may hold a sign of a fault (see Shape). ``doubts`` are faults found before: column, kind
    and pattern. ``telling`` is how a row that is taken out is told (see quarantine.Telling).

    Raises ExtractError where so many rows have a fault that the file is refused.
    """
    for column in _counted(kept):
        session.insert("landed.finding", [(file_id, column, "counter", 0, 1)])
    suspects = _suspects(session, rows, kept) if signs else []
    if not suspects and not doubts:
        return
    session.run(
        "land_findings.sql.j2",
        rows=rows,
        file_id=file_id,
        kept=tuple(kept),
        suspects=[*((column, p.kind, p.pattern) for column, p in suspects), *doubts],
        takes_out=[p.kind for p in POLICIES if p.takes_out],
        header=header,
        multiline=multiline,
        **telling,
    )
    total = session.value(
        f"SELECT (SELECT count(*) FROM {rows}) + (SELECT count(*) FROM landed.quarantine WHERE file_id = $1)",
        [file_id],
    )
    policies = {p.kind: p for p in POLICIES}
    for column, kind, faulty, line in session.rows(
        "SELECT column_name, kind, rows, first_line FROM landed.finding WHERE file_id = ? AND rows > 0", [file_id]
    ):
        policy = policies[kind]
        if faulty >= policy.refuse_from and faulty > policy.refuse_above * total:
            raise ExtractError(
                f"{shown}: {faulty} of {total} rows hold {policy.told} in {column}, first in line {line}; "
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


def _suspects(session: Session, rows: Sql, kept: Sequence[str]) -> list[tuple[str, Policy]]:
    """Columns with a sign of a fault, found in one pass without a regular expression."""
    asked = [
        (column, policy)
        for column in kept
        for policy in POLICIES
        if policy.signs
        and (not policy.kind.startswith("scientific") or policy.ids_only == bool(_ID_COLUMN.search(column)))
    ]
    if not asked:
        return []
    looks = [
        "bool_or(" + " OR ".join(f"contains({ident(column)}, {lit(sign)})" for sign in policy.signs) + ")"
        for column, policy in asked
    ]
    row = session.rows(f"SELECT {', '.join(looks)} FROM {rows}")[0]
    return [each for each, sign in zip(asked, row, strict=True) if sign]


def _counted(names: Sequence[str]) -> list[str]:
    """Columns called as another one is but for a counter at the end: MNEMONIC, MNEMONIC_1, MNEMONIC_2."""
    stems: dict[str, list[str]] = {}
    for name in (n for n in names if not re.fullmatch(r"COLUMN_[0-9]+", n)):
        stems.setdefault(re.sub(r"_?[0-9]+$", "", name), []).append(name)
    return [name for stem, alike in stems.items() if stem and len(alike) > 1 for name in alike if name != stem]
