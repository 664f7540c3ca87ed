"""What a person asks of several domains together, in a published night: how alike all are, and who stands alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import duckdb

STATES = ("outlier", "split")


@dataclass(frozen=True)
class Together:
    """How alike all domains are at once, and each two: parts of 1, None where not measurable.

    ``pairs`` holds (domain a, domain b, convergence of the total), ``areas`` (area, convergence of all, coverage,
    identical in all).
    """

    convergence: float | None
    lower: float | None
    upper: float | None
    coverage: float | None
    strict: float | None
    pairs: tuple[tuple[str, str, float | None], ...]
    areas: tuple[tuple[str, float | None, float | None, float | None], ...]


@dataclass(frozen=True)
class Alone:
    """How often a domain stands alone against a majority, and how often it lacks or alone has a thing."""

    domain: str
    title: str
    values: int
    lacks: int
    has: int


@dataclass(frozen=True)
class Place:
    """Where the domains stand on one attribute of a thing, or on having it (``attribute`` None).

    ``said`` holds (value, its domains), the most frequent first; the value of an item is 'has it' or 'lacks it'.
    """

    thing_id: str
    entity: str
    area: str
    label: str | None
    attribute: str | None
    state: str
    weight: float
    root_label: str | None
    said: tuple[tuple[str | None, tuple[str, ...]], ...]


@dataclass(frozen=True)
class Filters:
    """Which places are asked for. ``domain``: where this one is the outlier; ``state``: outlier or split."""

    entity: str | None = None
    area: str | None = None
    attribute: str | None = None
    domain: str | None = None
    state: str | None = None
    text: str | None = None


def together(con: duckdb.DuckDBPyConnection) -> Together:
    """The figures of the newest night over all domains, and of each pair."""
    rows = con.execute(
        "SELECT metric, value FROM published.together WHERE level = 'total' "
        "AND night_id = (SELECT max(night_id) FROM published.night)"
    ).fetchall()
    found = dict(rows)
    pairs = con.execute(
        "SELECT p.domain_a, p.domain_b, m.value FROM published.pair p LEFT JOIN published.measure m "
        "ON m.pair_id = p.pair_id AND m.level = 'total' AND m.metric = 'convergence' "
        "AND m.night_id = (SELECT max(night_id) FROM published.night) ORDER BY ALL"
    ).fetchall()
    areas = con.execute(
        "SELECT a.title_en, max(t.value) FILTER (t.metric = 'convergence'), "
        "max(t.value) FILTER (t.metric = 'coverage'), max(t.value) FILTER (t.metric = 'strict') "
        "FROM published.area a JOIN published.together t "
        "ON t.level = 'area' AND t.subject = a.area AND t.night_id = (SELECT max(night_id) FROM published.night) "
        "GROUP BY a.area, a.title_en HAVING bool_or(t.value IS NOT NULL) ORDER BY 2, 1"
    ).fetchall()
    return Together(
        found.get("convergence"),
        found.get("convergence_lower"),
        found.get("convergence_upper"),
        found.get("coverage"),
        found.get("strict"),
        tuple((r[0], r[1], r[2]) for r in pairs),
        tuple((r[0], r[1], r[2], r[3]) for r in areas),
    )


def alone(con: duckdb.DuckDBPyConnection) -> list[Alone]:
    """Every domain with how often it stands against the majority; types that are expected to differ left out."""
    rows = con.execute(
        'SELECT d."domain", d.title, count(*) FILTER (s.attribute IS NOT NULL), '
        "count(*) FILTER (s.attribute IS NULL AND NOT s.has), count(*) FILTER (s.attribute IS NULL AND s.has) "
        "FROM published.domain d LEFT JOIN published.standing s "
        'ON s."domain" = d."domain" AND s.state = \'outlier\' AND NOT s.expected_local GROUP BY ALL ORDER BY 1'
    ).fetchall()
    return [Alone(*row) for row in rows]


def conditions(wanted: Filters) -> tuple[str, list[Any]]:
    """The filters as a condition on ``s`` (published.standing), with its parameters."""
    where, params = ["true"], []
    outliers = (
        "EXISTS (SELECT 1 FROM published.standing o WHERE o.thing_id = s.thing_id AND o.entity = s.entity "
        "AND o.attribute IS NOT DISTINCT FROM s.attribute AND {})"
    )
    for test, value in (
        ("s.entity = ?", wanted.entity),
        ("s.area = ?", wanted.area),
        ("s.attribute = ?", wanted.attribute),
        (outliers.format("o.state = 'outlier' AND o.\"domain\" = ?"), wanted.domain),
        (outliers.format("o.state = ?"), wanted.state),
        (outliers.format("contains(lower(concat_ws(chr(10), o.label, o.root_label, o.value)), lower(?))"), wanted.text),
    ):
        if value is not None:
            where.append(test)
            params.append(value)
    return " AND ".join(where), params


def places(con: duckdb.DuckDBPyConnection, wanted: Filters | None = None, limit: int = 25) -> tuple[list[Place], int]:
    """Where not all say the same, what has an outlier first and the heaviest of that, and how many there are."""
    where, params = conditions(wanted or Filters())
    source = (
        "SELECT thing_id, entity, any_value(area) AS area, any_value(label) AS label, attribute, "
        "CASE WHEN bool_or(state = 'split') THEN 'split' ELSE 'outlier' END AS state, max(weight) AS weight, "
        "bool_or(expected_local) AS expected_local, any_value(root_label) AS root_label, "
        "list({'says': says, 'value': CASE WHEN attribute IS NULL "
        "THEN CASE WHEN has THEN 'has it' ELSE 'lacks it' END ELSE \"value\" END, 'd': \"domain\"} "
        f'ORDER BY same DESC, says, "domain") AS said FROM published.standing s WHERE {where} '
        "GROUP BY thing_id, entity, attribute"
    )
    counted = con.execute(f"SELECT count(*) FROM ({source})", params).fetchone()
    rows = con.execute(
        f"SELECT thing_id, entity, area, label, attribute, state, weight, root_label, said FROM ({source}) "
        "ORDER BY expected_local, state, weight DESC, entity, root_label, label, attribute, thing_id LIMIT ?",
        [*params, limit],
    ).fetchall()
    found = []
    for thing_id, name, area, label, attribute, state, weight, root, said in rows:
        groups: dict[int, tuple[str | None, tuple[str, ...]]] = {}
        for one in said:
            value, domains = groups.get(one["says"], (one["value"], ()))
            groups[one["says"]] = (value, (*domains, one["d"]))
        found.append(Place(thing_id, name, area, label, attribute, state, weight, root, tuple(groups.values())))
    return found, int(counted[0]) if counted else 0
