"""Records → what the pages beyond the first show, and the answers on the first: sentences, rows, figures. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from markupsafe import Markup

from dashboards import charts, figures, read, told
from dashboards.model import Measures, PairData, SiteData, address, kind_title
from dashboards.outlook import Cause, Outlook, Process
from dashboards.text import Words, plain

_FIRST: Final = 3
_FAR: Final = 0.85
_STEPS: Final = (0.5, 0.7, 0.85, 0.95)


def points(words: Words, share: float) -> str:
    """Write a share (0–1) of the whole in percentage points, two decimals; what is less than can be written, so."""
    if 0 < share * 100 < 0.005:
        return f"<\u00a0{words.decimal(0.01, 2)}"
    return words.decimal(share * 100, 2)


def _what(words: Words, cause: Cause, pair: read.Pair) -> str:
    return words.title(cause, "attribute") if cause.attribute else kind_title(words, cause.kind, pair)


def _cause(words: Words, cause: Cause, pair: read.Pair, explorer: str) -> dict[str, Any]:
    return {
        "rank": cause.rank,
        "label": cause.label,
        "entity": words.title(cause, "entity"),
        "what": _what(words, cause, pair),
        "value_a": cause.value_a,
        "value_b": cause.value_b,
        "differences": cause.differences,
        "items": cause.items,
        "areas": cause.areas,
        "gain": points(words, cause.leverage),
        "opened": words.date(cause.opened_at),
        "decision": cause.decision_id,
        "href": address(explorer, cause=cause.cause_id),
        "one": address(explorer, open=cause.cause_id),
    }


def answers(
    words: Words, site: SiteData, data: PairData, areas: Sequence[dict[str, Any]], explorer: str
) -> dict[str, Any]:
    """Return the five answers of the first page: when, what changed, where worst, what to decide, what is stuck."""
    ahead: Outlook = data.outlook
    night = site.nights[-1]
    by = Measures(data.measures)
    justified = by.get(night.night_id, "total", "total", "justified")
    last = data.drift[-1] if data.drift else None
    measured = sorted((r for r in areas if r["value"] is not None), key=lambda r: r["value"])
    open_causes = [c for c in ahead.causes or [] if c.decision_id is None]
    return {
        "justified": justified,
        "when": _when(words, ahead),
        "opened": last.opened if last else None,
        "closed": last.closed if last else None,
        "fresh": [
            {
                "label": f.label,
                "entity": words.title(f, "entity"),
                "href": address(explorer, since="new", open=f.difference_id),
            }
            for f in ahead.fresh
        ]
        if len(site.nights) > 1
        else [],
        "worst": [
            {"title": r["title"], "value": r["value"], "n": r["area"].differences, "href": r["href"]}
            for r in measured[:_FIRST]
        ],
        "decide": [_cause(words, c, data.pair, explorer) for c in open_causes[:_FIRST]],
        "undecided": ahead.undecided,
        "stuck": _stuck(words, ahead),
        "stale": sum(d.stale_now for d in ahead.decisions or []),
        "has_decisions": bool(ahead.decisions),
        "reopened": ahead.reopened,
        "links": {
            "new": address(explorer, since="new", counted="yes"),
            "undecided": address(explorer, decision="none", counted="yes"),
            "stale": address(explorer, decision="stale"),
            "again": address(explorer, since="again"),
        },
    }


def _when(words: Words, ahead: Outlook) -> str:
    if ahead.forecast is None:
        return words("when_absent")
    coming = [f for f in ahead.forecast if f.state != "reached"]
    if not coming:
        return words("when_reached") if ahead.forecast else words("when_absent")
    first = coming[0]
    aim = words.percent(first.aim, digits=0)
    if first.state == "converging" and first.median is not None:
        latest = words.date(first.latest) if first.latest else words("when_horizon")
        return words(
            "when_converging", aim=aim, median=words.date(first.median), early=words.date(first.earliest), late=latest
        )
    return words("when_too_short") if first.state == "too short" else words("when_not", aim=aim)


def _stuck(words: Words, ahead: Outlook) -> list[dict[str, Any]]:
    """Per region: decisions it has not carried out, those past their day, those lost again."""
    shown: list[dict[str, Any]] = []
    for domain in dict.fromkeys(p.domain for p in ahead.process):
        own = [p for p in ahead.process if p.domain == domain]
        left = [p for p in own if p.step not in ("verified", "nothing to do")]
        shown.append(
            {
                "title": own[0].title,
                "left": len(left),
                "all": len([p for p in own if p.step != "nothing to do"]),
                "overdue": sum(bool(p.overdue) for p in left),
                "regressed": sum(p.regressed > 0 for p in left),
                "tasks": sum(p.tasks - p.done for p in left),
            }
        )
    return shown


def causes(words: Words, data: PairData, explorer: str) -> dict[str, Any]:
    """Return what the page of causes shows: how much the first of them give, and each of them."""
    found = list(data.outlook.causes or [])
    shown = [_cause(words, c, data.pair, explorer) for c in found]
    gains = [c.leverage for c in found]
    ten = sum(gains[:10])
    if data.outlook.causes is None:
        finding = words("causes_absent")
    elif not found:
        finding = words("causes_page_none")
    else:
        finding = words("causes_finding", n=min(10, len(found)), gain=points(words, ten))
    spec = None
    if found and sum(gains):
        spec = Markup(figures.to_json(charts.pareto(words, gains, [plain(c.label or "–") for c in found])))
    title = words(
        "pareto_title",
        n=min(10, len(found)),
        all=len(found),
        share=words.percent(ten / sum(gains) if sum(gains) else None),
    )
    return {"finding": finding, "rows": shown, "spec": spec, "pareto": title, "pair": data.pair}


def decisions(words: Words, data: PairData, explorer: str) -> dict[str, Any]:
    """Return what the page of decisions shows: each decision, each region's way with it, how close the regions are."""
    ahead = data.outlook
    titles = {t.entity: words.title(t, "entity") for t in data.types}
    titles |= {kind: kind_title(words, kind, data.pair) for kind in ("changed", "moved", "only_a", "only_b")}
    found = list(ahead.decisions or [])
    stale = [d for d in found if d.state in ("stale", "conflict", "expired", "altered", "not recorded")]
    if ahead.decisions is None:
        finding = words("decisions_absent")
    elif not found:
        finding = words("decisions_none", n=words.integer(ahead.undecided))
    else:
        finding = words("decisions_finding", n=len(found), governed=words.integer(sum(d.covers_now for d in found)))
    return {
        "pair": data.pair,
        "finding": finding,
        "undecided": ahead.undecided,
        "undecided_href": address(explorer, decision="none", counted="yes"),
        "attention": len(stale),
        "rows": [
            {
                "row": d,
                "covers": told.covers(words, d.covers, titles),
                "note": told.note(words, d.note),
                "href": address(explorer, decision=d.decision_id),
            }
            for d in found
        ],
        "process": [_process(words, p) for p in ahead.process if p.step != "nothing to do"],
        "adherence": _adherence(words, ahead),
    }


