"""The texts of a file of rows, each written once and named by its number."""

from __future__ import annotations

import duckdb


def numbered(con: duckdb.DuckDBPyConnection, name: str, texts: str) -> dict[int, str]:
    """Number the texts of each chunk in temp table ``name`` (chunk, s, id), and give them as a JSON list by chunk.

    ``name`` and ``texts``, a query for (chunk, s), are SQL of this package. A text that is NULL has no number.
    """
    con.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE {name} AS
        SELECT chunk, s, row_number() OVER (PARTITION BY chunk ORDER BY s) - 1 AS id
        FROM (SELECT DISTINCT chunk, s FROM ({texts})) WHERE s IS NOT NULL
        """  # noqa: S608
    )
    return dict(con.execute(f"SELECT chunk, to_json(list(s ORDER BY id)) FROM {name} GROUP BY chunk").fetchall())  # noqa: S608
