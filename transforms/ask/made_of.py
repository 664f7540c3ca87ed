"""What the published rows of a pair are made of, as one fingerprint: alike it is only where the rows are.

For what is made of them in turn and is dear to make, as the explorer's files. Two nights in which nothing of the pair
changed have the same fingerprint; that two have different ones says nothing.
"""

from __future__ import annotations

import re
from typing import Final

import duckdb

from transforms.build.parts import PAIR_STEPS
from transforms.build.publish import views
from transforms.build.template import code as built_by
from transforms.warehouse import ident, lit
from transforms.words.hashes import digest

# What is shown of a pair row by row, and what names it.
VIEWS: Final = frozenset(
    "area attribute cause crosswalk decision decision_cover difference domain entity_type pair tree_node"
    " unmatched".split()
)
# The parts that the items of these views stand on (measured.item); the other tables are looked at themselves.
_STEPS: Final = (*PAIR_STEPS, "normalise", "label")
_TABLE: Final = re.compile(r"\b(measured|matched|compared|decided)\.([a-z_]+)\b")
# Grows every night. What is shown of it is when a difference opened: that is looked at by itself.
_NIGHTS: Final = ("measured", "night")
# Made of the parts above and of nothing else: no rows need be looked at.
_OF_PARTS: Final = {("compared", "owner"), ("measured", "tree")}


def tables_of(names: frozenset[str] = VIEWS) -> list[tuple[str, str]]:
    """The tables that the views name, by schema and name, but those that are made of parts alone."""
    found = {table for view in views() if view.name in names for table in _TABLE.findall(view.query)}
    return sorted(found - {_NIGHTS, *_OF_PARTS})


def made_of(con: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """Pair → fingerprint, on a connection to a published night; empty where the night does not tell of its parts."""
    held = {
        (schema, name): set(columns)
        for schema, name, columns in con.execute(
            "SELECT schema_name, table_name, list(column_name) FROM duckdb_columns() JOIN duckdb_tables()"
            " USING (database_name, schema_name, table_name) WHERE database_name = current_database() GROUP BY ALL"
        ).fetchall()
    }
    if not {("measured", "part"), ("measured", "pair"), _NIGHTS} <= set(held):
        return {}
    found = {}
    for pair, *domains in con.execute("SELECT pair_id, domain_a, domain_b FROM measured.pair ORDER BY ALL").fetchall():
        parts = con.execute(
            "SELECT step, entity, subject, inputs, content, night_id FROM measured.part"
            " WHERE list_contains(?, step) AND list_contains(?, subject) ORDER BY ALL",
            [list(_STEPS), [pair, *domains]],
        ).fetchall()
        opened = con.execute(
            "SELECT night_id, as_of::VARCHAR FROM measured.night WHERE night_id IN"
            " (SELECT opened_night FROM measured.difference_life WHERE pair_id = ?) ORDER BY ALL",
            [pair],
        ).fetchall()
        rows = []
        for schema, name in (table for table in tables_of() if table in held):
            of = ""
            if "pair_id" in held[schema, name]:
                of = f"WHERE pair_id = {lit(pair)}"
            elif "difference_id" in held[schema, name]:
                of = f"SEMI JOIN (FROM compared.difference WHERE pair_id = {lit(pair)}) d USING (difference_id)"  # noqa: S608
            rows += con.execute(
                f"SELECT count(*), coalesce(sum(hash(*COLUMNS(t.*))), 0)::VARCHAR"  # noqa: S608
                f" FROM {ident(schema)}.{ident(name)} t {of}"
            ).fetchall()
        found[pair] = digest(built_by(), duckdb.__version__, parts, opened, rows)
    return found
