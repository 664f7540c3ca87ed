"""Which pairs are looked at: for every row its nearest rows of the other side by rare words, from both sides.

The work grows with rows times the candidates kept, not with rows times rows: a word that too many rows share leads
nowhere, unless it stands beside another that makes the two together rare.
"""

from __future__ import annotations

from collections import defaultdict

import numpy as np
from rapidfuzz import process
from rapidfuzz.distance import OSA
from scipy import sparse

from transforms.matching.tokens import Bag, Floats, Ints

# The most pairs of rows that one word may bring together, and the most that all words may.
_PER_WORD = 400_000
_ALL_WORDS = 150_000_000
_CHUNK = 4000


def weights(one: Bag) -> Floats:
    """Inverse document frequency of each token over both sides."""
    df_a, df_b = one.df
    rows = one.a.shape[0] + one.b.shape[0]
    made: Floats = np.log((rows + 1.0) / (df_a + df_b + 0.5))
    return np.maximum(made, 0.05)


def candidates(one: Bag, top: int, alias: sparse.csr_array | None = None) -> tuple[Ints, Ints]:
    """Pairs of rows (of a, of b): for each row of either side the ``top`` nearest of the other by shared weight."""
    idf = weights(one)
    left, right, weight = one.a, one.b, idf
    if alias is not None:
        extra = sparse.csr_array(one.a @ alias)
        extra.data = np.minimum(extra.data, 1.0).astype(np.float32)
        left = sparse.csr_array(sparse.hstack([one.a, extra]))
        right = sparse.csr_array(sparse.hstack([one.b, one.b]))
        weight = np.concatenate([idf, np.where(np.diff(alias.tocsc().indptr) > 0, idf * 0.8, 0.0)])
    df_a = np.bincount(left.indices, minlength=left.shape[1]).astype(np.float64)
    df_b = np.bincount(right.indices, minlength=right.shape[1]).astype(np.float64)
    work = df_a * df_b
    order = np.argsort(work)
    kept = np.zeros(len(work), bool)
    kept[order[np.cumsum(work[order]) <= _ALL_WORDS]] = True
    kept &= (work > 0) & (work <= max(_PER_WORD, 30.0 * max(one.a.shape[0], one.b.shape[0])))
    scale = np.where(kept, np.sqrt(weight), 0.0).astype(np.float32)
    x = _normed(left, scale)
    y = _normed(right, scale)
    first = _nearest(x, y, top)
    second = _nearest(y, x, top)
    rows = np.concatenate([first[0], second[1]])
    columns = np.concatenate([first[1], second[0]])
    key = np.unique(rows * np.int64(one.b.shape[0]) + columns)
    return key // one.b.shape[0], key % one.b.shape[0]


def _normed(m: sparse.csr_array, scale: Floats) -> sparse.csr_array:
    made = sparse.csr_array((m.data * scale[m.indices], m.indices, m.indptr), shape=m.shape, copy=True)
    made.eliminate_zeros()
    norms = np.sqrt(np.asarray(made.multiply(made).sum(axis=1)).ravel())
    factor = (1.0 / np.maximum(norms, 1e-6)).astype(np.float32)
    made.data *= np.repeat(factor, np.diff(made.indptr))
    return made


def _nearest(x: sparse.csr_array, y: sparse.csr_array, top: int) -> tuple[Ints, Ints]:
    turned = sparse.csr_array(y.T)
    rows, columns = [], []
    for start in range(0, x.shape[0], _CHUNK):
        found = sparse.csr_array(x[start : start + _CHUNK] @ turned)
        sizes = np.diff(found.indptr)
        if not found.nnz:
            continue
        where = np.repeat(np.arange(len(sizes)), sizes)
        order = np.lexsort((found.indices, -np.round(found.data, 5), where))
        rank = np.arange(found.nnz) - np.repeat(found.indptr[:-1], sizes)
        kept = order[rank < top]
        rows.append(where[kept] + start)
        columns.append(found.indices[kept])
    if not rows:
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    return np.concatenate(rows).astype(np.int64), np.concatenate(columns).astype(np.int64)


def aliases(one: Bag, most: int = 40_000) -> sparse.csr_array | None:
    """Tokens × tokens: for a word that only one side knows, what the other side may write instead, and how alike.

    Misspellings (letters left out, added, changed, exchanged) and abbreviations that are the beginning of a word.
    """
    df_a, df_b = one.df
    only_a = [int(i) for i in np.flatnonzero((df_a > 0) & (df_b == 0)) if one.tokens[i][0] in "wc"]
    only_b = [int(i) for i in np.flatnonzero((df_b > 0) & (df_a == 0)) if one.tokens[i][0] in "wc"]
    known_a = [int(i) for i in np.flatnonzero(df_a > 0) if one.tokens[i][0] in "wc"]
    known_b = [int(i) for i in np.flatnonzero(df_b > 0) if one.tokens[i][0] in "wc"]
    forward = _spelled(one.tokens, only_a[:most], known_b)
    backward = _spelled(one.tokens, only_b[:most], known_a)
    rows = [r for r, _, _ in forward] + [c for _, c, _ in backward]
    columns = [c for _, c, _ in forward] + [r for r, _, _ in backward]
    values = [v for _, _, v in forward] + [v for _, _, v in backward]
    if not rows:
        return None
    size = len(one.tokens)
    return sparse.csr_array((np.array(values, np.float32), (rows, columns)), shape=(size, size))


def _spelled(tokens: list[str], strange: list[int], known: list[int]) -> list[tuple[int, int, float]]:
    """Pairs (strange, known, likeness): those that share a first or last part, judged by edit distance."""
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
            found.append((i, j, 0.75))
        elif s >= 0.75 and t[0] == "w" and len(short) >= 5:
            found.append((i, j, float(s)))
    return found


def _keys(token: str) -> list[str]:
    word = token[1:]
    if len(word) < 3:
        return []
    # Beginnings (abbreviations, late misspellings) and ends (early misspellings), by about the same length.
    return [f"<{word[:3]}", f"<{word[:5]}{len(word) // 3}", f"{word[-5:]}>{len(word) // 3}"]
