"""Which open differences each decision reaches, in a night being built or in a published one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from transforms.register.load import Register
from transforms.register.model import Decision, Rule
from transforms.warehouse import Session

SQL = Path(__file__).with_suffix(".sql").read_text(encoding="utf-8")

# Who goes before whom on one difference.
RANK = {"difference": 1, "item": 1, "cause": 2, "rule": 3}
_TABLES = """
CREATE OR REPLACE TEMP TABLE ruled (
    decision_id VARCHAR, covers_kind VARCHAR, subject VARCHAR, rank INTEGER, live BOOLEAN, ruling VARCHAR,
    ruled_on DATE
);
CREATE OR REPLACE TEMP TABLE stamp (
    decision_id VARCHAR, pair_id VARCHAR, difference_id VARCHAR, entity VARCHAR, identity VARCHAR, label VARCHAR,
    kind VARCHAR, attribute VARCHAR, value_a VARCHAR, value_b VARCHAR
);
CREATE OR REPLACE TEMP TABLE item_ruling (decision_id VARCHAR, entity VARCHAR, key VARCHAR);
CREATE OR REPLACE TEMP TABLE rule (
    decision_id VARCHAR, rank INTEGER, entity VARCHAR[], area VARCHAR[], attribute VARCHAR[], kind VARCHAR[],
    only_in VARCHAR, label VARCHAR[], said STRUCT(domain VARCHAR, pattern VARCHAR)[], effects BOOLEAN
);
"""


def state_of(register: Register, d: Decision, on: date) -> tuple[str, str | None]:
    """What the register alone says of a decision on a day: its state, and why where it does not hold."""
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
    session: Session, register: Register, decisions: Sequence[Decision], live: Mapping[str, bool] | None = None
) -> None:
    """Make the temporary table ``reach`` of these decisions, one row per decision and open difference: see reach.sql.

    Needs the temporary table ``open_difference`` and the temporary views ``named`` and ``traced``. ``live`` tells which
    decisions hold, by default all. Leaves the temporary tables ``ruled`` and ``stamp`` for what follows.
    """
    session.execute(_TABLES)
    session.insert(
        "temp.ruled",
        [
            (d.id, d.covers.kind, d.covers.difference or d.covers.cause, RANK[d.covers.kind],
             live is None or live[d.id], d.ruling, d.date)
            for d in decisions
        ],
    )  # fmt: skip
    session.insert(
        "temp.stamp",
        [
            (d.id, s.pair_id, s.difference_id, s.entity, s.identity, s.label, s.kind, s.attribute, s.value_a, s.value_b)
            for d in decisions
            if d.id in register.stamps
            for s in register.stamps[d.id].said
        ],
    )
    session.insert(
        "temp.item_ruling", [(d.id, d.covers.item.entity, d.covers.item.key) for d in decisions if d.covers.item]
    )
    session.insert("temp.rule", [(d.id, RANK["rule"], *_conditions(d.covers.rule)) for d in decisions if d.covers.rule])
    session.execute(SQL)


def clear(session: Session) -> None:
    """Drop what ``reach`` works on and leaves."""
    session.execute(
        "; ".join(
            f"DROP {kind} IF EXISTS temp.{name}"
            for kind, names in (
                ("VIEW", ("named", "traced")),
                ("TABLE", ("open_difference", "ruled", "stamp", "item_ruling", "rule", "fitting", "reach")),
            )
            for name in names
        )
    )


def _conditions(rule: Rule) -> tuple[Any, ...]:
    """The rule's conditions as they stand in the table; its globs know * and ? only: a bracket stands for itself."""
    said = [{"domain": domain, "pattern": glob.replace("[", "[[]")} for domain, glob in rule.values.items()]
    labels = [glob.replace("[", "[[]") for glob in rule.label]
    return (
        list(rule.entity), list(rule.area), list(rule.attribute), list(rule.kind), rule.only_in, labels, said,
        rule.effects,
    )  # fmt: skip
