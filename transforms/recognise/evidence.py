"""What each candidate pair has for and against it: sums of weights of evidence, per column and kind.

A token that both rows hold speaks for them by log(m/u), one that only one of them holds against them by log(1 - m):
m is how often it is found on the other side where two rows are the same thing, u how often by chance (Fellegi and
Sunter 1969, per token). Words that are nearly alike count in part.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from transforms.recognise import alike
from transforms.recognise.tokens import Bag, Flags, Floats, Ints, distinct

_CHUNK = 150_000
_SHRINK = 4.0
NAMES = ("shared", "lacking", "contradicting numbers", "lacking numbers", "contradicting codes", "lacking codes",
         "cover", "all the same")  # fmt: skip
SHARED, LACKING, NUMBERS, LESS_NUMBERS, CODES, LESS_CODES, COVER, SAME = range(8)
# What is taken for granted of a class of tokens (word, number, code) before anything is learnt.
_AT_FIRST = np.array([0.80, 0.90, 0.70])


@dataclass
class Weights:
    """Per token: for (both hold it), against (only a's row does, only b's row does)."""

    plus: Floats
    minus_a: Floats
    minus_b: Floats


@dataclass(frozen=True)
class Near:
    """Tokens of two rows that are not equal but alike: row of the pair, both tokens, how alike."""

    pair: Ints
    a: Ints
    b: Ints
    score: Floats


class Likeness:
    """Remembers how alike two tokens of a bag are; ``learnt`` holds those that only the data tells."""

    def __init__(self, one: Bag) -> None:
        self._bag = one
        self._size = len(one.tokens)
        self._keys: Ints = np.zeros(0, np.int64)
        self._scores: Floats = np.zeros(0)
        first = [t[1:2] if t[0] in "wi" else t[0] if t[0] in "nq" else t[1:2] for t in one.tokens]
        letters = {letter: i for i, letter in enumerate(sorted(set(first)))}
        self._first = np.array([letters[f] for f in first], np.int64)
        self._fuzzy = np.array([t[0] in "wic" for t in one.tokens])
        last = [t[-3:] for t in one.tokens]
        ends = {end: i for i, end in enumerate(sorted(set(last)))}
        self._last = np.array([ends[f] for f in last], np.int64)
        self.learnt: dict[int, float] = {}
        df_a, df_b = one.df
        self._strange = (np.minimum(df_a, df_b) <= 2) | (np.array([t[0] for t in one.tokens]) == "i")

    def worth(self, only_a: sparse.csr_array, only_b: sparse.csr_array) -> tuple[sparse.csr_array, sparse.csr_array]:
        """Of the words that only one of two rows holds those worth aligning, as two matrices of their own.

        Words that both sides know well are two words, not two spellings of one.
        """
        a, b = _only(only_a, self._fuzzy), _only(only_b, self._fuzzy)
        strange_a, strange_b = (np.asarray(m @ self._strange.astype(float)).ravel() > 0 for m in (a, b))
        none = ~(strange_a | strange_b)
        return _without(a, none), _without(b, none)

    def of(self, a: Ints, b: Ints) -> Floats:
        """Per pair of tokens."""
        made = np.zeros(len(a))
        may = (self._strange[a] | self._strange[b]) & (
            (self._first[a] == self._first[b]) | (self._last[a] == self._last[b])
        )
        key = a * np.int64(self._size) + b
        wanted = distinct(key[may])
        new = wanted
        if len(self._keys):
            new = wanted[self._keys[np.minimum(np.searchsorted(self._keys, wanted), len(self._keys) - 1)] != wanted]
        if len(new):
            tokens = self._bag.tokens
            scores = alike.likeness([tokens[i] for i in new // self._size], [tokens[i] for i in new % self._size])
            keys = np.concatenate([self._keys, new])
            order = np.argsort(keys, kind="stable")
            self._keys, self._scores = keys[order], np.concatenate([self._scores, scores])[order]
        if len(self._keys):
            made[may] = self._scores[np.searchsorted(self._keys, key[may])]
        if self.learnt:
            known = np.array(sorted(self.learnt), np.int64)
            place = np.minimum(np.searchsorted(known, key), len(known) - 1)
            hit = known[place] == key
            made[hit] = np.maximum(made[hit], np.array([self.learnt[k] for k in known.tolist()])[place[hit]])
        return made


def at_first(one: Bag) -> Weights:
    """Weights before anything is learnt."""
    m = _AT_FIRST[one.kind]
    return _weights(one, m, m)


def _weights(one: Bag, m_a: Floats, m_b: Floats) -> Weights:
    df_a, df_b = one.df
    rows_a, rows_b = one.a.shape[0], one.b.shape[0]
    u = (df_a + df_b + 0.5) / (rows_a + rows_b + 1.0)
    plus = np.log(np.maximum(np.sqrt(m_a * m_b), 1e-6) / np.minimum(u, 0.99))
    minus_a = -np.log(np.clip((1 - m_a) / (1 - np.minimum(u, 0.95)), 0.002, 1.0))
    minus_b = -np.log(np.clip((1 - m_b) / (1 - np.minimum(u, 0.95)), 0.002, 1.0))
    return Weights(np.maximum(plus, 0.0), minus_a, minus_b)


@dataclass(frozen=True)
class Shared:
    """What the rows of some pairs have in common and apart, as pairs × tokens."""

    common: sparse.csr_array
    only_a: sparse.csr_array
    only_b: sparse.csr_array
    near: Near


def apart(one: Bag, ia: Ints, ib: Ints) -> Shared:
    """What the pairs given share and do not share, no word aligned with another."""
    a, b = sparse.csr_array(one.a[ia]), sparse.csr_array(one.b[ib])
    common = sparse.csr_array(a.multiply(b))
    none = np.zeros(0, np.int64)
    return Shared(common, _less(a, common), _less(b, common), Near(none, none, none, np.zeros(0)))


def shared(one: Bag, likeness: Likeness, ia: Ints, ib: Ints) -> Shared:
    """Of the pairs given."""
    a, b = sparse.csr_array(one.a[ia]), sparse.csr_array(one.b[ib])
    common = sparse.csr_array(a.multiply(b))
    only_a, only_b = _less(a, common), _less(b, common)
    return Shared(common, only_a, only_b, _near(*likeness.worth(only_a, only_b), likeness))


def _only(m: sparse.csr_array, columns: Flags) -> sparse.csr_array:
    made = sparse.csr_array((m.data * columns[m.indices], m.indices, m.indptr), shape=m.shape, copy=True)
    made.eliminate_zeros()
    return made


def _without(m: sparse.csr_array, rows: Flags) -> sparse.csr_array:
    made = sparse.csr_array(
        (m.data * ~np.repeat(rows, np.diff(m.indptr)), m.indices, m.indptr), shape=m.shape, copy=True
    )
    made.eliminate_zeros()
    return made


def _less(m: sparse.csr_array, common: sparse.csr_array) -> sparse.csr_array:
    rest = sparse.csr_array(m - common)
    rest.eliminate_zeros()
    return rest


def _near(only_a: sparse.csr_array, only_b: sparse.csr_array, likeness: Likeness) -> Near:
    size_a, size_b = np.diff(only_a.indptr).astype(np.int64), np.diff(only_b.indptr).astype(np.int64)
    # Long texts are compared by what they share; aligning what they do not share would cost more than it tells.
    size_a, size_b = np.where(size_a * size_b > 400, 0, size_a), np.where(size_a * size_b > 400, 0, size_b)
    times = size_a * size_b
    pair = np.repeat(np.arange(len(times)), times)
    if not len(pair):
        none = np.zeros(0, np.int64)
        return Near(none, none, none, np.zeros(0))
    offset = np.arange(len(pair)) - np.repeat(np.cumsum(times) - times, times)
    wide = size_b[pair]
    a = only_a.indices[only_a.indptr[:-1][pair] + offset // wide].astype(np.int64)
    b = only_b.indices[only_b.indptr[:-1][pair] + offset % wide].astype(np.int64)
    score = likeness.of(a, b)
    hit = score > 0
    pair, a, b, score = pair[hit], a[hit], b[hit], score[hit]
    # A word stands for one other: the best for both.
    order = np.lexsort((b, a, -score, pair))
    pair, a, b, score = pair[order], a[order], b[order], score[order]
    size = np.int64(only_a.shape[1])
    first_a = np.zeros(len(pair), bool)
    first_a[np.unique(pair * size + a, return_index=True)[1]] = True
    first_b = np.zeros(len(pair), bool)
    first_b[np.unique(pair * size + b, return_index=True)[1]] = True
    best = first_a & first_b
    return Near(pair[best].astype(np.int64), a[best], b[best], score[best])


class Compared:
    """One bag's evidence on all candidate pairs: what they share is found once, weighed as often as weights change."""

    def __init__(self, one: Bag, likeness: Likeness, ia: Ints, ib: Ints) -> None:
        self.bag, self.likeness, self.ia, self.ib = one, likeness, ia, ib
        self.weights = at_first(one)
        self._empty = (one.length_a[ia] == 0) | (one.length_b[ib] == 0)
        self.find()

    def find(self) -> None:
        """Find what the pairs share, by the likeness as it is now."""
        starts = range(0, len(self.ia), _CHUNK)
        self._shared = [
            shared(self.bag, self.likeness, self.ia[s : s + _CHUNK], self.ib[s : s + _CHUNK]) for s in starts
        ]

    def features(self) -> Floats:
        """Pairs × NAMES by the weights as they are now."""
        made = np.concatenate(
            [_features(self.bag, s, self.weights) for s in self._shared] or [np.zeros((0, len(NAMES)))]
        )
        made[self._empty] = 0.0
        return made

    def learn(self, places: Ints, sure: Floats) -> None:
        """Weights from the pairs at these places, taken to be the same, each with how sure that is."""
        p = np.zeros(len(self.ia))
        p[places] = sure
        p[self._empty] = 0.0
        starts = range(0, len(self.ia), _CHUNK)
        self.weights = learn(self.bag, self._shared, [p[s : s + _CHUNK] for s in starts])


