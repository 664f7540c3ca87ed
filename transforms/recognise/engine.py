"""Two tables in, candidate pairs with their chances out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal

import numpy as np

from transforms.recognise import (
    among,
    blocking,
    calibrate,
    columns,
    evidence,
    features,
    labels,
    letters,
    model,
    reading,
    veto,
)
from transforms.recognise.frame import Table
from transforms.recognise.profile import Aligned, align
from transforms.recognise.reading import ALL
from transforms.recognise.tokens import Bag, Flags, Floats, Ints, distinct

# Where more rows than this find nothing near by their words, letters are evidence.
_WEAK = 0.1
_TOP = 12
_ROUNDS = 4
# So many rows of a show which words stand for which.
_FIRST_LOOK = 20_000
# What a pair that is vetoed is worth at most.
_VETOED = 0.3
# What a label weighs among the pairs that are taken for true or false.
_LABEL = 3.0
# So much apart are equal pairs taken to be, to pair them at all.
_HAIR = 1e-7
# So sure is a pair that tells of many to one, and so often, by those chosen back, must it be seen.
_SURE, _OFTEN, _FEW = 0.9, 0.15, 8
Cardinality = Literal["auto", "one_to_one", "many_to_one", "one_to_many", "many_to_many"]
# What a pair by elimination is worth at most, of two rows that are left over when the others have chosen.
_LEFT_OVER = 0.35
# What a pair with the same words is worth where nothing can be learnt.
_SAID_ALIKE = 0.98


class Matcher:
    """Everything known about two tables while they are matched."""

    # How far what is vetoed stands back for what is not, in log odds.
    stands_back = 6.0

    def __init__(
        self,
        a: Table,
        b: Table,
        progress: Callable[[str], None] = lambda _: None,
        aligned: Sequence[Aligned] | None = None,
        forbidden: Sequence[str] = (),
        cardinality: Cardinality = "auto",
        told_pairs: Sequence[labels.Label] = (),
    ) -> None:
        self.a, self.b = a, b
        self.cardinality = cardinality
        self.labels = labels.fitted(told_pairs, a, b)
        self.progress = progress
        self.told = aligned is not None
        self.forbidden = forbidden
        self.aligned = align(a, b) if aligned is None else list(aligned)
        self.bags: dict[str, Bag] = {}
        self.columns: dict[str, columns.Column] = {}

    def run(self) -> None:
        """Read, block, learn, decide."""
        made = reading.read(self.a, self.b, self.aligned, self.told)
        self.bags, self.columns, self.whole = made.bags, made.columns, made.whole
        self._block()
        self._learn()

    def _block(self) -> None:
        codes = [blocking.equal(c.a, c.b) for c in self.columns.values() if c.kind in ("code", "phone")]
        texts = [one for one in self.bags.values() if one is not self.whole]
        pairs = []
        for one, top in [(self.whole, _TOP), *((one, _TOP // 2) for one in texts)]:
            # First by the words as they stand: it shows which words of one side stand for which of the other.
            some = blocking.some_rows(one, _FIRST_LOOK)
            if len(self.labels):
                some = one
            clear_a, clear_b = blocking.mutual(some, *blocking.candidates(some, 2))
            yes = self.labels.same
            clear_a, clear_b = np.append(clear_a, self.labels.ia[yes]), np.append(clear_b, self.labels.ib[yes])
            learnt = evidence.learn_likeness(some, clear_a, clear_b)
            ia, ib = blocking.candidates(blocking.respelt(one, learnt), top, codes)
            pairs.append(ia * np.int64(len(self.b)) + ib)
        numbers = [c for c in self.columns.values() if c.kind == "number"]
        if numbers and not any(c.kind == "text" for c in self.aligned):
            ia, ib = blocking.amounts([c.a for c in numbers], [c.b for c in numbers], _TOP)
            pairs.append(ia * np.int64(len(self.b)) + ib)
        key = distinct(np.concatenate(pairs))
        weak_a, weak_b = letters.weak(self.whole, key // len(self.b), key % len(self.b))
        self.letters: letters.Letters | None = None
        if weak_a.any() or weak_b.any():
            below = letters.Letters(self.whole)
            ia, ib = below.nearest(np.flatnonzero(weak_a), np.flatnonzero(weak_b))
            key = distinct(np.concatenate([key, ia * np.int64(len(self.b)) + ib]))
            if weak_a.sum() + weak_b.sum() > _WEAK * (len(self.a) + len(self.b)):
                self.letters = below
        spoken = self.labels.ia * np.int64(len(self.b)) + self.labels.ib
        key = distinct(np.concatenate([key, spoken]))
        self.ia, self.ib = key // len(self.b), key % len(self.b)
        self.labelled = np.searchsorted(key, spoken)
        self.free = self._open()

    def _open(self) -> Ints:
        """Places of the pairs that nobody's answer settles: not rejected, no rival of a pair that is right."""
        made = np.ones(len(self.ia), bool)
        yes = self.labelled[self.labels.same]
        if self.cardinality not in ("one_to_many", "many_to_many"):
            made &= ~np.isin(self.ia, self.ia[yes])
        if self.cardinality not in ("many_to_one", "many_to_many"):
            made &= ~np.isin(self.ib, self.ib[yes])
        made[self.labelled] = False
        return np.flatnonzero(made)

    def _learn(self) -> None:
        rows_a, rows_b = len(self.a), len(self.b)
        self.compared = {
            n: evidence.Compared(one, evidence.Likeness(one), self.ia, self.ib) for n, one in self.bags.items()
        }
        self.alike = None if self.letters is None else self.letters.cosine(self.ia, self.ib)
        for col in self.columns.values():
            col.learn(self.ia[:0], self.ib[:0], np.zeros(0))
        names, first, sign = features.start([*self.bags], [*self.columns], self.letters is not None)
        logistic = model.Logistic(first, -np.log(max(rows_a, rows_b)) - 2.0)
        self.logistic = logistic
        n = len(self.ia)
        for step in range(_ROUNDS):
            f = sign * features.of_pairs(
                [c.features() for c in self.compared.values()], [*self.columns.values()], self.alike, self.ia, self.ib
            )
            score = logistic.score(f)
            p, mutual = self._chances(score)
            if step == _ROUNDS - 2 and self.cardinality == "auto":
                self.cardinality = self._told_by_data(score)
                self.free = self._open()
                p, mutual = self._chances(score)
            if step == _ROUNDS - 1:
                break
            truth, weight = self._taught(p, mutual, n)
            truth[self.labelled], weight[self.labelled] = self.labels.same, _LABEL
            logistic.fit(f, truth, weight, self.labelled)
            score = logistic.score(f)
            p, mutual = self._chances(score)
            # Where rows may have many, most have none: what is unsure teaches nothing there.
            taught = p > (0.3 if self.cardinality in ("auto", "one_to_one") else 0.5)
            sure, very = mutual[taught], mutual[p > 0.8]
            for compared in self.compared.values():
                if step == 0:
                    learnt = evidence.learn_likeness(compared.bag, self.ia[very], self.ib[very])
                    compared.likeness.learnt = learnt
                    if learnt:
                        compared.find()
                compared.learn(sure, p[taught])
            for col in self.columns.values():
                col.learn(self.ia[sure], self.ib[sure], p[taught])
        self.sign = sign
        self.names, self.features, self.score = names, f, score
        self.vetoes = veto.held(veto.contradictions(self.whole, self.ia, self.ib), mutual, p)
        for name in self.forbidden:
            if name in self.columns:
                self.vetoes[name] = self.columns[name].differs(self.ia, self.ib)
        self._decide(p, mutual)

    def _chances(self, score: Floats) -> tuple[Floats, Ints]:
        """How likely the pairs are right that may be, and their places: what people said, the rest by calibration."""
        p, places = self._judged(score, self.free)
        yes, no = self.labelled[self.labels.same], self.labelled[~self.labels.same]
        certain = np.repeat([0.9995, 0.0005], [len(yes), len(no)])
        return np.concatenate([p, certain]), np.concatenate([places, yes, no])

    def _judged(self, score: Floats, free: Ints) -> tuple[Floats, Ints]:
        """Of the pairs at ``free``: at most one of every row that belongs to one."""
        ia, ib, rows_a, rows_b = self.ia[free], self.ib[free], len(self.a), len(self.b)
        silent = float(self.logistic.intercept)
        judged = calibrate.Calibration(score[free], ia, ib, rows_a, rows_b, silent)
        self.judged = judged
        if self.cardinality in ("auto", "one_to_one"):
            return judged.p, free[judged.mutual]
        chance = np.zeros(len(free))
        # Two that choose each other are as likely right as ever.
        chance[judged.mutual] = judged.p
        for many, found in self._belonging(score, free).items():
            if self.cardinality in (many, "many_to_many"):
                chance[found.place] = np.maximum(chance[found.place], found.p)
        places = np.flatnonzero(chance > 0)
        return chance[places], free[places]

    def _belonging(self, score: Floats, free: Ints) -> dict[str, calibrate.Belonging]:
        ia, ib, rows_a, rows_b = self.ia[free], self.ib[free], len(self.a), len(self.b)
        sure = self.judged.mutual[self.judged.p > 0.5]
        return {
            "many_to_one": calibrate.Belonging(score[free], ia, ib, rows_a, rows_b, sure),
            "one_to_many": calibrate.Belonging(score[free], ib, ia, rows_b, rows_a, sure),
        }

    def _told_by_data(self, score: Floats) -> Cardinality:
        """Many to one where many rows, as sure as those that are chosen back, choose one that another is chosen by.

        Or where people said so of pairs.
        """
        judged = self.judged
        yes = self.labelled[self.labels.same]
        found = self._belonging(score, self.free) if judged.told else {}
        shared = {"many_to_one": self.ib[yes], "one_to_many": self.ia[yes]}
        many = [n for n, rows in shared.items() if len(rows) - len(distinct(rows)) > max(1, _WEAK * len(rows))]
        for name, one in found.items():
            sure = one.p > _SURE
            extra = int(np.sum(sure & one.extra))
            if one.told and extra >= max(_FEW, _OFTEN * int(np.sum(sure & ~one.extra))):
                many.append(name)
        many = [*dict.fromkeys(many)]
        if len(many) == 2:
            return "many_to_many"
        return "many_to_one" if many == ["many_to_one"] else "one_to_many" if many else "one_to_one"

    def _decide(self, p: Floats, places: Ints) -> None:
        """The chance of every pair: of those that choose each other by calibration, then of what is left over.

        ``p`` and ``places``: what the calibration makes of the scores where no pair is vetoed.
        """
        rows_a, rows_b = len(self.a), len(self.b)
        vetoed = np.zeros(len(self.ia), bool)
        for flags in self.vetoes.values():
            vetoed |= flags
        # What is vetoed stands back for what is not, and is chosen only where nothing else is.
        score = self.score - np.where(vetoed, self.stands_back, 0.0)
        if vetoed.any():
            p, places = self._chances(score)
        judged = self.judged
        self.chance = np.zeros(len(self.ia))
        self.chance[places] = p
        if not judged.told:
            # Too little to learn from: rows that say the same, and choose each other, are taken to be the same.
            mutual = self.free[judged.mutual]
            same = mutual[self.said_alike(mutual)]
            self.chance[same] = np.maximum(self.chance[same], _SAID_ALIKE)
        elif self.cardinality != "many_to_many":
            self.chance *= among.overlap(self, score)
        firm = places[self.chance[places] >= 0.1]
        again, self.ambiguous = np.zeros(0, np.int64), np.zeros(0, np.int64)
        if self.cardinality == "one_to_one":
            taken_a, taken_b = np.zeros(rows_a, bool), np.zeros(rows_b, bool)
            taken_a[self.ia[firm]], taken_b[self.ib[firm]] = True, True
            left = self.free[~taken_a[self.ia[self.free]] & ~taken_b[self.ib[self.free]]]
            # Equal ones are paired in the order of the tables, as likely as one of so many is.
            nearer = score - _HAIR * np.abs(self.ia / rows_a - self.ib / rows_b)
            again, chance = judged.of(left, nearer, self.ia, self.ib)
            rival_a, rival_b = model.rivals(score[left], self.ia[left], self.ib[left], rows_a, rows_b)
            equal = np.zeros(len(score), bool)
            equal[left] = score[left] <= np.maximum(rival_a, rival_b)
            self.ambiguous = again[equal[again]]
            self.chance[again] = np.minimum(chance, _LEFT_OVER)
        self.chance[vetoed] = np.minimum(self.chance[vetoed], _VETOED)
        yes = self.labelled[self.labels.same]
        self.chance[yes], self.chance[self.labelled[~self.labels.same]] = 1.0, 0.0
        self.chosen = np.unique(np.concatenate([firm, again, yes]))
        self.vetoed = vetoed
        self.left_over = again

    def said_alike(self, places: Ints) -> Flags:
        """Whether the two rows of each pair hold the same words."""
        bags = [*self.bags]
        at = bags.index(ALL) * len(evidence.NAMES) if ALL in bags else 0
        made: Flags = self.features[places, at + evidence.SAME] != 0
        return made

    def evidence(self, place: int) -> dict[str, float]:
        """What each column weighs for (above 0) or against a pair, in log odds; ``base`` is the start."""
        weight = self.features[place] * self.logistic.coefficients
        made: dict[str, float] = {}
        for name, value in zip(self.names, weight.tolist(), strict=True):
            column = name.rsplit(": ", 1)[0]
            made[column] = made.get(column, 0.0) + value
        shown = {name: round(value, 2) for name, value in made.items() if abs(value) >= 0.05}
        return {**shown, "base": round(float(self.logistic.intercept), 2)}

    def _taught(self, p: Floats, mutual: Ints, n: int) -> tuple[Floats, Floats]:
        """What the next round takes for true: mutual choices by how sure they are, their rivals for false."""
        truth = np.zeros(n)
        truth[mutual] = p
        sure_a, sure_b = np.zeros(len(self.a)), np.zeros(len(self.b))
        np.maximum.at(sure_a, self.ia[mutual], p)
        np.maximum.at(sure_b, self.ib[mutual], p)
        of_a, of_b = sure_a[self.ia], sure_b[self.ib]
        # A rival of a sure pair is wrong where the row they share belongs to one only.
        weight = {"many_to_one": of_a, "one_to_many": of_b, "many_to_many": of_a * of_b / 2}.get(
            self.cardinality, np.maximum(of_a, of_b)
        )
        weight[mutual] = np.maximum(np.abs(2 * p - 1), 0.05)
        return (truth > 0.5).astype(float), weight
