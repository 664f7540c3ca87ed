"""What each column looks like, and which column of one table speaks of the same as which of the other.

By name first; what is left over by what the columns hold. Nothing here knows a data set's names.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from transforms.recognise.frame import Table

Kind = Literal["text", "code", "number", "phone", "category", "empty"]

_NUMBER = re.compile(
    r"[-+]?[$€£]?\s?\d{1,3}(?:[ \u00a0,]\d{3})+(?:[.,]\d+)?|[-+]?[$€£]?\s?\d+(?:[.,]\d+)?(?:\s?(?:kr|sek|usd|eur|:-))?"
)
_PHONE = re.compile(r"[+(]?[\d\s()/.\-+]{6,24}(?:\s?(?:x|ext\.?)\s?\d+)?", re.I)
_WORD = re.compile(r"[^\W_]+")
_NAME_PARTS = re.compile(r"[\W_]+")
_LOOKED_AT = 4000


@dataclass(frozen=True)
class Profile:
    """One column: its kind, the share of rows filled, distinct values per filled row, mean words, range of numbers."""

    name: str
    kind: Kind
    filled: float
    distinct: float
    words: float
    values: int


@dataclass(frozen=True)
class Aligned:
    """A column of both tables, and the kind it is compared as."""

    a: str
    b: str
    kind: Kind

    @property
    def name(self) -> str:
        """As it is called in an explanation."""
        return self.a


def number_of(value: str) -> float:
    """A price, year or count as a number; not a number where it is none."""
    if not _NUMBER.fullmatch(value.strip()):
        return float("nan")
    bare = re.sub(r"[^\d.,-]", "", value).rstrip("-")
    if "," in bare and "." in bare:
        bare = bare.replace("," if bare.rfind(".") > bare.rfind(",") else ".", "")
    bare = re.sub(r",(\d{3})(?!\d)", r"\1", bare) if bare.count(",") and not re.search(r",\d{1,2}$", bare) else bare
    try:
        return float(bare.replace(",", "."))
    except ValueError:
        return float("nan")


def profile(name: str, values: Sequence[str]) -> Profile:
    """What the column looks like, from a sample of its filled rows."""
    filled = [v for v in values if v]
    if not filled:
        return Profile(name, "empty", 0.0, 0.0, 0.0, 0)
    step = max(1, len(filled) // _LOOKED_AT)
    some = filled[::step]
    count = len(some)
    distinct = len(set(filled))
    words = float(np.mean([len(_WORD.findall(v)) for v in some]))
    numbers = sum(_NUMBER.fullmatch(v) is not None for v in some) / count
    digits = [sum(c.isdigit() for c in v) for v in some]
    phones = sum(_PHONE.fullmatch(v) is not None and 7 <= d <= 15 for v, d in zip(some, digits, strict=True)) / count
    separated = sum(any(c in "-/() +." for c in v) for v in some) / count
    single = sum(" " not in v for v in some) / count
    coded = sum(any(c.isdigit() for c in v) for v in some) / count
    share = distinct / len(filled)
    kind: Kind
    if phones > 0.8 and separated > 0.5 and float(np.mean(digits)) >= 7 and numbers < 0.8:
        kind = "phone"
    elif numbers > 0.9:
        # Long whole numbers that hardly repeat name things; they do not count them.
        whole = sum(v.isdigit() and len(v) >= 6 for v in some) / count
        kind = "code" if whole > 0.8 else "number"
    elif single > 0.95 and coded > 0.8:
        kind = "code"
    elif distinct <= 30 or (share < 0.05 and distinct <= 2000) or (share < 0.2 and distinct <= 60):
        kind = "category"
    else:
        kind = "text"
    return Profile(name, kind, len(filled) / max(len(values), 1), share, words, distinct)


@functools.lru_cache(4)
def profiles(table: Table) -> dict[str, Profile]:
    """Every column's."""
    return {name: profile(name, values) for name, values in table.columns.items()}


def _plain(name: str) -> str:
    return _NAME_PARTS.sub("", name.casefold())


def align(a: Table, b: Table) -> list[Aligned]:
    """The columns that speak of the same, in the first table's order."""
    own, other = profiles(a), profiles(b)
    by_name = {_plain(n): n for n in other}
    found: dict[str, str] = {n: by_name[_plain(n)] for n in own if _plain(n) in by_name}
    taken = set(found.values())
    scored = sorted(
        (
            (_likeness(a.columns[x], b.columns[y], own[x], other[y]), x, y)
            for x in own
            if x not in found
            for y in other
            if y not in taken
        ),
        key=lambda s: (-s[0], s[1], s[2]),
    )
    for score, x, y in scored:
        if score >= 0.08 and x not in found and y not in taken:
            found[x] = y
            taken.add(y)
    if not any(_kind(own[x], other[y]) == "text" for x, y in found.items()):
        # What is said in quite other words is still said: the fullest texts of both speak of the same.
        fullest_a, fullest_b = _fullest(own, {*found}), _fullest(other, {*found.values()})
        if fullest_a is not None and fullest_b is not None:
            found[fullest_a] = fullest_b
    return [
        Aligned(x, found[x], kind) for x in own if x in found and (kind := _kind(own[x], other[found[x]])) != "empty"
    ]


def _fullest(found: dict[str, Profile], but: set[str]) -> str | None:
    texts = [p for n, p in found.items() if p.kind == "text" and n not in but]
    return max(texts, key=lambda p: (p.filled * p.distinct, p.words)).name if texts else None


def _kind(x: Profile, y: Profile) -> Kind:
    if "empty" in (x.kind, y.kind):
        return "empty"
    if x.kind == y.kind:
        return x.kind
    if {x.kind, y.kind} <= {"code", "number", "phone"}:
        return "code"
    return "text"


def _likeness(x: Sequence[str], y: Sequence[str], px: Profile, py: Profile) -> float:
    """How alike two columns are in content: overlap of words for text, of values or range for the rest."""
    if "empty" in (px.kind, py.kind):
        return 0.0
    numeric = {"number", "phone"}
    if (px.kind in numeric) != (py.kind in numeric) or (px.kind in numeric and px.kind != py.kind):
        return 0.0
    if px.kind == "phone":
        return 1.0
    if px.kind == "number":
        one = np.array([number_of(v) for v in x[:_LOOKED_AT] if v])
        two = np.array([number_of(v) for v in y[:_LOOKED_AT] if v])
        one, two = one[~np.isnan(one)], two[~np.isnan(two)]
        if not len(one) or not len(two):
            return 0.0
        low, high = max(np.quantile(one, 0.1), np.quantile(two, 0.1)), min(np.quantile(one, 0.9), np.quantile(two, 0.9))
        wide = max(np.quantile(one, 0.9), np.quantile(two, 0.9)) - min(np.quantile(one, 0.1), np.quantile(two, 0.1))
        return 0.5 * float(max(high - low, 0.0) / wide) if wide > 0 else float(one[0] == two[0])
    words_x = {w for v in x[:: max(1, len(x) // _LOOKED_AT)] for w in _WORD.findall(v.casefold())}
    words_y = {w for v in y[:: max(1, len(y) // _LOOKED_AT)] for w in _WORD.findall(v.casefold())}
    overlap = len(words_x & words_y) / max(1, min(len(words_x), len(words_y)))
    length = min(px.words, py.words) / max(px.words, py.words, 1e-9)
    return overlap * (0.5 + 0.5 * length)
