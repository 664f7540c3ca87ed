"""What a night keeps of the weighing for a person who asks why: the nearest pairs, and what agreement weighs."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

import numpy as np

from transforms.recognise import model
from transforms.recognise.engine import Matcher
from transforms.recognise.tokens import Floats, Ints

# How many of the other side are kept of every item that is left over.
MOST = 3
# The chosen pairs that are this likely tell what agreement in an attribute weighs.
_SURE = 0.9
Nearest = tuple[str, str, float, float, str, str]
Weight = tuple[str, float | None, float | None, float | None, float | None]


def nearest(matcher: Matcher, partners: Sequence[Mapping[str, str | None]]) -> list[Nearest]:
    """Of every item without a match (``partners``: of both sides, by local id) its nearest on the other side.

    Rows of local ids, the sum of the evidence in log odds, the chance (0 where another pair was chosen), what forbids
    the pair (names, divided by commas) and the evidence as JSON; each pair once.
    """
    left_a = np.array([partners[0][i] is None for i in matcher.a.ids], dtype=bool)
    left_b = np.array([partners[1][i] is None for i in matcher.b.ids], dtype=bool)
    keep = np.zeros(len(matcher.ia), bool)
    for row, left in ((matcher.ia, left_a), (matcher.ib, left_b)):
        order = np.lexsort((-matcher.score, row))
        own = row[order]
        first = np.concatenate([[0], np.flatnonzero(np.diff(own)) + 1]) if len(own) else np.zeros(0, np.int64)
        rank = np.arange(len(own)) - np.repeat(first, np.diff(np.concatenate([first, [len(own)]])))
        keep[order[(rank < MOST) & left[own]]] = True
    places = np.flatnonzero(keep)
    names, weight = _by_column(matcher, places)
    made: list[Nearest] = []
    for k, q in enumerate(places.tolist()):
        told = {n: round(w, 2) for n, w in zip(names, weight[k].tolist(), strict=True) if abs(w) >= 0.05}
        told["base"] = round(float(matcher.logistic.intercept), 2)
        against = ", ".join(name for name, flags in matcher.vetoes.items() if flags[q])
        made.append(
            (
                matcher.a.ids[int(matcher.ia[q])],
                matcher.b.ids[int(matcher.ib[q])],
                round(float(matcher.score[q]), 3),
                round(float(matcher.chance[q]), 4),
                against,
                json.dumps(told, ensure_ascii=False),
            )
        )
    return made


def weights(matcher: Matcher, accept: float, review: float) -> list[Weight]:
    """What agreeing and differing weigh in each attribute (medians), and from which sum pairs are accepted, reviewed.

    Read off the pairs that chose each other, the known matches among them. None where they tell nothing.
    """
    chosen = matcher.chosen[~matcher.vetoed[matcher.chosen]]
    sure = chosen[matcher.chance[chosen] >= _SURE]
    names, of_sure = _by_column(matcher, sure)
    _, of_all = _by_column(matcher, np.arange(len(matcher.ia)))
    accept_at, review_at = (_from(matcher.score[chosen], matcher.chance[chosen] >= p) for p in (accept, review))
    made: list[Weight] = []
    for k, name in enumerate(names):
        plus, minus = of_sure[:, k][of_sure[:, k] > 0.05], of_all[:, k][of_all[:, k] < -0.05]
        agrees = round(float(np.median(plus)), 2) if len(plus) else None
        differs = round(float(np.median(minus)), 2) if len(minus) else None
        made.append((name, agrees, differs, accept_at, review_at))
    return made


def _by_column(matcher: Matcher, places: Ints) -> tuple[list[str], Floats]:
    """The names of the columns, and what each weighs in the pairs at these places (pairs × columns)."""
    of = [name.rsplit(": ", 1)[0] for name in matcher.names]
    names = list(dict.fromkeys(of))
    said, made = matcher.features[places], np.zeros((len(places), len(names)))
    for k, name in enumerate(names):
        own = np.array([i for i, n in enumerate(of) if n == name])
        made[:, k] = model.times(said[:, own], matcher.logistic.coefficients[own])
    return names, made


def _from(score: Floats, good: Floats) -> float | None:
    """The least score from which on nine in ten are good, None where there is none."""
    order = np.argsort(-score, kind="stable")
    share = np.cumsum(good[order]) / np.arange(1, len(order) + 1)
    enough = np.flatnonzero((share >= 0.9) & good[order])
    return round(float(score[order[enough[-1]]]), 3) if len(enough) else None
