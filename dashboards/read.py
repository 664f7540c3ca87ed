"""Read the published schema into small frozen records. The only SQL of the dashboards; counting happens in DuckDB.

Every function takes an open connection on which schema ``published`` is readable and returns records of the grain its
docstring states. Shares are 0–1, ``None`` means "not measurable". DuckDB's own errors pass through.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import duckdb

T = TypeVar("T")

METRICS = ("convergence", "convergence_lower", "convergence_upper", "coverage", "agreement", "strict")


@dataclass(frozen=True)
class Night:
    """One night that was published."""

    night_id: int
    as_of: dt.datetime
    method_version: str | None
    catalogue: str | None
    catalogue_fingerprint: str | None


@dataclass(frozen=True)
class Pair:
    """Two domains that are compared, with the titles people know them by."""

    pair_id: Any
    domain_a: str
    domain_b: str
    title_a: str
    title_b: str


@dataclass(frozen=True)
class Measure:
    """One metric of one subject one night: ``value = numerator / denominator``."""

    night_id: int
    as_of: dt.datetime
    level: str
    subject: str
    metric: str
    numerator: float | None
    denominator: float | None
    value: float | None
    method_version: str | None


@dataclass(frozen=True)
class Snapshot:
    """What one domain's delivery held one night."""

    night_id: int
    as_of: dt.datetime
    domain: str
    title: str
    snapshot_id: int
    delivered_at: dt.datetime | None
    files: int
    rows_accepted: int
    rows_quarantined: int
    age_days: int | None = None
    state: str | None = None


@dataclass(frozen=True)
class FeedEvent:
    """Something peculiar about a delivery. ``before`` and ``after`` are rows, names or times, as ``kind`` has it."""

    domain: str
    title: str
    delivered_at: dt.datetime
    is_current: bool
    kind: str
    severity: str
    table: str | None
    column: str | None
    before: str | None
    after: str | None
    detail: str


@dataclass(frozen=True)
class Area:
    """One area of the catalogue with its counts in the latest night. Counts are of items, not components."""

    area: str
    title_sv: str
    title_en: str
    weight: float
    entity_types: int
    scored_types: int
    matched: int | None
    only_a: int | None
    only_b: int | None
    differences: int
    opened: int | None
    closed: int | None


@dataclass(frozen=True)
class EntityType:
    """One entity type with its counts in the latest night. Counts are ``None`` where nothing was counted."""

    entity: str
    title_sv: str
    title_en: str
    area: str
    role: str
    weight: float
    expected_local: bool
    matched: int | None
    only_a: int | None
    only_b: int | None
    identical: int | None
    uncertain: int | None
    ambiguous: int | None
    measurable: bool | None
    reason: str | None
    differences: int
    opened: int | None
    closed: int | None


@dataclass(frozen=True)
class Group:
    """Open differences of one entity type and attribute (or kind, for unmatched items), summed."""

    entity: str
    entity_sv: str
    entity_en: str
    kind: str
    attribute: str | None
    attribute_sv: str | None
    attribute_en: str | None
    differences: int
    weight: float


@dataclass(frozen=True)
class Cause:
    """One direct difference that explains others, however many steps away."""

    entity: str
    entity_sv: str
    entity_en: str
    label: str
    differences: int
    weight: float


@dataclass(frozen=True)
class Difference:
    """One open difference."""

    entity: str
    entity_sv: str
    entity_en: str
    label: str | None
    root_label: str | None
    is_component: bool
    kind: str
    attribute: str | None
    attribute_sv: str | None
    attribute_en: str | None
    value_a: str | None
    value_b: str | None
    weight: float
    cause_label: str | None
    opened_at: dt.datetime | None


@dataclass(frozen=True)
class DifferenceTotals:
    """How many differences are open, what they weigh, and how many have a known cause; expected local apart."""

    differences: int
    weight: float
    explained: int
    explained_weight: float
    expected_local: int


@dataclass(frozen=True)
class Drift:
    """Differences opened and closed one night, all entity types that are not expected to be local."""

    night_id: int
    as_of: dt.datetime
    opened: int | None
    closed: int | None
    open: int | None


@dataclass(frozen=True)
class Watched:
    """One watched figure one night."""

    night_id: int
    as_of: dt.datetime
    watch: str
    title_sv: str
    title_en: str
    numerator: float | None
    denominator: float | None
    value: float | None


@dataclass(frozen=True)
class NotComparable:
    """An attribute, or a whole entity type (``attribute`` is None), that could not be compared and why."""

    entity: str
    entity_sv: str
    entity_en: str
    attribute: str | None
    attribute_sv: str | None
    attribute_en: str | None
    title: str
    reason: str | None


