"""What a person asks of the causes of a published night: which weigh most, what one explains, which to settle first."""

from __future__ import annotations

import heapq
from dataclasses import dataclass
from datetime import datetime

import duckdb

from transforms.ask.lookup import Difference, differences_where
from transforms.warehouse import ident


@dataclass(frozen=True)
class Cause:
    """One cause, as published.cause has it. ``leverage`` and ``shared`` are parts of the total's convergence."""

    pair_id: str
    cause_id: str
    rank: int
    kind: str
    entity: str
    area: str
    identity: str
    label: str | None
    attribute: str | None
    value_a: str | None
    value_b: str | None
    differences: int
    items: int
    areas: int
    leverage: float
    shared: float
    risk: float
    opened_at: datetime | None


@dataclass(frozen=True)
class Settlement:
    """One step of a plan: a direct difference to settle, and the convergence of the total once it is settled too."""

    cause_id: str
    entity: str
    label: str | None
    kind: str
    attribute: str | None
    value_a: str | None
    value_b: str | None
    differences: int
    gain: float
    reached: float


@dataclass(frozen=True)
class Plan:
    """The settlements that reach a level. ``least`` is a number below which no set of settlements can reach it.

    ``reachable`` is the level with everything settled; where the wanted one lies above it the plan is empty.
    """

    pair_id: str
    now: float
    wanted: float
    reachable: float
    least: int
    number: int
    steps: tuple[Settlement, ...]


_CAUSE = ", ".join(f"c.{ident(name)}" for name in Cause.__dataclass_fields__)


def causes(
    con: duckdb.DuckDBPyConnection,
    *,
    pair: str | None = None,
    entity: str | None = None,
    area: str | None = None,
    limit: int = 25,
) -> tuple[list[Cause], int]:
    """Causes by rank, and how many there are in all. Those of types expected to differ come last."""
    where, params = ["true"], []
    for column, wanted in (("pair_id", pair), ("entity", entity), ("area", area)):
        if wanted is not None:
            where.append(f"c.{ident(column)} = ?")
            params.append(wanted)
    source = f"FROM published.cause c WHERE {' AND '.join(where)}"
    counted = con.execute(f"SELECT count(*) {source}", params).fetchone()
    rows = con.execute(f"SELECT {_CAUSE} {source} ORDER BY c.pair_id, c.rank LIMIT ?", [*params, limit]).fetchall()
    return [Cause(*row) for row in rows], int(counted[0]) if counted else 0


def find_cause(con: duckdb.DuckDBPyConnection, wanted: str) -> list[Cause]:
    """The causes whose id begins so, or whose label holds the text; the heaviest first."""
    hexadecimal = len(wanted) >= 4 and all(c in "0123456789abcdef" for c in wanted.lower())
    for where, use in (
        ("starts_with(c.cause_id, lower(?))", hexadecimal),
        ("lower(c.label) = lower(?)", True),
        ("contains(lower(c.label), lower(?))", True),
    ):
        rows = (
            con.execute(f"SELECT {_CAUSE} FROM published.cause c WHERE {where} ORDER BY rank", [wanted])
            if use
            else None
        )
        found = [Cause(*row) for row in rows.fetchall()] if rows else []
        if found:
            return found
    return []


def explained(con: duckdb.DuckDBPyConnection, cause_id: str, limit: int = 50) -> tuple[list[Difference], int]:
    """The differences that go back to the cause, itself first, and how many there are."""
    return differences_where(
        con,
        "d.difference_id IN (SELECT difference_id FROM published.difference_cause WHERE cause_id = ?)",
        [cause_id],
        limit,
        first="d.steps",
    )


