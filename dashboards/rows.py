"""The explorer's data: every open difference and every match, as files that a page opened from a folder can load.

A page under ``file://`` may fetch nothing, but it may load scripts of its own folder; so each file is one call,
``likare.take("differences", 3, "H4sI…")``, whose argument is JSON made by DuckDB, gzipped and in base 64. Texts stand
once per file and rows name them by number. ``meta.js`` comes first and holds what all rows share: titles, causes,
decisions. Nothing in them tells of which night they are: as long as no row changes, neither do the files.
"""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import duckdb

from dashboards import matches, trees
from dashboards.heavy import present
from dashboards.texts import numbered

CHUNK: Final = 5_000
MOST_ROWS: Final = 200_000
LONGEST: Final = 2_000

# Columns that came to the views later: where a publication lacks one, it is taken as the text beside it.
_LATER: Final = {
    "difference": {
        "cause_id": "difference_id",
        "steps": "0",
        "worth": "0.0",
        "reopened": "0",
        "nights_open": "NULL::INTEGER",
        "first_seen": "opened_at",
    },
    "crosswalk": {},
}


@dataclass(frozen=True)
class Explored:
    """What was written of one pair: rows in the publication and rows in the files, of both kinds."""

    differences: int
    differences_written: int
    matches: int
    matches_written: int


def write(con: duckdb.DuckDBPyConnection, pair_id: str, folder: Path, *, most: int = MOST_ROWS) -> Explored:
    """Write the data of one pair's explorer into ``folder``, which is made.

    At most ``most`` differences, the heaviest, and as many matches, the least alike; ``meta.js`` says how many there
    are in all. Temporary tables of the connection are made, replaced and dropped. DuckDB's errors pass.
    """
    folder.mkdir(parents=True)
    views = present(con)
    found, kept = _gather_differences(con, pair_id, views, most)
    _write_chunks(folder, "differences", _difference_chunks(con))
    matched, matches_kept = matches.gather(con, pair_id, views, most, CHUNK)
    _write_chunks(folder, "matches", matches.chunks(con))
    composed, composed_kept = trees.gather(con, pair_id, views)
    con.execute("DROP TABLE IF EXISTS temp.crosswalk")
    _write_chunks(folder, "trees", trees.chunks(con))
    meta = _meta(con, pair_id, views) | {
        "chunk": CHUNK,
        "differences": {"all": found, "rows": kept},
        "matches": {"all": matched, "rows": matches_kept},
        "items": _composed(con, composed_kept),
        "leads": _leads(con),
        "trees": {"all": composed, "rows": composed_kept, "chunk": trees.CHUNK},
    }
    (folder / "meta.js").write_text(f"likare.meta({_script(meta)});\n", encoding="utf-8", newline="\n")
    return Explored(found, kept, matched, matches_kept)


def _composed(con: duckdb.DuckDBPyConnection, composed: int) -> dict[str, str]:
    """Item's number among the differences → the tree that shows it, where there is one."""
    if not composed:
        return {}
    rows = con.execute(
        "SELECT DISTINCT e.item, left(t.identity, 12) FROM explored e"
        " JOIN tree t ON t.entity = e.root_entity AND t.identity = e.root_identity ORDER BY e.item"
    ).fetchall()
    return {str(item): identity for item, identity in rows}


def _leads(con: duckdb.DuckDBPyConnection) -> list[list[str]]:
    """Component type → item type that it refers to: a form's section is an item with a tree of its own."""
    pairs = con.execute(
        "SELECT DISTINCT a.entity, a.target"
        " FROM (SELECT entity, attribute, unnest(string_split(target, ', ')) AS target FROM published.attribute) a"
        " JOIN published.entity_type e ON e.entity = a.entity AND e.role = 'component'"
        " JOIN published.entity_type t ON t.entity = a.target AND t.role = 'item'"
        " WHERE a.attribute <> 'parent' ORDER BY ALL"
    ).fetchall()
    return [list(pair) for pair in pairs]


def _script(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str)


def _write_chunks(folder: Path, name: str, chunks: Iterator[tuple[int, str]]) -> None:
    for number, text in chunks:
        path = folder / f"{name}-{number}.js"
        packed = base64.b64encode(gzip.compress(text.encode(), 4, mtime=0)).decode("ascii")
        path.write_text(f'likare.take("{name}",{number},"{packed}");\n', encoding="ascii", newline="\n")


