"""What the reviewer's answers teach while they are given: the chances of the pairs still open, and which to ask next.

A logistic model on top of the matcher's own score: logit p = logit(score) + a + b·logit(score) + w·evidence, its
coefficients drawn to zero by a Gaussian prior, so that without an answer the score stands. It is fitted anew after each
answer (Newton's method; a few hundred answers take milliseconds), and the uncertainty of the coefficients goes into
the chance of a pair (MacKay's approximation), so that a pair unlike all that was answered stays uncertain.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_CERTAIN = 0.005
"""A score is taken to be no nearer to 0 or 1 than this: the matcher has been wrong before."""


@dataclass(frozen=True)
class Chance:
    """The chance that a pair is the same, and what its answer would tell of the others (bits, 0 to 1)."""

    same: float
    informative: float


class Learner:
    """Learns from answers about pairs, each with the matcher's score and its evidence by name.

    ``scores`` are between 0 and 1, ``evidence`` holds any numbers; a name that a pair lacks counts as 0.
    ``spread`` is the prior's standard deviation of a coefficient, of evidence scaled to unit variance.
    """

    def __init__(self, scores: Sequence[float], evidence: Sequence[Mapping[str, float]], spread: float = 1.0) -> None:
        names = sorted({name for one in evidence for name in one})
        raw = np.array([[float(one.get(name, 0.0)) for name in names] for one in evidence], dtype=float)
        raw = raw.reshape(len(scores), len(names))
        # With no pair at all there is nothing to scale, and nothing to tell.
        scale = raw.std(axis=0) if len(raw) else np.zeros(len(names))
        varied = scale > 1e-9
        scaled = (raw[:, varied] - raw[:, varied].sum(axis=0) / max(1, len(raw))) / scale[varied]
        p = np.clip(np.asarray(scores, dtype=float), _CERTAIN, 1 - _CERTAIN)
        self._offset: Floats = np.log(p / (1 - p))
        self._x: Floats = np.column_stack([np.ones(len(p)), self._offset / 2, scaled])
        self._prior = 1.0 / spread**2
        self._w: Floats = np.zeros(self._x.shape[1])
        self._answers: dict[int, float] = {}
        self._cover: Floats = np.eye(self._x.shape[1]) / self._prior

    def answer(self, pair: int, same: float | None) -> None:
        """The pair (its place) is the same (1), is not (0), or something between; None takes the answer back."""
        if same is None:
            self._answers.pop(pair, None)
        else:
            self._answers[pair] = same
        self._fit()

    def chances(self) -> list[Chance]:
        """Of every pair, in order."""
        spread = np.einsum("ij,jk,ik->i", self._x, self._cover, self._x)
        middle = self._offset + self._x @ self._w
        same = _sigmoid(middle / np.sqrt(1 + np.pi * spread / 8))
        told = _entropy(same) - _expected_entropy(middle, spread)
        return [Chance(float(p), float(max(t, 0.0))) for p, t in zip(same, told, strict=True)]

    def _fit(self) -> None:
        size = self._x.shape[1]
        if not self._answers:
            self._w, self._cover = np.zeros(size), np.eye(size) / self._prior
            return
        rows = np.fromiter(self._answers, dtype=np.int64)
        x, offset = self._x[rows], self._offset[rows]
        y = np.fromiter(self._answers.values(), dtype=float)
        w: Floats = self._w
        for _ in range(25):
            p = _sigmoid(offset + x @ w)
            slope = x.T @ (y - p) - self._prior * w
            curve = (x * (p * (1 - p))[:, None]).T @ x + self._prior * np.eye(size)
            step: Floats = np.linalg.solve(curve, slope).astype(np.float64)
            # Half steps where a whole one would leap: the model is fitted on very few answers at first.
            w = np.asarray(w + step * min(1.0, 2.0 / max(1e-12, float(np.abs(step).max()))), dtype=np.float64)
            if np.abs(step).max() < 1e-8:
                break
        p = _sigmoid(offset + x @ w)
        self._w = w
        curve = (x * (p * (1 - p))[:, None]).T @ x + self._prior * np.eye(size)
        self._cover = np.linalg.inv(curve).astype(np.float64)


def _sigmoid(z: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-np.clip(z, -40, 40))), dtype=float)


def _entropy(p: Floats) -> Floats:
    q = np.clip(p, 1e-12, 1 - 1e-12)
    return np.asarray(-(q * np.log2(q) + (1 - q) * np.log2(1 - q)), dtype=float)


_NODES, _WEIGHTS = np.polynomial.hermite_e.hermegauss(15)


def _expected_entropy(middle: Floats, spread: Floats) -> Floats:
    """What would stay uncertain of each pair if the coefficients were known: the mean over where they may lie."""
    z = middle[:, None] + np.sqrt(np.maximum(spread, 0))[:, None] * _NODES[None, :]
    return np.asarray(_entropy(_sigmoid(z)) @ (_WEIGHTS / _WEIGHTS.sum()), dtype=float)