def _process(words: Words, row: Process) -> dict[str, Any]:
    return {
        "row": row,
        "note": told.note(words, row.note),
        "step": words.known("step", row.step),
        "alarm": row.regressed > 0 or bool(row.overdue),
        "share": row.done / row.tasks if row.tasks else None,
    }


def _adherence(words: Words, ahead: Outlook) -> dict[str, Any] | None:
    names = dict.fromkeys((a.domain, a.title) for a in ahead.adherence)
    series = [(t, [a for a in ahead.adherence if a.domain == d]) for d, t in names]
    now = [(t, rows[-1]) for t, rows in series if rows and rows[-1].value is not None]
    if not now:
        return None
    figure = charts.adherence(words, [(t, [a.as_of for a in rows], [a.value for a in rows]) for t, rows in series])
    best = max(now, key=lambda one: one[1].value or 0)
    title = words("adherence_title", region=best[0], value=words.percent(best[1].value))
    rows = [{"title": t, "row": a} for t, a in now]
    return {
        "title": title,
        "spec": Markup(figures.to_json(figure)) if len(series[0][1]) > 1 else None,
        "rows": rows,
        "sub": words("adherence_sub", settled=words.percent(now[0][1].settled)),
    }


def _heat(value: float) -> int:
    """Which of the five steps of the map a share falls in. No shades between, so that every figure can be read."""
    return sum(value >= step for step in _STEPS)


