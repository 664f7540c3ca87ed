"""The heavy views, each evaluated once: within ``of_pair`` the queries of this package stand on temporary tables.

A published view is evaluated anew by every query on it. The queries here name ``difference`` and ``cause`` without
their schema: that is the view, as the connection's schema is ``published``, and while ``of_pair`` lasts the temporary
table of that name, which comes first. Anything else is still read from the views.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import duckdb

CAUSES: Final = 100

# What pages and explorer show of a difference; the reasons in words, the dearest of the view, are on neither.
_OF_DIFFERENCE: Final = frozenset(
    "pair_id difference_id entity area identity label root_entity root_identity root_label kind attribute value_a"
    " value_b weight expected_local cause_label cause_entity opened_night opened_at cause_id causes steps worth"
    " reopened".split()
)


def present(con: duckdb.DuckDBPyConnection) -> dict[str, frozenset[str]]:
    """Return the views of the publication with their columns: what came later may be absent."""
    rows = con.execute(
        "SELECT table_name, list(column_name) FROM information_schema.columns WHERE table_schema = 'published'"
        " GROUP BY table_name"
    ).fetchall()
    return {name: frozenset(columns) for name, columns in rows}


@contextmanager
def of_pair(con: duckdb.DuckDBPyConnection, pair_id: str, views: dict[str, frozenset[str]]) -> Iterator[None]:
    """While it lasts ``difference`` is a table of the pair's differences with the columns that are shown, and ``cause``
    one of its first CAUSES causes by rank, without the expected local."""
    columns = ", ".join(sorted(_OF_DIFFERENCE & views["difference"]))
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE difference AS SELECT {columns} FROM published.difference WHERE pair_id = ?",  # noqa: S608
        [pair_id],
    )
    if "cause" in views:
        con.execute(
            f"CREATE OR REPLACE TEMP TABLE cause AS SELECT * FROM {_cause(con)}"  # noqa: S608
            " WHERE pair_id = ? AND NOT coalesce(expected_local, false) ORDER BY rank LIMIT ?",
            [pair_id, CAUSES],
        )
    try:
        yield
    finally:
        con.execute("DROP TABLE temp.difference; DROP TABLE IF EXISTS temp.cause")


def _cause(con: duckdb.DuckDBPyConnection) -> str:
    """View ``cause`` in SQL: in its own words, but on the table of differences, whose view is most of its cost."""
    found = con.execute(
        "SELECT sql FROM duckdb_views() WHERE schema_name = 'published' AND view_name = 'cause'"
    ).fetchall()
    if not found:
        return "published.cause"
    return f"({found[0][0].split(' AS ', 1)[1].rstrip(';').replace('published.difference', 'temp.difference')})"
