"""What a person asks of who moved, in a published night: against which baseline, who, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import duckdb

from transforms.warehouse import ident
from transforms.words.errors import UsageError

WHO = ("a", "b", "alike", "apart")
OUTCOMES = ("closer", "further", "still", "together")
KINDS = ("changed", "moved", "added", "removed")


@dataclass(frozen=True)
class Baseline:
    """What is compared with: an earlier night (then ``night``), a third domain or the target."""

    kind: str
    name: str
    night: int | None = None


@dataclass(frozen=True)
class Move:
    """One cell or item that moved, as published.moved has it."""

    pair_id: str
    entity: str
    area: str
    identity: str
    label: str | None
    root_label: str | None
    kind: str
    attribute: str | None
    who: str
    outcome: str
    base_a: str | None
    base_b: str | None
    value_a: str | None
    value_b: str | None
    weight: float
    expected_local: bool
    difference_id: str | None


@dataclass(frozen=True)
class Filters:
    """Which moves are asked for; None asks for all. ``text`` is looked for, in any case, in labels and values."""

    pair: str | None = None
    entity: str | None = None
    area: str | None = None
    kind: str | None = None
    attribute: str | None = None
    who: str | None = None
    outcome: str | None = None
    text: str | None = None
    least_weight: float | None = None


@dataclass(frozen=True)
class Tally:
    """The moves of one pair in one area or entity type: by who moved, and by what came of it."""

    pair_id: str
    subject: str
    a: int
    b: int
    alike: int
    apart: int
    closer: int
    further: int
    still: int


def night(con: duckdb.DuckDBPyConnection, asked: str | None) -> Baseline:
    """The earlier night that is asked for: its number, its time or the beginning of it; without one the night before.

    Raises UsageError where there is none.
    """
    rows = con.execute("SELECT night_id, as_of FROM published.night ORDER BY night_id").fetchall()
    earlier: list[tuple[int, datetime]] = [(r[0], r[1]) for r in rows[:-1]]
    if not earlier:
        raise UsageError("there is only one night; who moved is told from the second on")
    found = earlier[-1:]
    if asked is not None:
        number = int(asked) if asked.isdigit() and len(asked) < 4 else None
        found = [n for n in earlier if n[0] == number or (number is None and str(n[1]).startswith(asked))]
    if not found:
        first, last = earlier[0], earlier[-1]
        raise UsageError(
            f"--since: there is no earlier night '{asked}'; name one by number or day, from {first[0]} "
            f"({first[1]:%Y-%m-%d}) to {last[0]} ({last[1]:%Y-%m-%d})"
        )
    return Baseline("night", f"{found[-1][1]:%Y-%m-%d %H:%M}", found[-1][0])


def domain(con: duckdb.DuckDBPyConnection, asked: str) -> Baseline:
    """The domain that is asked for as a baseline. Raises UsageError where it is none or there are only two."""
    names = [r[0] for r in con.execute('SELECT "domain" FROM published.domain ORDER BY ordinal').fetchall()]
    if asked not in names:
        raise UsageError(f"--baseline: there is no domain '{asked}'; known here: {', '.join(names)}")
    if len(names) < 3:
        raise UsageError(
            "--baseline: a domain is a baseline for two others, and likare.toml names only two; a third may be the "
            "vendor's content (docs/comparing.md)"
        )
    return Baseline("domain", asked)


def conditions(base: Baseline, wanted: Filters) -> tuple[str, list[Any]]:
    """The baseline and filters as a condition on ``m`` (published.moved), with its parameters."""
    where, params = ["m.baseline = ?"], list[Any]([base.kind])
    texts = "concat_ws(chr(10), m.label, m.root_label, m.base_a, m.base_b, m.value_a, m.value_b)"
    for test, value in (
        ("m.baseline_night = ?", base.night),
        ("m.baseline_name = ?", base.name if base.kind == "domain" else None),
        ("m.pair_id = ?", wanted.pair),
        ("m.entity = ?", wanted.entity),
        ("m.area = ?", wanted.area),
        ("m.kind = ?", wanted.kind),
        ("m.attribute = ?", wanted.attribute),
        ("m.who = ?", wanted.who),
        ("m.outcome = ?", wanted.outcome),
        ("m.weight >= ?", wanted.least_weight),
        (f"contains(lower({texts}), lower(?))", wanted.text),
    ):
        if value is not None:
            where.append(test)
            params.append(value)
    return " AND ".join(where), params


_COLUMNS = ", ".join(
    "coalesce(m.expected_local, false)" if name == "expected_local" else f"m.{ident(name)}"
    for name in Move.__dataclass_fields__
)


def moves(
    con: duckdb.DuckDBPyConnection, base: Baseline, wanted: Filters | None = None, limit: int = 50
) -> tuple[list[Move], int]:
    """What moved, what now differs first and the heaviest of that, and how many there are in all."""
    where, params = conditions(base, wanted or Filters())
    counted = con.execute(f"SELECT count(*) FROM published.moved m WHERE {where}", params).fetchone()
    rows = con.execute(
        f"SELECT {_COLUMNS} FROM published.moved m WHERE {where} ORDER BY coalesce(m.expected_local, false), "
        "m.difference_id IS NULL, m.weight DESC, m.entity, m.root_label, m.label, m.attribute, m.identity LIMIT ?",
        [*params, limit],
    ).fetchall()
    return [Move(*row) for row in rows], int(counted[0]) if counted else 0


def tallies(
    con: duckdb.DuckDBPyConnection, base: Baseline, wanted: Filters | None = None, by: str = "area"
) -> list[Tally]:
    """The moves counted by ``area`` or ``entity``, those of types that are expected to differ left out."""
    where, params = conditions(base, wanted or Filters())
    counts = ", ".join(
        f"count(*) FILTER (m.{column} = '{value}')"
        for column, values in (("who", WHO), ("outcome", OUTCOMES[:3]))
        for value in values
    )
    rows = con.execute(
        f"SELECT m.pair_id, m.{ident(by)}, {counts} FROM published.moved m WHERE {where} "
        "AND NOT coalesce(m.expected_local, false) GROUP BY 1, 2 ORDER BY 1, count(*) DESC, 2",
        params,
    ).fetchall()
    return [Tally(*row) for row in rows]