def _gather_differences(
    con: duckdb.DuckDBPyConnection, pair_id: str, views: dict[str, frozenset[str]], most: int
) -> tuple[int, int]:
    """Make temp table ``explored`` (a row per difference, heaviest first); count all and kept."""
    later = {
        name: f"d.{name}" if name in views["difference"] else instead.replace("difference_id", "d.difference_id")
        for name, instead in _LATER["difference"].items()
    }
    cover = "published.decision_cover" if "decision_cover" in views else _no_cover()
    con.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE explored AS
        WITH told AS (
            SELECT d.difference_id, d.entity, d.identity, d.root_entity, d.root_identity, d.label,
                   nullif(d.root_label, d.label) AS root_label, d.kind, d.attribute,
                   {_clipped("value_a")} AS value_a, {_clipped("value_b")} AS value_b,
                   d.weight, coalesce(d.expected_local, false) AS expected_local, d.opened_at,
                   {later["cause_id"]} AS cause_id, {later["steps"]} AS steps, {later["worth"]} AS worth,
                   {later["reopened"]} AS reopened, d.cause_label, d.cause_entity,
                   c.decision_id, c.state AS decision_state
            FROM difference d
            LEFT JOIN (SELECT pair_id, difference_id, decision_id, state FROM {cover}) c
                   ON c.pair_id = d.pair_id AND c.difference_id = d.difference_id
            WHERE d.pair_id = ?
        ), placed AS (
            SELECT difference_id, row_number() OVER (ORDER BY expected_local, weight DESC, entity, root_label, label,
                                                              attribute, difference_id) - 1 AS n
            FROM told QUALIFY n < ?
        ), items AS (
            SELECT root_entity, root_identity, row_number() OVER (ORDER BY root_entity, root_identity) - 1 AS item
            FROM (SELECT DISTINCT root_entity, root_identity FROM told)
        )
        SELECT p.n, p.n // {CHUNK} AS chunk, t.*, i.item
        FROM told t JOIN placed p USING (difference_id)
        JOIN items i ON i.root_entity IS NOT DISTINCT FROM t.root_entity
                    AND i.root_identity IS NOT DISTINCT FROM t.root_identity
        """,  # noqa: S608 (constants of this module only)
        [pair_id, most],
    )
    found = con.execute("SELECT count(*) FROM difference WHERE pair_id = ?", [pair_id]).fetchall()[0][0]
    return found, min(found, most)


def _clipped(column: str) -> str:
    """SQL for a value that is cut where it is very long, with how much was cut."""
    cut = f"left(d.{column}, {LONGEST}) || '… (+' || (length(d.{column}) - {LONGEST}) || ')'"
    return f"CASE WHEN length(d.{column}) > {LONGEST} THEN {cut} ELSE d.{column} END"


def _no_cover() -> str:
    empty = ", ".join(f"NULL::VARCHAR AS {c}" for c in ("pair_id", "difference_id", "decision_id", "state"))
    return f"(SELECT {empty} WHERE false)"


# What the rows share, numbered as the page names it.
_SHARED: Final = """
    WITH entities AS (SELECT entity, row_number() OVER () - 1 AS id FROM published.entity_type),
    attributes AS (
        SELECT entity, attribute, row_number() OVER (ORDER BY entity, attribute) - 1 AS id
        FROM (SELECT DISTINCT entity, attribute FROM explored WHERE attribute IS NOT NULL)
    ),
    causes AS (
        SELECT cause_id, row_number() OVER (ORDER BY count(*) DESC, cause_id) - 1 AS id, count(*) + 1 AS differences
        FROM explored WHERE steps > 0 GROUP BY cause_id
    ),
    decisions AS (
        SELECT decision_id, row_number() OVER (ORDER BY decision_id) - 1 AS id
        FROM (SELECT DISTINCT decision_id FROM explored WHERE decision_id IS NOT NULL)
    ),
    moments AS (
        SELECT opened_at, row_number() OVER (ORDER BY opened_at) - 1 AS id
        FROM (SELECT DISTINCT opened_at FROM explored WHERE opened_at IS NOT NULL)
    )
