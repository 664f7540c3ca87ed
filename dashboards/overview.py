"""Records → what the first page shows: sentences, rows and figures. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any, Final

from markupsafe import Markup

from dashboards import deliveries, figures, gaps, marks, read
from dashboards.model import Measures, PairData, Shown, SiteData, address, kind_title
from dashboards.quality import STATUSES
from dashboards.text import Words, plain

GROUPS_SHOWN: Final = 8
CAUSES_SHOWN: Final = 8
DIFFERENCES_SHOWN: Final = 10
_MARKED: Final = {"decision": "var(--closed-ink)", "release": "var(--series-2)", "method": "var(--bad)"}
_OLD: Final = dt.timedelta(days=2)


def page(words: Words, site: SiteData, data: PairData, explorer: str) -> dict[str, Any]:
    """Return what the first page shows of one pair; its numbers link to their rows on page ``explorer``."""
    night, previous = site.nights[-1], site.nights[-2] if len(site.nights) > 1 else None
    by = Measures(data.measures)
    head = by.get(night.night_id, "total", "total", "convergence")
    lower = by.get(night.night_id, "total", "total", "convergence_lower").value
    upper = by.get(night.night_id, "total", "total", "convergence_upper").value
    areas = _areas(words, site, data, by, explorer)
    uncertain, ambiguous = (sum(getattr(t, f) or 0 for t in _counted(data)) for f in ("uncertain", "ambiguous"))
    if lower is None or upper is None:
        bounds = words("headline_bounds_none")
    elif lower == upper:
        bounds = words("headline_bounds_same")
    else:
        bounds = words(
            "headline_bounds",
            low=words.percent(lower),
            high=words.percent(upper),
            uncertain=words("n_uncertain", n=uncertain),
            ambiguous=words("n_ambiguous", n=ambiguous),
        )
    return {
        "night": night,
        "pair": data.pair,
        "head": head,
        "lower": lower,
        "upper": upper,
        "bounds_sentence": bounds,
        "bounds_text": ""
        if lower is None or upper is None
        else words("bounds_between", low=words.percent(lower), high=words.percent(upper)),
        "finding": _finding(words, by, night, previous, head),
        "lead": _lead(words, data, areas["rows"], night, previous),
        "beside": [by.get(night.night_id, "total", "total", m) for m in _beside(by, night)],
        "counts": _counts(data),
        "sources": _sources(words, site, data.pair, night),
        "quality_line": _quality_line(words, site.checks),
        "metric_names": read.METRICS,
        "trend": _trend(words, site, data, by),
        "watched": _watched(words, data.watched, night),
        "areas": areas,
        "totals": data.totals,
        "groups": _groups(words, data, explorer),
        "causes": _causes(words, data, explorer),
        "heaviest": [_difference(words, row, data.pair, explorer) for row in data.heaviest],
        "drift": _drift(words, data.drift),
        "blind": [
            {
                "entity": words.title(row, "entity"),
                "attribute": words.title(row, "attribute") if row.attribute else None,
                "domain": row.title,
                "reason": _reason(words, row.reason, site.domains),
            }
            for row in data.not_comparable
        ],
        "blind_sentences": [
            words("blind_area" if row["area"].scored_types else "blind_area_local", title=row["title"])
            for row in areas["rows"]
            if row["value"] is None
        ]
        + [
            words("blind_type", title=words.title(t, "entity"))
            + (f" ({_reason(words, plain(t.reason), site.domains)})" if t.reason else "")
            for t in data.types
            if t.measurable is False
        ],
    }


def _beside(by: Measures, night: read.Night) -> tuple[str, ...]:
    """The figures beside the headline: the justified one first, where decisions make it differ or could."""
    justified = by.get(night.night_id, "total", "total", "justified").value is not None
    return (*(("justified",) if justified else ()), "coverage", "agreement", "strict")


def _reason(words: Words, reason: str | None, domains: Mapping[str, str]) -> str | None:
    """Return a reason of the publication in the reader's words where it is one of the known ones."""
    if reason and reason.startswith("not delivered by "):
        names = reason.removeprefix("not delivered by ").split(" and ")
        return words("reason.missing", names=", ".join(domains.get(name, name) for name in names))
    return words.known("reason", reason) if reason else None


def _counted(data: PairData) -> list[read.EntityType]:
    """Return the entity types whose items make up the whole."""
    return [t for t in data.types if t.role == "item" and not t.expected_local]