@dataclass(frozen=True)
class Check:
    """One quality check's result."""

    check_id: str
    entity: str | None
    domain: str | None
    column_name: str | None
    kind: str | None
    severity: str
    status: str
    failed: int | None
    total: int | None
    threshold: float | None
    note: str | None
    note_sv: str | None = None
    state: str | None = None
    since: dt.datetime | None = None


@dataclass(frozen=True)
class Failure:
    """One row that fails a check: the first few of each check and domain are published."""

    check_id: str
    domain: str
    local_id: str | None
    label: str | None
    value: str | None


@dataclass(frozen=True)
class Quarantined:
    """Rows of one file that were set aside for one reason."""

    title: str
    file_name: str
    column_name: str | None
    reason: str
    rows: int
    first_line: int | None


def _records(con: duckdb.DuckDBPyConnection, kind: type[T], sql: str, params: Sequence[object] = ()) -> list[T]:
    return [kind(*row) for row in con.execute(sql, list(params)).fetchall()]


def nights(con: duckdb.DuckDBPyConnection) -> list[Night]:
    """Return every published night, oldest first."""
    return _records(
        con,
        Night,
        "SELECT night_id, as_of, method_version, catalogue, catalogue_fingerprint FROM published.night"
        " ORDER BY as_of, night_id",
    )


def pairs(con: duckdb.DuckDBPyConnection) -> list[Pair]:
    """Return the pairs of domains, in the order of the domains."""
    return _records(
        con,
        Pair,
        """
        SELECT p.pair_id, p.domain_a, p.domain_b, coalesce(a.title, p.domain_a), coalesce(b.title, p.domain_b)
        FROM published.pair p
        LEFT JOIN published.domain a ON a."domain" = p.domain_a
        LEFT JOIN published.domain b ON b."domain" = p.domain_b
        ORDER BY a.ordinal, b.ordinal, p.pair_id
        """,
    )