def plan(con: duckdb.DuckDBPyConnection, pair_id: str, level: float, limit: int = 50) -> Plan | None:
    """A small set of direct differences whose settlement lifts the total's convergence to the level.

    The set is grown by the greatest part first: what a difference keeps the figure down by is shared evenly by its
    causes, since all of them must be settled for it to go. What turns out not to be needed is left out again. The sum
    of the parts of a set is never less than what its settlement returns, so the fewest parts that add up to what is
    wanted are a lower bound (``least``) for any set; where every difference has one cause the plan is the smallest.
    None where the total is not measurable.
    """
    found = con.execute(
        "SELECT value FROM published.measure WHERE pair_id = ? AND level = 'total' AND metric = 'convergence' "
        "ORDER BY night_id DESC LIMIT 1",
        [pair_id],
    ).fetchone()
    if not found or found[0] is None:
        return None
    now = float(found[0])
    groups = con.execute(
        "SELECT causes, sum(worth) FROM (SELECT difference_id, list_sort(list(cause_id)) AS causes, any_value(worth) "
        "AS worth FROM published.difference_cause JOIN (SELECT difference_id, worth FROM published.difference "
        "WHERE worth > 0 AND pair_id = ?) USING (difference_id) GROUP BY difference_id) "
        "GROUP BY causes ORDER BY causes",
        [pair_id],
    ).fetchall()
    sets = [(tuple(names), float(worth)) for names, worth in groups]
    reachable = now + sum(worth for _, worth in sets)
    need = level - now
    if need <= 0 or level > reachable + 1e-9:
        return Plan(pair_id, now, level, reachable, 0, 0, ())
    chosen, least = _choose(sets, min(need, reachable - now) - 1e-12)
    reached, steps = now, []
    told = _described(con, chosen[:limit])
    settled: set[str] = set()
    of: dict[str, list[int]] = {}
    for i, (names, _) in enumerate(sets):
        for name in names:
            of.setdefault(name, []).append(i)
    for name in chosen:
        settled.add(name)
        gain = sum(sets[i][1] for i in of[name] if settled.issuperset(sets[i][0]))
        reached += gain
        if name in told:
            steps.append(Settlement(name, *told[name], gain, reached))
    return Plan(pair_id, now, level, reachable, least, len(chosen), tuple(steps))


def _choose(sets: list[tuple[tuple[str, ...], float]], need: float) -> tuple[list[str], int]:
    """Names whose complete sets are worth at least ``need``, the greatest first, and a lower bound on their number."""
    of: dict[str, list[int]] = {}
    for i, (names, _) in enumerate(sets):
        for name in names:
            of.setdefault(name, []).append(i)
    missing = [len(names) for names, _ in sets]
    even = {name: sum(sets[i][1] / len(sets[i][0]) for i in mine) for name, mine in of.items()}
    summed, least = 0.0, 0
    for part in sorted(even.values(), reverse=True):
        if summed >= need:
            break
        summed, least = summed + part, least + 1

    def part_of(name: str) -> float:
        return sum(sets[i][1] / missing[i] for i in of[name])

    queue = [(-part, name) for name, part in even.items()]
    heapq.heapify(queue)
    chosen: list[str] = []
    taken: set[str] = set()
    value = 0.0
    while queue and value < need:
        old, name = heapq.heappop(queue)
        # Parts only grow as others are settled, and then the name stands in the queue again.
        if name in taken or -old < part_of(name) - 1e-15:
            continue
        taken.add(name)
        chosen.append(name)
        for i in of[name]:
            missing[i] -= 1
            if missing[i] == 0:
                value += sets[i][1]
                continue
            for other in sets[i][0]:
                if other not in taken:
                    heapq.heappush(queue, (-part_of(other), other))
    for name in reversed(chosen.copy()):
        loss = sum(sets[i][1] for i in of[name] if taken.issuperset(sets[i][0]))
        if value - loss >= need:
            value -= loss
            taken.discard(name)
            chosen.remove(name)
    return chosen, least


_Told = tuple[str, str | None, str, str | None, str | None, str | None, int]


def _described(con: duckdb.DuckDBPyConnection, wanted: list[str]) -> dict[str, _Told]:
    rows = con.execute(
        "SELECT d.difference_id, d.entity, d.label, d.kind, d.attribute, d.value_a, d.value_b, "
        "(SELECT count(*) FROM published.difference_cause c WHERE c.cause_id = d.difference_id) "
        "FROM published.difference d WHERE list_contains(?, d.difference_id)",
        [wanted],
    ).fetchall()
    return {row[0]: (row[1], row[2], row[3], row[4], row[5], row[6], row[7]) for row in rows}
