"""The explorer's trees: every item that is composed of others, both sides aligned, as ``rows`` writes its files.

A row is an item; beside its columns a file holds, per item, its nodes in the order they are read: depth, entity type,
text, state, place in A, place in B, and the numbers of the differences (``rows``) that are its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import duckdb

from dashboards.texts import numbered

CHUNK: Final = 500
MOST_NODES: Final = 200_000
_DEEPEST: Final = 12


def gather(con: duckdb.DuckDBPyConnection, pair_id: str, views: dict[str, frozenset[str]]) -> tuple[int, int]:
    """Make temp tables ``tree`` (a row per item kept) and ``tree_row`` (a row per node of these); count all and kept.

    A tree ends at what its components lead to, which has a tree of its own: the reader's page puts them together. What
    an item counts is all of that, each thing once.
    An item is one that is no component itself. Those with something on both sides come first, most differing nodes
    before fewer. At most MOST_NODES nodes are kept, whole items only. Needs ``explored`` and ``crosswalk`` of
    rows.write. Without view ``tree_node`` both are empty.
    """
    if not {"tree_node", "crosswalk"} <= set(views):
        con.execute("CREATE OR REPLACE TEMP TABLE tree AS SELECT 0 AS n, 0 AS chunk WHERE false")
        return 0, 0
    linked = "linked" if "linked" in views["tree_node"] else "false"
    con.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE tree_step AS
        SELECT owner_entity, owner_identity, entity, identity, label, state, place_a, place_b, {linked} AS linked
        FROM published.tree_node WHERE pair_id = ?
        """,  # noqa: S608
        [pair_id],
    )
    # All of them are walked to be counted, without what is only shown.
    con.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE tree_walk AS
        WITH RECURSIVE walk AS (
            SELECT s.owner_entity AS root_entity, s.owner_identity AS root, 1 AS depth, s.entity, s.identity, s.state,
                   s.linked
            FROM tree_step s JOIN published.entity_type t ON t.entity = s.owner_entity AND t.role = 'item'
            UNION ALL
            SELECT w.root_entity, w.root, w.depth + 1, s.entity, s.identity, s.state, s.linked
            FROM walk w JOIN tree_step s ON s.owner_entity = w.entity AND s.owner_identity = w.identity
            WHERE w.depth < {_DEEPEST} AND NOT w.linked
        )
        SELECT w.*, d.entity IS NOT NULL AS differs FROM walk w
        LEFT JOIN (SELECT DISTINCT entity, identity FROM explored) d USING (entity, identity)
        """  # noqa: S608
    )
    found = _rank(con, pair_id, views)
    con.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE tree_row AS
        WITH RECURSIVE owner AS (
            SELECT entity, identity FROM tree
            UNION
            SELECT w.entity, w.identity FROM tree_walk w JOIN tree t ON t.entity = w.root_entity AND t.identity = w.root
            WHERE NOT w.linked
        ), placed AS (
            SELECT s.*, row_number() OVER (PARTITION BY owner_entity, owner_identity
                                           ORDER BY entity, coalesce(place_a, place_b), label, identity) AS place
            FROM tree_step s SEMI JOIN owner o ON o.entity = s.owner_entity AND o.identity = s.owner_identity
        ), walk AS (
            SELECT s.owner_entity AS root_entity, s.owner_identity AS root, 1 AS depth, [s.place] AS path,
                   s.* EXCLUDE (owner_entity, owner_identity, place)
            FROM placed s JOIN tree t ON t.entity = s.owner_entity AND t.identity = s.owner_identity
            UNION ALL
            SELECT w.root_entity, w.root, w.depth + 1, list_append(w.path, s.place),
                   s.* EXCLUDE (owner_entity, owner_identity, place)
            FROM walk w JOIN placed s ON s.owner_entity = w.entity AND s.owner_identity = w.identity
            WHERE w.depth < {_DEEPEST} AND NOT w.linked
        )
        SELECT w.*, coalesce(d.own, []) AS own FROM walk w
        LEFT JOIN (SELECT entity, identity, list(n ORDER BY n) AS own FROM explored GROUP BY ALL) d
               USING (entity, identity)
        """  # noqa: S608
    )
    con.execute("DROP TABLE tree_step; DROP TABLE tree_walk")
    return found, con.execute("SELECT count(*) FROM tree").fetchall()[0][0]