def _features(one: Bag, s: Shared, w: Weights) -> Floats:
    n = s.common.shape[0]
    made = np.zeros((n, len(NAMES)))
    plus = s.common @ w.plus
    near = np.minimum(w.plus[s.near.a], w.plus[s.near.b]) * s.near.score
    plus += np.bincount(s.near.pair, near, minlength=n)
    made[:, SHARED] = plus
    against = np.zeros((n, 3))
    against_min = np.zeros((n, 3))
    for kind in range(3):
        of_kind = one.kind == kind
        a = s.only_a @ np.where(of_kind, w.minus_a, 0.0)
        b = s.only_b @ np.where(of_kind, w.minus_b, 0.0)
        if kind != 1 and len(s.near.pair):
            own = of_kind[s.near.a]
            a = a - np.bincount(s.near.pair[own], (w.minus_a[s.near.a] * s.near.score)[own], minlength=n)
            own = of_kind[s.near.b]
            b = b - np.bincount(s.near.pair[own], (w.minus_b[s.near.b] * s.near.score)[own], minlength=n)
        against[:, kind], against_min[:, kind] = a + b, np.minimum(a, b)
    made[:, LACKING] = against[:, 0]
    made[:, NUMBERS], made[:, LESS_NUMBERS] = against_min[:, 1], against[:, 1] - 2 * against_min[:, 1]
    made[:, CODES], made[:, LESS_CODES] = against_min[:, 2], against[:, 2] - 2 * against_min[:, 2]
    # How much of what either row says the other says too, rare words counting more.
    rest = (
        s.only_a @ w.plus
        + s.only_b @ w.plus
        - np.bincount(s.near.pair, (w.plus[s.near.a] + w.plus[s.near.b]) * s.near.score, minlength=n)
    )
    made[:, COVER] = 2 * plus / np.maximum(2 * plus + rest, 1e-9)
    made[:, SAME] = (against.sum(axis=1) <= 1e-9) & (plus > 0)
    return made


