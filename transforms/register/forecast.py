"""When a level of convergence is reached, by simulation over what opened and closed so far (docs/metrics.md).

Each step from one night to the next is told by four numbers: the days it took, how many differences opened, which share
of the open ones closed, and by what factor the loss (1 less the convergence) of one open difference changed. A path
into the future draws such steps from the past, jointly. Each path draws from a past of its own, itself drawn from the
real one, so that a short past gives a wide interval. The interval is then widened by as much as earlier forecasts so
far ahead have missed by (conformalised quantiles): what was not foreseen before is reckoned with.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
import numpy.typing as npt

from transforms.warehouse import Night

Floats = npt.NDArray[np.float64]

LEVELS = (0.9, 0.95, 0.98, 0.99, 1.0)
PATHS = 1000
# No forecast from fewer steps than this, none further than so many days, and the past that is drawn from.
LEAST_STEPS, HORIZON, WINDOW = 4, 3650, 36
# The share of the paths that lie inside the interval.
INSIDE = 0.8
# How many days ahead forecasts are tried on the past, from how many of its nights at most, and with how many paths.
TRIED, ORIGINS, FEWER_PATHS = (30, 90, 180, 365), 60, 300
# The logarithm of a weight under which nothing is left of the figure, and which does not overflow.
HEAVIEST = 500.0
# So many earlier forecasts tell by how much to widen, or how far ahead they have held; held is this share inside.
LEAST_TRIES, HELD = 8, 0.7


@dataclass(frozen=True)
class Past:
    """A figure's course: its times, its values between 0 and 1, and per night what opened, closed and was open."""

    times: tuple[datetime, ...]
    values: Floats
    opened: Floats
    closed: Floats
    open: Floats

    def until(self, n: int) -> Past:
        """The first ``n`` nights of it."""
        return Past(self.times[:n], self.values[:n], self.opened[:n], self.closed[:n], self.open[:n])


@dataclass(frozen=True)
class Reached:
    """When a level is reached: the median and the bounds of the 80 % interval, None where that is past the horizon.

    ``state``: reached, converging, not converging (fewer than half of the paths come there) or too short (of a past).
    ``share`` of the paths reach it.
    """

    level: float
    state: str
    earliest: datetime | None = None
    median: datetime | None = None
    latest: datetime | None = None
    share: float | None = None


@dataclass(frozen=True)
class Tested:
    """One forecast made in the past of the value some days later, and whether what came lay in its interval."""

    made_at: datetime
    days: int
    inside: bool


@dataclass(frozen=True)
class _Try:
    """A forecast from the ``n``-th night, not yet widened, and what came."""

    n: int
    days: int
    due: datetime
    low: float
    high: float
    came: float

    @property
    def missed(self) -> float:
        """By how much what came lies outside; negative where it lies inside."""
        return max(self.low - self.came, self.came - self.high)


def reached(past: Past, levels: Sequence[float] = LEVELS, seed: int = 0) -> list[Reached]:
    """When each level is reached."""
    now = float(past.values[-1])
    ahead = [level for level in levels if now < level - 1e-12]
    done = [Reached(level, "reached") for level in levels if level not in ahead]
    if not ahead:
        return done
    if not _long_enough(past):
        return done + [Reached(level, "too short") for level in ahead]
    days, values = _paths(past, HORIZON, seed, PATHS)
    wider = widths(past, days, seed)
    found = list(done)
    for level in ahead:
        # The interval of the figure is wider at both ends: sooner there on the upper edge, later on the lower.
        low, _, _ = _quantiles(_first(days, values + wider, level))
        first = _first(days, values, level)
        _, mid, _ = _quantiles(first)
        _, _, high = _quantiles(_first(days, values - wider, level))
        share = float(np.isfinite(first).mean())
        moments = [past.times[-1] + timedelta(days=float(x)) if np.isfinite(x) else None for x in (low, mid, high)]
        state = "converging" if np.isfinite(mid) else "not converging"
        found.append(Reached(level, state, moments[0], moments[1], moments[2], share))
    return found


def back_test(past: Past, days: Sequence[int] = TRIED, seed: int = 0) -> list[Tested]:
    """Forecast from nights of the past, by what was known then and no wider, and look at what came."""
    tries = _tries(past, days, seed)
    times = [past.times[t.n - 1] for t in tries]
    return [
        Tested(at, t.days, t.missed <= _width(tries, t.days, at) + 1e-12) for t, at in zip(tries, times, strict=True)
    ]


