"""Which pairs are looked at: for every row its nearest rows of the other side, found three ways and judged by one.

By an equal code; by the words that are left when up to two are set aside (so that rows of common words find those that
differ in a word or two); by shared rare words. The work grows with rows times the candidates kept, not with rows times
rows: what too many rows share leads nowhere.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from rapidfuzz import process
from rapidfuzz.distance import OSA
from scipy import sparse, spatial

from transforms.recognise.tokens import Bag, Flags, Floats, Ints, distinct

# The most pairs of rows that one word may bring together, per row; and the most that all words may.
_PER_WORD = 30.0
_ALL_WORDS = 60_000_000
_CHUNK = 4000
# The most pairs that one set of words brings together, by how many words were set aside.
_PER_SET = (2500, 400, 60)
_LONGEST_SET = 12
# The most pairs that are judged at once.
_JUDGED = 500_000


def weights(one: Bag) -> Floats:
    """Inverse document frequency of each token over both sides."""
    df_a, df_b = one.df
    rows = one.a.shape[0] + one.b.shape[0]
    made: Floats = np.log((rows + 1.0) / (df_a + df_b + 0.5))
    return np.maximum(made, 0.05)


def candidates(one: Bag, top: int, given: Iterable[tuple[Ints, Ints]] = (), least: int = 2) -> tuple[Ints, Ints]:
    """Pairs of rows (of a, of b): for each row of either side the ``top`` nearest of the other by shared weight.

    ``given`` pairs (an equal code) are kept whatever they share.
    """
    size = np.int64(one.b.shape[0])
    keys = [ia.astype(np.int64) * size + ib for ia, ib in given]
    near = [*_by_words(one, top), *_by_sets(one)]
    key = distinct(np.concatenate([ia.astype(np.int64) * size + ib for ia, ib in near]))
    ia, ib = key // size, key % size
    kept = _best(cosine(one, ia, ib), ia, ib, top)
    key = distinct(np.concatenate([key[kept], *keys]))
    return key // size, key % size


def equal(a: Floats, b: Floats, most: int = 100) -> tuple[Ints, Ints]:
    """Pairs of rows with the same value (a class, -1 for none), where at most so many pairs share it."""
    filled_a, filled_b = np.flatnonzero(a >= 0), np.flatnonzero(b >= 0)
    return _joined(
        _grouped(a[filled_a].astype(np.int64), filled_a), _grouped(b[filled_b].astype(np.int64), filled_b), most
    )


def some_rows(one: Bag, most: int) -> Bag:
    """The bag with so many of a's rows at most, evenly chosen; all of b's."""
    rows = one.a.shape[0]
    if rows <= most:
        return one
    some = np.linspace(0, rows - 1, most).astype(np.int64)
    return Bag(one.tokens, sparse.csr_array(one.a[some]), one.b, one.kind, one.length_a[some], one.length_b)


def amounts(a: Sequence[Floats], b: Sequence[Floats], top: int) -> tuple[Ints, Ints]:
    """Pairs of rows: for each of either side the ``top`` whose numbers, column by column, lie nearest."""
    sides = []
    for x, y in zip(a, b, strict=True):
        both = np.concatenate([x, y])
        filled = np.sort(both[~np.isnan(both)])
        # The place among all numbers of the column: no column's scale outweighs another's. Empty lies in the middle.
        rank = np.searchsorted(filled, both) / max(len(filled), 1)
        sides.append(np.where(np.isnan(both), 0.5, rank))
    made = np.stack(sides, axis=1)
    one, two = made[: len(a[0])], made[len(a[0]) :]
    near_b = spatial.cKDTree(two).query(one, k=min(top, len(two)))[1].reshape(len(one), -1)
    near_a = spatial.cKDTree(one).query(two, k=min(top, len(one)))[1].reshape(len(two), -1)
    ia, ib = np.repeat(np.arange(len(one)), near_b.shape[1]), np.repeat(np.arange(len(two)), near_a.shape[1])
    return np.concatenate([ia, near_a.ravel()]), np.concatenate([near_b.ravel(), ib])


def cosine(one: Bag, ia: Ints, ib: Ints) -> Floats:
    """Of each pair: shared weight by both rows' weight, between 0 and 1."""
    idf = weights(one)
    norm_a, norm_b = np.sqrt(one.a @ idf), np.sqrt(one.b @ idf)
    made = np.zeros(len(ia))
    for start in range(0, len(ia), _JUDGED):
        some = slice(start, start + _JUDGED)
        both = sparse.csr_array(sparse.csr_array(one.a[ia[some]]).multiply(sparse.csr_array(one.b[ib[some]])))
        made[some] = both @ idf
    made /= np.maximum(norm_a[ia] * norm_b[ib], 1e-9)
    return made


