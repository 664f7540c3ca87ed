"""Apply the register to a night: which decision governs each difference, and what the figures are by that.

The step is made anew every night from what was compared and what the register says, so that a night which began as a
copy of the one before says the same as one built from nothing. Only what is dear and hangs on nothing that changed
(proposals, adherence, national codes) stands as it was.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

import duckdb

from transforms.build.compare import delivered_attributes, owners_first
from transforms.build.match import Pair
from transforms.build.measure import METHOD_VERSION
from transforms.build.parts import Parts, content_of
from transforms.catalogue import Catalogue, Entity
from transforms.land.national import CodeList, load_lists
from transforms.register import Decision, Register, national_codes, proposals, target, usage
from transforms.register.model import STEPS
from transforms.warehouse import Night, Session, Sql, ident, lit
from transforms.words.hashes import digest

# Who goes before whom on one difference.
RANK = {"difference": 1, "item": 1, "cause": 2, "rule": 3}

# What is kept from night to night.
HISTORY = {
    "task": (
        "decision_id VARCHAR, pair_id VARCHAR, difference_id VARCHAR, domain VARCHAR, entity VARCHAR, "
        "root_entity VARCHAR, identity VARCHAR, attribute VARCHAR, label VARCHAR, action VARCHAR, wanted VARCHAR, "
        "weight DOUBLE, first_night INTEGER, done_night INTEGER, regressed_night INTEGER, other VARCHAR, "
        "local_id VARCHAR, lapsed_night INTEGER, instead VARCHAR, was VARCHAR"
    ),
    "adherence": (
        "night_id INTEGER, pair_id VARCHAR, domain VARCHAR, level VARCHAR, subject VARCHAR, numerator DOUBLE, "
        "denominator DOUBLE, value DOUBLE, settled DOUBLE"
    ),
    "national_code": (
        "night_id INTEGER, domain VARCHAR, entity VARCHAR, attribute VARCHAR, list VARCHAR, items BIGINT, "
        "valid BIGINT, retired BIGINT, invalid BIGINT, unverified BIGINT, missing BIGINT, malformed BIGINT"
    ),
    "same_code": (
        "night_id INTEGER, pair_id VARCHAR, entity VARCHAR, attribute VARCHAR, list VARCHAR, matched BIGINT, "
        '"both" BIGINT, same BIGINT'
    ),
    "vendor_request": (
        "request_id VARCHAR, pair_id VARCHAR, entity VARCHAR, identity VARCHAR, label VARCHAR, attribute VARCHAR, "
        "value_a VARCHAR, value_b VARCHAR, explains BIGINT, first_night INTEGER, gone_night INTEGER"
    ),
}

_RULED = (
    "decision_id VARCHAR, covers_kind VARCHAR, subject VARCHAR, rank INTEGER, live BOOLEAN, ruling VARCHAR, "
    "ruled_on DATE"
)
_STAMP = (
    "decision_id VARCHAR, pair_id VARCHAR, difference_id VARCHAR, entity VARCHAR, identity VARCHAR, label VARCHAR, "
    "kind VARCHAR, attribute VARCHAR, value_a VARCHAR, value_b VARCHAR"
)


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
    known = _kept_by_previous(night)
    parts = Parts(night)
    anew = parts.anything_changed
    night.run(
        "decide_tables.sql.j2", carried=night.carried, history=HISTORY, known=known, fingerprint=register.fingerprint
    )
    states = {d.id: state_of(register, d, as_of.date()) for d in register.decisions}
    _describe(night, register, states)
    night.run("decide_open.sql.j2")
    reach(
        night, catalogue, register, [d for d in register.decisions if states[d.id][0] in ("holds", "expired")], states
    )
    night.run("decide_cover.sql.j2")
    _justify(night, catalogue, pairs)
    _tasks(night, catalogue, pairs)
    target.run(night, catalogue, pairs)
    used = usage.run(night, catalogue, pairs)
    lists = load_lists() if lists is None else lists
    inputs = _inputs(night, lists)
    if not anew and parts.same("decide", "", "", inputs):
        night.run("decide_again.sql.j2", night=night.number, tables=["adherence", "national_code", "same_code"])
    else:
        proposals.run(night, catalogue, pairs, used)
        night.run("decide_adherence.sql.j2", night=night.number, entities=catalogue.ordered)
        national_codes.run(night, catalogue, _causes_in(night) is not None, lists)
        parts.note("decide", "", "", inputs)
        parts.keep()
    night.run("decide_measure.sql.j2", night=night.number, method=METHOD_VERSION)
    from transforms.register import forecast

    forecast.run(night)
    covered = int(night.value("SELECT count(*) FROM decided.cover WHERE state = 'holds'"))
    clear(night)
    return covered


def _inputs(night: Night, lists: Mapping[str, CodeList]) -> str:
    """A hash of what proposals, adherence and national codes are made of, but for what the steps before noted."""
    tables = ["temp.gap", "decided.cover", "decided.decision", "decided.used"]
    tables += [f"measured.{n}" for n in ("domain", "pair", "reference_list", "reference_code")]
    told = [content_of(night, Sql(table), Sql("true")) for table in tables]
    return digest(told, sorted((n, one.model_dump_json()) for n, one in lists.items()))


def state_of(register: Register, d: Decision, on: date) -> tuple[str, str | None]:
    """What the register alone tells of a decision on a day: its state, and why where it does not hold."""
    if d.id not in register.stamps:
        return "not recorded", f"it takes effect when it is recorded: likare decisions record {d.id}"
    if not register.recorded(d):
        return "altered", f"it was altered after it was recorded: record it again, or take the change back ({d.id})"
    later = register.superseded_by.get(d.id)
    if later is not None and later.date <= on:
        return "superseded", f"by {later.id} of {later.date}"
    if d.date > on:
        return "coming", f"it holds from {d.date}"
    if d.expires is not None and d.expires < on:
        return "expired", f"it lapsed after {d.expires}; renew it by a decision that supersedes it"
    return "holds", None


def reach(
    session: Session,
    catalogue: Catalogue,
    register: Register,
    decisions: Sequence[Decision],
    states: dict[str, tuple[str, str | None]] | None = None,
    items: Sql | None = None,
) -> None:
    """Make the temporary table ``reach`` of these decisions over ``open_difference``: see decide_reach.sql.j2.

    ``items`` is a query of every item (with its ``entity``); by default the night's own tables are asked.
    """
    ruled = [
        (d.id, d.covers.kind, d.covers.difference or d.covers.cause, RANK[d.covers.kind],
         states is None or states[d.id][0] == "holds", d.ruling, d.date)
        for d in decisions
    ]  # fmt: skip
    _temp(session, "ruled", _RULED, ruled)
    said = [
        (d.id, s.pair_id, s.difference_id, s.entity, s.identity, s.label, s.kind, s.attribute, s.value_a, s.value_b)
        for d in decisions
        if d.id in register.stamps
        for s in register.stamps[d.id].said
    ]
    _temp(session, "stamp", _STAMP, said)
    _temp(session, "named_item", "decision_id VARCHAR, pair_id VARCHAR, identity VARCHAR", [])
    _temp(session, "unnamed", "decision_id VARCHAR, pair_id VARCHAR, items BIGINT", [])
    for d in decisions:
        if d.covers.item:
            e = catalogue.entities[d.covers.item.entity]
            found = Sql(f"SELECT * FROM ({items}) WHERE entity = {lit(e.entity)}") if items else _items_of(e)
            session.run("decide_items.sql.j2", decision=d.id, key=d.covers.item.key, items=found)
    rules = [{"id": d.id, "rank": RANK["rule"], "rule": _globs(d.covers.rule.model_dump())} for d in decisions
             if d.covers.rule]  # fmt: skip
    session.run("decide_reach.sql.j2", rules=rules, caused=_causes_in(session))


def _causes_in(session: Session) -> Sql | None:
    """Where the causes of differences stand: in the night being built, or in a published one; None where nowhere."""
    for schema, catalog in (("compared", "duckdb_tables"), ("published", "duckdb_views")):
        column = "table_name" if catalog == "duckdb_tables" else "view_name"
        if session.value(
            f"SELECT count(*) FROM {catalog}() WHERE database_name = current_database() "
            f"AND schema_name = {lit(schema)} AND {column} = 'difference_cause'"
        ):
            return Sql(f"{schema}.difference_cause")
    return None


def clear(session: Session) -> None:
    """Drop the temporary tables."""
    for name in (
        "ruled",
        "stamp",
        "named_item",
        "unnamed",
        "reach",
        "open_difference",
        "gap",
        "valid_code",
        "stands",
        "says",
    ):
        session.execute(f"DROP TABLE IF EXISTS temp.{ident(name)}")


def _globs(rule: dict[str, Any]) -> dict[str, Any]:
    """A rule whose globs know * and ? only: a bracket stands for itself."""
    return {
        **rule,
        "label": [g.replace("[", "[[]") for g in rule["label"]],
        "values": {d: g.replace("[", "[[]") for d, g in rule["values"].items()},
    }


def _items_of(e: Entity) -> Sql:
    """Every item of the entity type with what it may be named by."""
    return Sql(
        "SELECT m.pair_id, m.identity, replace(m.key_text, chr(31), ' · ') AS key_text, a.label AS label_a, "
        f"b.label AS label_b FROM matched.{ident(e.entity)} m JOIN measured.pair p USING (pair_id) "
        f"LEFT JOIN normalised.{ident(e.entity)} a ON a.domain = p.domain_a AND a.local_id = m.local_id_a "
        f"LEFT JOIN normalised.{ident(e.entity)} b ON b.domain = p.domain_b AND b.local_id = m.local_id_b"
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


def _kept_by_previous(night: Night) -> list[str]:
    """Which of the kept tables the night before has: one built by an older version may lack some."""
    if not night.previous or night.carried:
        return []
    found = night.rows(
        "SELECT table_name FROM duckdb_tables() WHERE database_name = 'previous' AND schema_name = 'decided'"
    )
    return [r[0] for r in found if r[0] in HISTORY]


def _justify(night: Night, catalogue: Catalogue, pairs: Sequence[Pair]) -> None:
    """The agreement with accepted deviations, components first: only of entity types that have any."""
    accepted = set(
        night.rows(
            "SELECT DISTINCT d.pair_id, d.entity FROM open_difference d JOIN decided.cover v "
            "USING (pair_id, difference_id) WHERE v.accepted"
        )
    )
    for pair in pairs:
        delivered = delivered_attributes(night, pair)
        comparable = [e for e in catalogue.ordered if all((d, e.entity, "") in delivered for _, d in pair.sides)]
        touched: set[str] = set()
        for e in _components_first(catalogue):
            components = [c for c in catalogue.components_of(e.entity) if c in comparable and not c.expected_local]
            below = any(c.entity in touched for c in components)
            if (pair.pair_id, e.entity) not in accepted and not below:
                continue
            touched.add(e.entity)
            night.run("decide_justify.sql.j2", e=e, pair=pair, components=components, touched=below)


def _tasks(night: Night, catalogue: Catalogue, pairs: Sequence[Pair]) -> None:
    """Bring ``decided.task`` up to this night: what there is to do, and what the extracts show of it."""
    night.run("decide_gap.sql.j2", night=night.number)
    wanted = night.rows(
        "SELECT pair_id, entity, list(DISTINCT attribute) FILTER (action = 'change') FROM decided.task GROUP BY ALL "
        "UNION ALL SELECT DISTINCT pair_id, entity, NULL FROM gap"
    )
    named: dict[tuple[str, str], list[str]] = {}
    for pair_id, entity, attributes in wanted:
        named.setdefault((pair_id, entity), []).extend(attributes or ())
    of = {p.pair_id: p for p in pairs}
    for (pair_id, entity), attributes in sorted(named.items()):
        # A decision may outlive the entity type, the attribute or the pair that it speaks of.
        if pair_id in of and entity in catalogue.entities:
            e = catalogue.entities[entity]
            names = [n for n in target.attributes_of(e) if n in attributes]
            night.run("decide_stands.sql.j2", e=e, pair=of[pair_id], names=names)
    if named:
        night.run("decide_tasks.sql.j2", night=night.number)


def _components_first(catalogue: Catalogue) -> Iterable[Entity]:
    return [catalogue.entities[name] for name in reversed(owners_first(catalogue))]


def _temp(session: Session, name: str, columns: str, rows: Sequence[Sequence[Any]]) -> None:
    session.execute(f"CREATE OR REPLACE TEMP TABLE {ident(name)} ({columns})")
    session.insert(f"temp.{ident(name)}", rows)
