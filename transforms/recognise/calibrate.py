"""How sure a pair is, told from the data alone by how often the two sides choose each other, and by decoys.

Each row of a names its best row of b, each row of b its best of a. A row that has no counterpart, or whose counterpart
is not its best, names a row that mostly has a better one of its own: the two do not choose each other. So the share of
mutual choices among rows of like score and like lead over the next best tells how often such a choice is right.

Then the pairs that seem sure are set aside and the choosing is done again among what is left: pairs that choose each
other now are wrong ones, the decoys. How much denser real choices lie than decoys, where score and lead are alike,
gives the chance that a choice is right (as false discoveries are estimated in proteomics, Elias and Gygi 2007). How
many decoys there would be among the real choices is read where hardly any right ones lie.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from transforms.recognise import model
from transforms.recognise.tokens import Flags, Floats, Ints

# Fewer pairs or decoys than this teach nothing.
_LEAST = 8
# So often at most, and until no chance moves by more.
_TIMES, _STILL = 40, 0.002
# For one row whose second best shows a wrong choice at most so many choose wrongly.
_MANY_WRONG = 100.0
# More draw a line no better.
_MOST = 15_000


@dataclass(frozen=True)
class Choices:
    """Every row's best pair: its place among the pairs, its score, its lead over the row's next, whether mutual."""

    place: Ints
    score: Floats
    lead: Floats
    mutual: Floats


def choices(score: Floats, ia: Ints, ib: Ints, rows_a: int, rows_b: int) -> tuple[Choices, Choices]:
    """Of the rows of a, and of the rows of b."""
    rival_a, rival_b = model.rivals(score, ia, ib, rows_a, rows_b)
    # Equal best ones are nobody's choice.
    lead_a, lead_b = score - rival_a, score - rival_b
    top_a, top_b = lead_a > 0, lead_b > 0
    made = []
    for top, lead in ((top_a, lead_a), (top_b, lead_b)):
        place = np.flatnonzero(top)
        made.append(Choices(place, score[place], np.minimum(lead[place], 15.0), (top_a & top_b)[place].astype(float)))
    return made[0], made[1]


class Line:
    """What tells right choices from decoys: the log odds along score and leads, and how many decoys lie among them."""

    def __init__(self, real: Floats, decoys: Floats, most: float = 1.0) -> None:
        self._centre, self._spread = real.mean(axis=0), real.std(axis=0) + 1e-9
        x, y = self._scaled(real), self._scaled(decoys)
        both = np.concatenate([x, y])
        line = _rising(both, np.repeat([1.0, 0.0], [len(x), len(y)]))
        denser, among_decoys = _at(line, x), _at(line, y)
        low = np.quantile(among_decoys, 0.3)
        share = min(most, float(np.sum(denser <= low) + 0.5) / float(np.sum(among_decoys <= low) + 0.5))
        p = np.clip(1 - share * np.exp(-denser), 0.005, 0.9995)
        # The wrong ones among the real choices are decoys too: the line is drawn anew by what it says itself.
        weight = np.repeat([1.0, share], [len(x), len(y)])
        near = None
        for _ in range(_TIMES):
            self._line = near = _rising(both, np.concatenate([p, np.zeros(len(y))]), weight, near)
            wrong = float(np.sum(1 - p))
            self._ease = wrong / (wrong + share * len(y))
            before, p = p, self.chance(real)
            if np.abs(p - before).max() < _STILL:
                break

    def chance(self, drawn: Floats) -> Floats:
        """How likely choices of such scores and leads are right."""
        made: Floats = np.clip(1 / (1 + np.exp(-_at(self._line, self._scaled(drawn))) * self._ease), 0.005, 0.9995)
        return made

    def _scaled(self, drawn: Floats) -> Floats:
        made: Floats = (drawn - self._centre) / self._spread
        return made


class Calibration:
    """``p``: how likely each of the pairs that choose each other (places ``mutual``) is right.

    ``told``: whether there was enough to tell it from; else ``p`` is a guess. ``silent``: the score of a pair of which
    nothing is known. Two rows without any other pair have to beat that: the want of rivals makes no pair likely.
    """

    def __init__(self, score: Floats, ia: Ints, ib: Ints, rows_a: int, rows_b: int, silent: float = 0.0) -> None:
        self._rows = rows_a, rows_b
        own, other = choices(score, ia, ib, rows_a, rows_b)
        value = np.full((2, len(score)), np.nan)
        for side, c in enumerate((own, other)):
            value[side, c.place] = _mutuality(c)
        self.mutual: Ints = np.flatnonzero(~np.isnan(value).any(axis=0))
        first = value[:, self.mutual].mean(axis=0)
        # Not mutual by chance: as likely as not is a choice whose like are mutual in two of three cases.
        sure = self.mutual[first > np.log(2)]
        rest = np.ones(len(score), bool)
        rest[sure] = False
        of_sure_a, of_sure_b = np.zeros(rows_a, bool), np.zeros(rows_b, bool)
        of_sure_a[ia[sure]], of_sure_b[ib[sure]] = True, True
        _, real = _drawn(score, ia, ib, rows_a, rows_b)
        left = np.flatnonzero(rest)
        again, decoys = _drawn(score[left], ia[left], ib[left], rows_a, rows_b)
        again = left[again]
        # A pair of two rows that had no sure one may be right: it is no decoy.
        decoys = decoys[of_sure_a[ia[again]] | of_sure_b[ib[again]]]
        self._line: Line | None = None
        if len(decoys) < _LEAST or len(real) < _LEAST:
            # Too few to learn from: what so few rows say by choosing each other is taken for half of the truth.
            self.p = np.clip(0.5 + 0.5 * np.tanh(first / 2), 0.05, 0.9) if len(first) else first
        else:
            self._line = Line(real, decoys)
            self.p = self._line.chance(_drawn(score, ia, ib, rows_a, rows_b, silent)[1])

    @property
    def told(self) -> bool:
        """Whether there was enough to tell ``p`` from."""
        return self._line is not None

    def of(self, places: Ints, score: Floats, ia: Ints, ib: Ints) -> tuple[Ints, Floats]:
        """Of the pairs at ``places`` those that choose each other among these, and how likely each is right.

        They have no lead: other pairs, that are taken, were as good for one of their rows.
        """
        mutual, drawn = _drawn(score[places], ia[places], ib[places], *self._rows)
        if self._line is None:
            return places[mutual], np.full(len(mutual), 0.2)
        drawn[:, 1:] = 0.0
        return places[mutual], self._line.chance(drawn)


class Belonging:
    """Where several rows of one side (``many``) may belong to one of the other (``one``): each chooses for itself.

    ``place`` and ``p``: every row's best pair and how likely it is right. The decoys are the second best of the rows
    whose pair among those at ``sure`` is the best: a row belongs to one only, so that they are wrong.
    """

    def __init__(self, score: Floats, many: Ints, one: Ints, rows_many: int, rows_one: int, sure: Ints) -> None:
        self.place, real, behind = _chosen(score, many, one, rows_many, rows_one)
        rest = np.ones(len(score), bool)
        rest[self.place] = False
        told = np.zeros(rows_many, bool)
        told[many[np.intersect1d(sure, self.place)]] = True
        left = np.flatnonzero(rest & told[many])
        _, decoys, _ = _chosen(score[left], many[left], one[left], rows_many, rows_one)
        self.told = len(real) >= _LEAST and len(decoys) >= _LEAST
        self.p = Line(real, decoys, _MANY_WRONG).chance(real) if self.told else np.full(len(real), 0.5)
        # Those whose other row is nearer to yet another one.
        self.extra = behind


def _chosen(score: Floats, many: Ints, one: Ints, rows_many: int, rows_one: int) -> tuple[Ints, Floats, Flags]:
    """Places of every row's best pair; its score and its lead over the row's next; whether the other row has better."""
    rival, better = model.rivals(score, many, one, rows_many, rows_one)
    place = np.flatnonzero(score > rival)
    lead = np.log1p(np.minimum((score - rival)[place], 15.0))
    return place, np.stack([score[place], lead], axis=1), (better > score)[place]


def _drawn(score: Floats, ia: Ints, ib: Ints, rows_a: int, rows_b: int, silent: float = -np.inf) -> tuple[Ints, Floats]:
    """Places of the pairs that choose each other, and their score and leads; without any rival that over ``silent``."""
    rivals = np.stack(model.rivals(score, ia, ib, rows_a, rows_b))
    mutual = np.flatnonzero((score > rivals).all(axis=0))
    lead = (score - np.where(np.isneginf(rivals).all(axis=0), silent, rivals))[:, mutual]
    lead = np.log1p(np.clip(lead, 0.0, 15.0))
    return mutual, np.stack([score[mutual], lead.min(axis=0), lead.max(axis=0)], axis=1)


def _mutuality(c: Choices) -> Floats:
    """Log odds that a choice of such a score and lead is mutual."""
    if len(c.score) < 10:
        return np.zeros(len(c.score))
    scale = np.std(c.score) or 1.0
    centre = np.median(c.score)
    x = np.stack([(c.score - centre) / scale, np.log1p(c.lead), np.minimum((c.score - centre) / scale, 0)], axis=1)
    return _at(_rising(x, c.mutual), x)


def _at(line: Floats, x: Floats) -> Floats:
    made: Floats = line[0] + model.times(x, line[1:])
    return made


def _rising(x: Floats, truth: Floats, weight: Floats | None = None, near: Floats | None = None) -> Floats:
    """Intercept and coefficients of the log odds of ``truth``, by a logistic model in which nothing speaks against.

    ``near``: such as were found for nearly the same.
    """
    w = np.ones(len(truth)) if weight is None else weight
    if len(truth) > _MOST:
        some = np.sort(np.random.default_rng(3).choice(len(truth), _MOST, replace=False))
        x, truth, w = x[some], truth[some], w[some]
    columns = x.shape[1] + 1
    pull = np.concatenate([[1e-6], np.full(columns - 1, 0.1)])
    low = np.concatenate([[-20.0], np.zeros(columns - 1)])
    padded = np.concatenate([np.ones((len(x), 1)), x], axis=1)
    return model.newton(padded, truth, w, pull, np.zeros(columns), low, np.full(columns, 20.0), near=near)
