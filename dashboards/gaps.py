"""Read the open differences in sum, the heaviest of them, and how they came and went. As ``read``."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import duckdb

from dashboards.heavy import present
from dashboards.read import records


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
    difference_id: str


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
    reopened: int | None = None


def difference_totals(con: duckdb.DuckDBPyConnection, pair_id: object) -> DifferenceTotals:
    """Return the open differences of a pair, counted and weighed."""
    return records(
        con,
        DifferenceTotals,
        """
        SELECT count(*) FILTER (WHERE NOT coalesce(expected_local, false)),
               coalesce(sum(weight::DECIMAL(18, 6)) FILTER (NOT coalesce(expected_local, false)), 0)::DOUBLE,
               count(*) FILTER (WHERE NOT coalesce(expected_local, false) AND steps > 0),
               coalesce(sum(weight::DECIMAL(18, 6)) FILTER (NOT coalesce(expected_local, false) AND steps > 0), 0)
                   ::DOUBLE,
               count(*) FILTER (WHERE expected_local)
        FROM difference WHERE pair_id = ?
        """,
        [pair_id],
    )[0]


def heaviest_groups(con: duckdb.DuckDBPyConnection, pair_id: object, limit: int) -> list[Group]:
    """Return the entity types' attributes (or kinds, for unmatched items) that hold most weighted differences."""
    return records(
        con,
        Group,
        """
        SELECT d.entity, any_value(t.title_sv), any_value(t.title_en), d.kind, d.attribute, any_value(a.title_sv),
               any_value(a.title_en), count(*), coalesce(sum(d.weight::DECIMAL(18, 6)), 0)::DOUBLE
        FROM difference d
        LEFT JOIN published.entity_type t ON t.entity = d.entity
        LEFT JOIN published.attribute a ON a.entity = d.entity AND a.attribute = d.attribute
        WHERE d.pair_id = ? AND NOT coalesce(d.expected_local, false)
        GROUP BY d.entity, d.kind, d.attribute
        ORDER BY sum(d.weight::DECIMAL(18, 6)) DESC, count(*) DESC, d.entity, d.kind, d.attribute
        LIMIT ?
        """,
        [pair_id, limit],
    )


def heaviest_causes(con: duckdb.DuckDBPyConnection, pair_id: object, limit: int) -> list[Cause]:
    """Return the causes by rank (published.cause) with the weight of the differences that each is the nearest to."""
    if "cause" not in present(con):
        return []
    return records(
        con,
        Cause,
        """
        SELECT c.entity, t.title_sv, t.title_en, coalesce(c.label, c.entity), c.differences, coalesce(w.weight, 0)
        FROM cause c LEFT JOIN published.entity_type t USING (entity)
        LEFT JOIN (
            SELECT cause_id, sum(weight::DECIMAL(18, 6))::DOUBLE AS weight FROM difference
            WHERE pair_id = ? AND NOT coalesce(expected_local, false) GROUP BY cause_id
        ) w ON w.cause_id = c.cause_id
        WHERE c.pair_id = ? AND NOT coalesce(c.expected_local, false) ORDER BY c.rank LIMIT ?
        """,
        [pair_id, pair_id, limit],
    )


def heaviest_differences(con: duckdb.DuckDBPyConnection, pair_id: object, limit: int) -> list[Difference]:
    """Return the heaviest open differences, without those expected to be local or explained by another item."""
    return records(
        con,
        Difference,
        """
        SELECT d.entity, t.title_sv, t.title_en, d.label, d.root_label,
               d.root_identity IS DISTINCT FROM d.identity AND d.root_identity IS NOT NULL, d.kind, d.attribute,
               a.title_sv, a.title_en, d.value_a, d.value_b, d.weight, d.cause_label, d.opened_at, d.difference_id
        FROM difference d
        LEFT JOIN published.entity_type t ON t.entity = d.entity
        LEFT JOIN published.attribute a ON a.entity = d.entity AND a.attribute = d.attribute
        WHERE d.pair_id = ? AND NOT coalesce(d.expected_local, false) AND coalesce(d.steps, 0) = 0
        ORDER BY d.weight DESC, d.entity, d.label, d.attribute, d.difference_id
        LIMIT ?
        """,
        [pair_id, limit],
    )


def drift(con: duckdb.DuckDBPyConnection, pair_id: object) -> list[Drift]:
    """Return one record per night, oldest first. ``reopened``: those of the opened that had been open before."""
    again = "SELECT NULL AS night_id, NULL AS reopened WHERE false"
    if "difference_history" in present(con):
        again = """
        SELECT h.opened_night AS night_id, count(*) AS reopened
        FROM published.difference_history h LEFT JOIN published.entity_type t USING (entity)
        WHERE h.pair_id = $pair AND h.life > 1 AND NOT coalesce(t.expected_local, false) GROUP BY ALL
        """
    return records(
        con,
        Drift,
        f"""
        SELECT d.night_id, d.as_of, sum(d.opened)::BIGINT, sum(d.closed)::BIGINT, sum(d.open)::BIGINT,
               CASE WHEN count(d.opened) > 0 THEN coalesce(any_value(r.reopened), 0)::BIGINT END
        FROM published.drift d LEFT JOIN published.entity_type t USING (entity)
        LEFT JOIN ({again}) r ON r.night_id = d.night_id
        WHERE d.pair_id = $pair AND NOT coalesce(t.expected_local, false)
        GROUP BY d.night_id, d.as_of ORDER BY d.as_of, d.night_id
        """,  # noqa: S608
        {"pair": pair_id},
    )
