"""What a person asks of the register in a published night (schema ``published`` only)."""

from __future__ import annotations

from typing import Any

import duckdb

from transforms.words.errors import WarehouseError

Records = list[dict[str, Any]]

_GOVERNED = """
SELECT d.difference_id, d.entity, d.label, d.kind, d.attribute, d.value_a, d.value_b, v.decision_id, v.ruling,
       CASE WHEN v.state = 'holds' THEN 'covered as ' || r.covers_kind || ' (' || r.covers || '), ruled ' || r.ruled_on
            WHEN v.state = 'stale' THEN 'open again: the builds have moved since it was recorded'
            WHEN v.state = 'expired' THEN 'open again: it lapsed after ' || r.expires
            WHEN v.state = 'conflict' THEN 'open: ' || coalesce(c.both, '') || ' both cover it' END AS why
FROM published.difference d
JOIN published.decision_cover v USING (pair_id, difference_id)
LEFT JOIN published.decision r ON r.decision_id = v.decision_id
LEFT JOIN (
    SELECT pair_id, difference_id,
           string_agg(decision_id || ' and ' || other_id, '; ' ORDER BY decision_id, other_id) AS both
    FROM published.decision_conflict GROUP BY ALL
) c USING (pair_id, difference_id)
WHERE d.pair_id = ? AND ? IN (d.identity, d.root_identity)
ORDER BY d.entity <> d.root_entity, d.entity, d.label, d.attribute LIMIT ?
"""


def governed(con: duckdb.DuckDBPyConnection, pair: str, identity: str, limit: int) -> Records:
    """The open differences of an item and its components that a decision covers.

    ``why`` says as what the decision governs it, or why it does not.
    """
    return records(con, _GOVERNED, [pair, identity, limit])


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