def mutual(one: Bag, ia: Ints, ib: Ints) -> tuple[Ints, Ints]:
    """Of the pairs given those whose rows are each other's nearest by shared weight."""
    value = cosine(one, ia, ib)
    value = value + 1e-9 * np.arange(len(value)) / max(len(value), 1)
    first = []
    for rows, size in ((ia, one.a.shape[0]), (ib, one.b.shape[0])):
        best = np.zeros(size)
        np.maximum.at(best, rows, value)
        first.append(value >= best[rows])
    kept = first[0] & first[1] & (value > 0)
    return ia[kept], ib[kept]


def _best(value: Floats, ia: Ints, ib: Ints, top: int) -> Ints:
    """Places of the pairs that are among the ``top`` of either of their rows; the pairs come in order of their rows."""
    kept = np.zeros(len(value), bool)
    # The better the earlier, to six decimals; among equal ones the order of the other side's rows.
    worse = np.int64(1_100_000) - np.round(value * 1e6).astype(np.int64)
    for rows in (ia, ib):
        order = np.argsort((rows.astype(np.int64) << 21) + worse, kind="stable")
        own = rows[order]
        starts = np.flatnonzero(np.concatenate([[True], own[1:] != own[:-1]])) if len(own) else np.zeros(0, np.int64)
        rank = np.arange(len(own)) - np.repeat(starts, np.diff(np.concatenate([starts, [len(own)]])))
        kept[order[rank < top]] = True
    return np.flatnonzero(kept)


# --- by rare words ---------------------------------------------------------------------------------------------------


def _by_words(one: Bag, top: int) -> list[tuple[Ints, Ints]]:
    df_a, df_b = one.df
    kept = rare(df_a, df_b, max(one.a.shape[0], one.b.shape[0]))
    scale = np.where(kept, np.sqrt(weights(one)), 0.0)
    x, y = normed(one.a, scale), normed(one.b, scale)
    first, second = nearest(x, y, top), nearest(y, x, top)
    return [first, (second[1], second[0])]


def rare(df_a: Floats, df_b: Floats, rows: int) -> Flags:
    """Which words bring so few pairs together, each and the rarest together, that all of these can be looked at."""
    work = df_a * df_b
    order = np.argsort(work, kind="stable")
    kept = np.zeros(len(work), bool)
    kept[order[np.cumsum(work[order]) <= _ALL_WORDS]] = True
    kept &= (work > 0) & (work <= max(400_000.0, _PER_WORD * rows))
    return kept


def normed(m: sparse.csr_array, scale: Floats) -> sparse.csr_array:
    """Rows of length one, each column (word) scaled; words of scale 0 left out."""
    made = sparse.csr_array(
        (m.data * scale[m.indices].astype(np.float32), m.indices, m.indptr), shape=m.shape, copy=True
    )
    made.eliminate_zeros()
    norms = np.sqrt(np.asarray(made.multiply(made).sum(axis=1)).ravel())
    factor = (1.0 / np.maximum(norms, 1e-6)).astype(np.float32)
    made.data *= np.repeat(factor, np.diff(made.indptr))
    return made


