"""Evidence of columns that are no running text: codes, categories, numbers, telephone numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from transforms.recognise import text
from transforms.recognise.profile import Kind, number_of
from transforms.recognise.tokens import Flags, Floats, Ints

# Upper ends of the classes of relative difference of two numbers; the last is "otherwise".
_RELATIVE = np.array([0.0, 0.002, 0.02, 0.1, 0.25, 0.5])
_FIRST_RELATIVE = np.array([0.55, 0.05, 0.08, 0.10, 0.10, 0.07, 0.05])
_YEARS = np.array([0.0, 1.0, 2.0, 5.0])
_FIRST_YEARS = np.array([0.85, 0.10, 0.02, 0.02, 0.01])


@dataclass
class Column:
    """One column of both tables as numbers: ``a`` and ``b`` hold a class (or amount), -1 (or nan) where empty."""

    kind: Kind
    a: Floats
    b: Floats
    size: int
    years: bool = False

    def __post_init__(self) -> None:
        self._table: Floats | None = None
        self._bins: Floats | None = None
        self._equal = 0.9

    # --- learning -------------------------------------------------------------------------------------------------

    def learn(self, ia: Ints, ib: Ints, sure: Floats) -> None:
        """From pairs taken to be the same, each with how sure that is."""
        filled = self._filled(ia, ib)
        ia, ib, sure = ia[filled], ib[filled], sure[filled]
        if self.kind == "number":
            first = _FIRST_YEARS if self.years else _FIRST_RELATIVE
            bins = self._class(ia, ib)
            m = np.bincount(bins, sure, minlength=len(first)) + 10 * first
            rng = np.random.default_rng(7)
            ra, rb = rng.integers(0, len(self.a), 50_000), rng.integers(0, len(self.b), 50_000)
            chance = self._filled(ra, rb)
            u = np.bincount(self._class(ra[chance], rb[chance]), minlength=len(first)) + 0.5
            weight = np.log((m / m.sum()) / (u / u.sum()))
            # The nearer the better, whatever few pairs say.
            self._bins = np.minimum.accumulate(weight)
        else:
            self._equal = float((sure[self.a[ia] == self.b[ib]].sum() + 9) / (sure.sum() + 10))
            if self.size <= 600:
                table = np.zeros((self.size, self.size))
                np.add.at(table, (self.a[ia].astype(int), self.b[ib].astype(int)), sure)
                # One pair of values may be the very rows that are judged by it: it takes two to learn from.
                equal = np.diag(table).copy()
                table = np.maximum(table - 1.0, 0.0)
                table[np.diag_indices(self.size)] = equal
                share_b = np.bincount(self.b[self.b >= 0].astype(int), minlength=self.size) + 0.5
                share_b = share_b / share_b.sum()
                prior = (1 - self._equal) * np.tile(share_b, (self.size, 1))
                prior[np.diag_indices(self.size)] += self._equal
                seen = table.sum(axis=1, keepdims=True)
                given = (table + 5 * prior) / (seen + 5)
                self._table = np.clip(np.log(given / share_b), -6.0, 9.0)

    def learnt_from(self, other: Column) -> None:
        """Take over what another one learnt."""
        self._table, self._bins, self._equal = other._table, other._bins, other._equal

    def weights(self, ia: Ints, ib: Ints) -> Floats:
        """Log of how much likelier the two values are where both rows are the same thing; 0 where one is empty."""
        made = np.zeros(len(ia))
        filled = self._filled(ia, ib)
        ia, ib = ia[filled], ib[filled]
        if self.kind == "number":
            assert self._bins is not None
            made[filled] = self._bins[self._class(ia, ib)]
        elif self._table is not None:
            made[filled] = self._table[self.a[ia].astype(int), self.b[ib].astype(int)]
        else:
            share = np.bincount(
                np.concatenate([self.a[self.a >= 0], self.b[self.b >= 0]]).astype(int), minlength=self.size
            )
            share = share / share.sum()
            same = self.a[ia] == self.b[ib]
            made[filled] = np.where(
                same,
                np.log(self._equal / np.maximum(share[self.a[ia].astype(int)], 1e-7)),
                np.log(1 - min(self._equal, 0.995)),
            )
        return made

    def differs(self, ia: Ints, ib: Ints) -> Flags:
        """Whether both rows of a pair say something, and not the same."""
        made: Flags = self._filled(ia, ib) & (self.a[ia] != self.b[ib])
        return made

    def _filled(self, ia: Ints, ib: Ints) -> Flags:
        a, b = self.a[ia], self.b[ib]
        made: Flags = ~(np.isnan(a) | np.isnan(b)) if self.kind == "number" else (a >= 0) & (b >= 0)
        return made

    def _class(self, ia: Ints, ib: Ints) -> Ints:
        x, y = self.a[ia], self.b[ib]
        if self.years:
            years: Ints = np.searchsorted(_YEARS, np.abs(x - y), side="left")
            return years
        apart = np.abs(x - y) / np.maximum(np.maximum(np.abs(x), np.abs(y)), 1e-9)
        made: Ints = np.searchsorted(_RELATIVE, apart, side="left")
        return made


def column(kind: Kind, a: Sequence[str], b: Sequence[str]) -> Column:
    """Both sides of an aligned column."""
    if kind == "number":
        x, y = np.array([number_of(v) for v in a], float), np.array([number_of(v) for v in b], float)
        both = np.concatenate([x[~np.isnan(x)], y[~np.isnan(y)]])
        years = (
            bool(len(both))
            and bool(np.all(both == np.round(both)))
            and bool(np.mean((both > 1500) & (both < 2101)) > 0.95)
        )
        return Column(kind, x, y, 0, years)
    form = _digits if kind == "phone" else text.normal
    distinct: dict[str, int] = {}

    def classes(values: Sequence[str]) -> Floats:
        return np.array([distinct.setdefault(f, len(distinct)) if (f := form(v)) else -1 for v in values], float)

    x, y = classes(a), classes(b)
    return Column(kind, x, y, max(len(distinct), 1))


def _digits(value: str) -> str:
    digits = "".join(c for c in value.lower().split("x")[0] if c.isdigit())
    return digits[-8:] if len(digits) >= 8 else digits