def learn(one: Bag, parts: Sequence[Shared], sure: Sequence[Floats]) -> Weights:
    """Weights from pairs that are taken to be the same, each with how sure that is (0: not looked at), part by part."""
    size = len(one.tokens)
    present = np.zeros((2, size))
    matched = np.zeros((2, size))
    for s, p in zip(parts, sure, strict=True):
        common = p @ s.common
        near_a = np.bincount(s.near.a, s.near.score * p[s.near.pair], minlength=size)
        near_b = np.bincount(s.near.b, s.near.score * p[s.near.pair], minlength=size)
        matched += np.stack([common + near_a, common + near_b])
        present += np.stack([common + p @ s.only_a, common + p @ s.only_b])
    m = np.zeros((2, size))
    for side in range(2):
        for kind in range(3):
            own = one.kind == kind
            seen, hit = present[side][own].sum(), matched[side][own].sum()
            class_m = np.clip((hit + 20 * _AT_FIRST[kind]) / (seen + 20), 0.2, 0.997)
            # One failure of a word may be the very pair that is judged by it: it takes two to learn from.
            failed = np.maximum(present[side][own] - matched[side][own] - 1.5, 0.0)
            m[side][own] = (matched[side][own] + _SHRINK * class_m) / (matched[side][own] + failed + _SHRINK)
    m = np.clip(m, 0.02, 0.998)
    return _weights(one, m[0], m[1])