def proven_days(past: Past, seed: int = 0) -> int | None:
    """How many days ahead forecasts from this past have held, of those tried; None where not even the nearest has."""
    proven = None
    tests = back_test(past, seed=seed)
    for days in TRIED:
        inside = [t.inside for t in tests if t.days == days]
        if len(inside) < LEAST_TRIES or sum(inside) / len(inside) < HELD:
            break
        proven = days
    return proven


def _long_enough(past: Past) -> bool:
    return len(past.times) > LEAST_STEPS and bool(past.open[-1] > 0)


def _tries(past: Past, days: Sequence[int], seed: int) -> list[_Try]:
    """Forecasts from nights of the past, in order, of which it is known what came."""
    nights = np.arange(LEAST_STEPS + 1, len(past.times))
    if len(nights) > ORIGINS:
        nights = nights[np.linspace(0, len(nights) - 1, ORIGINS).round().astype(int)]
    found = []
    for n in nights:
        known = past.until(int(n))
        due = {d: known.times[-1] + timedelta(days=d) for d in days}
        wanted = [d for d in days if due[d] <= past.times[-1]]
        if not wanted or not _long_enough(known):
            continue
        for d, (low, high) in _at(known, wanted, seed + int(n)).items():
            # What the figure was on that day: that of the last night not later.
            came = max(i for i, t in enumerate(past.times) if t <= due[d])
            found.append(_Try(int(n), d, due[d], low, high, float(past.values[came])))
    return found


def _width(tries: Sequence[_Try], days: int, at: datetime) -> float:
    """What the interval is widened by on either side: what the forecasts known by then missed by, at their 80 %."""
    missed = sorted(t.missed for t in tries if t.days == days and t.due <= at)
    if len(missed) < LEAST_TRIES:
        return 0.0
    return max(missed[min(int(np.ceil(INSIDE * (len(missed) + 1))), len(missed)) - 1], 0.0)


def widths(past: Past, days: Floats, seed: int = 0) -> Floats:
    """What the interval is widened by on every day: between those tried by a straight line, then as at the last."""
    tries = _tries(past, TRIED, seed)
    known = [(d, _width(tries, d, past.times[-1])) for d in TRIED if sum(t.days == d for t in tries) >= LEAST_TRIES]
    if not known:
        return np.zeros_like(days)
    at, widths = zip((0, 0.0), *known, strict=True)
    found: Floats = np.interp(np.where(np.isfinite(days), days, 0), at, widths)
    return found


def _at(past: Past, days: Sequence[int], seed: int) -> dict[int, tuple[float, float]]:
    """Low and high of the paths' values after so many days."""
    at, values = _paths(past, max(days), seed, FEWER_PATHS)
    found = {}
    for d in days:
        # The value at a day is that of the last step taken by then.
        last = (at <= d).cumsum(axis=1).argmax(axis=1)
        low, high = np.quantile(values[np.arange(len(values)), last], [(1 - INSIDE) / 2, (1 + INSIDE) / 2])
        found[d] = (float(low), float(high))
    return found


def _first(days: Floats, values: Floats, level: float) -> Floats:
    """The day on which each path comes to the level, infinite where it does not."""
    there = values >= level - 1e-12
    return np.where(there.any(axis=1), days[np.arange(len(days)), there.argmax(axis=1)], np.inf)


def _quantiles(first: Floats) -> tuple[float, float, float]:
    low, mid, high = np.quantile(first, [(1 - INSIDE) / 2, 0.5, (1 + INSIDE) / 2], method="inverted_cdf")
    return float(low), float(mid), float(high)