def _counts(data: PairData) -> dict[str, int]:
    counted = _counted(data)
    matched, only_a, only_b = (sum(getattr(t, f) or 0 for t in counted) for f in ("matched", "only_a", "only_b"))
    return {"matched": matched, "only_a": only_a, "only_b": only_b, "union": matched + only_a + only_b}


def _since(words: Words, night: read.Night, previous: read.Night) -> str:
    if night.as_of - previous.as_of <= dt.timedelta(hours=36):
        return words("since_night")
    return words.date(previous.as_of)


def _finding(words: Words, by: Measures, night: read.Night, previous: read.Night | None, head: Shown) -> str:
    if head.value is None:
        return words("finding_none")
    value = words.percent(head.value)
    before = by.get(previous.night_id, "total", "total", "convergence") if previous else None
    if previous is None or before is None or before.value is None:
        return words("finding_first", value=value)
    since = _since(words, night, previous)
    if by.method(night.night_id) != by.method(previous.night_id):
        return words("finding_method", value=value, since=since)
    change = head.value - before.value
    if abs(change) < 1e-12:
        return words("finding_same", value=value, since=since)
    key = "finding_up" if change > 0 else "finding_down"
    return words(key, value=value, change=words.points(change), since=since)


def _lead(
    words: Words, data: PairData, areas: Sequence[Mapping[str, Any]], night: read.Night, previous: read.Night | None
) -> str:
    said = []
    measured = [row for row in areas if row["value"] is not None]
    if len(measured) > 1:
        worst = min(measured, key=lambda row: row["value"])
        said.append(words("lead_worst", area=worst["title"], value=words.percent(worst["value"])))
    if previous is None:
        said.append(words("lead_first"))
    else:
        since = _since(words, night, previous)
        last = data.drift[-1] if data.drift else None
        if last and last.night_id == night.night_id and last.opened is not None and last.closed is not None:
            closed = words("n_differences", n=last.closed)
            said.append(words("lead_drift", since=since, closed=closed, opened=words("n_new", n=last.opened)))
        if night.catalogue_fingerprint != previous.catalogue_fingerprint:
            said.append(words("lead_catalogue", since=since))
    if data.causes:
        first = data.causes[0]
        label = plain(first.label)
        said.append(
            words(
                "lead_cause",
                cause=label if len(label) <= 70 else f"{label[:69]}…",
                n=words.integer(first.differences),
            )
        )
    return " ".join(said)


def _sources(words: Words, site: SiteData, pair: read.Pair, night: read.Night) -> list[dict[str, Any]]:
    shown = []
    for row in site.snapshots:
        if row.night_id != night.night_id or row.domain not in (pair.domain_a, pair.domain_b):
            continue
        age = None if row.delivered_at is None else night.as_of - row.delivered_at
        text = None
        if age is not None and age > dt.timedelta(0):
            text = words("age_days", n=age.days) if age.days else words("age_fresh")
        shown.append(
            {
                "title": row.title,
                "delivered_at": row.delivered_at,
                "snapshot_id": row.snapshot_id,
                "rows_accepted": row.rows_accepted,
                "age": text,
                "old": age is not None and age > _OLD,
            }
        )
    return shown


def _quality_line(words: Words, checks: Sequence[deliveries.Check]) -> str:
    if not checks:
        return words("quality_none")
    count = {status: sum(c.status == status for c in checks) for status in STATUSES}
    return words(
        "quality_line",
        passed=words.integer(count["passed"]),
        total=words.integer(len(checks)),
        failed=words.integer(count["failed"]),
        errors=words.integer(count["error"]),
    )


def _trend(words: Words, site: SiteData, data: PairData, by: Measures) -> dict[str, Any]:
    rows: list[dict[str, Any]] = []
    for night in site.nights:
        shown = {m: by.get(night.night_id, "total", "total", m) for m in read.METRICS}
        rows.append(
            {m: s.value for m, s in shown.items()}
            | {
                "as_of": night.as_of,
                "numerator": shown["convergence"].numerator,
                "denominator": shown["convergence"].denominator,
            }
        )
    known = [row["convergence"] for row in rows if row["convergence"] is not None]
    happened = marks.of(words, site, data)
    figure = figures.trend(
        words,
        [row["as_of"] for row in rows],
        [row["convergence"] for row in rows],
        [row["convergence_lower"] for row in rows],
        [row["convergence_upper"] for row in rows],
        [(m.at, marks.SHAPES[m.kind][0], _MARKED[m.kind], f"{words.date(m.at)}: {m.text}") for m in happened],
    )
    spec = Markup(figures.to_json(figure)) if len(known) > 1 else None
    sub = words("trend_sub")
    kinds = [kind for kind in marks.SHAPES if any(m.kind == kind for m in happened)]
    if kinds:
        sub += (
            " "
            + words("trend_marks")
            + " "
            + ", ".join(f"{marks.SHAPES[kind][1]} {words(f'mark.{kind}')}" for kind in kinds)
            + "."
        )
    return {
        "title": _trend_title(words, known),
        "sub": sub,
        "rows": list(reversed(rows)),
        "marks": [{"at": m.at, "kind": words(f"mark.{m.kind}"), "text": m.text} for m in reversed(happened)],
        "spec": spec,
    }


