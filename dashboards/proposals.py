"""Records → the page of what plain rules propose and of what is asked of the vendor. Pure."""

from __future__ import annotations

from typing import Any

from markupsafe import Markup

from dashboards import figures, further, read, told
from dashboards.model import PairData, address, kind_title
from dashboards.text import Words
from dashboards.views import points


def page(words: Words, data: PairData, explorer: str) -> dict[str, Any]:
    """Return what the page of proposals and requests shows of one pair."""
    found = data.further
    by = list(found.proposed_by or [])
    many = sum(p.differences for p in by)
    gain = sum(p.worth for p in by)
    if found.proposed_by is None:
        finding = words("proposals_absent")
    elif not by:
        finding = words("proposals_none", n=words.integer(data.outlook.undecided))
    elif gain <= 0:
        finding = words("proposals_finding_local", n=many)
    else:
        finding = words("proposals_finding", n=many, gain=points(words, gain))
    return {
        "pair": data.pair,
        "finding": finding,
        "undecided": data.outlook.undecided,
        "undecided_href": address(explorer, decision="none", counted="yes"),
        "by": [_by(words, p) for p in by],
        "chart": _chart(words, by),
        "rows": [_proposed(words, p, data.pair, explorer) for p in found.proposed],
        # What is expected to be local is proposed by the hundred, and is worth nothing by its nature: only counted.
        "many": sum(p.differences for p in by if p.rule != "expected local"),
        "local": sum(p.differences for p in by if p.rule == "expected local"),
        "local_href": address(explorer, counted="no"),
        "requests": None if found.requests is None else [_request(words, r, explorer) for r in found.requests],
        "counts": ", ".join(f"{words.known('request', s)} {words.integer(n)}" for s, n in found.requests_by),
        "standing": sum(n for s, n in found.requests_by if s != "settled"),
        "vendor": _vendor(words, found),
    }


def _ruling(words: Words, ruling: str, adopt: str | None) -> str:
    return words("ruling_adopt_side", region=adopt) if ruling == "adopt" and adopt else words.known("ruling", ruling)


def _by(words: Words, row: further.ProposedBy) -> dict[str, Any]:
    return {
        "rule": words.known("rule", row.rule),
        "why": words.known("rule_words", row.rule),
        "ruling": _ruling(words, row.ruling, row.adopt),
        "differences": row.differences,
        "gain": points(words, row.worth),
    }


def _chart(words: Words, by: list[further.ProposedBy]) -> dict[str, Any] | None:
    if len(by) < 2:
        return None
    rows = sorted(by, key=lambda p: -p.differences)
    label = [f"{words.known('rule', p.rule)}: {_ruling(words, p.ruling, p.adopt)}" for p in rows]
    figure = figures.ranked(
        words,
        [(name, float(p.differences), f"+{points(words, p.worth)}") for name, p in zip(label, rows, strict=True)],
    )
    title = words("proposals_chart", rule=label[0], n=rows[0].differences)
    return {"title": title, "sub": words("proposals_chart_sub"), "spec": Markup(figures.to_json(figure))}


def _proposed(words: Words, row: further.Proposed, pair: read.Pair, explorer: str) -> dict[str, Any]:
    return {
        "row": row,
        "entity": words.title(row, "entity"),
        "what": words.title(row, "attribute") if row.attribute else kind_title(words, row.kind, pair),
        "gain": points(words, row.worth),
        "rule": words.known("rule", row.rule),
        "ruling": _ruling(words, row.ruling, row.adopt),
        "evidence": words.known("evidence", row.evidence) if row.evidence else None,
        "href": address(explorer, open=row.difference_id),
    }


def _request(words: Words, row: further.Request, explorer: str) -> dict[str, Any]:
    return {
        "row": row,
        "entity": words.title(row, "entity"),
        "what": words.title(row, "attribute") if row.attribute else None,
        "status": words.known("request", row.status),
        "note": told.note(words, row.note),
        "href": address(explorer, cause=row.request_id),
    }


def _vendor(words: Words, found: further.OfPair) -> str:
    if found.requests is None:
        return words("vendor_absent")
    standing = sum(n for s, n in found.requests_by if s != "settled")
    if not standing:
        return words("vendor_none")
    new = sum(n for s, n in found.requests_by if s == "new")
    return words("vendor_finding", n=standing, new=words.integer(new))
