"""Apply the register to a night: which decision governs each difference, and what the figures are by that.

The step is made anew every night from what was compared and what the register says, so that a night which began as a
copy of the one before says the same as one built from nothing. Only what is history is carried on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

import duckdb

from transforms.build.match import Pair
from transforms.build.measure import METHOD_VERSION
from transforms.catalogue import Catalogue
from transforms.land.national import CodeList, load_lists
from transforms.register import Register, forecast, national_codes, usage
from transforms.register.model import STEPS
from transforms.register.reach import reach, state_of
from transforms.warehouse import Night, Sql, lit

# What is kept from night to night.
HISTORY = ["task", "adherence", "national_code", "same_code", "vendor_request", "target", "target_cell"]


# The temporary tables that are large, and the views, whose names others may want for tables.
CLOSE = """
DROP TABLE IF EXISTS temp.member; DROP TABLE temp.target_cell; DROP TABLE temp.target_tonight;
DROP VIEW temp.shown; DROP VIEW temp.named; DROP VIEW temp.traced
"""


def _sql(name: str) -> str:
    return Path(__file__).with_name(f"{name}.sql").read_text(encoding="utf-8")


TABLES, OPEN, COVER = _sql("decide_tables"), _sql("decide_open"), _sql("decide_cover")
ACCEPTED, JUSTIFY = _sql("decide_accepted"), _sql("decide_justify")
GAP, TASKS = _sql("decide_gap"), _sql("decide_tasks")
TARGET, TARGET_EARLIER = _sql("target"), _sql("target_earlier")
PROPOSALS, ADHERENCE, VENDOR, MEASURE = (
    _sql("proposals"), _sql("decide_adherence"), _sql("decide_vendor"), _sql("decide_measure")
)  # fmt: skip


def run(
    night: Night,
    catalogue: Catalogue,
    pairs: Sequence[Pair],
    register: Register,
    as_of: datetime,
    lists: Mapping[str, CodeList] | None = None,
) -> int:
    """Fill ``decided`` and add its figures to ``measured``. Returns the number of differences that a decision governs.

    Comes after measure: the figures stand beside the raw ones. ``lists`` are the declared national lists, by default
    the built-in ones.
    """
    _begin(night, register)
    states = {d.id: state_of(register, d, as_of.date()) for d in register.decisions}
    _describe(night, register, states)
    night.execute(OPEN)
    if register.decisions or night.value("SELECT count(*) FROM decided.task"):
        live = {name: state == "holds" for name, (state, _) in states.items()}
        reach(night, register, [d for d in register.decisions if states[d.id][0] in ("holds", "expired")], live)
        night.execute(COVER)
        _justify(night)
        night.execute(GAP)
        night.execute(TASKS)
    night.execute(TARGET)
    usage.run(night, catalogue)
    night.execute(PROPOSALS)
    night.execute(ADHERENCE)
    national_codes.run(night, load_lists() if lists is None else lists)
    night.execute(VENDOR)
    night.execute(MEASURE)
    forecast.run(night)
    night.execute(CLOSE)
    return int(night.value("SELECT count(*) FROM decided.cover WHERE state = 'holds'"))


def _begin(night: Night, register: Register) -> None:
    """Make the tables, with the history of the night before in them."""
    night.execute(
        f"SET VARIABLE night_id = {night.number}; SET VARIABLE method_version = {lit(METHOD_VERSION)}; "
        f"SET VARIABLE register_fingerprint = {lit(register.fingerprint)}"
    )
    night.execute(TABLES)
    night.carry_history("decided", HISTORY)
    if night.previous and night.has(Sql("previous.decided.target_value")):
        night.execute(TARGET_EARLIER)


def _justify(night: Night) -> None:
    """Fill ``decided.justified``: the agreement with accepted deviations, one fold per depth, components first."""
    night.execute(ACCEPTED)
    if not night.value("SELECT count(*) FROM accepted"):
        return
    for depth in range(int(night.value("SELECT max(depth) FROM catalogue.entity")), -1, -1):
        night.execute(JUSTIFY, [depth])
    night.execute(
        "INSERT INTO decided.justified SELECT p.pair_id, e.entity, m.identity, r.agreement, r.identical, r.gain "
        "FROM raised r JOIN matched.item m USING (match_no) JOIN catalogue.pair p USING (pair_no) "
        "JOIN catalogue.entity e USING (entity_no)"
    )


def _describe(night: Night, register: Register, states: dict[str, tuple[str, str | None]]) -> None:
    superseded = register.superseded_by
    rows = []
    for d in register.decisions:
        stamp, (state, note) = register.stamps.get(d.id), states[d.id]
        rows.append(
            (d.id, d.title, d.forum, d.date, d.covers.kind, d.covers.told, d.ruling, d.adopt, d.value, d.reason,
             ", ".join(d.basis) or None, d.owner, d.expires, ", ".join(d.supersedes) or None,
             superseded[d.id].id if d.id in superseded else None, state, note, stamp.recorded_at if stamp else None,
             stamp.by if stamp else None, stamp.covered if stamp else None, register.places[d.id].file.name)
        )  # fmt: skip
    night.insert("decided.decision", rows)
    steps = [
        (p.decision, p.domain, name, STEPS.index(name) + 1, step.date, step.by, step.due, step.note or None)
        for p in register.process
        for name, step in p.taken
    ]
    night.insert("decided.step", steps)
    statuses = [
        (v.request, v.status, n, v.date, v.reference or None, v.note or None) for n, v in enumerate(register.vendor)
    ]
    night.insert("decided.vendor_status", statuses)
    night.insert("decided.usage", register.usage)
    log = [
        (e.number, e.at, e.by, e.event, e.decision, e.ruling, e.covers, e.forum, e.ruled_on, e.as_of,
         ", ".join(f"{d} {n}" for d, n in e.snapshots.items()), e.covered, e.content, e.hash)
        for e in register.audit
    ]  # fmt: skip
    night.insert("decided.audit", log)


def built_under(con: duckdb.DuckDBPyConnection) -> str:
    """The fingerprint of the register that the night was built under; empty where it does not say."""
    known = con.execute(
        "SELECT count(*) FROM duckdb_tables() WHERE schema_name = 'decided' AND table_name = 'register'"
    ).fetchone()
    if not known or not known[0]:
        return ""
    found = con.execute("SELECT fingerprint FROM decided.register").fetchone()
    return str(found[0]) if found else ""
