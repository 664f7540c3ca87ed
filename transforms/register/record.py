"""Record a decision: what both builds say as the published night stands, so that it holds while they say it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import duckdb

from transforms.catalogue import Catalogue
from transforms.register import audit
from transforms.register.load import Register
from transforms.register.model import Decision
from transforms.register.reach import clear, reach, state_of
from transforms.register.stamps import Said, Stamp, write_stamp
from transforms.warehouse import Session
from transforms.words.errors import DecisionError

# What reach.sql asks, of a published night.
_OPEN = """
CREATE OR REPLACE TEMP TABLE open_difference AS
SELECT d.pair_id, d.difference_id, d.entity, d.area, d.identity, d.label, d.root_identity, d.kind, d.attribute,
       d.value_a, d.value_b, d.cause_entity, d.cause_identity, p.domain_a, p.domain_b
FROM published.difference d JOIN published.pair p USING (pair_id);
CREATE OR REPLACE TEMP VIEW named AS
SELECT pair_id, entity, identity, key_text, label_a, label_b FROM published.crosswalk
UNION ALL SELECT pair_id, entity, identity, NULL, label, NULL FROM published.unmatched;
CREATE OR REPLACE TEMP VIEW traced AS SELECT pair_id, difference_id, cause_id FROM published.difference_cause
"""


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

    Raises DecisionError where it names an item, a difference or a cause that does not exist, or an item by a name that
    several have.
    """
    return previews(con, catalogue, register, [d])[0]


def previews(
    con: duckdb.DuckDBPyConnection, catalogue: Catalogue, register: Register, wanted: Sequence[Decision]
) -> list[Preview]:
    """``preview`` of several decisions at once, which are also told of one another."""
    session = Session(con)
    try:
        session.execute(_OPEN)
        night, as_of = session.rows("SELECT night_id, as_of FROM published.night WHERE is_latest")[0]
        names = {d.id for d in wanted}
        ended = {old for d in wanted for old in d.supersedes}
        latest = max([as_of.date(), *(d.date for d in wanted)])
        held = [
            o for o in register.decisions if o.id not in names | ended and state_of(register, o, latest)[0] == "holds"
        ]
        reach(session, register, [*wanted, *held])
        for d in wanted:
            _exists(session, d)
        said: dict[str, list[Said]] = {d.id: [] for d in wanted}
        for decision, *row in session.rows(
            "SELECT r.decision_id, d.pair_id, d.difference_id, d.entity, d.identity, d.label, d.kind, d.attribute, "
            "d.value_a, d.value_b FROM reach r JOIN open_difference d USING (pair_id, difference_id) ORDER BY ALL"
        ):
            if decision in said:
                said[decision].append(Said(*row))
        overlaps: dict[str, list[Overlap]] = {d.id: [] for d in wanted}
        for decision, other, differences in session.rows(
            "SELECT r.decision_id, o.decision_id, count(*) FROM reach r JOIN reach o USING (pair_id, difference_id) "
            "WHERE o.decision_id <> r.decision_id AND o.rank = r.rank GROUP BY ALL ORDER BY ALL"
        ):
            if decision in overlaps and not {decision, other} & ended:
                overlaps[decision].append(Overlap(other, differences))
        snapshots = dict(
            session.rows("SELECT domain, snapshot_id FROM published.snapshot WHERE night_id = ? ORDER BY 1", [night])
        )
    finally:
        clear(session)
    return [Preview(tuple(said[d.id]), tuple(overlaps[d.id]), night, as_of, snapshots) for d in wanted]


def record(
    con: duckdb.DuckDBPyConnection,
    catalogue: Catalogue,
    register: Register,
    wanted: Sequence[Decision],
    *,
    by: str,
    at: str,
) -> list[Stamp]:
    """Stamp decisions with what both builds say, write the stamps and log it: all of them or, at a fault, none.

    ``by`` is a role, ``at`` the time of recording. Raises DecisionError as ``preview`` does, and where a decision
    covers nothing, or some of the same differences as another of the same rank that it does not supersede.
    """
    audit.read(register.folder)
    stamps = []
    for d, found in zip(wanted, previews(con, catalogue, register, wanted), strict=True):
        place = register.places[d.id]
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
        if d.covers.cause:
            # What a cause explains comes and goes; it is held by what the two say of the cause itself.
            said = tuple(s for s in said if s.difference_id == d.covers.cause)
        stamps.append(
            Stamp(d.id, d.digest, at, by, found.night, found.as_of.isoformat(), found.snapshots, len(found.said), said)
        )
    for d, stamp in zip(wanted, stamps, strict=True):
        write_stamp(register.folder, stamp)
        audit.append(
            register.folder,
            stamp,
            event="recorded again" if d.id in register.stamps else "recorded",
            ruling=f"{d.ruling} {d.adopt or d.value or ''}".strip(),
            covers=d.covers.told,
            forum=d.forum,
            ruled_on=d.date.isoformat(),
        )
    return stamps


def _exists(session: Session, d: Decision) -> None:
    if d.covers.item:
        several = session.rows(
            "SELECT pair_id, count(*) FROM fitting WHERE decision_id = ? GROUP BY 1 HAVING count(*) > 1 ORDER BY 1",
            [d.id],
        )
        if several:
            raise DecisionError(
                f"'{d.id}' names {d.covers.told}, which {several[0][1]} items of {several[0][0]} answer to; name it by "
                "its identity (likare explain shows it)"
            )
        if not session.value("SELECT count(*) FROM fitting WHERE decision_id = ?", [d.id]):
            raise DecisionError(f"'{d.id}' names {d.covers.told}, which no item answers to; see likare explain")
    if d.covers.cause and not session.value("SELECT count(*) FROM reach WHERE decision_id = ?", [d.id]):
        raise DecisionError(
            f"'{d.id}' names the cause {d.covers.cause}, which explains nothing tonight; see likare causes"
        )
    if d.covers.difference:
        found = session.value("SELECT count(*) FROM open_difference WHERE difference_id = ?", [d.covers.difference])
        if not found:
            raise DecisionError(
                f"'{d.id}' names the difference {d.covers.difference}, which is not open; see likare differences"
            )
