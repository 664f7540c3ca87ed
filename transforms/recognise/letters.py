"""What two rows share below the word: runs of four letters, for compounds (knädistorsion, distorsion av knä), endings
and spellings that no word shares.

Only rows whose words find nothing near are looked for this way, so that it costs little where words serve.
"""

from __future__ import annotations

import numpy as np
from scipy import sparse

from transforms.recognise import blocking
from transforms.recognise.tokens import Bag, Flags, Floats, Ints, distinct

_RUN = 4
# A row whose nearest shares less than this by its words is weak.
_NEAR = 0.7
_TOP = 8
_JUDGED = 200_000


class Letters:
    """Both sides as runs of letters, each row of length one, rare runs weighing more."""

    def __init__(self, one: Bag) -> None:
        place: dict[str, int] = {}
        tokens: list[int] = []
        runs: list[int] = []
        for i, t in enumerate(one.tokens):
            word = f"<{t[1:]}>" if t[0] in "wic" else t
            own = {word[k : k + _RUN] for k in range(max(len(word) - _RUN + 1, 1))} if t[0] in "wic" else {word}
            tokens += [i] * len(own)
            runs += [place.setdefault(r, len(place)) for r in sorted(own)]
        shape = (len(one.tokens), max(len(place), 1))
        of_token = sparse.csr_array((np.ones(len(tokens), np.float32), (tokens, runs)), shape=shape)
        a, b = sparse.csr_array(one.a @ of_token), sparse.csr_array(one.b @ of_token)
        a.data[:], b.data[:] = 1, 1
        self.df_a, self.df_b = (np.bincount(m.indices, minlength=shape[1]).astype(float) for m in (a, b))
        weight = np.maximum(np.log((a.shape[0] + b.shape[0] + 1.0) / (self.df_a + self.df_b + 0.5)), 0.05)
        self.a, self.b = blocking.normed(a, weight), blocking.normed(b, weight)

    def nearest(self, rows_a: Ints, rows_b: Ints, top: int = _TOP) -> tuple[Ints, Ints]:
        """Pairs: for each of the rows given (of a, of b) the ``top`` nearest of all of the other side's."""
        few = blocking.rare(self.df_a, self.df_b, max(self.a.shape[0], self.b.shape[0]))
        a, b = _only(self.a, few), _only(self.b, few)
        one = blocking.nearest(sparse.csr_array(a[rows_a]), b, top)
        two = blocking.nearest(sparse.csr_array(b[rows_b]), a, top)
        size = np.int64(self.b.shape[0])
        key = distinct(np.concatenate([rows_a[one[0]] * size + one[1], two[1] * size + rows_b[two[0]]]))
        return key // size, key % size

    def cosine(self, ia: Ints, ib: Ints) -> Floats:
        """Of each pair, between 0 and 1."""
        made = np.zeros(len(ia))
        for start in range(0, len(ia), _JUDGED):
            some = slice(start, start + _JUDGED)
            both = sparse.csr_array(self.a[ia[some]]).multiply(sparse.csr_array(self.b[ib[some]]))
            made[some] = np.asarray(both.sum(axis=1)).ravel()
        return made


def _only(m: sparse.csr_array, runs: Flags) -> sparse.csr_array:
    made = sparse.csr_array((m.data * runs[m.indices], m.indices, m.indptr), shape=m.shape, copy=True)
    # Zeros that are stored would be multiplied all the same.
    made.eliminate_zeros()
    return made


def weak(one: Bag, ia: Ints, ib: Ints) -> tuple[Flags, Flags]:
    """Which rows of a and of b have words, but none of these pairs brings them near another row."""
    near = blocking.cosine(one, ia, ib)
    made = []
    for rows, length in ((ia, one.length_a), (ib, one.length_b)):
        best = np.zeros(len(length))
        np.maximum.at(best, rows, near)
        made.append((best < _NEAR) & (length > 0))
    return made[0], made[1]
