"""When a level of convergence is reached, by simulation over what opened and closed so far (docs/metrics.md).

Each step from one night to the next is told by three numbers: the days it took, how many differences opened, and which
share of the open ones closed. A path into the future draws such steps from the past, jointly; the loss (1 less the
convergence) goes with the number of open differences, as it does today. Each path draws from a past of its own, itself
drawn from the real one, so that a short past gives a wide interval.
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
    """One forecast made in the past of the value some days later, and what came."""

    made_at: datetime
    of: datetime
    days: int
    low: float
    median: float
    high: float
    came: float

    @property
    def inside(self) -> bool:
        """Whether what came lies in the interval."""
        return self.low - 1e-12 <= self.came <= self.high + 1e-12


def reached(past: Past, levels: Sequence[float] = LEVELS, seed: int = 0) -> list[Reached]:
    """When each level is reached."""
    now = float(past.values[-1])
    ahead = [level for level in levels if now < level - 1e-12]
    done = [Reached(level, "reached") for level in levels if level not in ahead]
    if not ahead:
        return done
    if len(past.times) - 1 < LEAST_STEPS or not past.open[-1] > 0:
        return done + [Reached(level, "too short") for level in ahead]
    days, values = _paths(past, HORIZON, seed)
    found = list(done)
    for level in ahead:
        # Half a difference is none: the last one is closed, not halved for ever.
        there = values >= level - 1e-12
        first = np.where(there.any(axis=1), days[np.arange(len(days)), there.argmax(axis=1)], np.inf)
        low, mid, high = np.quantile(first, [(1 - INSIDE) / 2, 0.5, (1 + INSIDE) / 2], method="inverted_cdf")
        share = float(np.isfinite(first).mean())
        moments = [past.times[-1] + timedelta(days=float(x)) if np.isfinite(x) else None for x in (low, mid, high)]
        state = "converging" if np.isfinite(mid) else "not converging"
        found.append(Reached(level, state, moments[0], moments[1], moments[2], share))
    return found


def value_in(past: Past, days: float, seed: int = 0) -> tuple[float, float, float] | None:
    """Low, median and high of the figure so many days later; None where the past is too short."""
    if len(past.times) - 1 < LEAST_STEPS or not past.open[-1] > 0:
        return None
    at, values = _paths(past, days, seed)
    # The value at a day is that of the last step taken by then.
    last = np.maximum((at <= days).cumsum(axis=1).argmax(axis=1), 0)
    low, mid, high = np.quantile(values[np.arange(len(values)), last], [(1 - INSIDE) / 2, 0.5, (1 + INSIDE) / 2])
    return float(low), float(mid), float(high)


def back_test(past: Past, days: Sequence[int] = (30, 90, 180, 365), seed: int = 0) -> list[Tested]:
    """Forecast from every night of the past, knowing only what was known then, and look at what came."""
    found = []
    for n in range(LEAST_STEPS + 1, len(past.times)):
        known = past.until(n)
        for ahead in days:
            due = known.times[-1] + timedelta(days=ahead)
            if due > past.times[-1]:
                continue
            # What the figure was on that day: that of the last night not later.
            came = max(i for i, t in enumerate(past.times) if t <= due)
            expected = value_in(known, ahead, seed + n)
            if expected is not None:
                found.append(Tested(known.times[-1], due, ahead, *expected, float(past.values[came])))
    return found


def _paths(past: Past, horizon: float, seed: int) -> tuple[Floats, Floats]:
    """Days from the last night and values of the figure, one row per path, the first column today."""
    generator = np.random.default_rng(seed)
    took = np.array([(b - a).total_seconds() / 86400 for a, b in zip(past.times, past.times[1:], strict=False)])
    took, opened = took[-WINDOW:], past.opened[1:][-WINDOW:]
    share = np.minimum(past.closed[1:] / np.maximum(past.open[:-1], 1), 1)[-WINDOW:]
    steps = len(took)
    count = int(min(np.ceil(horizon / max(took.mean(), 1e-9)) * 2 + 2, 2000))
    pools = generator.integers(0, steps, (PATHS, steps))
    drawn = pools[np.arange(PATHS)[:, None], generator.integers(0, steps, (PATHS, count))]
    days = np.concatenate([np.zeros((PATHS, 1)), took[drawn].cumsum(axis=1)], axis=1)
    left = np.empty((PATHS, count + 1))
    left[:, 0] = past.open[-1]
    for i in range(count):
        left[:, i + 1] = left[:, i] * (1 - share[drawn[:, i]]) + opened[drawn[:, i]]
    loss = (1 - past.values[-1]) / past.open[-1]
    values = np.where(left < 0.5, 1.0, np.clip(1 - loss * left, 0, 1))
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
        for r in reached(past, seed=seed_of(key)):
            moments = (r.earliest, r.median, r.latest)
            rows.append((*key, r.level, r.state, *moments, r.share, len(past.times) - 1))
    night.insert("decided.forecast", rows)
