"""The words that this package knows before it sees a table: units, abbreviations, facets (data files here)."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

_HERE = Path(__file__).parent


@dataclass(frozen=True)
class Unit:
    """One spelling of a unit: its dimension's base unit and how many of those it is."""

    base: str
    factor: float


@dataclass(frozen=True)
class Vocabulary:
    """``canonical`` maps a word to the one that stands for it, ``facets`` a canonical word to (facet, value)."""

    units: dict[str, Unit]
    canonical: dict[str, str]
    facets: dict[str, tuple[tuple[str, str], ...]]
    unit_pattern: str


@functools.cache
def load() -> Vocabulary:
    """What the data files say."""
    units: dict[str, Unit] = {}
    for bases in _read("units.yaml").values():
        for base, spellings in bases.items():
            units.update({str(s): Unit(str(base), float(f)) for s, f in spellings.items()})
    words = _read("words.yaml")
    canonical = {str(w): str(group[0]) for group in words["abbreviations"] for w in group[1:]}
    facets: dict[str, tuple[tuple[str, str], ...]] = {}
    for facet, values in words["facets"].items():
        for value, spellings in values.items():
            for word in spellings:
                own = canonical.get(str(word), str(word))
                facets[own] = (*facets.get(own, ()), (facet, value))
    longest = sorted(units, key=lambda s: (-len(s), s))
    return Vocabulary(units, canonical, facets, "|".join(re.escape(s) for s in longest))


def _read(name: str) -> dict[str, Any]:
    found = yaml.safe_load((_HERE / name).read_text(encoding="utf-8"))
    return found if isinstance(found, dict) else {}
