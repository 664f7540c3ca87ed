"""What a person asks of a published night (schema ``published`` only): its differences, one item from both sides."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import duckdb

from transforms.warehouse import ident

KINDS = ("only_a", "only_b", "changed", "moved")

_ITEMS = """
    SELECT c.pair_id, c.entity, c.identity, coalesce(c.label_a, c.label_b) AS label, p.domain_a, p.domain_b,
           c.local_id_a, c.local_id_b, c.rule, c.key_name, c.key_text, c.certain, c.agreement, false AS ambiguous
    FROM published.crosswalk c JOIN published.pair p USING (pair_id)
    UNION ALL
    SELECT u.pair_id, u.entity, u.identity, u.label, p.domain_a, p.domain_b,
           CASE WHEN u."domain" = p.domain_a THEN u.local_id END, CASE WHEN u."domain" = p.domain_b THEN u.local_id END,
           NULL, NULL, NULL, NULL, NULL, u.ambiguous
    FROM published.unmatched u JOIN published.pair p USING (pair_id)
"""


@dataclass(frozen=True)
class Difference:
    """One open difference, as published.difference has it. ``worth`` is a part of the total's convergence."""

    pair_id: str
    difference_id: str
    entity: str
    area: str
    identity: str
    label: str | None
    root_label: str | None
    kind: str
    attribute: str | None
    value_a: str | None
    value_b: str | None
    weight: float
    expected_local: bool
    cause_entity: str | None
    cause_label: str | None
    because_entity: str | None
    because_label: str | None
    because_attribute: str | None
    opened_at: datetime | None
    cause_id: str
    causes: int
    steps: int
    worth: float
    first_seen: datetime | None
    last_seen: datetime | None
    reopened: int
    nights_open: int | None
    reason: str | None


@dataclass(frozen=True)
class Filters:
    """Which differences are asked for; None asks for all.

    ``domain`` keeps items that only this domain has; ``text`` is looked for, in any case, in labels and values;
    ``cause`` is the id of a cause or its beginning; nights are counted from the one a difference opened in.
    """

    entity: str | None = None
    area: str | None = None
    kind: str | None = None
    attribute: str | None = None
    domain: str | None = None
    text: str | None = None
    cause: str | None = None
    least_weight: float | None = None
    least_nights: int | None = None
    most_nights: int | None = None
    direct: bool = False
    reopened: bool = False
    pair: str | None = None


@dataclass(frozen=True)
class Item:
    """One match, or one item without a match: then ``rule`` and one of the local ids are None."""

    pair_id: str
    entity: str
    identity: str
    label: str | None
    domain_a: str
    domain_b: str
    local_id_a: str | None
    local_id_b: str | None
    rule: str | None
    key_name: str | None
    key_text: str | None
    certain: bool | None
    agreement: float | None
    ambiguous: bool


@dataclass(frozen=True)
class Property:
    """One attribute of an item on both sides, as people read it. ``differs`` is what the comparison said."""

    attribute: str
    title: str
    kind: str
    weight: float
    value_a: str | None
    value_b: str | None
    differs: bool
    cause_label: str | None


@dataclass(frozen=True)
class Explanation:
    """An item with both its sides, and the differences of its components."""

    item: Item
    entity_title: str
    properties: tuple[Property, ...]
    components: tuple[Difference, ...]


@dataclass(frozen=True)
class Found:
    """A kind of fault in the newest night's extracts of a domain: in how many files and rows."""

    domain: str
    kind: str
    files: int
    rows: int


def findings(con: duckdb.DuckDBPyConnection) -> list[Found]:
    """The faults that were found in the newest night's extracts, without the names of columns that only count."""
    rows = con.execute(
        'SELECT "domain", kind, count(DISTINCT (table_name, file_name)), sum(rows)::BIGINT FROM published.finding '
        "WHERE kind <> 'counter' GROUP BY ALL ORDER BY ALL"
    ).fetchall()
    return [Found(*row) for row in rows]


def differences(
    con: duckdb.DuckDBPyConnection, wanted: Filters | None = None, limit: int = 50
) -> tuple[list[Difference], int]:
    """Open differences, the heaviest first, and how many there are in all."""
    where, params = conditions(wanted or Filters())
    return differences_where(con, where, params, limit)


def conditions(wanted: Filters) -> tuple[str, list[Any]]:
    """The filters as a condition on ``d`` (published.difference) and ``p`` (published.pair), with its parameters."""
    where, params = ["true"], []
    texts = "concat_ws(chr(10), d.label, d.root_label, d.value_a, d.value_b, d.because_label)"
    explained = "SELECT difference_id FROM published.difference_cause WHERE starts_with(cause_id, lower(?))"
    for test, value in (
        ("d.pair_id = ?", wanted.pair),
        ("d.entity = ?", wanted.entity),
        ("d.area = ?", wanted.area),
        ("d.kind = ?", wanted.kind),
        ("d.attribute = ?", wanted.attribute),
        ("CASE d.kind WHEN 'only_a' THEN p.domain_a WHEN 'only_b' THEN p.domain_b END = ?", wanted.domain),
        ("d.weight >= ?", wanted.least_weight),
        ("d.nights_open >= ?", wanted.least_nights),
        ("d.nights_open <= ?", wanted.most_nights),
        (f"contains(lower({texts}), lower(?))", wanted.text),
        (f"d.difference_id IN ({explained})", wanted.cause),
    ):
        if value is not None:
            where.append(test)
            params.append(value)
    if wanted.direct:
        where.append("d.steps = 0")
    if wanted.reopened:
        where.append("d.reopened > 0")
    return " AND ".join(where), params


