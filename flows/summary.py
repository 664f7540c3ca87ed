"""What a published night says in a few lines: for the terminal, for machines and for Prefect's page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import duckdb

from dashboards import deliveries, gaps, read
from transforms.register import asked


@dataclass(frozen=True)
class Area:
    """One area's figures. ``convergence`` is a share, None where nothing could be measured."""

    area: str
    title: str
    convergence: float | None
    change: float | None
    matched: int | None
    only_a: int | None
    only_b: int | None
    differences: int


@dataclass(frozen=True)
class PairSummary:
    """How alike two domains are: shares between 0 and 1. ``change`` is since the night before, None on the first."""

    pair_id: str
    title_a: str
    title_b: str
    convergence: read.Measure | None
    lower: float | None
    upper: float | None
    change: float | None
    coverage: float | None
    strict: float | None
    justified: float | None
    decided: float | None
    implemented: float | None
    areas: tuple[Area, ...]
    differences: int
    explained: int
    expected_local: int
    opened: int | None
    closed: int | None
    causes: tuple[gaps.Cause, ...]
    watched: tuple[read.Watched, ...]


@dataclass(frozen=True)
class Summary:
    """One published night: what it stands on and what it found for every pair of domains."""

    night_id: int
    as_of: datetime
    nights: int
    method_version: str | None
    snapshots: tuple[deliveries.Snapshot, ...]
    pairs: tuple[PairSummary, ...]
    checks: dict[str, int]
    events: tuple[deliveries.FeedEvent, ...] = ()
    alarms: tuple[str, ...] = ()


def summarise(con: duckdb.DuckDBPyConnection, causes: int = 3) -> Summary:
    """The newest published night, with the ``causes`` that explain most of the differences."""
    nights = read.nights(con)
    now, before = nights[-1], nights[-2] if len(nights) > 1 else None
    checks: dict[str, int] = {}
    for check in deliveries.checks(con, now.night_id):
        checks[check.status] = checks.get(check.status, 0) + 1
    return Summary(
        night_id=now.night_id,
        as_of=now.as_of,
        nights=len(nights),
        method_version=now.method_version,
        snapshots=tuple(s for s in deliveries.snapshots(con) if s.night_id == now.night_id),
        pairs=tuple(_pair(con, pair, now, before, causes) for pair in read.pairs(con)),
        checks=checks,
        alarms=asked.alarms(con),
        events=tuple(e for e in deliveries.feed_events(con) if e.is_current),
    )


def _pair(
    con: duckdb.DuckDBPyConnection, pair: read.Pair, now: read.Night, before: read.Night | None, causes: int
) -> PairSummary:
    found = {
        (m.night_id, m.level, m.subject, m.metric): m
        for m in read.measures(con, pair.pair_id, now.night_id, before.night_id if before else None)
    }

    def measure(level: str, subject: str, metric: str, night: read.Night | None = now) -> read.Measure | None:
        return found.get((night.night_id, level, subject, metric)) if night else None

    def value(level: str, subject: str, metric: str) -> float | None:
        one = measure(level, subject, metric)
        return one.value if one else None

    def change(level: str, subject: str) -> float | None:
        new, old = measure(level, subject, "convergence"), measure(level, subject, "convergence", before)
        if new is None or old is None or new.value is None or old.value is None:
            return None
        return new.value - old.value

    areas = tuple(
        Area(
            area=a.area,
            title=a.title_en,
            convergence=value("area", a.area, "convergence"),
            change=change("area", a.area),
            matched=a.matched,
            only_a=a.only_a,
            only_b=a.only_b,
            differences=a.differences,
        )
        for a in read.areas(con, pair.pair_id, now.night_id)
    )
    totals = gaps.difference_totals(con, pair.pair_id)
    drift = [d for d in gaps.drift(con, pair.pair_id) if d.night_id == now.night_id]
    return PairSummary(
        pair_id=str(pair.pair_id),
        title_a=pair.title_a,
        title_b=pair.title_b,
        convergence=measure("total", "total", "convergence"),
        lower=value("total", "total", "convergence_lower"),
        upper=value("total", "total", "convergence_upper"),
        change=change("total", "total"),
        coverage=value("total", "total", "coverage"),
        strict=value("total", "total", "strict"),
        justified=value("total", "total", "justified"),
        decided=value("total", "total", "decided"),
        implemented=value("total", "total", "implemented"),
        areas=areas,
        differences=totals.differences,
        explained=totals.explained,
        expected_local=totals.expected_local,
        opened=drift[0].opened if drift else None,
        closed=drift[0].closed if drift else None,
        causes=tuple(gaps.heaviest_causes(con, pair.pair_id, causes)),
        watched=tuple(w for w in read.watched(con, pair.pair_id) if w.night_id == now.night_id),
    )
