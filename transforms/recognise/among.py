"""Whether two tables share anything: the rows of each among themselves show how alike two different things can be.

Tables without a common row still have rows that choose each other, and what they have in common is then learnt as if
it were right. But the rows of one table are different things, and choose each other as well: where they are as alike as
the pairs that seem right, these are no better.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse

from transforms.recognise import blocking, evidence, features, veto
from transforms.recognise.columns import Column
from transforms.recognise.tokens import Bag, Floats

if TYPE_CHECKING:
    from transforms.recognise.engine import Matcher

_ROWS = 2000
_NEAREST = 4
# Fewer likely pairs than this show nothing; up to this share of them may be chance, or copies within a table.
_FEW = 8
_USUAL = 0.7


def overlap(m: Matcher, score: Floats) -> float:
    """What chances are to be multiplied by: 1 where the likely pairs are more alike than rows of one table are.

    ``score`` is that of the matcher's pairs. Of the two tables the one that shows less counts: the other may hold
    copies of its own.
    """
    likely = np.flatnonzero(m.chance > 0.5)
    if len(likely) < _FEW:
        return 1.0
    level = float(np.median(score[likely]))
    found = []
    for side, rows, size in (("a", m.ia, len(m.a)), ("b", m.ib, len(m.b))):
        best = np.full(size, -np.inf)
        np.maximum.at(best, rows, score)
        found.append(float(np.mean(_best_among(m, side) >= level)) / max(float(np.mean(best >= level)), 1e-9))
    by_chance = min(found)
    return 1.0 if by_chance <= _USUAL else max(0.0, 1.0 - by_chance)


def _best_among(m: Matcher, side: str) -> Floats:
    """Of evenly chosen rows of one table the score of the most alike other row of the same table."""
    size = len(m.a) if side == "a" else len(m.b)
    some = np.unique(np.linspace(0, size - 1, min(_ROWS, size)).astype(np.int64))
    bags = {n: _with_itself(one, side, some) for n, one in m.bags.items()}
    kept = [_column_with_itself(c, side, some) for c in m.columns.values()]
    whole = next(bags[n] for n, one in m.bags.items() if one is m.whole)
    codes = [blocking.equal(c.a, c.b) for c in kept if c.kind in ("code", "phone")]
    ia, ib = blocking.candidates(whole, _NEAREST, codes)
    other = some[ia] != ib
    ia, ib = ia[other], ib[other]
    said = []
    for name, own in bags.items():
        likeness = evidence.Likeness(own)
        likeness.learnt = m.compared[name].likeness.learnt
        compared = evidence.Compared(own, likeness, ia, ib)
        learnt = m.compared[name].weights
        # What a word that stands alone costs is learnt by side.
        minus = learnt.minus_a if side == "a" else learnt.minus_b
        compared.weights = evidence.Weights(learnt.plus, minus, minus)
        said.append(compared.features())
    alike = None
    if m.letters is not None:
        runs = m.letters.a if side == "a" else m.letters.b
        alike = np.asarray(sparse.csr_array(runs[some[ia]]).multiply(sparse.csr_array(runs[ib])).sum(axis=1)).ravel()
    score = m.logistic.score(m.sign * features.of_pairs(said, kept, alike, ia, ib))
    against = veto.contradictions(whole, ia, ib)
    for name in m.vetoes:
        if name in against:
            score = score - m.stands_back * against[name]
    best = np.full(len(some), -np.inf)
    np.maximum.at(best, ia, score)
    return best


def _with_itself(one: Bag, side: str, some: np.ndarray) -> Bag:
    own, length = (one.a, one.length_a) if side == "a" else (one.b, one.length_b)
    return Bag(one.tokens, sparse.csr_array(own[some]), own, one.kind, length[some], length)


def _column_with_itself(column: Column, side: str, some: np.ndarray) -> Column:
    own = column.a if side == "a" else column.b
    made = dataclasses.replace(column, a=own[some], b=own)
    made.learnt_from(column)
    return made
