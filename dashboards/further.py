"""Read what the later pages show: national codes, proposals, requests to the vendor, things in every domain, seams.

As ``outlook``: records from the published schema, counting in DuckDB; where a publication lacks a view, what it would
have said is empty.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

import duckdb

from dashboards.heavy import present
from dashboards.read import records

T = TypeVar("T")
ITEMS_SHOWN: Final = 50
PROPOSALS_SHOWN: Final = 30
REQUESTS_SHOWN: Final = 30
CONFLICTS_SHOWN: Final = 100


@dataclass(frozen=True)
class National:
    """How one domain's items of one entity type carry the codes of one national list in the newest night."""

    domain: str
    title: str
    entity: str
    entity_sv: str
    entity_en: str
    attribute: str
    list_sv: str
    list_en: str
    list_state: str | None
    items: int
    valid: int
    retired: int
    invalid: int
    unverified: int
    missing: int
    share: float | None


@dataclass(frozen=True)
class SameCode:
    """How often two matched items carry the same national code, of one entity type and list, in the newest night."""

    entity: str
    entity_sv: str
    entity_en: str
    attribute: str
    list_sv: str
    list_en: str
    matched: int
    both: int
    same: int
    share: float | None


@dataclass(frozen=True)
class CodeNight:
    """One night: the same-code rate of the pair over all lists; None where no match carries codes on both sides."""

    night_id: int
    as_of: dt.datetime
    both: int
    same: int
    share: float | None


@dataclass(frozen=True)
class Coded:
    """One item whose national code is invalid or retired."""

    title: str
    entity: str
    entity_sv: str
    entity_en: str
    local_id: str | None
    label: str | None
    list_sv: str
    list_en: str
    value: str | None
    state: str


@dataclass(frozen=True)
class ProposedBy:
    """What one rule proposes in one way: how many differences, and their worth for the whole (a share 0–1)."""

    rule: str
    ruling: str
    adopt: str | None
    differences: int
    worth: float


@dataclass(frozen=True)
class Proposed:
    """One proposal, of those with the most worth."""

    difference_id: str
    entity: str
    entity_sv: str
    entity_en: str
    label: str | None
    attribute: str | None
    attribute_sv: str | None
    attribute_en: str | None
    value_a: str | None
    value_b: str | None
    kind: str
    worth: float
    rule: str
    ruling: str
    adopt: str | None
    value: str | None
    evidence: str | None


@dataclass(frozen=True)
class Request:
    """One joint request to the vendor."""

    request_id: str
    entity: str
    entity_sv: str
    entity_en: str
    label: str | None
    attribute: str | None
    attribute_sv: str | None
    attribute_en: str | None
    value_a: str | None
    value_b: str | None
    explains: int
    first_at: dt.datetime | None
    status: str
    status_date: dt.date | None
    reference: str | None
    note: str | None


@dataclass(frozen=True)
class OfPair:
    """What the later pages show of one pair. A None says that the publication has no such view."""

    national: Sequence[National] | None
    same: Sequence[SameCode]
    code_nights: Sequence[CodeNight]
    coded: Sequence[Coded]
    proposed_by: Sequence[ProposedBy] | None
    proposed: Sequence[Proposed]
    requests: Sequence[Request] | None
    requests_by: Sequence[tuple[str, int]]


@dataclass(frozen=True)
class Spread:
    """How many things of one entity type are in so many domains (1: in one alone)."""

    entity: str
    entity_sv: str
    entity_en: str
    domains: int
    things: int


@dataclass(frozen=True)
class Conflict:
    """One match that would bring two items of a domain together and is left out of its cluster."""

    entity: str
    entity_sv: str
    entity_en: str
    pair_id: str
    label_a: str | None
    label_b: str | None
    reason: str
    domain: str | None


@dataclass(frozen=True)
class Seam:
    """A night from which the figures are defined otherwise than before."""

    night_id: int
    as_of: dt.datetime
    from_version: str
    to_version: str


