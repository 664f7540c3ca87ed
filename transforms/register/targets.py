"""What a person asks of the target in a published night (schema ``published`` only)."""

from __future__ import annotations

import duckdb

from transforms.register.asked import Records, records
from transforms.warehouse import ident, lit
from transforms.words.errors import UsageError

Table = tuple[list[str], list[tuple[object, ...]]]

_AT = "t.from_night <= ? AND (t.to_night IS NULL OR t.to_night > ?)"


_BETWEEN = f"""
SELECT coalesce(b.entity, a.entity) AS entity, coalesce(b.label, a.label) AS label,
       coalesce(b.attribute, a.attribute) AS attribute, a.value AS before, b.value AS after,
       coalesce(a.provenance, 'not there') AS provenance_before,
       coalesce(b.provenance, 'not there') AS provenance_after, b.decision_id
FROM (SELECT * FROM published.target_value t WHERE {_AT}) a
FULL JOIN (SELECT * FROM published.target_value t WHERE {_AT}) b USING (pair_id, entity, identity, attribute)
WHERE a.value IS DISTINCT FROM b.value OR a.provenance IS DISTINCT FROM b.provenance
   OR a.item_state IS DISTINCT FROM b.item_state
ORDER BY 1, 2, 3
"""


def night_of(con: duckdb.DuckDBPyConnection, night: int | None) -> int:
    """The night asked for, by default the newest. Raises UsageError for one that there is not."""
    found = [r[0] for r in con.execute("SELECT night_id FROM published.night ORDER BY 1").fetchall()]
    if night is not None and night not in found:
        raise UsageError(f"there is no night {night}; the nights are {found[0]} to {found[-1]}")
    return int(found[-1] if night is None else night)


def table(con: duckdb.DuckDBPyConnection, entity: str, night: int) -> Table:
    """The target of one entity type in one night: headings and rows, one row per item that is in it or still open.

    After the item stand its state, its attributes and, in words, what is not settled.
    """
    names = [
        r[0]
        for r in con.execute("SELECT attribute FROM published.attribute WHERE entity = ?", [entity]).fetchall()
    ]  # fmt: skip
    cells = ", ".join(f"any_value(value) FILTER (attribute = {lit(n)}) AS {ident('v ' + n)}" for n in names)
    found = con.execute(
        f"SELECT t.pair_id, t.label, t.item_state, {cells}, string_agg(DISTINCT t.attribute || ': ' || t.provenance "
        "|| coalesce(' (' || t.decision_id || ')', ''), '; ' ORDER BY t.attribute || ': ' || t.provenance "
        "|| coalesce(' (' || t.decision_id || ')', '')) FILTER (t.provenance <> 'agreed') "
        f"FROM published.target_value t WHERE t.entity = ? AND {_AT} GROUP BY t.pair_id, t.identity, t.label, "
        "t.item_state ORDER BY t.pair_id, t.label, t.identity",
        [entity, night, night],
    )
    return ["pair", "item", "state", *names, "unsettled"], found.fetchall()


def changes(con: duckdb.DuckDBPyConnection, domain: str) -> Records:
    """What the domain must change to reach the target: its tasks that its extract does not show as done."""
    return records(
        con,
        """
        SELECT e.area, t.entity, t.label, t.attribute, t.action,
               coalesce(t.instead, CASE WHEN p.domain_a = t.domain THEN d.value_a ELSE d.value_b END) AS now,
               t.wanted, t.decision_id,
               r.title, r.owner, q.step, q.due, t.regressed_night IS NOT NULL AS regressed
        FROM published.task t
        JOIN published.pair p USING (pair_id)
        JOIN published.entity_type e USING (entity)
        JOIN published.decision r USING (decision_id)
        LEFT JOIN published.process q ON q.decision_id = t.decision_id AND q.domain = t.domain
        LEFT JOIN published.difference d ON d.pair_id = t.pair_id AND d.difference_id = t.difference_id
        WHERE t.domain = ? AND t.done_night IS NULL AND t.lapsed_night IS NULL
        ORDER BY t.decision_id, e.area, t.entity, t.label, t.attribute
        """,
        [domain],
    )


def between(con: duckdb.DuckDBPyConnection, first: int, then: int) -> Records:
    """What the target says in the second night and did not say so in the first, value by value."""
    return records(con, _BETWEEN, [first, first, then, then])
