"""One table for all benchmarks: a line per piece of work, beside plain DuckDB reading the same files just before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

HEADING = (
    f"{'rows':>9}  {'what':<31}{'seconds':>9}{'x plain':>9}{'cpu s':>9}{'x plain':>9}{'x first':>9}"
    f"{'statements':>12}{'peak GiB':>10}{'MB':>8}"
)


@dataclass(frozen=True)
class Line:
    """What a piece of work took. ``first``: processor seconds of the first such work, where this one comes later.

    ``size`` is what it left on the disk, in bytes. None stands where there is nothing to tell.
    """

    rows: int
    what: str
    seconds: float
    cpu: float
    plain: Mapping[str, Any] | None = None
    first: float | None = None
    statements: int | None = None
    peak: float | None = None
    size: float | None = None

    def __str__(self) -> str:
        def shown(value: float | None, width: int, digits: str) -> str:
            return " " * width if value is None else f"{value:>{width}{digits}}"

        plain = self.plain
        return (
            f"{self.rows:>9,}  {self.what:<31}{self.seconds:>9.2f}"
            f"{shown(self.seconds / plain['seconds'] if plain else None, 9, '.2f')}{self.cpu:>9.2f}"
            f"{shown(self.cpu / plain['cpu'] if plain else None, 9, '.2f')}"
            f"{shown(self.cpu / self.first if self.first else None, 9, '.3f')}"
            f"{shown(self.statements, 12, ',')}{shown(self.peak, 10, '.2f')}"
            f"{shown(self.size / 1e6 if self.size is not None else None, 8, ',.0f')}"
        ).rstrip()
