"""The macros that bring values into canonical text: one per kind of comparison, see canonical.sql.j2."""

from __future__ import annotations

import csv
import functools
from pathlib import Path

from transforms.catalogue import Catalogue
from transforms.land import structured
from transforms.warehouse import Session


def prepare(session: Session, catalogue: Catalogue) -> None:
    """Define the canonical macros with the catalogue's conventions."""
    conventions = catalogue.conventions
    session.define(
        "canonical.sql.j2", dates=list(conventions.dates), open_year=conventions.open_year, clock=conventions.clock
    )
    kinds = {a.compare for e in catalogue.ordered for a in e.attributes.values()}
    if "quantity" in kinds:
        define_units(session)
    else:
        session.define_macro("canon_quantity(x)", "x")
    for kind, function in (("xml", structured.canonical_xml), ("json", structured.canonical_json)):
        if kind in kinds:
            session.function(f"canon_{kind}", function)
        else:
            session.define_macro(f"canon_{kind}(x)", "x")


def define_units(session: Session) -> None:
    """Define the macros that tell what a number in a unit comes to."""
    session.define("units.sql.j2", units=_units())


@functools.cache
def _units() -> tuple[tuple[str, float, str], ...]:
    with (Path(__file__).parent / "units.csv").open(encoding="utf-8", newline="") as handle:
        return tuple((row["unit"], float(row["factor"]), row["dimension"]) for row in csv.DictReader(handle))