def nearest(x: sparse.csr_array, y: sparse.csr_array, top: int) -> tuple[Ints, Ints]:
    """For each row of x the ``top`` rows of y that it shares most with: places in x, places in y."""
    turned = sparse.csr_array(y.T)
    rows: list[Ints] = []
    columns: list[Ints] = []
    for start in range(0, x.shape[0], _CHUNK):
        found = sparse.csr_array(x[start : start + _CHUNK] @ turned)
        sizes = np.diff(found.indptr)
        keep = np.ones(found.nnz, bool)
        # Rows that share something with equally many are cut together.
        for size in np.unique(sizes[sizes > top]).tolist():
            cells = found.indptr[np.flatnonzero(sizes == size)][:, None] + np.arange(size)
            least = np.argpartition(found.data[cells], size - top, axis=1)[:, : size - top]
            keep[np.take_along_axis(cells, least, axis=1)] = False
        rows.append(np.repeat(np.arange(start, start + found.shape[0]), sizes)[keep])
        columns.append(found.indices[keep])
    if not rows:
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    return np.concatenate(rows).astype(np.int64), np.concatenate(columns).astype(np.int64)


# --- by sets of words ------------------------------------------------------------------------------------------------


def _by_sets(one: Bag) -> list[tuple[Ints, Ints]]:
    signs = np.random.default_rng(11).integers(1, 2**62, len(one.tokens), dtype=np.int64)
    sides = [_sets(one.a, signs), _sets(one.b, signs)]
    return [
        _joined(sides[0][aside], sides[1][other], _PER_SET[max(aside, other)])
        for aside in range(3)
        for other in range(3)
        # Two words set aside on one side and one on the other would be three.
        if aside + other <= 2 or aside == other
    ]


def _sets(m: sparse.csr_array, signs: Ints) -> list[_Groups]:
    """Per number of words set aside: the sign of what is left of a row's words, and the row."""
    made: list[list[tuple[Ints, Ints]]] = [[], [], []]
    sizes = np.diff(m.indptr)
    for size in range(1, _LONGEST_SET + 1):
        rows = np.flatnonzero(sizes == size)
        if not len(rows):
            continue
        each = signs[m.indices[m.indptr[rows][:, None] + np.arange(size)]]
        whole = each.sum(axis=1)
        made[0].append((whole, rows))
        if size >= 3:
            made[1].append(((whole[:, None] - each).ravel(), np.repeat(rows, size)))
        if size >= 5:
            i, j = np.triu_indices(size, 1)
            made[2].append(((whole[:, None] - each[:, i] - each[:, j]).ravel(), np.repeat(rows, len(i))))
    none = np.zeros(0, np.int64)
    return [
        _grouped(*(np.concatenate(c) for c in zip(*found, strict=True))) if found else _grouped(none, none)
        for found in made
    ]


@dataclass(frozen=True)
class _Groups:
    """Rows by their key: the distinct keys in order, where each begins among ``rows`` and how many it has."""

    keys: Ints
    starts: Ints
    counts: Ints
    rows: Ints


def _grouped(key: Ints, rows: Ints) -> _Groups:
    order = np.argsort(key)
    key, rows = key[order], rows[order]
    starts = np.flatnonzero(np.concatenate([[True], key[1:] != key[:-1]])) if len(key) else np.zeros(0, np.int64)
    return _Groups(key[starts], starts, np.diff(np.concatenate([starts, [len(key)]])), rows)


