"""Records → what the page shows that tells how each figure is computed. Pure."""

from __future__ import annotations

from typing import Any, Final

from dashboards import read
from dashboards.model import Measures, SiteData
from dashboards.text import Words

_ALSO: Final = ("justified", "decided", "implemented")


def page(words: Words, site: SiteData) -> dict[str, Any]:
    """Return tonight's totals per pair, and the nights from which a figure was defined otherwise."""
    night = site.nights[-1].night_id
    shown = []
    for data in site.pairs:
        by = Measures(data.measures)
        rows = [by.get(night, "total", "total", m) for m in (*read.METRICS, *_ALSO)]
        shown.append(
            {
                "name": words("pair_names", a=data.pair.title_a, b=data.pair.title_b),
                "rows": [row for row in rows if row.name in read.METRICS or row.denominator is not None],
            }
        )
    return {"figures": shown, "seams": site.further.seams, "night": site.nights[-1]}
