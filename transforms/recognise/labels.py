"""What people said of pairs of rows: the same thing, or not. Read from a file, and fitted to two tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from transforms.recognise import frame
from transforms.recognise.frame import Table
from transforms.recognise.tokens import Flags, Ints
from transforms.words.errors import UsageError

Label = tuple[str, str, bool]
_ANSWERS = ("same", "agreed", "label", "verdict", "ruling")
_YES = frozenset(("1", "1.0", "yes", "true", "ja", "sant", "same", "accepted", "accept", "match", "equal", "close"))
_NO = frozenset(("0", "0.0", "no", "false", "nej", "falskt", "other", "rejected", "reject", "different"))


@dataclass(frozen=True)
class Labels:
    """Pairs of rows by their places in both tables, and whether they are the same thing; ``unknown``: not in them."""

    ia: Ints
    ib: Ints
    same: Flags
    unknown: int = 0

    def __len__(self) -> int:
        return len(self.ia)


def fitted(labels: Sequence[Label], a: Table, b: Table) -> Labels:
    """The labels of rows that are there; of two on one pair the later holds."""
    place_a, place_b = ({key: i for i, key in enumerate(t.ids)} for t in (a, b))
    last = {(x, y): same for x, y, same in labels}
    known = [(place_a[x], place_b[y], same) for (x, y), same in last.items() if x in place_a and y in place_b]
    ia, ib, same = (np.array([k[i] for k in known], kind) for i, kind in enumerate((np.int64, np.int64, bool)))
    return Labels(ia, ib, same, len(last) - len(known))


def read(path: Path) -> list[Label]:
    """A file of ``id_a``, ``id_b`` and ``same`` (or ``agreed``, ``label``, ``verdict``, ``ruling``); blank: no answer.

    So a filled sample of ``likare evaluate --sample`` serves as it is. Raises UsageError naming the file and row.
    """
    names, values = frame.columns(path)
    columns = {n.casefold(): v for n, v in zip(names, values, strict=True)}
    answer = next((n for n in _ANSWERS if n in columns), None)
    if not {"id_a", "id_b"} <= {*columns} or answer is None:
        raise UsageError(
            f"{path.name}: needs the columns id_a, id_b and same (1 or 0); it has {', '.join(names) or 'none'}"
        )
    made: list[Label] = []
    for i, (x, y, said) in enumerate(zip(columns["id_a"], columns["id_b"], columns[answer], strict=True), 2):
        word = said.casefold()
        if word in _YES or word in _NO:
            made.append((x, y, word in _YES))
        elif word not in ("", "unsure", "review"):
            raise UsageError(f"{path.name}: row {i}: '{said}' in column '{answer}' is neither 1 (the same) nor 0")
    return made
