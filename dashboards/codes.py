"""Records → the page of national codes: how many items carry a valid one, and how often both regions the same. Pure."""

from __future__ import annotations

from typing import Any

from markupsafe import Markup

from dashboards import charts, figures, further
from dashboards.model import PairData, SiteData, address
from dashboards.text import Words, plain

_FEW = 12


def page(words: Words, site: SiteData, data: PairData, explorer: str) -> dict[str, Any]:
    """Return what the page of national codes shows of one pair."""
    found = data.further
    national = list(found.national or [])
    titles = {data.pair.domain_a: data.pair.title_a, data.pair.domain_b: data.pair.title_b}
    return {
        "pair": data.pair,
        "finding": _finding(words, found, titles),
        "coverage": _coverage(words, national, list(titles)),
        "rows": [_national(words, row, explorer) for row in national],
        "same": [_same(words, row) for row in found.same],
        "rate": _rate(words, found),
        "wrong": [_wrong(words, row, explorer) for row in found.coded],
        "absent": sorted({plain(_list(words, row)) for row in national if row.list_state == "absent"}),
        "any": bool(national or found.same),
        "night": site.nights[-1],
    }


def _list(words: Words, row: further.National | further.SameCode | further.Coded) -> str:
    return row.list_sv if words.language == "sv" else row.list_en


def _share(rows: list[further.National]) -> tuple[int, int, float | None]:
    """Valid codes and items of those whose list is here to be tried against."""
    tried = [r for r in rows if not r.unverified]
    valid, items = sum(r.valid for r in tried), sum(r.items for r in tried)
    return valid, items, valid / items if items else None


def _finding(words: Words, found: further.OfPair, titles: dict[str, str]) -> str:
    if found.national is None:
        return words("codes_absent")
    if not found.national:
        return words("codes_none")
    now = found.code_nights[-1] if found.code_nights else None
    if now is not None and now.share is not None:
        return words("codes_finding", value=words.percent(now.share), n=now.both)
    if not any(r.valid or r.invalid or r.retired or r.unverified for r in found.national):
        return words("codes_finding_missing", n=sum(r.items for r in found.national))
    if any(r.unverified for r in found.national):
        return words("codes_finding_unverified")
    shares = [(_share([r for r in found.national if r.domain == d])[2], t) for d, t in titles.items()]
    best = max(((s, t) for s, t in shares if s is not None), default=None)
    return (
        words("codes_none")
        if best is None
        else words("codes_finding_one", region=best[1], value=words.percent(best[0]))
    )


def _coverage(words: Words, national: list[further.National], domains: list[str]) -> dict[str, Any] | None:
    """The share of items with a valid code, a line per entity type and list with a mark per region."""
    lines: dict[tuple[str, str, str], dict[str, further.National]] = {}
    for row in national:
        if row.share is not None and (row.valid or row.invalid or row.retired):
            lines.setdefault((row.entity, row.attribute, row.list_en), {})[row.domain] = row
    shown = [
        (
            f"{words.title(any_(by), 'entity')}: {_list(words, any_(by))}",
            [by[d].share if d in by else None for d in domains],
        )
        for by in lines.values()
    ]
    if not shown:
        return None
    names = [next((r.title for r in national if r.domain == d), d) for d in domains]
    shown = sorted(shown, key=lambda line: min(s for s in line[1] if s is not None))[:_FEW]
    label, least = shown[0][0], min(s for s in shown[0][1] if s is not None)
    return {
        "title": words("codes_chart", what=plain(label), value=words.percent(least)),
        "sub": words("codes_chart_sub", a=names[0], b=names[-1]),
        "spec": Markup(figures.to_json(charts.sides(words, shown, names))),
    }


def any_(by: dict[str, further.National]) -> further.National:
    """Any of a line's rows: what it is called is the same for every domain."""
    return next(iter(by.values()))


def _national(words: Words, row: further.National, explorer: str) -> dict[str, Any]:
    return {
        "row": row,
        "entity": words.title(row, "entity"),
        "list": _list(words, row),
        "href": address(explorer, type=row.entity, attr=f"{row.entity}.{row.attribute}"),
    }


def _same(words: Words, row: further.SameCode) -> dict[str, Any]:
    return {"row": row, "entity": words.title(row, "entity"), "list": _list(words, row)}


def _rate(words: Words, found: further.OfPair) -> dict[str, Any] | None:
    nights = list(found.code_nights)
    known = [n for n in nights if n.share is not None]
    if not known:
        return None
    last = known[-1]
    figure = figures.small_trend(words, [n.as_of for n in nights], [n.share for n in nights])
    return {
        "title": words("same_title", value=words.percent(last.share)),
        "sub": words("same_sub", same=words.integer(last.same), both=words.integer(last.both)),
        "spec": Markup(figures.to_json(figure)) if len(known) > 1 else None,
        "rows": list(reversed(nights)),
    }


def _wrong(words: Words, row: further.Coded, explorer: str) -> dict[str, Any]:
    return {
        "row": row,
        "entity": words.title(row, "entity"),
        "list": _list(words, row),
        "state": words.known("code", row.state),
        "href": address(explorer, type=row.entity, q=(row.label or "")[:60]),
    }
