"""Records → the page of things across all domains: which every region has, which only some, what clashes. Pure."""

from __future__ import annotations

from typing import Any

from markupsafe import Markup

from dashboards import charts, figures, further
from dashboards.model import SiteData
from dashboards.text import Words


def page(words: Words, site: SiteData) -> dict[str, Any]:
    """Return what the page shows: per entity type how many things so many domains share, and the clashes."""
    found, count = site.further, len(site.domains)
    types: dict[str, list[further.Spread]] = {}
    for row in found.clusters:
        types.setdefault(row.entity, []).append(row)
    rows: list[dict[str, Any]] = []
    for of_type in types.values():
        things = {row.domains: row.things for row in of_type}
        whole = sum(things.values())
        share = things.get(count, 0) / whole if whole else None
        per = [things.get(n, 0) for n in range(count, 1, -1)]
        rows.append({"title": words.title(of_type[0], "entity"), "per": per, "all": whole, "share": share})
    everywhere, whole = sum(r["per"][0] for r in rows), sum(r["all"] for r in rows)
    least = min((r for r in rows if r["share"] is not None), key=lambda r: r["share"], default=None)
    spec = None
    if rows:
        shown = sorted(rows, key=lambda r: r["share"] or 0)
        spec = Markup(figures.to_json(charts.stacked(words, [(r["title"], r["per"]) for r in shown], count)))
    return {
        "finding": words(
            "clusters_finding", share=words.percent(everywhere / whole if whole else None), count=count, n=whole
        ),
        "chart": words("clusters_chart", type=least["title"], value=words.percent(least["share"])) if least else "",
        "heads": [words("clusters_in", n=n, count=count) for n in range(count, 1, -1)],
        "spec": spec,
        "rows": rows,
        "conflicts": [
            {"row": c, "entity": words.title(c, "entity"), "reason": words.known("clash", c.reason)}
            for c in found.conflicts
        ],
        "conflicts_all": found.conflicts_all,
        "domains": list(site.domains.values()),
    }