def _rank(con: duckdb.DuckDBPyConnection, pair_id: str, views: dict[str, frozenset[str]]) -> int:
    """Make ``tree`` of ``tree_walk``, named by ``crosswalk`` and, where unmatched, by the difference that this is.

    Returns how many items there are.
    """
    con.execute(
        """
        CREATE OR REPLACE TEMP TABLE tree_named AS
        WITH RECURSIVE own AS (
            SELECT root_entity AS entity, root AS identity, count(*) FILTER (NOT linked) AS parts, count(*) AS held,
                   count(*) FILTER (state IN ('both', 'moved') AND (differs OR state = 'moved')) AS differing,
                   bool_or(state IN ('both', 'moved')) AS shared,
                   count(*) FILTER (state = 'only_a') AS only_a, count(*) FILTER (state = 'only_b') AS only_b
            FROM (SELECT * REPLACE (CASE WHEN NOT linked OR state = 'both' THEN state END AS state) FROM tree_walk)
            GROUP BY ALL
        ), led AS (
            SELECT DISTINCT root_entity, root, entity, identity FROM tree_walk WHERE linked
        ), reached AS (
            SELECT entity AS root_entity, identity AS root, entity, identity FROM own
            UNION
            SELECT r.root_entity, r.root, l.entity, l.identity
            FROM reached r JOIN led l ON l.root_entity = r.entity AND l.root = r.identity
        ), counted AS (
            SELECT r.root_entity AS entity, r.root AS identity, sum(o.parts)::BIGINT AS parts,
                   sum(o.differing)::BIGINT AS differing, bool_or(o.shared) AS shared,
                   sum(o.only_a)::BIGINT AS only_a, sum(o.only_b)::BIGINT AS only_b,
                   max(o.held) FILTER (r.entity = r.root_entity AND r.identity = r.root) AS held
            FROM reached r JOIN own o USING (entity, identity) GROUP BY ALL
        )
        SELECT c.*, coalesce(m.label_a, m.label_b, d.label) AS label
        FROM counted c LEFT JOIN crosswalk m ON m.entity = c.entity AND m.identity = c.identity
        LEFT JOIN (
            SELECT entity, identity, label FROM difference WHERE pair_id = ? AND kind IN ('only_a', 'only_b')
        ) d ON d.entity = c.entity AND d.identity = c.identity
        """,
        [pair_id],
    )
    # What neither names is asked of the view, which is dear: most often nothing. The types are named one by one, so
    # that it is not evaluated for others.
    types = [
        entity for (entity,) in con.execute("SELECT DISTINCT entity FROM tree_named WHERE label IS NULL").fetchall()
    ]
    if types and "unmatched" in views:
        con.execute(
            f"""
            UPDATE tree_named t SET label = u.label FROM (
                SELECT entity, identity, label FROM published.unmatched
                WHERE pair_id = ? AND entity IN ({", ".join("?" for _ in types)})
            ) u WHERE t.label IS NULL AND u.entity = t.entity AND u.identity = t.identity
            """,  # noqa: S608
            [pair_id, *types],
        )
    con.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE tree AS
        WITH ranked AS (
            SELECT *, row_number() OVER (ORDER BY shared DESC, differing + only_a + only_b DESC, parts DESC, entity,
                                                  label, identity) - 1 AS n
            FROM tree_named
        )
        SELECT *, n // {CHUNK} AS chunk FROM ranked QUALIFY sum(held) OVER (ORDER BY n) <= {MOST_NODES}
        """  # noqa: S608
    )
    found = int(con.execute("SELECT count(*) FROM tree_named").fetchall()[0][0])
    con.execute("DROP TABLE tree_named")
    return found


def chunks(con: duckdb.DuckDBPyConnection) -> Iterator[tuple[int, str]]:
    """Yield the number and the JSON of each file."""
    if not con.execute("SELECT 1 FROM tree LIMIT 1").fetchall():
        return
    nodes = "SELECT t.chunk, r.label FROM tree_row r JOIN tree t ON t.entity = r.root_entity AND t.identity = r.root"
    texts = numbered(con, "tree_text", f"SELECT chunk, label AS s FROM tree UNION ALL {nodes}")
    # Six numbers a node, and its differences: small enough to send thousands, plain enough to read. What a component
    # leads to has a state from 4 on and, in place of a place, its own tree's number + 1 (0 where it has none).
    rows = con.execute(
        """
        WITH entities AS (SELECT entity, row_number() OVER () - 1 AS id FROM published.entity_type),
        nodes AS (
            SELECT t.n, list([r.depth, e.id, coalesce(x.id, -1),
                              list_position(['both', 'moved', 'only_a', 'only_b'], r.state) - 1 + 4 * r.linked::INT,
                              CASE WHEN r.linked THEN coalesce(l.n + 1, 0) ELSE coalesce(r.place_a, 0) END,
                              coalesce(r.place_b, 0)] || r.own ORDER BY r.path) AS nodes
            FROM tree t JOIN tree_row r ON t.entity = r.root_entity AND t.identity = r.root
            LEFT JOIN entities e ON e.entity = r.entity
            LEFT JOIN tree l ON r.linked AND l.entity = r.entity AND l.identity = r.identity
            LEFT JOIN tree_text x ON x.chunk = t.chunk AND x.s = r.label
            GROUP BY t.n
        )
        SELECT t.chunk, to_json({
                   'id': list(left(t.identity, 12) ORDER BY t.n), 'entity': list(e.id ORDER BY t.n),
                   'label': list(x.id ORDER BY t.n), 'parts': list(t.parts ORDER BY t.n),
                   'differing': list(t.differing ORDER BY t.n), 'only_a': list(t.only_a ORDER BY t.n),
                   'only_b': list(t.only_b ORDER BY t.n)
               }), to_json(list(o.nodes ORDER BY t.n))
        FROM tree t JOIN nodes o USING (n) LEFT JOIN entities e USING (entity)
        LEFT JOIN tree_text x ON x.chunk = t.chunk AND x.s = t.label
        GROUP BY t.chunk ORDER BY t.chunk
        """
    ).fetchall()
    for chunk, columns, nodes in rows:
        yield chunk, f'{{"text":{texts.get(chunk, "[]")},"column":{columns},"nodes":{nodes}}}'