def _joined(a: _Groups, b: _Groups, most: int) -> tuple[Ints, Ints]:
    """Pairs of rows with the same key, where at most so many pairs share it."""
    if not len(a.keys) or not len(b.keys):
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    at_b = np.minimum(np.searchsorted(b.keys, a.keys), len(b.keys) - 1)
    at_a = np.flatnonzero((b.keys[at_b] == a.keys) & (a.counts * b.counts[at_b] <= most))
    at_b = at_b[at_a]
    times = a.counts[at_a] * b.counts[at_b]
    group = np.repeat(np.arange(len(times)), times)
    offset = np.arange(len(group)) - np.repeat(np.cumsum(times) - times, times)
    wide = b.counts[at_b][group]
    return a.rows[a.starts[at_a][group] + offset // wide], b.rows[b.starts[at_b][group] + offset % wide]


# --- one spelling ----------------------------------------------------------------------------------------------------


def respelt(one: Bag, learnt: dict[int, float]) -> Bag:
    """The bag with words that one side alone knows put into the other side's words, where one of those is meant.

    ``learnt`` (a's word · number of tokens + b's word → how sure) comes first, then the nearest in spelling. It serves
    to find candidates only: what is judged are the words as they stand.
    """
    size = len(one.tokens)
    df_a, df_b = one.df
    target = np.arange(size)
    told: dict[int, float] = {}
    for key, sure in sorted(learnt.items(), key=lambda kv: kv[1]):
        own, other = divmod(key, size)
        if df_a[other] == 0:
            target[other], told[other] = own, sure
        elif df_b[own] == 0:
            target[own], told[own] = other, sure
    for strange, known, sure in _spelled_otherwise(one):
        if strange not in told and target[known] == known:
            target[strange], told[strange] = known, sure
    if not told:
        return one
    turn = sparse.csr_array((np.ones(size, np.float32), (np.arange(size), target)), shape=(size, size))
    turned_a, turned_b = sparse.csr_array(one.a @ turn), sparse.csr_array(one.b @ turn)
    turned_a.data[:], turned_b.data[:] = 1, 1
    return Bag(one.tokens, turned_a, turned_b, one.kind, one.length_a, one.length_b)


def _spelled_otherwise(one: Bag, most: int = 60_000) -> list[tuple[int, int, float]]:
    df_a, df_b = one.df
    word = np.array([t[0] in "wc" and len(t) > 4 for t in one.tokens])
    only_a, only_b = np.flatnonzero(word & (df_a > 0) & (df_b == 0)), np.flatnonzero(word & (df_b > 0) & (df_a == 0))
    known_a, known_b = np.flatnonzero(word & (df_a > 0)), np.flatnonzero(word & (df_b > 0))
    found = _spelled(one.tokens, only_a[:most].tolist(), known_b.tolist())
    found += _spelled(one.tokens, only_b[:most].tolist(), known_a.tolist())
    best: dict[int, tuple[int, float]] = {}
    tied: set[int] = set()
    for strange, known, score in found:
        if strange not in best or score > best[strange][1]:
            best[strange] = known, score
            tied.discard(strange)
        elif score == best[strange][1] and known != best[strange][0]:
            tied.add(strange)
    return [(s, k, score) for s, (k, score) in sorted(best.items()) if s not in tied]


def _spelled(tokens: list[str], strange: list[int], known: list[int]) -> list[tuple[int, int, float]]:
    """(strange, known, likeness): those that share a first or last part, judged by edit distance or as a beginning."""
    by_key: defaultdict[str, list[int]] = defaultdict(list)
    for i in known:
        for key in _keys(tokens[i]):
            by_key[key].append(i)
    left: list[int] = []
    right: list[int] = []
    for i in strange:
        near = {j for key in _keys(tokens[i]) if len(by_key.get(key, ())) <= 200 for j in by_key.get(key, ())}
        left += [i] * len(near)
        right += sorted(near)
    if not left:
        return []
    one, two = [tokens[i] for i in left], [tokens[j] for j in right]
    score = process.cpdist(one, two, scorer=OSA.normalized_similarity, dtype=np.float32, workers=2)
    found = []
    for i, j, s, t, u in zip(left, right, score.tolist(), one, two, strict=True):
        short, long = (t, u) if len(t) < len(u) else (u, t)
        if long.startswith(short) and len(short) >= 4:
            found.append((i, j, 0.7))
        elif s >= 0.72 and t[0] == "w" and len(short) >= 5:
            found.append((i, j, float(s)))
    return found


def _keys(token: str) -> list[str]:
    word = token[1:]
    # Beginnings (abbreviations, late misspellings) and ends (early misspellings).
    return [f"<{word[:3]}", f"<{word[:5]}", f"{word[-4:]}>"]