def _paths(past: Past, horizon: float, seed: int, paths: int) -> tuple[Floats, Floats]:
    """Days from the last night and values of the figure, one row per path, the first column today."""
    generator = np.random.default_rng(seed)
    took = np.array([(b - a).total_seconds() / 86400 for a, b in zip(past.times, past.times[1:], strict=False)])
    took, opened = took[-WINDOW:], past.opened[1:][-WINDOW:]
    share = np.minimum(past.closed[1:] / np.maximum(past.open[:-1], 1), 1)[-WINDOW:]
    lost = (1 - past.values) / np.maximum(past.open, 1)
    told = (lost[1:] > 0) & (lost[:-1] > 0)
    heavier = np.log(np.where(told, lost[1:], 1) / np.where(told, lost[:-1], 1))[-WINDOW:]
    steps = len(took)
    count = int(min(np.ceil(horizon / max(took.mean(), 1e-9)) * 2 + 2, 2000))
    pools = generator.integers(0, steps, (paths, steps))
    drawn = pools[np.arange(paths)[:, None], generator.integers(0, steps, (paths, count))]
    days = np.concatenate([np.zeros((paths, 1)), took[drawn].cumsum(axis=1)], axis=1)
    left = np.empty((paths, count + 1))
    left[:, 0] = past.open[-1]
    for i in range(count):
        left[:, i + 1] = left[:, i] * (1 - share[drawn[:, i]]) + opened[drawn[:, i]]
    grown = np.concatenate([np.zeros((paths, 1)), heavier[drawn].cumsum(axis=1)], axis=1)
    weight = np.exp(np.minimum(grown, HEAVIEST))
    # Half a difference is none: the last one is closed, not halved for ever.
    values = np.where(left < 0.5, 1.0, np.clip(1 - lost[-1] * weight * left, 0, 1))
    beyond = days > horizon
    return np.where(beyond, np.inf, days), np.where(beyond, -1.0, values)


_COURSES = """
WITH last AS (
    -- A night built again as of the same time counts once, as it stood last.
    SELECT as_of, max(night_id) AS night_id FROM {nights} GROUP BY as_of
), moved AS (
    SELECT d.pair_id, d.area, l.as_of, sum(d.opened) AS opened, sum(d.closed) AS closed,
           sum(d.open) FILTER (d.night_id = l.night_id) AS open
    FROM {drift} d JOIN {nights} n USING (night_id) JOIN last l ON l.as_of = n.as_of
    JOIN {types} t USING (entity) WHERE NOT t.expected_local GROUP BY ALL
)
SELECT m.pair_id, m.level, m.subject, l.as_of, m.value, v.opened, v.closed, v.open
FROM {measure} m JOIN last l ON l.night_id = m.night_id
JOIN (
    SELECT pair_id, 'area' AS level, area AS subject, as_of, opened, closed, open FROM moved
    UNION ALL
    SELECT pair_id, 'total', 'total', as_of, sum(opened), sum(closed), sum(open) FROM moved GROUP BY ALL
) v ON v.pair_id = m.pair_id AND v.level = m.level AND v.subject = m.subject AND v.as_of = l.as_of
WHERE m.metric = 'convergence' AND m.level IN ('area', 'total') ORDER BY ALL
"""


def courses(rows: Sequence[tuple[object, ...]]) -> dict[tuple[str, str, str], Past]:
    """The courses by (pair, level, subject) of the rows of ``query``, from the last gap in them on."""
    grouped: dict[tuple[str, str, str], list[tuple[object, ...]]] = {}
    for pair, level, subject, *row in rows:
        key = (str(pair), str(level), str(subject))
        if row[1] is None:
            # Not measurable that night: what came before is another course.
            grouped.pop(key, None)
        else:
            grouped.setdefault(key, []).append(tuple(row))
    return {key: _past(found) for key, found in grouped.items()}


def _past(rows: list[tuple[object, ...]]) -> Past:
    columns = list(zip(*rows, strict=True))
    numbers = [np.array([float(x) if x is not None else 0.0 for x in c]) for c in columns[1:]]
    return Past(tuple(columns[0]), *numbers)


def query(schema: str) -> str:
    """The query of every course, over the layer ``measured`` of a night being built or over ``published``."""
    names = ("drift", "measure", "entity_type", "night")
    drift, measure, types, nights = (f"{schema}.{n}" for n in names)
    return _COURSES.format(drift=drift, measure=measure, types=types, nights=nights)


def seed_of(key: tuple[str, str, str]) -> int:
    """The same course, the same paths: a figure does not change by being computed again."""
    return zlib.crc32("\x1f".join(key).encode())


def run(night: Night) -> None:
    """Fill ``decided.forecast`` from the history of the figures."""
    rows = []
    for key, past in courses(night.rows(query("measured"))).items():
        proven = proven_days(past, seed_of(key))
        for r in reached(past, seed=seed_of(key)):
            moments = (r.earliest, r.median, r.latest)
            rows.append((*key, r.level, r.state, *moments, r.share, len(past.times) - 1, proven))
    night.insert("decided.forecast", rows)
