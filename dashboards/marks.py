"""What happened on the way: decisions, new versions of the product, changes of method and catalogue. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise

from dashboards import deliveries, read
from dashboards.model import PairData, SiteData
from dashboards.text import Words, plain

# What stands for each kind in the figure and in the text under it: told apart by shape.
SHAPES = {"decision": ("triangle-down", "▼"), "release": ("square", "■"), "method": ("diamond", "◆")}
_NAMED = 2


@dataclass(frozen=True)
class Mark:
    """One thing that happened at one time, in the reader's words."""

    at: dt.datetime
    kind: str
    text: str


def of(words: Words, site: SiteData, data: PairData) -> list[Mark]:
    """Return what happened between the first night and the last, oldest first; a day's decisions are one mark."""
    if not site.nights:
        return []
    found = [*_decisions(words, data), *_releases(words, site.snapshots, data.pair), *_changes(words, site)]
    first, last = site.nights[0].as_of, site.nights[-1].as_of
    # A day's decision counts from its night on: a date alone lies before the first night's hour.
    return sorted((m for m in found if first.date() <= m.at.date() <= last.date()), key=lambda m: (m.at, m.kind))


def _decisions(words: Words, data: PairData) -> list[Mark]:
    ruled = sorted(
        (d.ruled_on, d.decision_id) for d in data.outlook.decisions or [] if d.ruled_on and d.state != "not recorded"
    )
    marks = []
    for day, those in groupby(ruled, key=lambda one: one[0]):
        names = [plain(name) for _, name in those]
        shown = ", ".join(names[:_NAMED]) + ("" if len(names) <= _NAMED else " …")
        at = dt.datetime(day.year, day.month, day.day)
        marks.append(Mark(at, "decision", words("mark_decision", n=len(names), names=shown)))
    return marks


def _releases(words: Words, snapshots: Sequence[deliveries.Snapshot], pair: read.Pair) -> list[Mark]:
    marks = []
    for domain in (pair.domain_a, pair.domain_b):
        own = sorted((s for s in snapshots if s.domain == domain), key=lambda s: s.night_id)
        for before, now in pairwise(own):
            if now.code_level and before.code_level and now.code_level != before.code_level:
                text = words("mark_release", domain=now.title, version=plain(now.code_level))
                marks.append(Mark(now.as_of, "release", text))
    return marks


def _changes(words: Words, site: SiteData) -> list[Mark]:
    marks = [Mark(s.as_of, "method", words("mark_method", version=plain(s.to_version))) for s in site.further.seams]
    for before, now in pairwise(site.nights):
        if now.catalogue_fingerprint != before.catalogue_fingerprint:
            marks.append(Mark(now.as_of, "method", words("mark_catalogue")))
    return marks