@dataclass(frozen=True)
class OfAll:
    """What the later pages show of the whole."""

    clusters: Sequence[Spread]
    conflicts: Sequence[Conflict]
    conflicts_all: int
    seams: Sequence[Seam]


_NO_LIST: Final = "(SELECT '' AS list, '' AS title_sv, '' AS title_en, '' AS state)"
_TITLES: Final = "coalesce(t.title_sv, x.entity), coalesce(t.title_en, x.entity)"
_TYPE: Final = "LEFT JOIN published.entity_type t ON t.entity = x.entity"
_ATTRIBUTE: Final = "LEFT JOIN published.attribute a ON a.entity = x.entity AND a.attribute = x.attribute"


def of_pair(con: duckdb.DuckDBPyConnection, pair_id: str, night: int) -> OfPair:
    """Read it for one pair. DuckDB's own errors pass through."""
    views = present(con)
    lists = "published.reference_list" if "reference_list" in views else _NO_LIST
    names = "coalesce(l.title_sv, x.list), coalesce(l.title_en, x.list)"
    both = (
        "(SELECT domain_a FROM published.pair WHERE pair_id = $pair),"
        " (SELECT domain_b FROM published.pair WHERE pair_id = $pair)"
    )

    def of(kind: type[T], view: str, sql: str, **values: object) -> list[T] | None:
        return records(con, kind, sql, values) if view in views else None

    national = of(
        National,
        "national_code",
        f"""
        SELECT x."domain", coalesce(d.title, x."domain"), x.entity, {_TITLES}, x.attribute, {names}, l.state,
               x.items, x.valid, x.retired, x.invalid, x.unverified, x.missing, x.share
        FROM published.national_code x {_TYPE} LEFT JOIN {lists} l ON l.list = x.list
        LEFT JOIN published.domain d ON d."domain" = x."domain"
        WHERE x.night_id = $night AND x."domain" IN ({both})
        ORDER BY x.items DESC, x.entity, x.list, d.ordinal
        """,  # noqa: S608
        night=night,
        pair=pair_id,
    )
    same = of(
        SameCode,
        "same_code",
        f"""
        SELECT x.entity, {_TITLES}, x.attribute, {names}, x.matched, x."both", x.same, x.share
        FROM published.same_code x {_TYPE} LEFT JOIN {lists} l ON l.list = x.list
        WHERE x.night_id = $night AND x.pair_id = $pair ORDER BY x."both" DESC, x.matched DESC, x.entity, x.list
        """,  # noqa: S608
        night=night,
        pair=pair_id,
    )
    nights = of(
        CodeNight,
        "same_code",
        """
        SELECT night_id, as_of, sum("both")::BIGINT, sum(same)::BIGINT, sum(same) / nullif(sum("both"), 0)
        FROM published.same_code WHERE pair_id = $pair GROUP BY ALL ORDER BY as_of, night_id
        """,
        pair=pair_id,
    )
    coded = of(
        Coded,
        "national_item",
        f"""
        SELECT coalesce(d.title, x."domain"), x.entity, {_TITLES}, x.local_id, x.label, {names}, x.value, x.state
        FROM published.national_item x {_TYPE} LEFT JOIN {lists} l ON l.list = x.list
        LEFT JOIN published.domain d ON d."domain" = x."domain"
        WHERE x.state IN ('invalid', 'retired') AND x."domain" IN ({both})
        ORDER BY x.state, d.ordinal, x.entity, x.label, x.local_id LIMIT $most
        """,  # noqa: S608
        pair=pair_id,
        most=ITEMS_SHOWN,
    )
    proposed_by = of(
        ProposedBy,
        "proposal",
        """
        SELECT p.rule, p.ruling, coalesce(m.title, p.adopt), count(*),
               coalesce(sum(d.worth::DECIMAL(38, 18)), 0)::DOUBLE
        FROM published.proposal p JOIN difference d USING (pair_id, difference_id)
        LEFT JOIN published.domain m ON m."domain" = p.adopt
        WHERE p.pair_id = $pair GROUP BY p.rule, p.ruling, coalesce(m.title, p.adopt)
        ORDER BY sum(d.worth::DECIMAL(38, 18)) DESC, count(*) DESC, p.rule, p.ruling, 3
        """,
        pair=pair_id,
    )
    proposed = of(
        Proposed,
        "proposal",
        f"""
        SELECT x.difference_id, x.entity, {_TITLES}, x.label, x.attribute, a.title_sv, a.title_en, x.value_a,
               x.value_b, x.kind, x.worth, p.rule, p.ruling, coalesce(m.title, p.adopt), p.value, p.evidence
        FROM published.proposal p JOIN difference x USING (pair_id, difference_id) {_TYPE} {_ATTRIBUTE}
        LEFT JOIN published.domain m ON m."domain" = p.adopt
        WHERE p.pair_id = $pair AND p.rule <> 'expected local'
        ORDER BY x.worth DESC, x.weight DESC, x.entity, x.label, x.difference_id LIMIT $most
        """,  # noqa: S608
        pair=pair_id,
        most=PROPOSALS_SHOWN,
    )
    requests = of(
        Request,
        "vendor_request",
        f"""
        SELECT x.request_id, x.entity, {_TITLES}, x.label, x.attribute, a.title_sv, a.title_en, x.value_a, x.value_b,
               x.explains, n.as_of, x.status, x.status_date, x.reference, x.note
        FROM published.vendor_request x {_TYPE} {_ATTRIBUTE}
        LEFT JOIN published.night n ON n.night_id = x.first_night
        WHERE x.pair_id = $pair AND x.gone_night IS NULL
        ORDER BY x.explains DESC, x.entity, x.label, x.attribute, x.request_id LIMIT $most
        """,  # noqa: S608
        pair=pair_id,
        most=REQUESTS_SHOWN,
    )
    counted: list[tuple[str, int]] = []
    if requests is not None:
        counted = con.execute(
            "SELECT status, count(*) FROM published.vendor_request WHERE pair_id = ? GROUP BY status"
            " ORDER BY list_position(['new', 'sent', 'accepted', 'declined', 'delivered', 'settled'], status), status",
            [pair_id],
        ).fetchall()
    return OfPair(national, same or [], nights or [], coded or [], proposed_by, proposed or [], requests, counted)