@dataclass(frozen=True)
class DifferenceCount:
    """Open differences of one entity type by kind."""

    entity: str
    only_a: int
    only_b: int
    changed: int
    other: int


def difference_counts(con: duckdb.DuckDBPyConnection) -> list[DifferenceCount]:
    """Open differences by entity type and kind, the most first."""
    rows = con.execute(
        "SELECT entity, count(*) FILTER (kind = 'only_a'), count(*) FILTER (kind = 'only_b'), "
        "count(*) FILTER (kind = 'changed'), count(*) FILTER (kind NOT IN ('only_a', 'only_b', 'changed')) "
        "FROM difference GROUP BY entity ORDER BY count(*) DESC, entity"
    ).fetchall()
    return [DifferenceCount(*row) for row in rows]


_COLUMNS = ", ".join(
    "coalesce(d.expected_local, false)" if name == "expected_local" else f"d.{ident(name)}"
    for name in Difference.__dataclass_fields__
)
_ORDER = (
    "coalesce(d.expected_local, false), d.weight DESC, d.entity, d.root_label, d.label, d.attribute, d.difference_id"
)


def differences_where(
    con: duckdb.DuckDBPyConnection, where: str, params: list[Any], limit: int, first: str = ""
) -> tuple[list[Difference], int]:
    """Open differences by a condition of this program's own making, and how many there are in all."""
    source = f"FROM published.difference d JOIN published.pair p USING (pair_id) WHERE {where}"
    counted = con.execute(f"SELECT count(*) {source}", params).fetchone()
    order = f"{first}, {_ORDER}" if first else _ORDER
    rows = con.execute(f"SELECT {_COLUMNS} {source} ORDER BY {order} LIMIT ?", [*params, limit]).fetchall()
    return [Difference(*row) for row in rows], int(counted[0]) if counted else 0


def entity_types(con: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """Title by entity type."""
    return dict(con.execute("SELECT entity, title_en FROM published.entity_type").fetchall())


def areas(con: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """Title by area, in the catalogue's order."""
    return dict(con.execute("SELECT area, title_en FROM published.area ORDER BY ordinal").fetchall())


def find(con: duckdb.DuckDBPyConnection, wanted: str, limit: int = 25) -> tuple[list[Item], int]:
    """The items that ``wanted`` may mean, and how many there are in all.

    It is read as an identity (or at least its first six signs), as ``domain:local id``, as ``entity type:text`` or as
    text, in that order; the first reading that finds something counts. Text that equals a label, in any case, comes
    before text that is only part of one.
    """
    head, colon, rest = (part.strip() for part in wanted.partition(":"))
    domains = {r[0] for r in con.execute('SELECT "domain" FROM published.domain').fetchall()}
    readings: list[tuple[str, list[str]]] = []
    if len(wanted) >= 6 and all(c in "0123456789abcdef" for c in wanted.lower()):
        readings.append(("starts_with(identity, lower(?))", [wanted]))
    if colon and head in domains:
        side = "(domain_a = ? AND local_id_a = ?) OR (domain_b = ? AND local_id_b = ?)"
        readings.append((side, [head, rest, head, rest]))
    if colon and head in entity_types(con):
        readings.append(("entity = ? AND lower(label) = lower(?)", [head, rest]))
        readings.append(("entity = ? AND contains(lower(label), lower(?))", [head, rest]))
    readings.append(("lower(label) = lower(?)", [wanted]))
    readings.append(("contains(lower(label), lower(?))", [wanted]))
    for where, params in readings:
        source = f"FROM ({_ITEMS}) WHERE {where}"
        ordered = "ORDER BY length(label), entity, label, identity, pair_id LIMIT ?"
        rows = con.execute(f"SELECT *, count(*) OVER () {source} {ordered}", [*params, limit]).fetchall()
        if rows:
            return [Item(*row[:-1]) for row in rows], int(rows[0][-1])
    return [], 0


def explain(con: duckdb.DuckDBPyConnection, item: Item, limit: int = 50) -> Explanation:
    """Both sides of the item attribute by attribute, and up to ``limit`` differences of its components."""
    view = ident(f"item_{item.entity}")
    this = [item.pair_id, item.identity]
    found = con.execute(f"SELECT * FROM published.{view} WHERE pair_id = ? AND identity = ?", this)
    names = [d[0] for d in found.description or []]
    sides = {row[names.index("domain")]: dict(zip(names, row, strict=True)) for row in found.fetchall()}
    a, b = sides.get(item.domain_a, {}), sides.get(item.domain_b, {})
    own = con.execute(
        "SELECT attribute, because_label FROM published.difference WHERE pair_id = ? AND identity = ? AND entity = ? "
        "AND attribute IS NOT NULL",
        [*this, item.entity],
    ).fetchall()
    causes = dict(own)
    described = con.execute(
        "SELECT attribute, title_en, kind, weight FROM published.attribute WHERE entity = ?", [item.entity]
    ).fetchall()
    properties = tuple(
        Property(name, title, kind, weight, a.get(name), b.get(name), name in causes, causes.get(name))
        for name, title, kind, weight in described
        if name in names
    )
    components, _ = differences_where(
        con,
        "d.pair_id = ? AND d.root_identity = ? AND d.identity <> ?",
        [item.pair_id, item.identity, item.identity],
        limit,
    )
    title = entity_types(con).get(item.entity, item.entity)
    return Explanation(item, title, properties, tuple(components))
