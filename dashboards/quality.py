"""Records → what the quality page shows: checks by severity and status, failing rows, deliveries. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from markupsafe import Markup

from dashboards import charts, deliveries, figures
from dashboards.model import SiteData
from dashboards.text import Words

STATUSES: Final = ("failed", "error", "passed", "not_applicable")
SEVERITIES: Final = ("critical", "warning", "info")
_NIGHTS: Final = 5


def published(words: Words, site: SiteData) -> dict[str, Any]:
    """Return what the quality page of the published night shows."""
    night = site.nights[-1]
    titles = {t.entity: words.title(t, "entity") for t in site.pairs[0].types}
    return page(words, site.checks, site.domains, site.failures, site.events, site.quality, titles) | {
        "unpublished": False,
        "as_of": night.as_of,
        "course": _course(words, site.quality),
        "quarantine": site.quarantine,
        "quarantine_rows": sum(q.rows for q in site.quarantine),
        "quarantine_files": len({(q.title, q.file_name) for q in site.quarantine}),
        "snapshots": [s for s in site.snapshots if s.night_id == night.night_id],
        "earlier": [s for s in site.snapshots if s.night_id != night.night_id],
    }


def page(
    words: Words,
    checks: Sequence[deliveries.Check],
    domains: Mapping[str, str],
    failures: Sequence[deliveries.Failure] = (),
    events: Sequence[deliveries.FeedEvent] = (),
    history: deliveries.History | None = None,
    titles: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """Return what the quality page shows: checks by severity and status, troubles apart, failing rows, deliveries."""

    def order(check: deliveries.Check) -> tuple[int, int, str]:
        return (
            STATUSES.index(check.status) if check.status in STATUSES else 1,
            SEVERITIES.index(check.severity) if check.severity in SEVERITIES else 0,
            check.check_id,
        )

    failed = sum(c.status == "failed" for c in checks)
    # A status this page does not know is treated as an error: never as passed.
    errors = sum(c.status not in ("passed", "failed", "not_applicable") for c in checks)
    fine = [c for c in checks if c.status in ("passed", "not_applicable")]
    trouble = sorted(
        (c for c in checks if c.status not in ("passed", "not_applicable")),
        key=lambda c: (order(c)[1], order(c)[0], c.check_id),
    )
    total = words.integer(len(checks))
    numbers = {"failed": words.integer(failed), "errors": words.integer(errors), "total": total}
    if not checks:
        finding = words("quality_finding_none")
    elif failed and errors:
        finding = words("quality_finding_both", **numbers)
    elif failed:
        finding = words("quality_finding_bad", **numbers)
    elif errors:
        finding = words("quality_finding_errors", **numbers)
    else:
        finding = words("quality_finding_ok", **numbers)
    counts: list[dict[str, Any]] = []
    severities = [s for s in SEVERITIES if any(c.severity == s for c in checks)]
    for severity in [*severities, *sorted({c.severity for c in checks} - set(SEVERITIES)), None]:
        these = [c for c in checks if severity is None or c.severity == severity]
        per = [sum(_status(c) == s for c in these) for s in STATUSES]
        counts.append({"severity": severity, "counts": per, "total": len(these)})
    history = history or deliveries.History()
    return {
        "unpublished": True,
        "site_link": None,
        "course": None,
        "quarantine": None,
        "snapshots": [],
        "earlier": [],
        "trends": {(c.check_id, c.domain): _trend(words, c, history) for c in checks} if history.counts else {},
        "finding": finding,
        "counts": counts if checks else [],
        "statuses": STATUSES,
        "held": len(fine),
        "trouble": trouble,
        "fine": _by_type(sorted(fine, key=order), titles or {}),
        "domains": domains,
        "resolved": [c for c in checks if c.state == "resolved"],
        "failing": _failing(trouble, failures),
        "events": [_event(words, e) for e in events if e.is_current],
        "past": [_event(words, e) for e in events if not e.is_current],
    }


def _failing(trouble: Sequence[deliveries.Check], failures: Sequence[deliveries.Failure]) -> list[dict[str, Any]]:
    """The failing rows that are published, per check and domain, in the order of the troubles."""
    rows: dict[tuple[str, str | None], list[deliveries.Failure]] = {}
    for one in failures:
        rows.setdefault((one.check_id, one.domain), []).append(one)
    return [{"check": c, "rows": rows[c.check_id, c.domain]} for c in trouble if (c.check_id, c.domain) in rows]


def _event(words: Words, event: deliveries.FeedEvent) -> dict[str, Any]:
    key = f"feed.{event.kind}"
    parts = {name: getattr(event, name) or "" for name in ("table", "column", "before", "after")}
    if event.kind in ("redelivered", "rolled_back", "table_rolled_back", "unchanged", "not_delivered", "ended"):
        # Times are written as the database does; only the day matters here.
        parts = {k: v[:10] if k in ("before", "after") and "-" in v else v for k, v in parts.items()}
    text = words(key, **parts) if words.has(key) else event.detail
    return {"title": event.title, "delivered_at": event.delivered_at, "severity": event.severity, "text": text}


def _status(check: deliveries.Check) -> str:
    return check.status if check.status in STATUSES else "error"


def _by_type(checks: Sequence[deliveries.Check], titles: Mapping[str, str]) -> list[dict[str, Any]]:
    """The checks by what they look at, so that a page of thousands can be opened where one wants to look."""
    groups: dict[str, list[deliveries.Check]] = {}
    for check in checks:
        groups.setdefault(check.entity or "", []).append(check)
    named = sorted((titles.get(entity, entity), entity) for entity in groups)
    return [{"title": title, "checks": groups[entity]} for title, entity in named]


def _trend(words: Words, check: deliveries.Check, history: deliveries.History) -> str:
    """How many rows failed in each of the last nights, 0 where it did not fail."""
    nights = sorted({c.night_id for c in history.counts})[-_NIGHTS:]
    failed = {f.night_id: f.failed for f in history.failed if (f.check_id, f.domain) == (check.check_id, check.domain)}
    return " → ".join(words.integer(failed[n]) if n in failed else "0" for n in nights)


def _course(words: Words, history: deliveries.History) -> dict[str, Any] | None:
    """The checks that failed or could not be run, night by night."""
    moments = {c.night_id: c.as_of for c in history.counts}
    if len(moments) < 2:
        return None
    count: dict[tuple[int, str], int] = {}
    for c in history.counts:
        if c.status not in ("passed", "not_applicable"):
            count[c.night_id, c.severity] = count.get((c.night_id, c.severity), 0) + c.checks
    nights = sorted(moments)
    series = [
        (s, words.known("severity", s), [count.get((n, s), 0) for n in nights])
        for s in SEVERITIES
        if any(count.get((n, s)) for n in nights)
    ]
    rows = [{"as_of": moments[n], "counts": [count.get((n, s), 0) for s in SEVERITIES]} for n in reversed(nights)]
    first, last = (sum(count.get((n, s), 0) for s in SEVERITIES) for n in (nights[0], nights[-1]))
    key = "course_less" if last < first else "course_more" if last > first else "course_same"
    title = words(key, first=words.integer(first), last=words.integer(last), nights=len(nights))
    figure = charts.checks(words, [moments[n] for n in nights], series)
    return {
        "title": title,
        "sub": words("course_sub"),
        "spec": Markup(figures.to_json(figure)) if series else None,
        "rows": rows,
        "heads": [words.known("severity", s) for s in SEVERITIES],
    }