def of_all(con: duckdb.DuckDBPyConnection, *, clusters: bool = True) -> OfAll:
    """Read it for the whole, the clusters where they are asked for. DuckDB's own errors pass through."""
    views = present(con)
    spread = (
        records(
            con,
            Spread,
            f"""
        WITH things AS (
            -- A cluster has a row for each of its items, and at most one item a domain.
            SELECT entity, items AS domains, count(*) // items AS things FROM published.cluster GROUP BY entity, items
        )
        SELECT x.entity, {_TITLES}, x.domains, x.things
        FROM things x {_TYPE} LEFT JOIN published.area a ON a.area = t.area
        WHERE NOT coalesce(t.expected_local, false) AND coalesce(t.role, 'item') = 'item'
        ORDER BY a.ordinal, t.weight DESC, x.entity, x.domains DESC
        """,  # noqa: S608
        )
        if clusters and "cluster" in views
        else []
    )
    conflicts, many = [], 0
    if "cluster_conflict" in views:
        conflicts = records(
            con,
            Conflict,
            f"""
            SELECT x.entity, {_TITLES}, x.pair_id, x.label_a, x.label_b, x.reason, coalesce(d.title, x."domain")
            FROM published.cluster_conflict x {_TYPE} LEFT JOIN published.domain d ON d."domain" = x."domain"
            ORDER BY t.weight DESC, x.entity, x.label_a, x.identity LIMIT $most
            """,  # noqa: S608
            {"most": CONFLICTS_SHOWN},
        )
        many = con.execute("SELECT count(*) FROM published.cluster_conflict").fetchall()[0][0]
    seams = "SELECT night_id, as_of, from_version, to_version FROM published.seam ORDER BY night_id"
    return OfAll(spread, conflicts, many, records(con, Seam, seams) if "seam" in views else [])
