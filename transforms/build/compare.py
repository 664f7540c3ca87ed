"""Compare matched items attribute by attribute, and items with their components."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from transforms.catalogue import Catalogue
from transforms.catalogue.tables import Pair
from transforms.land.canonical import define_units
from transforms.warehouse import Session, lit

Progress = Callable[[str], None]
_HERE = Path(__file__).parent
_VALUES, _UNITS, _DIFFERENCES, _FOLD, _OWNER = (
    (_HERE / f"compare{name}.sql").read_text(encoding="utf-8")
    for name in ("", "_units", "_differences", "_fold", "_owner")
)


def run(session: Session, catalogue: Catalogue, pairs: Sequence[Pair], progress: Progress | None = None) -> int:
    """Fill ``compared``: agreement per match, and every difference. Returns the number of differences."""
    session.execute(_VALUES)
    if any(a.unit for e in catalogue.ordered for a in e.attributes.values()):
        define_units(session)
        session.execute(_UNITS)
    session.execute(_DIFFERENCES)
    deepest = int(session.value("SELECT coalesce(max(depth), 0) FROM catalogue.entity"))
    for depth in range(max(deepest - 1, 0), -1, -1):
        session.execute(f"SET VARIABLE depth = {lit(depth)}")
        session.execute(_FOLD)
    session.execute(_OWNER)
    return int(session.value("SELECT count(*) FROM compared.difference"))