def domain_titles(con: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """Return domain → title."""
    return dict(con.execute('SELECT "domain", coalesce(title, "domain") FROM published.domain').fetchall())


def measures(con: duckdb.DuckDBPyConnection, pair_id: object, latest: int, previous: int | None) -> list[Measure]:
    """Return totals and areas' convergence of all nights, and every measure of the latest two nights."""
    return _records(
        con,
        Measure,
        """
        SELECT night_id, as_of, level, subject, metric, numerator, denominator, value, method_version
        FROM published.measure
        WHERE pair_id = ?
          AND (level = 'total' OR (level = 'area' AND metric = 'convergence') OR night_id IN (?, ?))
        ORDER BY as_of, night_id, level, subject, metric
        """,
        [pair_id, latest, previous],
    )


def snapshots(con: duckdb.DuckDBPyConnection) -> list[Snapshot]:
    """Return one record per night and domain, latest night first."""
    return _records(
        con,
        Snapshot,
        """
        SELECT s.night_id, s.as_of, s."domain", coalesce(d.title, s."domain"), s.snapshot_id, s.delivered_at, s.files,
               s.rows_accepted, s.rows_quarantined, s.age_days, s.state
        FROM published.snapshot s LEFT JOIN published.domain d USING ("domain")
        ORDER BY s.as_of DESC, s.night_id DESC, d.ordinal, s."domain"
        """,
    )


def feed_events(con: duckdb.DuckDBPyConnection) -> list[FeedEvent]:
    """Return what was peculiar about the deliveries, the newest first, of each the gravest first."""
    return _records(
        con,
        FeedEvent,
        """
        SELECT e."domain", coalesce(d.title, e."domain"), e.delivered_at, e.is_current, e.kind, e.severity,
               e.table_name, e.column_name, e.before_value, e.after_value, e.detail
        FROM published.feed_event e LEFT JOIN published.domain d ON d."domain" = e."domain"
        ORDER BY e.delivered_at DESC, list_position(['critical', 'warning', 'info'], e.severity), e."domain",
                 e.table_name NULLS FIRST, e.column_name NULLS FIRST
        """,
    )


def areas(con: duckdb.DuckDBPyConnection, pair_id: object, night: int) -> list[Area]:
    """Return one record per area, in the catalogue's order."""
    return _records(
        con,
        Area,
        """
        WITH types AS (SELECT * FROM published.entity_type WHERE NOT coalesce(expected_local, false)),
        counts AS (
            SELECT t.area, sum(c.matched) AS matched, sum(c.only_a) AS only_a, sum(c.only_b) AS only_b
            FROM published.entity_count c JOIN types t USING (entity)
            WHERE c.pair_id = ? AND c.night_id = ? AND t.role = 'item' GROUP BY ALL
        ),
        differences AS (
            SELECT area, count(*) AS n FROM published.difference
            WHERE pair_id = ? AND NOT coalesce(expected_local, false) GROUP BY ALL
        ),
        moved AS (
            SELECT d.area, sum(d.opened) AS opened, sum(d.closed) AS closed
            FROM published.drift d JOIN types t USING (entity) WHERE d.pair_id = ? AND d.night_id = ? GROUP BY ALL
        )
        SELECT a.area, a.title_sv, a.title_en, a.weight,
               (SELECT count(*) FROM published.entity_type e WHERE e.area = a.area),
               (SELECT count(*) FROM types e WHERE e.area = a.area AND e.role = 'item'),
               c.matched::BIGINT, c.only_a::BIGINT, c.only_b::BIGINT, coalesce(d.n, 0), m.opened::BIGINT,
               m.closed::BIGINT
        FROM published.area a
        LEFT JOIN counts c USING (area) LEFT JOIN differences d USING (area) LEFT JOIN moved m USING (area)
        ORDER BY a.ordinal, a.area
        """,
        [pair_id, night, pair_id, pair_id, night],
    )


def entity_types(con: duckdb.DuckDBPyConnection, pair_id: object, night: int) -> list[EntityType]:
    """Return one record per entity type, by area and then items before components."""
    return _records(
        con,
        EntityType,
        """
        WITH differences AS (
            SELECT entity, count(*) AS n FROM published.difference WHERE pair_id = ? GROUP BY ALL
        )
        SELECT t.entity, t.title_sv, t.title_en, t.area, t.role, t.weight, coalesce(t.expected_local, false),
               c.matched, c.only_a, c.only_b, c.identical, c.uncertain, c.ambiguous_a + c.ambiguous_b, c.measurable,
               c.reason, coalesce(d.n, 0), m.opened, m.closed
        FROM published.entity_type t
        LEFT JOIN published.area a USING (area)
        LEFT JOIN published.entity_count c ON c.entity = t.entity AND c.pair_id = ? AND c.night_id = ?
        LEFT JOIN differences d ON d.entity = t.entity
        LEFT JOIN published.drift m ON m.entity = t.entity AND m.pair_id = ? AND m.night_id = ?
        ORDER BY a.ordinal, t.area, t.role = 'component', t.weight DESC, t.entity
        """,
        [pair_id, pair_id, night, pair_id, night],
    )


def difference_totals(con: duckdb.DuckDBPyConnection, pair_id: object) -> DifferenceTotals:
    """Return the open differences of a pair, counted and weighed."""
    return _records(
        con,
        DifferenceTotals,
        """
        SELECT count(*) FILTER (WHERE NOT coalesce(expected_local, false)),
               coalesce(sum(weight) FILTER (WHERE NOT coalesce(expected_local, false)), 0),
               count(*) FILTER (WHERE NOT coalesce(expected_local, false) AND steps > 0),
               coalesce(sum(weight) FILTER (NOT coalesce(expected_local, false) AND steps > 0), 0),
               count(*) FILTER (WHERE expected_local)
        FROM published.difference WHERE pair_id = ?
        """,
        [pair_id],
    )[0]


def heaviest_groups(con: duckdb.DuckDBPyConnection, pair_id: object, limit: int) -> list[Group]:
    """Return the entity types' attributes (or kinds, for unmatched items) that hold most weighted differences."""
    return _records(
        con,
        Group,
        """
        SELECT d.entity, any_value(t.title_sv), any_value(t.title_en), d.kind, d.attribute, any_value(a.title_sv),
               any_value(a.title_en), count(*), coalesce(sum(d.weight), 0)
        FROM published.difference d
        LEFT JOIN published.entity_type t ON t.entity = d.entity
        LEFT JOIN published.attribute a ON a.entity = d.entity AND a.attribute = d.attribute
        WHERE d.pair_id = ? AND NOT coalesce(d.expected_local, false)
        GROUP BY d.entity, d.kind, d.attribute
        ORDER BY sum(d.weight) DESC, count(*) DESC, d.entity, d.kind, d.attribute
        LIMIT ?
        """,
        [pair_id, limit],
    )


def heaviest_causes(con: duckdb.DuckDBPyConnection, pair_id: object, limit: int) -> list[Cause]:
    """Return the causes by rank (published.cause) with the weight of the differences that each is the nearest to."""
    if not con.execute(
        "SELECT 1 FROM duckdb_columns() WHERE schema_name = 'published' AND table_name = 'cause'"
    ).fetchone():
        return []
    return _records(
        con,
        Cause,
        """
        SELECT c.entity, t.title_sv, t.title_en, coalesce(c.label, c.entity), c.differences, coalesce(w.weight, 0)
        FROM published.cause c LEFT JOIN published.entity_type t USING (entity)
        LEFT JOIN (
            SELECT cause_id, sum(weight) AS weight FROM published.difference
            WHERE pair_id = ? AND NOT coalesce(expected_local, false) GROUP BY cause_id
        ) w ON w.cause_id = c.cause_id
        WHERE c.pair_id = ? AND NOT coalesce(c.expected_local, false) ORDER BY c.rank LIMIT ?
        """,
        [pair_id, pair_id, limit],
    )


def heaviest_differences(con: duckdb.DuckDBPyConnection, pair_id: object, limit: int) -> list[Difference]:
    """Return the heaviest open differences, without those expected to be local or explained by another item."""
    return _records(
        con,
        Difference,
        """
        SELECT d.entity, t.title_sv, t.title_en, d.label, d.root_label,
               d.root_identity IS DISTINCT FROM d.identity AND d.root_identity IS NOT NULL, d.kind, d.attribute,
               a.title_sv, a.title_en, d.value_a, d.value_b, d.weight, d.cause_label, d.opened_at
        FROM published.difference d
        LEFT JOIN published.entity_type t ON t.entity = d.entity
        LEFT JOIN published.attribute a ON a.entity = d.entity AND a.attribute = d.attribute
        WHERE d.pair_id = ? AND NOT coalesce(d.expected_local, false) AND coalesce(d.steps, 0) = 0
        ORDER BY d.weight DESC, d.entity, d.label, d.attribute, d.difference_id
        LIMIT ?
        """,
        [pair_id, limit],
    )


def drift(con: duckdb.DuckDBPyConnection, pair_id: object) -> list[Drift]:
    """Return one record per night, oldest first."""
    return _records(
        con,
        Drift,
        """
        SELECT d.night_id, d.as_of, sum(d.opened)::BIGINT, sum(d.closed)::BIGINT, sum(d.open)::BIGINT
        FROM published.drift d LEFT JOIN published.entity_type t USING (entity)
        WHERE d.pair_id = ? AND NOT coalesce(t.expected_local, false)
        GROUP BY ALL ORDER BY d.as_of, d.night_id
        """,
        [pair_id],
    )


def watched(con: duckdb.DuckDBPyConnection, pair_id: object) -> list[Watched]:
    """Return one record per watched figure and night, oldest night first."""
    return _records(
        con,
        Watched,
        """
        SELECT night_id, as_of, watch, title_sv, title_en, numerator, denominator, value
        FROM published.watched WHERE pair_id = ? ORDER BY watch, as_of, night_id
        """,
        [pair_id],
    )


def not_comparable(con: duckdb.DuckDBPyConnection, pair_id: object) -> list[NotComparable]:
    """Return what could not be compared, whole entity types first."""
    return _records(
        con,
        NotComparable,
        """
        SELECT n.entity, t.title_sv, t.title_en, n.attribute, a.title_sv, a.title_en,
               coalesce(d.title, n."domain", ''), n.reason
        FROM published.not_comparable n
        LEFT JOIN published.entity_type t ON t.entity = n.entity
        LEFT JOIN published.attribute a ON a.entity = n.entity AND a.attribute = n.attribute
        LEFT JOIN published.domain d ON d."domain" = n."domain"
        WHERE n.pair_id = ?
        ORDER BY n.attribute IS NOT NULL, n.entity, n.attribute, n."domain"
        """,
        [pair_id],
    )


def checks(con: duckdb.DuckDBPyConnection, night: int) -> list[Check]:
    """Return every quality check of the night."""
    return _records(
        con,
        Check,
        """
        SELECT check_id, entity, "domain", column_name, kind, severity, status, failed, total, threshold, note,
               note_sv, state, since
        FROM published.quality WHERE night_id = ? ORDER BY check_id, "domain", entity, column_name
        """,
        [night],
    )


def failures(con: duckdb.DuckDBPyConnection) -> list[Failure]:
    """Return the failing rows that are published, by check, domain and place."""
    return _records(
        con,
        Failure,
        'SELECT check_id, "domain", local_id, label, value FROM published.quality_failure '
        'ORDER BY check_id, "domain", ordinal',
    )


def quarantine(con: duckdb.DuckDBPyConnection) -> list[Quarantined]:
    """Return one record per file, column and reason, most rows first."""
    return _records(
        con,
        Quarantined,
        """
        SELECT coalesce(any_value(d.title), q."domain"), q.file_name, q.column_name, q.reason, count(*), min(q.line)
        FROM published.quarantine q LEFT JOIN published.domain d USING ("domain")
        GROUP BY q."domain", q.file_name, q.column_name, q.reason
        ORDER BY count(*) DESC, q."domain", q.file_name, q.column_name, q.reason
        """,
    )
