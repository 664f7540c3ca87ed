"""All evidence on pairs side by side: what each bag of words, each column and the letters say, as one matrix."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from transforms.recognise import evidence
from transforms.recognise.columns import Column
from transforms.recognise.tokens import Floats, Ints

LETTERS = "(letters)"
# What each kind of evidence is worth before anything is learnt, where there is one bag of words.
_FIRST = {evidence.SHARED: 0.5, evidence.LACKING: 0.4, evidence.NUMBERS: 0.8, evidence.LESS_NUMBERS: 0.3,
          evidence.CODES: 0.5, evidence.LESS_CODES: 0.3, evidence.COVER: 4.0, evidence.SAME: 1.0}  # fmt: skip
_AGAINST = (evidence.LACKING, evidence.NUMBERS, evidence.LESS_NUMBERS, evidence.CODES, evidence.LESS_CODES)
_FIRST_COLUMN, _FIRST_LETTERS = 0.5, 2.0


def start(bags: Sequence[str], columns: Sequence[str], letters: bool) -> tuple[list[str], Floats, Floats]:
    """The names of the features, what each is worth at first, and 1 where it speaks for a pair or -1 against."""
    names = [f"{bag}: {n}" for bag in bags for n in evidence.NAMES]
    names += [f"{column}: {n}" for column in columns for n in ("equal", "differs")]
    own = np.array([_FIRST[i] for i in range(len(evidence.NAMES))]) / max(len(bags), 1)
    signs = np.ones(len(evidence.NAMES))
    signs[list(_AGAINST)] = -1
    worth = [np.tile(own, len(bags)), np.full(2 * len(columns), _FIRST_COLUMN)]
    sign = [np.tile(signs, len(bags)), np.ones(2 * len(columns))]
    if letters:
        names.append(f"{LETTERS}: shared")
        worth.append(np.array([_FIRST_LETTERS]))
        sign.append(np.ones(1))
    return names, np.concatenate(worth), np.concatenate(sign)


def of_pairs(said: Sequence[Floats], columns: Sequence[Column], alike: Floats | None, ia: Ints, ib: Ints) -> Floats:
    """Pairs × features. ``said``: each bag's own, ``alike``: how alike the pairs are by their letters."""
    made = [*said]
    for column in columns:
        w = column.weights(ia, ib)
        made.append(np.stack([np.maximum(w, 0), np.minimum(w, 0)], axis=1))
    if alike is not None:
        made.append(alike[:, None])
    return np.concatenate(made, axis=1)
