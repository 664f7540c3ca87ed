"""Read the published schema into small frozen records. The only SQL of the dashboards; counting happens in DuckDB.

Every function takes an open connection whose schema is ``published`` (transforms.warehouse.open_published, and see
heavy.py) and returns records of the grain its docstring states. Shares are 0–1, ``None`` means "not measurable".
DuckDB's own errors pass through.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
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
    opened: int | None
    closed: int | None
    differences: int


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
    opened: int | None
    closed: int | None
    differences: int


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


def records(
    con: duckdb.DuckDBPyConnection, kind: type[T], sql: str, params: Sequence[object] | Mapping[str, object] = ()
) -> list[T]:
    """Return the rows of a query, each as a record of ``kind``."""
    return [kind(*row) for row in con.execute(sql, params).fetchall()]


def nights(con: duckdb.DuckDBPyConnection) -> list[Night]:
    """Return every published night, oldest first."""
    return records(
        con,
        Night,
        "SELECT night_id, as_of, method_version, catalogue, catalogue_fingerprint FROM published.night"
        " ORDER BY as_of, night_id",
    )


def pairs(con: duckdb.DuckDBPyConnection) -> list[Pair]:
    """Return the pairs of domains, in the order of the domains."""
    return records(
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
    return records(
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


def areas(con: duckdb.DuckDBPyConnection, pair_id: object, night: int) -> list[Area]:
    """Return one record per area, in the catalogue's order."""
    differences = _counted(con, "area", pair_id, "NOT coalesce(expected_local, false)")
    rows = con.execute(
        """
        WITH types AS (SELECT * FROM published.entity_type WHERE NOT coalesce(expected_local, false)),
        counts AS (
            SELECT t.area, sum(c.matched) AS matched, sum(c.only_a) AS only_a, sum(c.only_b) AS only_b
            FROM published.entity_count c JOIN types t USING (entity)
            WHERE c.pair_id = ? AND c.night_id = ? AND t.role = 'item' GROUP BY ALL
        ),
        moved AS (
            SELECT d.area, sum(d.opened) AS opened, sum(d.closed) AS closed
            FROM published.drift d JOIN types t USING (entity) WHERE d.pair_id = ? AND d.night_id = ? GROUP BY ALL
        )
        SELECT a.area, a.title_sv, a.title_en, a.weight,
               (SELECT count(*) FROM published.entity_type e WHERE e.area = a.area),
               (SELECT count(*) FROM types e WHERE e.area = a.area AND e.role = 'item'),
               c.matched::BIGINT, c.only_a::BIGINT, c.only_b::BIGINT, m.opened::BIGINT, m.closed::BIGINT
        FROM published.area a LEFT JOIN counts c USING (area) LEFT JOIN moved m USING (area)
        ORDER BY a.ordinal, a.area
        """,
        [pair_id, night, pair_id, night],
    ).fetchall()
    return [Area(*(*row, differences.get(row[0], 0))) for row in rows]


def _counted(con: duckdb.DuckDBPyConnection, by: str, pair_id: object, which: str) -> dict[str, int]:
    """The open differences by area or entity type."""
    counted = f"SELECT {by}, count(*) FROM difference WHERE pair_id = ? AND {which} GROUP BY {by} ORDER BY {by}"  # noqa: S608
    return dict(con.execute(counted, [pair_id]).fetchall())


def entity_types(con: duckdb.DuckDBPyConnection, pair_id: object, night: int) -> list[EntityType]:
    """Return one record per entity type, by area and then items before components."""
    differences = _counted(con, "entity", pair_id, "true")
    rows = con.execute(
        """
        SELECT t.entity, t.title_sv, t.title_en, t.area, t.role, t.weight, coalesce(t.expected_local, false),
               c.matched, c.only_a, c.only_b, c.identical, c.uncertain, c.ambiguous_a + c.ambiguous_b, c.measurable,
               c.reason, m.opened, m.closed
        FROM published.entity_type t
        LEFT JOIN published.area a USING (area)
        LEFT JOIN published.entity_count c ON c.entity = t.entity AND c.pair_id = ? AND c.night_id = ?
        LEFT JOIN published.drift m ON m.entity = t.entity AND m.pair_id = ? AND m.night_id = ?
        ORDER BY a.ordinal, t.area, t.role = 'component', t.weight DESC, t.entity
        """,
        [pair_id, night, pair_id, night],
    ).fetchall()
    return [EntityType(*(*row, differences.get(row[0], 0))) for row in rows]


def watched(con: duckdb.DuckDBPyConnection, pair_id: object) -> list[Watched]:
    """Return one record per watched figure and night, oldest night first."""
    return records(
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
    return records(
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
