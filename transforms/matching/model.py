"""How likely each candidate pair is the same thing, learnt from the candidates themselves: no labelled pair is used.

The weights of evidence are added up with coefficients (a logistic model whose coefficients may only be positive, drawn
toward values known beforehand); a pair then competes with every other pair of either of its rows, for a thing has one
counterpart. What comes out is the next round's truth, by how sure it is (expectation maximisation).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from transforms.matching.tokens import Floats, Ints


@dataclass
class Logistic:
    """``log odds = intercept + features · coefficients``; ``first`` are the coefficients known beforehand."""

    first: Floats
    intercept: float
    strength: float = 0.2

    def __post_init__(self) -> None:
        self.coefficients = self.first.copy()
        self.first_intercept = self.intercept

    def score(self, features: Floats) -> Floats:
        """Log odds before competition."""
        made: Floats = self.intercept + features @ self.coefficients
        return made

    def fit(self, features: Floats, truth: Floats, weight: Floats) -> None:
        """To a truth of 0 and 1."""
        # Coefficients are found relative to their first values, so that one strength fits them all.
        x = np.concatenate([np.ones((len(truth), 1)), features * self.first], axis=1)
        pull = np.full(x.shape[1], self.strength * len(self.first))
        pull[0] /= 9
        centre = np.concatenate([[0.0], np.ones(len(self.first))])
        low = np.concatenate([[-12.0], np.full(len(self.first), 0.05)])
        high = np.concatenate([[12.0], np.full(len(self.first), 5.0)])
        found = newton(x, truth, weight, pull, centre, low, high, start=self.first_intercept)
        self.intercept = self.first_intercept + float(found[0])
        self.coefficients = self.first * found[1:]


def newton(
    x: Floats,
    truth: Floats,
    weight: Floats,
    pull: Floats,
    centre: Floats,
    low: Floats,
    high: Floats,
    start: float = 0.0,
) -> Floats:
    """The logistic model ``log odds = start + x · v`` with Gaussian pull toward ``centre`` and v between bounds.

    Newton's method on the coefficients that no bound holds; a few steps suffice.
    """
    v = np.clip(centre, low, high).astype(float)

    def loss(at: Floats) -> float:
        score = start + x @ at
        fit = np.sum(weight * (np.logaddexp(0, score) - truth * score))
        return float(fit + np.sum(pull * (at - centre) ** 2) / 2)

    now = loss(v)
    for _ in range(30):
        p = 1 / (1 + np.exp(-np.clip(start + x @ v, -35, 35)))
        slope = x.T @ (weight * (p - truth)) + pull * (v - centre)
        free = ~(((v <= low) & (slope > 0)) | ((v >= high) & (slope < 0)))
        if not free.any():
            break
        some = x[:, free]
        curve = (some * (weight * p * (1 - p))[:, None]).T @ some + np.diag(pull[free] + 1e-6)
        step = np.zeros(len(v))
        step[free] = np.linalg.solve(curve, slope[free])
        size = 1.0
        tried, value = v, now
        while size > 1e-4:
            tried = np.clip(v - size * step, low, high)
            value = loss(tried)
            if value < now - 1e-9 * abs(now):
                break
            size /= 2
        if value >= now - 1e-9 * abs(now):
            break
        v, now = tried, value
    return v


def compete(score: Floats, ia: Ints, ib: Ints, rows_a: int, rows_b: int, *, many_a: bool = False) -> Floats:
    """Chance of each pair where a row has one counterpart or none. ``many_a``: several rows of a may share one of b."""
    odds = np.exp(np.clip(score, -40, 40))
    total = 1.0 + np.bincount(ia, odds, minlength=rows_a)[ia]
    if not many_a:
        total = total + np.bincount(ib, odds, minlength=rows_b)[ib] - odds
    made: Floats = odds / total
    return made


def best(p: Floats, rows: Ints, size: int) -> tuple[Floats, Floats]:
    """Each row's highest and second highest value, -inf where there is none."""
    order = np.lexsort((-p, rows))
    sorted_rows = rows[order]
    first = np.full(size, -np.inf)
    second = np.full(size, -np.inf)
    starts = (
        np.flatnonzero(np.concatenate([[True], sorted_rows[1:] != sorted_rows[:-1]])) if len(p) else np.zeros(0, int)
    )
    first[sorted_rows[starts]] = p[order[starts]]
    following = starts + 1
    ok = following < len(p)
    ok[ok] = sorted_rows[following[ok]] == sorted_rows[starts[ok]]
    second[sorted_rows[starts[ok]]] = p[order[following[ok]]]
    return first, second


def rivals(value: Floats, ia: Ints, ib: Ints, rows_a: int, rows_b: int) -> tuple[Floats, Floats]:
    """For each pair the highest value among the other pairs of its row of a, and of its row of b."""
    made = []
    for rows, size in ((ia, rows_a), (ib, rows_b)):
        first, second = best(value, rows, size)
        made.append(np.where(value >= first[rows], second[rows], first[rows]))
    return made[0], made[1]
