"""Record a decision: what both builds say as the published night stands, so that it holds while they say it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import duckdb

from transforms import decisions
from transforms.catalogue import Catalogue
from transforms.errors import DecisionError
from transforms.register import audit
from transforms.register.load import Register
from transforms.register.model import Decision
from transforms.register.stamps import Said, Stamp, write_stamp
from transforms.warehouse import Session, Sql

_OPEN = """
CREATE OR REPLACE TEMP TABLE open_difference AS
SELECT d.pair_id, d.difference_id, d.entity, d.area, d.identity, d.label, d.root_entity, d.root_identity, d.kind,
       d.attribute, d.value_a, d.value_b, d.weight, d.cause_entity, d.cause_identity, p.domain_a, p.domain_b
FROM published.difference d JOIN published.pair p USING (pair_id)
"""
_ITEMS = Sql(
    "SELECT pair_id, entity, identity, key_text, label_a, label_b FROM published.crosswalk UNION ALL "
    "SELECT pair_id, entity, identity, NULL, label, NULL FROM published.unmatched"
)


@dataclass(frozen=True)
class Overlap:
    """Another decision of the same rank that covers some of the same differences."""

    decision: str
    differences: int


@dataclass(frozen=True)
class Preview:
    """What a decision would cover as the published night stands. ``said`` are the differences themselves."""

    said: tuple[Said, ...]
    overlaps: tuple[Overlap, ...]
    night: int
    as_of: datetime
    snapshots: dict[str, int]


def preview(con: duckdb.DuckDBPyConnection, catalogue: Catalogue, register: Register, d: Decision) -> Preview:
    """What the decision covers in the published night, and which others cover some of it too.

    Raises DecisionError where it names an item or a difference that does not exist, or an item by a name that several
    have; WarehouseError where nothing is published.
    """
    session = Session(con)
    try:
        session.execute(_OPEN)
        night, as_of = session.rows("SELECT night_id, as_of FROM published.night WHERE is_latest")[0]
        held = [
            o
            for o in register.decisions
            if o.id != d.id
            and o.id not in d.supersedes
            and decisions.state_of(register, o, max(as_of.date(), d.date))[0] == "holds"
        ]
        decisions.reach(session, catalogue, register, [d, *held], items=_ITEMS)
        _exists(session, d)
        said = session.rows(
            "SELECT d.pair_id, d.difference_id, d.entity, d.identity, d.label, d.kind, d.attribute, d.value_a, "
            "d.value_b FROM reach r JOIN open_difference d USING (pair_id, difference_id) WHERE r.decision_id = ? "
            "ORDER BY ALL",
            [d.id],
        )
        overlaps = session.rows(
            "SELECT o.decision_id, count(*) FROM reach r JOIN reach o USING (pair_id, difference_id) "
            "WHERE r.decision_id = ? AND o.decision_id <> ? AND o.rank = r.rank AND NOT o.moved GROUP BY 1 ORDER BY 1",
            [d.id, d.id],
        )
        snapshots = dict(
            session.rows("SELECT domain, snapshot_id FROM published.snapshot WHERE night_id = ? ORDER BY 1", [night])
        )
    finally:
        decisions.clear(session)
    return Preview(tuple(Said(*r) for r in said), tuple(Overlap(*r) for r in overlaps), night, as_of, snapshots)


def record(
    con: duckdb.DuckDBPyConnection, catalogue: Catalogue, register: Register, d: Decision, *, by: str, at: str
) -> Stamp:
    """Stamp the decision with what both builds say and write the stamp.

    ``by`` is a role, ``at`` the time of recording. Raises DecisionError as ``preview`` does, and where the decision
    covers nothing, or some of the same differences as another of the same rank that it does not supersede.
    """
    place = register.places[d.id]
    audit.read(register.folder)
    found = preview(con, catalogue, register, d)
    if found.overlaps:
        other = found.overlaps[0]
        raise DecisionError(
            f"{place}: '{d.id}' and '{other.decision}' ({register.places[other.decision]}) both cover "
            f"{other.differences} of the same differences; make one narrower, or let '{d.id}' supersede it"
        )
    if not found.said and d.covers.kind != "rule":
        raise DecisionError(
            f"{place}: '{d.id}' covers nothing that differs ({d.covers.told}); there is nothing to rule"
        )
    # A rule speaks of whatever meets it, so nothing that it meets tonight holds it.
    said = () if d.covers.kind == "rule" else found.said
    stamp = Stamp(
        d.id, d.digest, at, by, found.night, found.as_of.isoformat(), found.snapshots, len(found.said), said
    )  # fmt: skip
    again = d.id in register.stamps
    write_stamp(register.folder, stamp)
    audit.append(
        register.folder,
        stamp,
        event="recorded again" if again else "recorded",
        ruling=f"{d.ruling} {d.adopt or d.value or ''}".strip(),
        covers=d.covers.told,
        forum=d.forum,
        ruled_on=d.date.isoformat(),
    )
    return stamp


def _exists(session: Session, d: Decision) -> None:
    if d.covers.item:
        several = session.rows("SELECT pair_id, items FROM unnamed WHERE decision_id = ?", [d.id])
        if several:
            raise DecisionError(
                f"'{d.id}' names {d.covers.told}, which {several[0][1]} items of {several[0][0]} answer to; name it by "
                "its identity (likare explain shows it)"
            )
        if not session.value("SELECT count(*) FROM named_item WHERE decision_id = ?", [d.id]):
            raise DecisionError(f"'{d.id}' names {d.covers.told}, which no item answers to; see likare explain")
    if d.covers.difference:
        found = session.value("SELECT count(*) FROM open_difference WHERE difference_id = ?", [d.covers.difference])
        if not found:
            raise DecisionError(
                f"'{d.id}' names the difference {d.covers.difference}, which is not open; see likare differences"
            )