def learn_likeness(one: Bag, ia: Ints, ib: Ints, least: int = 4) -> dict[int, float]:
    """Words that stand for each other wherever both rows are the same thing: what one says, the other replaces.

    Returned as token pair (a · number of tokens + b) → how alike. A pair counts where it is found at least ``least``
    times and in most of the rows in which either word goes unmatched.
    """
    size = len(one.tokens)
    keys: list[Ints] = []
    lone_a, lone_b = np.zeros(size), np.zeros(size)
    for start in range(0, len(ia), _CHUNK):
        some = slice(start, start + _CHUNK)
        s = apart(one, ia[some], ib[some])
        size_a, size_b = np.diff(s.only_a.indptr).astype(np.int64), np.diff(s.only_b.indptr).astype(np.int64)
        times = np.where((size_a <= 3) & (size_b <= 3), size_a * size_b, 0)
        pair = np.repeat(np.arange(len(times)), times)
        offset = np.arange(len(pair)) - np.repeat(np.cumsum(times) - times, times)
        if len(pair):
            a = s.only_a.indices[s.only_a.indptr[:-1][pair] + offset // size_b[pair]].astype(np.int64)
            b = s.only_b.indices[s.only_b.indptr[:-1][pair] + offset % size_b[pair]].astype(np.int64)
            words = (one.kind[a] == 0) & (one.kind[b] == 0)
            keys.append(a[words] * np.int64(size) + b[words])
        lone_a += np.bincount(s.only_a.indices, minlength=size)
        lone_b += np.bincount(s.only_b.indices, minlength=size)
    if not keys:
        return {}
    key, count = np.unique(np.concatenate(keys), return_counts=True)
    a, b = key // size, key % size
    share = count / np.maximum(np.maximum(lone_a[a], lone_b[b]), 1.0)
    good = (count >= least) & (share >= 0.5)
    return {int(k): float(min(0.9, s)) for k, s in zip(key[good], share[good], strict=True)}
