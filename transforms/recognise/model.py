"""How likely each candidate pair is the same thing, learnt from the candidates themselves: no labelled pair is used.

The weights of evidence are added up with coefficients (a logistic model whose coefficients may only be positive, drawn
toward values known beforehand). What the calibration makes of the scores is the next round's truth.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from transforms.recognise.tokens import Floats, Ints

# More pairs than this tell the coefficients no better.
_MOST = 40_000
# Steps of Newton's method at most, parts of a step that are tried, and the gain (of the whole) that is worth another.
_STEPS, _SIZES, _STILL = 12, (1.0, 1 / 4, 1 / 16, 1 / 64, 1 / 256), 1e-7


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
        return self.intercept + times(features, self.coefficients)

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


def times(x: Floats, v: Floats) -> Floats:
    """``x · v`` by NumPy's own loops: a matrix library spreads even this over threads, which then wait and burn."""
    made: Floats = np.einsum("ij,j->i", x, v)
    return made


def newton(
    x: Floats,
    truth: Floats,
    weight: Floats,
    pull: Floats,
    centre: Floats,
    low: Floats,
    high: Floats,
    start: float = 0.0,
    near: Floats | None = None,
) -> Floats:
    """The logistic model ``log odds = start + x · v`` with Gaussian pull toward ``centre`` and v between bounds.

    Newton's method on the coefficients that no bound holds, from ``near`` (default: the centre); a few steps suffice.
    """
    # One row per coefficient: sums run along memory.
    turned = np.ascontiguousarray(x.T)

    def loss(at: Floats) -> tuple[float, Floats]:
        """What is to be least, and the chances: both of the same exponentials, which cost the most."""
        score = start + np.einsum("ij,i->j", turned, at)
        small = np.exp(-np.abs(score))
        fit = np.sum(weight * (np.maximum(score, 0.0) - truth * score + np.log1p(small)))
        return float(fit + np.sum(pull * (at - centre) ** 2) / 2), np.where(score < 0, small, 1.0) / (1.0 + small)

    v = np.clip(centre, low, high).astype(float)
    now, p = loss(v)
    if near is not None:
        # From far out, where the chances are all 0 or 1, no step would lead back.
        value, chance = loss(near)
        if value < now:
            v, now, p = near, value, chance
    for _ in range(_STEPS):
        slope = times(turned, weight * (p - truth)) + pull * (v - centre)
        free = ~(((v <= low) & (slope > 0)) | ((v >= high) & (slope < 0)))
        if not free.any():
            break
        curve = _gram(turned, weight * p * (1 - p))[np.ix_(free, free)] + np.diag(pull[free] + 1e-6)
        step = np.zeros(len(v))
        step[free] = np.linalg.solve(curve, slope[free])
        if slope @ step < _STILL * abs(now):
            # So near that the step needs no proof: it is the last.
            return np.clip(v - step, low, high)
        for size in _SIZES:
            tried = np.clip(v - size * step, low, high)
            value, chance = loss(tried)
            if value < now - _STILL * abs(now):
                break
        else:
            break
        v, now, p = tried, value, chance
    return v


def _gram(x: Floats, weight: Floats) -> Floats:
    """``x · diag(weight) · xᵀ`` in pieces too small for a matrix library to spread over threads that wait."""
    made = np.zeros((x.shape[0], x.shape[0]))
    piece = max(1, 200_000 // max(x.shape[0] ** 2, 1))
    for start in range(0, x.shape[1], piece):
        some = x[:, start : start + piece]
        made += (some * weight[start : start + piece]) @ some.T
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
