"""Two columns of text as two sparse matrices over one vocabulary: which row holds which token."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
from scipy import sparse

from transforms.recognise import text
from transforms.recognise.compounds import Compounds

# Of numbers; of places and counts; of yes and no. NumPy's own types tell the width, which nothing here hangs on.
Floats = npt.NDArray[Any]
Ints = npt.NDArray[Any]
Flags = npt.NDArray[Any]


def distinct(values: Ints) -> Ints:
    """The distinct values in order. For many integers sorting beats the hashing of numpy.unique."""
    ordered = np.sort(values)
    made: Ints = ordered[np.concatenate([[True], ordered[1:] != ordered[:-1]])] if len(ordered) else ordered
    return made


# The classes of tokens, by their first sign: words and initials, numbers and quantities, codes.
CLASSES = {"w": 0, "i": 0, "n": 1, "q": 1, "c": 2}
_NONE: list[str] = []
T = TypeVar("T")


@dataclass(frozen=True)
class Bag:
    """``a`` and ``b``: rows × tokens, 1 where the row holds the token. ``kind`` is each token's class."""

    tokens: list[str]
    a: sparse.csr_array
    b: sparse.csr_array
    kind: Ints
    length_a: Ints
    length_b: Ints

    @property
    def df(self) -> tuple[Floats, Floats]:
        """In how many rows of either side each token stands."""
        return _columns(self.a), _columns(self.b)


def _columns(m: sparse.csr_array) -> Floats:
    return np.bincount(m.indices, minlength=m.shape[1]).astype(np.float64)


@dataclass
class Side:
    """One side's distinct values, cut, and what their cutting shows."""

    index: Ints
    quantities: list[list[str]]
    chunks: list[list[str]]
    singles: Counter[str]
    pairs: Counter[tuple[str, str]]


def cut(values: Sequence[str]) -> Side:
    """A column's values cut at blanks and signs."""
    distinct: dict[str, int] = {}
    index = np.fromiter((distinct.setdefault(v, len(distinct)) for v in values), np.int64, len(values))
    times = np.bincount(index, minlength=len(distinct)).tolist()
    quantities, chunked, once = [], [], []
    again: list[tuple[list[str], int]] = []
    for value, count in zip(distinct, times, strict=True):
        found, rest = text.quantities(text.normal(value)) if value else (_NONE, "")
        own = text.chunks(rest)
        quantities.append(found)
        chunked.append(own)
        if count == 1:
            once.append(own)
        else:
            again.append((own, count))
    singles = Counter(map(text.joined, itertools.chain.from_iterable(once)))
    pairs = Counter(itertools.chain.from_iterable(zip(own, own[1:], strict=False) for own in once))
    for own, count in again:
        for chunk in own:
            singles[text.joined(chunk)] += count
        for pair in zip(own, own[1:], strict=False):
            pairs[pair] += count
    return Side(index, quantities, chunked, singles, pairs)


def _resolved(side: Side, singles: Counter[str], pairs: Counter[tuple[str, str]]) -> list[list[str]]:
    """Tokens of each distinct value: written apart or together as the other side (``singles``, ``pairs``) does."""
    found = []
    joined, token = text.joined, text.token
    # Which two words stand together on the other side, and whether a word is written in one there: asked over and over.
    together: dict[tuple[str, str], str | None] = {}
    single: dict[str, list[str]] = {}
    compounds = Compounds(singles)
    for quantities, own in zip(side.quantities, side.chunks, strict=True):
        words = [*quantities]
        i, last = 0, len(own) - 1
        while i <= last:
            chunk = own[i]
            if i < last:
                pair = (chunk, own[i + 1])
                if pair not in together:
                    both = joined(chunk) + joined(pair[1])
                    one = len(chunk) + len(pair[1]) >= 5 and not both.isdigit()
                    together[pair] = token(both) if one and singles.get(both, 0) > pairs.get(pair, 0) else None
                as_one = together[pair]
                if as_one is not None:
                    words.append(as_one)
                    i += 2
                    continue
            alone = single.get(chunk)
            if alone is None:
                word = joined(chunk)
                kept = word == chunk or singles.get(word, 0)
                written = (word,) if kept else text.parts(chunk)
                alone = single[chunk] = [token(w) for part in written for w in compounds.parts(part)]
            words += alone
            i += 1
        found.append(words)
    return found


def bag(values_a: Sequence[str], values_b: Sequence[str]) -> Bag:
    """The bag of one column on both sides."""
    return union([cut(values_a)], [cut(values_b)])


def union(sides_a: Sequence[Side], sides_b: Sequence[Side]) -> Bag:
    """The bag of all that a row says in several columns; at least one on either side."""
    vocabulary: dict[str, int] = {}
    made: list[tuple[Ints, Ints]] = []
    spoken = [(_sum(s.singles for s in sides), _sum(s.pairs for s in sides)) for sides in (sides_a, sides_b)]
    for sides, (singles, pairs) in ((sides_a, spoken[1]), (sides_b, spoken[0])):
        cells = [_cells(_resolved(side, singles, pairs), side.index, vocabulary) for side in sides]
        made.append((np.concatenate([rows for rows, _ in cells]), np.concatenate([own for _, own in cells])))
    size = max(len(vocabulary), 1)
    a = _binary(*made[0], (len(sides_a[0].index), size))
    b = _binary(*made[1], (len(sides_b[0].index), size))
    kind = np.array([CLASSES[t[0]] for t in vocabulary] or [0], np.int64)
    return Bag([*vocabulary] or ["w"], a, b, kind, np.diff(a.indptr), np.diff(b.indptr))


def _sum(counters: Iterable[Counter[T]]) -> Counter[T]:
    first, *more = counters
    if not more:
        return first
    made = first.copy()
    for one in more:
        made.update(one)
    return made


def _cells(tokens: list[list[str]], index: Ints, vocabulary: dict[str, int]) -> tuple[Ints, Ints]:
    """Row and token of each cell of the matrix; tokens not seen before are added to ``vocabulary``."""
    counts = np.fromiter(map(len, tokens), np.int64, len(tokens))
    add = vocabulary.setdefault
    flat = np.fromiter((add(t, len(vocabulary)) for own in tokens for t in own), np.int64)
    starts = np.concatenate([[0], np.cumsum(counts)])
    sizes = counts[index]
    rows = np.repeat(np.arange(len(index)), sizes)
    offsets = np.arange(sizes.sum()) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    return rows, flat[np.repeat(starts[index], sizes) + offsets]


def _binary(rows: Ints, columns: Ints, shape: tuple[int, int]) -> sparse.csr_array:
    m = sparse.csr_array((np.ones(len(rows), np.float32), (rows, columns)), shape=shape)
    m.sum_duplicates()
    m.data[:] = 1
    return m
