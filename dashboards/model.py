"""What the pages are made of: everything read of a publication, its measures by name, addresses of the explorer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from dashboards import deliveries, further, gaps, read
from dashboards.outlook import Outlook
from dashboards.text import Words


@dataclass(frozen=True)
class PairData:
    """Everything read about one pair in the latest night."""

    pair: read.Pair
    measures: Sequence[read.Measure]
    areas: Sequence[read.Area]
    types: Sequence[read.EntityType]
    totals: gaps.DifferenceTotals
    groups: Sequence[gaps.Group]
    causes: Sequence[gaps.Cause]
    heaviest: Sequence[gaps.Difference]
    drift: Sequence[gaps.Drift]
    watched: Sequence[read.Watched]
    not_comparable: Sequence[read.NotComparable]
    outlook: Outlook
    further: further.OfPair


@dataclass(frozen=True)
class SiteData:
    """Everything read for the whole site."""

    nights: Sequence[read.Night]
    pairs: Sequence[PairData]
    snapshots: Sequence[deliveries.Snapshot]
    checks: Sequence[deliveries.Check]
    quarantine: Sequence[deliveries.Quarantined]
    failures: Sequence[deliveries.Failure]
    events: Sequence[deliveries.FeedEvent]
    domains: Mapping[str, str]
    further: further.OfAll
    quality: deliveries.History


def address(explorer: str, **filters: object) -> str:
    """Return the explorer's address that shows the rows behind a number. Identities are cut as its data cut them."""
    for name in ("cause", "open"):
        if filters.get(name):
            filters[name] = str(filters[name])[:12]
    return f"{explorer}#{urlencode({k: v for k, v in filters.items() if v not in (None, '')})}"


@dataclass(frozen=True)
class Shown:
    """A metric as it is shown: ``value`` None means not measurable."""

    name: str
    numerator: float | None
    denominator: float | None
    value: float | None


class Measures:
    """Measures by night, level, subject and metric."""

    def __init__(self, rows: Sequence[read.Measure]) -> None:
        self._by = {(r.night_id, r.level, r.subject, r.metric): r for r in rows}

    def get(self, night: int | None, level: str, subject: str, metric: str) -> Shown:
        row = self._by.get((night or -1, level, subject, metric))
        # A value without a denominator is not measurable, whatever number stands in the column.
        if row is None or not row.denominator:
            return Shown(metric, row.numerator if row else None, row.denominator if row else None, None)
        return Shown(metric, row.numerator, row.denominator, row.value)

    def method(self, night: int) -> str | None:
        row = self._by.get((night, "total", "total", "convergence"))
        return row.method_version if row else None


def kind_title(words: Words, kind: str, pair: read.Pair) -> str:
    key = f"kind.{kind}"
    return words(key, a=pair.title_a, b=pair.title_b) if words.has(key) else kind
