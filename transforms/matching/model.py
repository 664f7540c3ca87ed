"""How likely each candidate pair is the same thing, learnt from the candidates themselves: no labelled pair is used.

The weights of evidence are added up with coefficients (a logistic model whose coefficients may only be positive, drawn
toward values known beforehand). What the calibration makes of the scores is the next round's truth.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from transforms.matching.tokens import Floats, Ints

# More pairs than this tell the coefficients no better.
_MOST = 40_000


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

    def fit(self, features: Floats, truth: Floats, weight: Floats, always: Ints) -> None:
        """To a truth of 0 and 1. The places ``always`` are looked at however many there are."""
        told = np.flatnonzero(weight > 0.01)
        if len(told) > _MOST:
            told = np.union1d(np.random.default_rng(5).choice(told, _MOST, replace=False), always)
        features, truth, weight = features[told], truth[told], weight[told]
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
    for _ in range(12):
        p = 1 / (1 + np.exp(-np.clip(start + x @ v, -35, 35)))
        slope = x.T @ (weight * (p - truth)) + pull * (v - centre)
        free = ~(((v <= low) & (slope > 0)) | ((v >= high) & (slope < 0)))
        if not free.any():
            break
        some = x[:, free]
        curve = _gram(some, weight * p * (1 - p)) + np.diag(pull[free] + 1e-6)
        step = np.zeros(len(v))
        step[free] = np.linalg.solve(curve, slope[free])
        size = 1.0
        tried, value = v, now
        while size > 1e-3:
            tried = np.clip(v - size * step, low, high)
            value = loss(tried)
            if value < now - 1e-7 * abs(now):
                break
            size /= 4
        if value >= now - 1e-7 * abs(now):
            break
        v, now = tried, value
    return v


def _gram(x: Floats, weight: Floats) -> Floats:
    """``xᵀ · diag(weight) · x`` in pieces too small for a matrix library to spread over threads that wait."""
    made = np.zeros((x.shape[1], x.shape[1]))
    piece = max(1, 200_000 // max(x.shape[1] ** 2, 1))
    for start in range(0, len(x), piece):
        some = x[start : start + piece]
        made += (some * weight[start : start + piece, None]).T @ some
    return made


def best(p: Floats, rows: Ints, size: int) -> tuple[Floats, Floats]:
    """Each row's highest and second highest value, -inf where there is none."""
    first, second = np.full(size, -np.inf), np.full(size, -np.inf)
    np.maximum.at(first, rows, p)
    # The first of a row's highest is taken away; what is highest then is second, equal ones included.
    hits = np.flatnonzero(p == first[rows])
    taken = np.full(size, -1)
    taken[rows[hits][::-1]] = hits[::-1]
    rest = p.copy()
    rest[taken[taken >= 0]] = -np.inf
    np.maximum.at(second, rows, rest)
    return first, second


def rivals(value: Floats, ia: Ints, ib: Ints, rows_a: int, rows_b: int) -> tuple[Floats, Floats]:
    """For each pair the highest value among the other pairs of its row of a, and of its row of b."""
    made = []
    for rows, size in ((ia, rows_a), (ib, rows_b)):
        first, second = best(value, rows, size)
        made.append(np.where(value >= first[rows], second[rows], first[rows]))
    return made[0], made[1]
