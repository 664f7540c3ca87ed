"""Two tables as evidence can be weighed: bags of words for what is said, classes and amounts for the other columns."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from transforms.recognise import columns, tokens
from transforms.recognise.frame import Table
from transforms.recognise.profile import Aligned, profiles
from transforms.recognise.tokens import Bag

ALL = "(all text)"
_WORD = re.compile(r"[^\W_]+")
# So many values of a column show whether the text of the other side says them.
_LOOKED_AT = 4000


@dataclass(frozen=True)
class Material:
    """``bags`` by column (and ``ALL``), ``columns`` that are no text, ``whole``: the bag of everything that is said."""

    bags: dict[str, Bag]
    columns: dict[str, columns.Column]
    whole: Bag


def read(a: Table, b: Table, aligned: Sequence[Aligned], told: bool) -> Material:
    """What both tables say in the aligned columns; unless the columns were ``told``, in all others that speak too."""
    bags: dict[str, Bag] = {}
    kept: dict[str, columns.Column] = {}
    texts = [c for c in aligned if c.kind == "text"]
    for c in aligned:
        if c.kind not in ("text", "empty"):
            kept[c.name] = columns.column(c.kind, a.columns[c.a], b.columns[c.b])
    if told:
        spoken_a, spoken_b = [c.a for c in texts], [c.b for c in texts]
    else:
        spoken_a, spoken_b = _texts(a), _texts(b)
    if told and not texts:
        spoken_a, spoken_b = [c.a for c in aligned], [c.b for c in aligned]
    alone = len(texts) == 1 and _by_themselves(a, b, aligned, texts[0], spoken_a, spoken_b)
    if alone:
        spoken_a, spoken_b = [texts[0].a], [texts[0].b]
    sides_a = {n: tokens.cut(a.columns[n]) for n in dict.fromkeys([*spoken_a, *(c.a for c in texts)])}
    sides_b = {n: tokens.cut(b.columns[n]) for n in dict.fromkeys([*spoken_b, *(c.b for c in texts)])}
    for c in texts:
        bags[c.name] = tokens.union([sides_a[c.a]], [sides_b[c.b]])
    if not texts or len(spoken_a) + len(spoken_b) > 2:
        bags[ALL] = tokens.union([sides_a[n] for n in spoken_a], [sides_b[n] for n in spoken_b])
    return Material(bags, kept, bags.get(ALL) or next(iter(bags.values())))


def _by_themselves(
    a: Table, b: Table, aligned: Sequence[Aligned], only: Aligned, spoken_a: Sequence[str], spoken_b: Sequence[str]
) -> bool:
    """Whether what is spoken besides the only text is compared in columns of its own and not said in the text."""
    others = [c for c in aligned if c.kind in ("code", "category")]
    if {*spoken_a} - {only.a} != {c.a for c in others} or {*spoken_b} - {only.b} != {c.b for c in others}:
        return False
    said_a, said_b = (
        {w for v in t for w in _WORD.findall(v.casefold())} for t in (a.columns[only.a], b.columns[only.b])
    )
    for c in others:
        for values, said in ((a.columns[c.a], said_b), (b.columns[c.b], said_a)):
            words = {w for v in {*values[:: max(1, len(values) // _LOOKED_AT)]} for w in _WORD.findall(v.casefold())}
            if sum(w in said for w in words) > 0.01 * len(words):
                return False
    return True


def _texts(table: Table) -> list[str]:
    found = profiles(table)
    return [n for n, p in found.items() if p.kind in ("text", "code", "category")] or [*table.columns]
