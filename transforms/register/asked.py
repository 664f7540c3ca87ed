"""What a person asks of the register in a published night (schema ``published`` only)."""

from __future__ import annotations

from typing import Any

import duckdb

from transforms.words.errors import WarehouseError

Records = list[dict[str, Any]]

_GOVERNED = """
SELECT d.pair_id, d.difference_id, d.entity, d.label, d.kind, d.attribute, d.value_a, d.value_b, v.decision_id,
       v.ruling,
       CASE WHEN v.state = 'holds' THEN 'covered as ' || r.covers_kind || ' (' || r.covers || '), ruled ' || r.ruled_on
            WHEN v.state = 'stale' THEN 'open again: the builds have moved since it was recorded'
            WHEN v.state = 'expired' THEN 'open again: it lapsed after ' || r.expires
            WHEN v.state = 'conflict' THEN 'open: ' || coalesce(c.both, '') || ' both cover it'
            ELSE 'no decision covers it' END AS why
FROM published.difference d
LEFT JOIN published.decision_cover v USING (pair_id, difference_id)
LEFT JOIN published.decision r ON r.decision_id = v.decision_id
LEFT JOIN (
    SELECT pair_id, difference_id,
           string_agg(decision_id || ' and ' || other_id, '; ' ORDER BY decision_id, other_id) AS both
    FROM published.decision_conflict GROUP BY ALL
) c USING (pair_id, difference_id)
WHERE ? IN (d.label, d.identity, d.root_label, d.root_identity, d.difference_id)
ORDER BY d.entity <> d.root_entity, d.entity, d.label, d.attribute LIMIT ?
"""


def decisions(con: duckdb.DuckDBPyConnection) -> Records:
    """Every decision as the published night found it, in the order of their dates."""
    return records(con, "SELECT * FROM published.decision ORDER BY ruled_on, decision_id")


def governed(con: duckdb.DuckDBPyConnection, item: str, limit: int = 200) -> Records:
    """Open differences of an item (named as shown, by identity, or one difference by its id) and what governs each.

    ``why`` says which decision governs it and as what, or why none does.
    """
    return records(con, _GOVERNED, [item, limit])


def waiting(con: duckdb.DuckDBPyConnection, domain: str | None = None, days: int = 0) -> Records:
    """Decisions that a domain has not come to the end of: regressions first, then the longest since the last step."""
    return records(
        con,
        "SELECT p.*, d.title, d.owner FROM published.process p JOIN published.decision d USING (decision_id) "
        "WHERE p.step NOT IN ('verified', 'nothing to do') AND coalesce(p.domain = ?, true) "
        "AND coalesce(p.days, 0) >= ? ORDER BY p.regressed > 0 DESC, p.days DESC, p.decision_id, p.domain",
        [domain, days],
    )


def alarms(con: duckdb.DuckDBPyConnection) -> tuple[str, ...]:
    """What must not be overlooked, one line each: decisions that are stale, clash or were altered, and regressions."""
    known = con.execute(
        "SELECT count(*) FROM duckdb_views() WHERE schema_name = 'published' AND view_name = 'process'"
    ).fetchone()
    if not known or not known[0]:
        return ()
    rows = con.execute(
        "SELECT decision_id || ': ' || note FROM published.decision WHERE state IN ('stale', 'conflict', 'altered') "
        "UNION ALL SELECT decision_id || ' in ' || domain || ' has regressed: ' || note FROM published.process "
        "WHERE step = 'regressed' ORDER BY 1"
    ).fetchall()
    return tuple(r[0] for r in rows)


def vendor(con: duckdb.DuckDBPyConnection, every: bool = False) -> Records:
    """The joint requests to the vendor, those first that explain most; ``every`` also the settled."""
    where = "true" if every else "gone_night IS NULL"
    order = "explains DESC, entity, label, attribute, request_id"
    return records(con, f"SELECT * FROM published.vendor_request WHERE {where} ORDER BY {order}")


def records(con: duckdb.DuckDBPyConnection, sql: str, params: list[Any] | None = None) -> Records:
    """The rows of a query as records by column. Raises WarehouseError where the night lacks a view."""
    try:
        found = con.execute(sql, params or [])
    except duckdb.CatalogException:
        raise WarehouseError(
            "the published night was built by another version of Likare and lacks what is asked; run likare run"
        ) from None
    names = [c[0] for c in found.description or ()]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]
