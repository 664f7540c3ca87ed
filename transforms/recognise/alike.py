"""How alike two single words are that are not equal: misspelt, cut short, or part of the other."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from rapidfuzz import process
from rapidfuzz.distance import OSA

from transforms.recognise.tokens import Floats


def likeness(one: Sequence[str], two: Sequence[str]) -> Floats:
    """Per pair of tokens 0 (nothing in common) to below 1. Numbers and quantities are equal or not: always 0."""
    if not len(one):
        return np.zeros(0)
    edit = process.cpdist(one, two, scorer=OSA.normalized_similarity, dtype=np.float32, workers=2).astype(np.float64)
    return np.fromiter((_judge(t, u, e) for t, u, e in zip(one, two, edit.tolist(), strict=True)), np.float64, len(one))


def _judge(one: str, two: str, edit: float) -> float:
    kind_one, kind_two = one[0], two[0]
    if kind_one in "nq" or kind_two in "nq":
        return 0.0
    t, u = one[1:], two[1:]
    short, long = (t, u) if len(t) <= len(u) else (u, t)
    if kind_one == "c" or kind_two == "c":
        if kind_one != kind_two or len(short) < 4:
            return 0.0
        # KPRA-1 and KPRA are near; two that differ in the middle are two models.
        return 0.9 * len(short) / len(long) if long.startswith(short) or long.endswith(short) else 0.0
    if len(short) == 1:
        return 0.5 if long.startswith(short) else 0.0
    if long.startswith(short):
        return 0.8 if len(short) >= 3 else 0.6
    if edit >= 0.72 and len(short) >= 4:
        return edit
    same = next((i for i, (x, y) in enumerate(zip(t, u, strict=False)) if x != y), len(short))
    if same >= 5 and same >= 0.5 * len(long):
        return 0.7
    if len(short) >= 5 and long.endswith(short):
        return 0.6
    if 2 <= len(short) <= 5 and t[0] == u[0] and len(long) >= 2 * len(short) and _within(short, long):
        return 0.5
    return 0.0


def _within(short: str, long: str) -> bool:
    letters = iter(long)
    return all(letter in letters for letter in short)