def _trend_title(words: Words, known: Sequence[float]) -> str:
    if not known:
        return words("trend_none")
    first, last = words.percent(known[0]), words.percent(known[-1])
    if len(known) == 1:
        return words("trend_one", last=last)
    if first == last:
        return words("trend_same", last=last, n=len(known))
    return words("trend_up" if known[-1] > known[0] else "trend_down", first=first, last=last, n=len(known))


def _watched(words: Words, rows: Sequence[read.Watched], night: read.Night) -> list[dict[str, Any]]:
    shown = []
    for number, watch in enumerate(dict.fromkeys(row.watch for row in rows), 1):
        series = [row for row in rows if row.watch == watch]
        values = [row.value if row.denominator else None for row in series]
        last, value = series[-1], values[-1]
        date = words.date(last.as_of)
        sub = (
            words("watched_none", date=date)
            if value is None
            else words("watched_now", num=words.amount(last.numerator), den=words.amount(last.denominator), date=date)
        )
        spec = None
        if any(v is not None for v in values):
            spec = Markup(figures.to_json(figures.small_trend(words, [row.as_of for row in series], values)))
        title = words("watched_title", title=words.title(last, "watch"), value=words.percent(value))
        table = [
            {"as_of": r.as_of, "numerator": r.numerator, "denominator": r.denominator, "value": v}
            for r, v in zip(series, values, strict=True)
        ]
        shown.append({"id": f"watch-{number}", "title": title, "sub": sub, "spec": spec, "rows": list(reversed(table))})
    # Those that can be measured first: an empty place is the last thing to look at.
    return sorted(shown, key=lambda figure: figure["spec"] is None)


def _areas(words: Words, site: SiteData, data: PairData, by: Measures, explorer: str) -> dict[str, Any]:
    night, previous = site.nights[-1], site.nights[-2] if len(site.nights) > 1 else None
    rows: list[dict[str, Any]] = []
    for area in data.areas:
        if not area.entity_types:
            continue  # an area the catalogue names but does not fill yet: nothing to say about it

        def value(metric: str, at: int | None, name: str = area.area) -> float | None:
            return by.get(at, "area", name, metric).value

        now = value("convergence", night.night_id)
        before = value("convergence", previous.night_id if previous else None)
        first = next((v for n in site.nights if (v := value("convergence", n.night_id)) is not None), None)
        rows.append(
            {
                "area": area,
                "title": words.title(area, "area"),
                "href": address(explorer, area=area.area, counted="yes"),
                "value": now,
                "first": first if len(site.nights) > 1 else None,
                "change": None if now is None or before is None else now - before,
                "lower": value("convergence_lower", night.night_id),
                "upper": value("convergence_upper", night.night_id),
            }
        )
    measured = sorted((r for r in rows if r["value"] is not None), key=lambda r: r["value"])
    if not measured:
        title = words("areas_title_none")
    elif len(measured) == 1:
        title = words("areas_title_one", best=measured[0]["title"])
    else:
        title = words("areas_title", worst=measured[0]["title"], best=measured[-1]["title"])
    drawn = measured + [r for r in rows if r["value"] is None and r["area"].scored_types]
    spec = None
    if measured:
        figure = figures.areas(words, [(r["title"], r["first"], r["value"], r["lower"], r["upper"]) for r in drawn])
        spec = Markup(figures.to_json(figure))
    sub = words("areas_sub", first=words.date(site.nights[0].as_of), last=words.date(night.as_of))
    return {"title": title, "sub": sub, "rows": rows, "spec": spec}


def types(words: Words, data: PairData, night: read.Night, explorer: str) -> list[dict[str, Any]]:
    """Return every entity type with its figures, grouped by area."""
    by = Measures(data.measures)
    titles = {a.area: words.title(a, "area") for a in data.areas}
    groups: dict[str, list[dict[str, Any]]] = {}
    for row in data.types:
        shown = {m: by.get(night.night_id, "entity", row.entity, m).value for m in read.METRICS}
        link = address(explorer, type=row.entity)
        groups.setdefault(row.area, []).append(
            {"type": row, "title": words.title(row, "entity"), "href": link, **shown}
        )
    return [{"title": titles.get(area) or words("no_area"), "rows": rows} for area, rows in groups.items()]