"""


def _difference_chunks(con: duckdb.DuckDBPyConnection) -> Iterator[tuple[int, str]]:
    """Yield the number and the JSON of each chunk."""
    columns = {
        "id": "left(e.difference_id, 12)",
        "entity": "t.id",
        "attribute": "x.id",
        "kind": "list_position(['changed', 'moved', 'only_a', 'only_b'], e.kind) - 1",
        "label": "l.id",
        "root": "r.id",
        "a": "va.id",
        "b": "vb.id",
        "weight": "e.weight",
        "worth": "printf('%.3g', e.worth * 100)::DOUBLE",
        "cause": "k.id",
        "decision": "g.id",
        "stale": "(e.decision_state <> 'holds')::INTEGER",
        "opened": "m.id",
        "again": "e.reopened",
        "item": "e.item",
    }
    fields = ", ".join(f"'{name}': list({value} ORDER BY e.n)" for name, value in columns.items())
    texts = numbered(
        con, "explored_text", "SELECT chunk, unnest([label, root_label, value_a, value_b]) AS s FROM explored"
    )
    rows = con.execute(
        f"""
        {_SHARED}
        SELECT e.chunk, to_json({{{fields}}})
        FROM explored e
        LEFT JOIN entities t ON t.entity = e.entity
        LEFT JOIN attributes x ON x.entity = e.entity AND x.attribute = e.attribute
        LEFT JOIN causes k ON k.cause_id = e.cause_id AND e.steps > 0
        LEFT JOIN decisions g ON g.decision_id = e.decision_id
        LEFT JOIN moments m ON m.opened_at = e.opened_at
        LEFT JOIN explored_text l ON l.chunk = e.chunk AND l.s = e.label
        LEFT JOIN explored_text r ON r.chunk = e.chunk AND r.s = e.root_label
        LEFT JOIN explored_text va ON va.chunk = e.chunk AND va.s = e.value_a
        LEFT JOIN explored_text vb ON vb.chunk = e.chunk AND vb.s = e.value_b
        GROUP BY e.chunk ORDER BY e.chunk
        """  # noqa: S608
    ).fetchall()
    for chunk, text in rows:
        yield chunk, f'{{"text":{texts.get(chunk, "[]")},"column":{text}}}'


def _meta(con: duckdb.DuckDBPyConnection, pair_id: str, views: dict[str, frozenset[str]]) -> dict[str, Any]:
    """What the rows share, each list in the order that the rows count by."""

    def rows(sql: str) -> list[list[Any]]:
        return [list(row) for row in con.execute(sql).fetchall()]

    decided = "LEFT JOIN published.decision p USING (decision_id)" if "decision" in views else ""
    described = "p.title, p.ruling, p.state, p.forum" if "decision" in views else "NULL, NULL, NULL, NULL"
    pair = con.execute(
        """
        SELECT coalesce(a.title, p.domain_a), coalesce(b.title, p.domain_b)
        FROM published.pair p LEFT JOIN published.domain a ON a."domain" = p.domain_a
        LEFT JOIN published.domain b ON b."domain" = p.domain_b WHERE p.pair_id = ?
        """,
        [pair_id],
    ).fetchall()[0]
    return {
        "domains": list(pair),
        "areas": rows("SELECT area, title_sv, title_en FROM published.area ORDER BY ordinal, area"),
        "entities": rows(
            "SELECT entity, coalesce(title_sv, entity), coalesce(title_en, entity), area,"
            " coalesce(expected_local, false) FROM published.entity_type"
        ),
        "attributes": rows(
            f"{_SHARED} SELECT x.entity, x.attribute, coalesce(a.title_sv, x.attribute),"
            " coalesce(a.title_en, x.attribute) FROM attributes x"
            " LEFT JOIN published.attribute a USING (entity, attribute) ORDER BY x.id"
        ),
        "causes": rows(
            f"""{_SHARED}
            SELECT left(c.cause_id, 12), coalesce(any_value(d.label), any_value(e.cause_label), ''),
                   coalesce(any_value(d.entity), any_value(e.cause_entity)), any_value(d.kind), any_value(d.attribute),
                   any_value(c.differences)
            FROM causes c LEFT JOIN difference d ON d.difference_id = c.cause_id
            LEFT JOIN (SELECT cause_id, any_value(cause_label) AS cause_label, any_value(cause_entity) AS cause_entity
                       FROM explored GROUP BY 1) e ON e.cause_id = c.cause_id
            GROUP BY c.cause_id, c.id ORDER BY c.id"""
        ),
        "decisions": rows(
            f"{_SHARED} SELECT g.decision_id, {described} FROM decisions g {decided} ORDER BY g.id"  # noqa: S608
        ),
        "moments": rows(f"{_SHARED} SELECT strftime(opened_at, '%Y-%m-%d') FROM moments ORDER BY id"),
    }