def areas(
    words: Words, site: SiteData, data: PairData, types: Sequence[dict[str, Any]], explorer: str
) -> dict[str, Any]:
    """Return what the page of areas shows: the heat map of all entity types, then each area with its types."""
    measured = [
        row
        for group in types
        for row in group["rows"]
        if row["convergence"] is not None and row["type"].role == "item" and not row["type"].expected_local
    ]
    below = sum(row["convergence"] < _FAR for row in measured)
    worst = min(measured, key=lambda row: row["convergence"], default=None)
    finding = (
        words("areas_page_none")
        if worst is None
        else words("areas_finding", type=worst["title"], value=words.percent(worst["convergence"]))
    )
    night, by = site.nights[-1].night_id, Measures(data.measures)
    groups: list[dict[str, Any]] = []
    for number, group in enumerate(types, 1):
        heavy = [
            {"row": row, "href": address(explorer, type=row["type"].entity)}
            for row in sorted(group["rows"], key=lambda r: -r["type"].differences)
        ]
        total = sum(row["type"].differences for row in group["rows"])
        area = group["rows"][0]["type"].area
        value = by.get(night, "area", area, "convergence").value
        tiles = [
            {
                "title": row["title"],
                "value": row["convergence"],
                "local": row["type"].expected_local,
                "href": row["href"],
                "heat": _heat(row["convergence"]),
            }
            for row in sorted(group["rows"], key=lambda r: r["convergence"] or 0)
            if row["convergence"] is not None and row["type"].role == "item"
        ]
        groups.append(
            {
                "id": f"area-{number}",
                "value": value,
                "tiles": tiles,
                "title": group["title"],
                "rows": heavy,
                "differences": total,
                "href": address(explorer, area=area),
            }
        )
    return {"pair": data.pair, "finding": finding, "groups": groups, "night": site.nights[-1]} | {
        "heat": words("heat_title", n=below, all=len(measured), far=words.percent(_FAR, digits=0))
    }


def fan(words: Words, data: PairData, trend: Sequence[dict[str, Any]]) -> dict[str, Any] | None:
    """Return the forecast as a figure, None where no level is on its way."""
    aims = [f for f in data.outlook.forecast or [] if f.state == "converging" and f.earliest is not None]
    past = [row for row in reversed(trend) if row["convergence"] is not None]
    if not aims or len(past) < 2:
        return None
    figure = charts.fan(
        words,
        [row["as_of"] for row in past],
        [row["convergence"] for row in past],
        [(f.aim, f.earliest, f.median, f.latest) for f in aims],
    )
    return {"title": _when(words, data.outlook), "spec": Markup(figures.to_json(figure)), "rows": aims}


def matrix(words: Words, site: SiteData, addresses: Sequence[str]) -> dict[str, Any] | None:
    """Return convergence for every two domains as a table, None where there are only two domains."""
    if len(site.pairs) < 2:
        return None
    night = site.nights[-1].night_id
    domains: dict[str, str] = {}
    cells: dict[tuple[str, str], dict[str, Any]] = {}
    for data, href in zip(site.pairs, addresses, strict=True):
        p = data.pair
        domains |= {p.domain_a: p.title_a, p.domain_b: p.title_b}
        value = Measures(data.measures).get(night, "total", "total", "convergence").value
        for one, other in ((p.domain_a, p.domain_b), (p.domain_b, p.domain_a)):
            cells[one, other] = {"value": value, "href": href}
    known = [c for c in cells.items() if c[1]["value"] is not None]
    title = words("matrix_none")
    if known:
        (one, other), cell = max(known, key=lambda c: c[1]["value"])
        title = words("matrix_title", a=domains[one], b=domains[other], value=words.percent(cell["value"]))
    rows = [{"title": t, "cells": [cells.get((d, e)) for e in domains]} for d, t in domains.items()]
    return {"title": title, "heads": list(domains.values()), "rows": rows}