def _groups(words: Words, data: PairData, explorer: str) -> dict[str, Any] | None:
    if not data.groups:
        return None
    rows: list[dict[str, Any]] = []
    for row in data.groups:
        what = words.title(row, "attribute") if row.attribute else kind_title(words, row.kind, data.pair)
        share = row.weight / data.totals.weight if data.totals.weight else None
        rows.append(
            {
                "label": f"{words.title(row, 'entity')}: {what}",
                "href": address(
                    explorer,
                    type=row.entity,
                    kind=None if row.attribute else row.kind,
                    attr=f"{row.entity}.{row.attribute}" if row.attribute else None,
                ),
                "differences": row.differences,
                "weight": row.weight,
                "share": share,
            }
        )
    figure = figures.ranked(
        words, [(r["label"], r["weight"], words("n_differences", n=r["differences"])) for r in rows]
    )
    title = words("groups_title", what=plain(rows[0]["label"])[:90], share=words.percent(rows[0]["share"]))
    sub = words("groups_sub", n=len(rows))
    return {"title": title, "sub": sub, "rows": rows, "spec": Markup(figures.to_json(figure))}


def _causes(words: Words, data: PairData, explorer: str) -> dict[str, Any] | None:
    if not data.causes:
        return None
    whole = data.totals.weight
    rows: list[dict[str, Any]] = [
        {
            "label": row.label,
            "href": address(explorer, q=row.label[:60], cause="any"),
            "entity": words.title(row, "entity"),
            "differences": row.differences,
            "weight": row.weight,
            "share": row.weight / whole if whole else None,
        }
        for row in sorted(data.causes, key=lambda c: -c.weight)
    ]
    figure = figures.ranked(
        words,
        [(r["label"], r["weight"], words("n_differences", n=r["differences"])) for r in rows],
        color="var(--series-2)",
    )
    share = words.percent(sum(r["weight"] for r in rows) / whole if whole else None)
    title = (
        words("causes_title_one", share=share) if len(rows) == 1 else words("causes_title", n=len(rows), share=share)
    )
    return {"title": title, "sub": words("causes_sub"), "rows": rows, "spec": Markup(figures.to_json(figure))}


def _difference(words: Words, row: gaps.Difference, pair: read.Pair, explorer: str) -> dict[str, Any]:
    def state(side: str, value: str | None) -> tuple[str | None, str]:
        if row.kind in ("only_a", "only_b"):
            here = row.kind == f"only_{side}"
            return (
                None if here and value else words("exists_here" if here else "missing_here")
            ), "" if here else "none"
        return (words("empty_value") if value in (None, "") else None), "none"

    state_a, class_a = state("a", row.value_a)
    state_b, class_b = state("b", row.value_b)
    return {
        "weight": row.weight,
        "href": address(explorer, open=row.difference_id),
        "entity": words.title(row, "entity"),
        "label": row.label,
        "root": row.root_label if row.is_component and row.root_label != row.label else None,
        "attribute": words.title(row, "attribute") if row.attribute else None,
        "kind": kind_title(words, row.kind, pair),
        "value_a": row.value_a,
        "value_b": row.value_b,
        "state_a": state_a,
        "state_b": state_b,
        "class_a": class_a,
        "class_b": class_b,
        "cause": row.cause_label,
        "opened": words.date(row.opened_at),
    }


def _drift(words: Words, rows: Sequence[gaps.Drift]) -> dict[str, Any] | None:
    known = [row for row in rows if row.opened is not None and row.closed is not None]
    if not known:
        return None
    opened, closed = sum(row.opened or 0 for row in known), sum(row.closed or 0 for row in known)
    key = "drift_less" if closed > opened else "drift_more" if opened > closed else "drift_even"
    figure = figures.drift(
        words,
        [r.as_of for r in known],
        [r.opened for r in known],
        [r.closed for r in known],
        [r.reopened for r in known],
    )
    title = words(key, opened=words.integer(opened), closed=words.integer(closed))
    again = sum(row.reopened or 0 for row in known)
    sub = words("drift_sub") + (f" {words('drift_again', n=again)}" if again else "")
    return {"title": title, "sub": sub, "rows": list(reversed(rows)), "spec": Markup(figures.to_json(figure))}
