"""How likely each candidate pair is the same thing, learnt from the candidates themselves: no labelled pair is used.

The weights of evidence are added up with coefficients (a logistic model whose coefficients may only be positive, drawn
toward values known beforehand); a pair then competes with every other pair of either of its rows, for a thing has one
counterpart. What comes out is the next round's truth, by how sure it is (expectation maximisation).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import optimize

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
        """To a soft truth (0 to 1)."""
        # Coefficients are found relative to their first values, so that one strength fits them all.
        x = features * self.first
        total = max(weight.sum(), 1.0)
        pull = self.strength * len(self.first) / total

        def loss(v: Floats) -> tuple[float, Floats]:
            score = self.first_intercept + v[0] + x @ v[1:]
            p = 1 / (1 + np.exp(-np.clip(score, -35, 35)))
            value = np.sum(weight * (np.logaddexp(0, score) - truth * score)) / total
            gap = weight * (p - truth)
            slope = np.concatenate([[gap.sum()], x.T @ gap]) / total
            away = np.concatenate([[v[0] / 3], v[1:] - 1])
            value += pull * np.sum(away**2) / 2
            slope += pull * away * np.concatenate([[1 / 3], np.ones(len(v) - 1)])
            return float(value), slope

        start = np.concatenate(
            [[self.intercept - self.first_intercept], self.coefficients / np.maximum(self.first, 1e-9)]
        )
        bounds = [(-12.0, 12.0)] + [(0.05, 5.0)] * len(self.first)
        found = optimize.minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds, options={"maxiter": 100})
        self.intercept = self.first_intercept + float(found.x[0])
        self.coefficients = self.first * found.x[1:]


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
