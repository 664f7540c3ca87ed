"""Read what leads from the figures to action: causes, decisions, the regions' processes, adherence, the forecast.

As ``read``: records from the published schema, counting in DuckDB. These views came later than the first; where a
publication lacks one, what it would have said is empty.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

import duckdb

from dashboards.heavy import CAUSES, present

T = TypeVar("T")


@dataclass(frozen=True)
class Cause:
    """One direct difference that explains others, by what its settlement returns. ``leverage`` is a share 0–1."""

    cause_id: str
    rank: int
    kind: str
    entity: str
    entity_sv: str
    entity_en: str
    label: str | None
    attribute: str | None
    attribute_sv: str | None
    attribute_en: str | None
    value_a: str | None
    value_b: str | None
    differences: int
    items: int
    areas: int
    leverage: float
    opened_at: dt.datetime | None
    decision_id: str | None


@dataclass(frozen=True)
class Decision:
    """One decision of the register, with how many open differences it governs tonight."""

    decision_id: str
    title: str | None
    forum: str | None
    ruled_on: dt.date | None
    covers: str | None
    ruling: str | None
    owner: str | None
    expires: dt.date | None
    state: str
    note: str | None
    covers_now: int
    stale_now: int


@dataclass(frozen=True)
class Process:
    """How far one region has come with one decision."""

    decision_id: str
    decision_title: str | None
    domain: str
    title: str
    step: str
    step_date: dt.date | None
    due: dt.date | None
    overdue: bool | None
    days: int | None
    tasks: int
    done: int
    regressed: int
    note: str | None


@dataclass(frozen=True)
class Adherence:
    """How close one domain is to the target one night, in all. ``settled``: the share of the target that is agreed."""

    night_id: int
    as_of: dt.datetime
    domain: str
    title: str
    numerator: float | None
    denominator: float | None
    value: float | None
    settled: float | None


@dataclass(frozen=True)
class Forecast:
    """When the whole reaches one level of convergence, if things go on as they have."""

    aim: float
    state: str
    earliest: dt.datetime | None
    median: dt.datetime | None
    latest: dt.datetime | None
    share: float | None
    steps: int | None


@dataclass(frozen=True)
class Fresh:
    """One of the heaviest differences that opened in the newest night."""

    difference_id: str
    entity: str
    entity_sv: str
    entity_en: str
    label: str | None
    weight: float


@dataclass(frozen=True)
class Outlook:
    """Everything of one pair that leads to action. A None says that the publication has no such view."""

    causes: Sequence[Cause] | None
    decisions: Sequence[Decision] | None
    process: Sequence[Process]
    adherence: Sequence[Adherence]
    forecast: Sequence[Forecast] | None
    fresh: Sequence[Fresh]
    undecided: int
    reopened: int


def read(con: duckdb.DuckDBPyConnection, pair_id: str, night: int) -> Outlook:
    """Read all of it. DuckDB's own errors pass through."""
    views = present(con)

    def records(kind: type[T], view: str, sql: str, params: Sequence[object] = ()) -> list[T] | None:
        return [kind(*row) for row in con.execute(sql, list(params)).fetchall()] if view in views else None

    def number(view: str, sql: str) -> int:
        return int(con.execute(sql, [pair_id]).fetchall()[0][0]) if view in views else 0

    cover = "(SELECT * FROM published.decision_cover WHERE state = 'holds')"
    covered = cover if "decision_cover" in views else "(SELECT NULL AS difference_id, NULL AS decision_id WHERE false)"
    causes = records(
        Cause,
        "cause",
        f"""
        SELECT c.cause_id, c.rank, c.kind, c.entity, coalesce(t.title_sv, c.entity), coalesce(t.title_en, c.entity),
               c.label, c.attribute, a.title_sv, a.title_en, c.value_a, c.value_b, c.differences, c.items, c.areas,
               c.leverage, c.opened_at, v.decision_id
        FROM cause c LEFT JOIN published.entity_type t USING (entity)
        LEFT JOIN published.attribute a ON a.entity = c.entity AND a.attribute = c.attribute
        LEFT JOIN {covered} v ON v.difference_id = c.cause_id
        WHERE c.pair_id = ? AND NOT coalesce(c.expected_local, false)
        ORDER BY c.rank LIMIT ?
        """,  # noqa: S608
        [pair_id, CAUSES],
    )
    decisions = records(
        Decision,
        "decision",
        """
        SELECT decision_id, title, forum, ruled_on, covers, ruling, owner, expires, state, note, covers_now, stale_now
        FROM published.decision ORDER BY state IN ('holds', 'coming', 'superseded'), ruled_on DESC, decision_id
        """,
    )
    process = records(
        Process,
        "process",
        """
        SELECT p.decision_id, d.title, p."domain", coalesce(m.title, p."domain"), p.step, p.step_date, p.due,
               p.overdue, p.days, p.tasks, p.done, p.regressed, p.note
        FROM published.process p LEFT JOIN published.decision d USING (decision_id)
        LEFT JOIN published.domain m ON m."domain" = p."domain"
        ORDER BY p.regressed > 0 DESC, coalesce(p.overdue, false) DESC, p.step = 'verified', p.days DESC, p.decision_id
        """,
    )
    adherence = records(
        Adherence,
        "adherence",
        """
        SELECT a.night_id, a.as_of, a."domain", coalesce(m.title, a."domain"), a.numerator, a.denominator, a.value,
               a.settled
        FROM published.adherence a LEFT JOIN published.domain m ON m."domain" = a."domain"
        WHERE a.pair_id = ? AND a.level = 'total' ORDER BY m.ordinal, a.as_of, a.night_id
        """,
        [pair_id],
    )
    forecast = records(
        Forecast,
        "forecast",
        """
        SELECT aim, state, earliest, median, latest, share, steps FROM published.forecast
        WHERE pair_id = ? AND level = 'total' ORDER BY aim
        """,
        [pair_id],
    )
    # Asked of the newest night in which any opened: so the question is not another every night.
    opened = con.execute(
        """
        SELECT d.opened_night, d.difference_id, d.entity, coalesce(t.title_sv, d.entity),
               coalesce(t.title_en, d.entity), d.label, d.weight
        FROM difference d LEFT JOIN published.entity_type t USING (entity)
        WHERE d.pair_id = $pair AND NOT coalesce(d.expected_local, false)
          AND d.opened_night = (SELECT max(opened_night) FROM difference WHERE pair_id = $pair
                                AND NOT coalesce(expected_local, false))
        ORDER BY d.weight DESC, d.entity, d.label, d.difference_id LIMIT 3
        """,
        {"pair": pair_id},
    ).fetchall()
    fresh = [Fresh(*row) for opened_night, *row in opened if opened_night == night]
    undecided = number(
        "decision_cover",
        """
        SELECT count(*) FROM difference d
        WHERE d.pair_id = ? AND NOT coalesce(d.expected_local, false) AND NOT EXISTS (
            SELECT 1 FROM published.decision_cover c WHERE c.difference_id = d.difference_id)
        """,
    )
    again = "reopened" in views["difference"]
    reopened = number(
        "difference" if again else "", "SELECT count(*) FROM difference WHERE pair_id = ? AND reopened > 0"
    )
    return Outlook(causes, decisions, process or [], adherence or [], forecast, fresh, undecided, reopened)
