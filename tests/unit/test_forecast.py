"""Forecasts on drawn pasts whose future is known."""

from __future__ import annotations

import warnings
from datetime import datetime, timedelta

import numpy as np
import pytest

from transforms.register.forecast import Past, back_test, courses, proven_days, reached, widths

START = datetime(2026, 1, 1)


def past(nights: int, opened: float, share: float, first: float = 1000, seed: int = 1, days: int = 7) -> Past:
    """A past in which about so many open a night and so large a share closes; the loss is a fifth of what is open."""
    generator = np.random.default_rng(seed)
    left, rows = first, [(0.0, 0.0, first)]
    for _ in range(nights - 1):
        closed = float(generator.binomial(int(left), share))
        came = float(generator.poisson(opened))
        left = left - closed + came
        rows.append((came, closed, left))
    columns = np.array(rows).T
    times = tuple(START + timedelta(days=days * i) for i in range(nights))
    return Past(times, 1 - 0.2 * columns[2] / first, *columns)


def test_what_falls_steadily_reaches_its_levels_in_order_and_about_when_it_should() -> None:
    found = {r.level: r for r in reached(past(20, 0, 0.05), (0.8, 0.95, 0.99))}
    assert found[0.8].state == "reached"
    assert found[0.95].state == found[0.99].state == "converging"
    assert found[0.95].earliest <= found[0.95].median <= found[0.95].latest < found[0.99].median
    # 20 % is lost at first, 5 % of what is left returns a week: 5 % is left after ln(0.25) / ln(0.95) = 27 weeks.
    assert abs((found[0.95].median - START).days / 7 - 27) <= 4


def test_what_opens_as_fast_as_it_closes_is_not_converging() -> None:
    found = reached(past(20, 50, 0.05), (0.95,))[0]
    assert (found.state, found.median) == ("not converging", None)
    assert found.share is not None and found.share < 0.5


def test_a_short_past_gives_no_forecast_and_is_not_proven() -> None:
    assert reached(past(4, 0, 0.05), (0.95,))[0].state == "too short"
    assert proven_days(past(10, 10, 0.05)) is None
    assert proven_days(past(60, 10, 0.05)) is not None


def jumping(nights: int) -> Past:
    """A past that stands still but for a leap in what a difference weighs, every twelfth night."""
    steady = past(nights, 0, 0, days=30)
    return Past(steady.times, np.array([0.8 - 0.02 * (i // 12) for i in range(nights)]), *steady_counts(steady))


def steady_counts(p: Past) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    return p.opened, p.closed, p.open


def test_what_was_not_foreseen_before_widens_the_interval() -> None:
    days = np.array([90.0])
    assert widths(past(11, 0, 0, days=30), days) == pytest.approx([0])
    # Nothing opens and nothing closes, yet the figure leaps: what the earlier forecasts missed by is reckoned with.
    assert widths(jumping(20), days) == pytest.approx([0.02])
    held = [t.inside for t in back_test(jumping(80), (90,))][40:]
    assert sum(held) / len(held) >= 0.7


def test_the_dates_are_as_wide_as_the_figure() -> None:
    # A level is reached sooner on the upper edge, later on the lower, whatever the median says.
    for seed in range(5):
        for r in reached(past(40, 10, 0.06, seed=seed, days=30), (0.9, 0.95)):
            if r.median:
                assert r.earliest and r.earliest <= r.median and (r.latest is None or r.median <= r.latest)


def test_a_loss_that_grows_without_end_leaves_nothing_of_the_figure_and_does_not_overflow() -> None:
    # An open difference weighs ten times as much every night: after a year that is past what a number can hold.
    values = 1 - 0.9 * 10.0 ** np.arange(-7, 1)
    open_ = np.full(8, 5.0)
    course = Past(tuple(START + timedelta(days=i) for i in range(8)), values, np.zeros(8), np.zeros(8), open_)
    found = reached(course, (0.95,))[0]
    assert (found.state, found.share) == ("not converging", 0)


def test_the_same_past_gives_the_same_forecast() -> None:
    one, other = (reached(past(12, 10, 0.05), seed=7) for _ in range(2))
    assert one == other


def test_the_interval_holds_about_as_often_as_it_says_on_pasts_it_was_made_for() -> None:
    tests = [t for seed in range(12) for t in back_test(past(26, 20, 0.06, seed=seed), (28, 56))]
    assert len(tests) > 300
    share = sum(t.inside for t in tests) / len(tests)
    assert 0.7 <= share <= 0.97


def test_nothing_open_is_reached_and_a_gap_begins_anew() -> None:
    rows = [("p", "total", "total", START + timedelta(days=i), v, 1, 1, 5) for i, v in enumerate([0.5, None, 0.6, 0.7])]
    assert courses(rows)[("p", "total", "total")].values == pytest.approx([0.6, 0.7])
    assert reached(Past((START,), np.array([1.0]), *(np.zeros(1),) * 3), (0.9, 1.0))[1].state == "reached"


def test_a_loss_that_grows_without_end_is_reckoned_with_and_not_warned_of() -> None:
    nights = 9
    past = Past(
        tuple(START + timedelta(days=n) for n in range(nights)),
        np.array([1 - 10.0 ** (n - nights) for n in range(nights)]),
        *(np.full(nights, x) for x in (1.0, 1.0, 50.0)),
    )
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        [found] = reached(past, [1.0])
    assert found.state == "not converging"
