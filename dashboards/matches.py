"""The explorer's matches, the least alike first, as ``rows`` writes its files."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb

from dashboards.texts import numbered


def gather(
    con: duckdb.DuckDBPyConnection, pair_id: str, views: dict[str, frozenset[str]], most: int, chunk: int
) -> tuple[int, int]:
    """Make temp tables ``crosswalk`` (a row per match) and ``matched`` (those kept, the least alike first); count both.

    Both are empty where the publication has no crosswalk.
    """
    if "crosswalk" not in views:
        con.execute("CREATE OR REPLACE TEMP TABLE matched AS SELECT 0 AS n, 0 AS chunk WHERE false")
        return 0, 0
    con.execute(
        """
        CREATE OR REPLACE TEMP TABLE crosswalk AS
        SELECT entity, identity, local_id_a, local_id_b, label_a, label_b, rule, key_name, key_text, certain, agreement,
               identical
        FROM published.crosswalk WHERE pair_id = ?
        """,
        [pair_id],
    )
    con.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE matched AS
        WITH counted AS (
            SELECT certain, agreement, entity, count(*) AS n FROM crosswalk GROUP BY ALL
        ), whole AS (
            -- What is surely not among the first need not be put in order.
            SELECT certain, agreement, entity FROM counted
            QUALIFY sum(n) OVER (ORDER BY certain, agreement, entity) - n < $most
        ), placed AS (
            SELECT c.rowid AS row,
                   row_number() OVER (ORDER BY c.certain, c.agreement, c.entity, c.label_a, c.identity) - 1 AS n
            FROM crosswalk c SEMI JOIN whole w ON w.certain IS NOT DISTINCT FROM c.certain
             AND w.agreement IS NOT DISTINCT FROM c.agreement AND w.entity = c.entity
            QUALIFY n < $most
        )
        SELECT p.n, p.n // {chunk} AS chunk, c.*,
               left(regexp_replace(c.key_text, '[0-9a-f]{{32}}( · )?', '', 'g'), 300) AS shown_key
        FROM placed p JOIN crosswalk c ON c.rowid = p.row
        """,  # noqa: S608
        {"most": most},
    )
    found = con.execute("SELECT count(*) FROM crosswalk").fetchall()[0][0]
    return found, min(found, most)


def chunks(con: duckdb.DuckDBPyConnection) -> Iterator[tuple[int, str]]:
    """Yield the number and the JSON of each file."""
    if not con.execute("SELECT 1 FROM matched LIMIT 1").fetchall():
        return
    texts = numbered(
        con, "matched_text", "SELECT chunk, unnest([label_a, label_b, shown_key, key_name]) AS s FROM matched"
    )
    columns = {
        "id": "left(m.identity, 12)",
        "entity": "t.id",
        "label": "a.id",
        "b": "b.id",
        "key": "k.id",
        "name": "n.id",
        "id_a": "m.local_id_a",
        "id_b": "m.local_id_b",
        "rule": "m.rule",
        "certain": "m.certain::INTEGER",
        "agreement": "round(m.agreement, 4)",
        "identical": "m.identical::INTEGER",
    }
    fields = ", ".join(f"'{name}': list({value} ORDER BY m.n)" for name, value in columns.items())
    rows = con.execute(
        f"""
        WITH entities AS (SELECT entity, row_number() OVER () - 1 AS id FROM published.entity_type)
        SELECT m.chunk, to_json({{{fields}}})
        FROM matched m
        LEFT JOIN entities t ON t.entity = m.entity
        LEFT JOIN matched_text a ON a.chunk = m.chunk AND a.s = m.label_a
        LEFT JOIN matched_text b ON b.chunk = m.chunk AND b.s = m.label_b
        LEFT JOIN matched_text k ON k.chunk = m.chunk AND k.s = m.shown_key
        LEFT JOIN matched_text n ON n.chunk = m.chunk AND n.s = m.key_name
        GROUP BY m.chunk ORDER BY m.chunk
        """  # noqa: S608
    ).fetchall()
    for chunk, text in rows:
        yield chunk, f'{{"text":{texts.get(chunk, "[]")},"column":{text}}}'
