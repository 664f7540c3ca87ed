"""Two columns of text as two sparse matrices over one vocabulary: which row holds which token."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse

from transforms.matching import text

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
class _Side:
    """One side's distinct values, cut, and what their cutting shows."""

    index: Ints
    quantities: list[list[str]]
    chunks: list[list[str]]
    singles: Counter[str]
    pairs: Counter[tuple[str, str]]


def _cut(values: Sequence[str]) -> _Side:
    distinct: dict[str, int] = {}
    index = np.fromiter((distinct.setdefault(v, len(distinct)) for v in values), np.int64, len(values))
    times = np.bincount(index, minlength=len(distinct))
    quantities, cut = [], []
    singles: Counter[str] = Counter()
    pairs: Counter[tuple[str, str]] = Counter()
    for value, count in zip(distinct, times.tolist(), strict=True):
        found, rest = text.quantities(text.normal(value)) if value else ([], "")
        own = text.chunks(rest)
        quantities.append(found)
        cut.append(own)
        for chunk in own:
            singles[text.joined(chunk)] += count
        for one, two in zip(own, own[1:], strict=False):
            pairs[one, two] += count
    return _Side(index, quantities, cut, singles, pairs)


def _resolved(side: _Side, other: _Side) -> list[list[str]]:
    """Tokens of each distinct value: written apart or together as the other side writes them."""
    found = []
    for quantities, own in zip(side.quantities, side.chunks, strict=True):
        words: list[str] = []
        i = 0
        while i < len(own):
            chunk = own[i]
            if i + 1 < len(own) and len(chunk) + len(own[i + 1]) >= 5:
                both = text.joined(chunk) + text.joined(own[i + 1])
                if other.singles.get(both, 0) > other.pairs.get((chunk, own[i + 1]), 0) and not both.isdigit():
                    words.append(both)
                    i += 2
                    continue
            one = text.joined(chunk)
            words += [one] if one == chunk or other.singles.get(one, 0) else text.parts(chunk)
            i += 1
        found.append([*quantities, *map(text.token, words)])
    return found


def bag(values_a: Sequence[str], values_b: Sequence[str]) -> Bag:
    """The bag of one column on both sides."""
    side_a, side_b = _cut(values_a), _cut(values_b)
    return _matrices(_resolved(side_a, side_b), side_a.index, _resolved(side_b, side_a), side_b.index)


def union(bags: Sequence[Bag]) -> Bag:
    """Everything a row says, whatever the column."""
    vocabulary: dict[str, int] = {}
    place = [np.array([vocabulary.setdefault(t, len(vocabulary)) for t in one.tokens], np.int64) for one in bags]
    sides = []
    for name in ("a", "b"):
        rows, columns = [], []
        for one, where in zip(bags, place, strict=True):
            m = getattr(one, name).tocoo()
            rows.append(m.row)
            columns.append(where[m.col])
        shape = (getattr(bags[0], name).shape[0], len(vocabulary))
        sides.append(_binary(np.concatenate(rows), np.concatenate(columns), shape))
    return _made([*vocabulary], *sides)


def _matrices(tokens_a: list[list[str]], index_a: Ints, tokens_b: list[list[str]], index_b: Ints) -> Bag:
    vocabulary: dict[str, int] = {}

    def matrix(tokens: list[list[str]], index: Ints) -> tuple[Ints, Ints]:
        counts = np.fromiter(map(len, tokens), np.int64, len(tokens))
        flat = np.fromiter((vocabulary.setdefault(t, len(vocabulary)) for own in tokens for t in own), np.int64)
        starts = np.concatenate([[0], np.cumsum(counts)])
        sizes = counts[index]
        rows = np.repeat(np.arange(len(index)), sizes)
        offsets = np.arange(sizes.sum()) - np.repeat(np.cumsum(sizes) - sizes, sizes)
        return rows, flat[np.repeat(starts[index], sizes) + offsets]

    a, b = matrix(tokens_a, index_a), matrix(tokens_b, index_b)
    size = max(len(vocabulary), 1)
    return _made([*vocabulary] or ["w"], _binary(*a, (len(index_a), size)), _binary(*b, (len(index_b), size)))


def _binary(rows: Ints, columns: Ints, shape: tuple[int, int]) -> sparse.csr_array:
    m = sparse.csr_array((np.ones(len(rows), np.float32), (rows, columns)), shape=shape)
    m.sum_duplicates()
    m.data[:] = 1
    return m


def _made(tokens: list[str], a: sparse.csr_array, b: sparse.csr_array) -> Bag:
    kind = np.array([CLASSES[t[0]] for t in tokens], np.int64)
    return Bag(tokens, a, b, kind, np.diff(a.indptr), np.diff(b.indptr))
