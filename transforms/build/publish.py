"""The published schema: the documented, stable interface of a night.

Each view is one file of ``views``: its comment and its columns' comments stand at the head of the file and
become the database's own comments and the reference page.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from transforms.build.match import Pair
from transforms.build.parts import PAIR_STEPS, Parts
from transforms.catalogue import Catalogue, Entity
from transforms.warehouse import Night, Sql, ident, lit

_FOLDER = Path(__file__).parent / "views"
_COLUMN = re.compile(r"^-- ([a-z_]+): (.+)$")


@dataclass(frozen=True)
class View:
    """A published view: what a row is, what each column is, and its query."""

    name: str
    comment: str
    columns: dict[str, str]
    query: Sql


def views() -> tuple[View, ...]:
    """Every published view that does not depend on the catalogue, by name."""
    return tuple(_read(path) for path in sorted(_FOLDER.glob("*.sql")))


def item_view(e: Entity) -> dict[str, str]:
    """The columns of ``published.item_<entity>`` with their comments."""
    columns = {
        "pair_id": "the pair of domains",
        "identity": "the match or the unmatched item",
        "domain": "the domain whose item this row is",
        "local_id": "the item's id there",
        "label": "the item as it is shown",
    }
    if e.parent:
        columns["parent"] = "what it belongs to, as shown"
    for name, a in e.attributes.items():
        what = a.title.en if a.title else name.replace("_", " ")
        columns[name] = f"{what}: {'reference, as shown' if a.references else a.compare} ({a.column})"
    return columns


def run(night: Night, catalogue: Catalogue, pairs: Sequence[Pair]) -> int:
    """Make the published views with comments on every view and column. Returns the number of views.

    A night that began as a copy of the one before has its views already.
    """
    parts = Parts(night)
    made = [(step, e.entity, pair.pair_id) for step in PAIR_STEPS for e in catalogue.ordered for pair in pairs]
    if not night.carried or any(parts.made_anew(*one) for one in made):
        night.run("publish_shown.sql.j2", entities=catalogue.ordered)
    _trees(night, catalogue, pairs, parts)
    plain = views()
    if not night.carried:
        with night.transaction():
            night.run("publish_items.sql.j2", entities=catalogue.ordered)
            night.run("publish_moved.sql.j2")
            # A view that stands on another comes after it.
            for view in sorted(plain, key=lambda v: "published." in v.query):
                night.execute(f"CREATE OR REPLACE VIEW published.{ident(view.name)} AS {view.query}")
                _comment(night, view.name, view.comment, view.columns)
            for e in catalogue.ordered:
                night.run("publish_entity.sql.j2", e=e)
                comment = f"One row per pair, item and domain: {e.title.en} side by side, as people read it."
                _comment(night, f"item_{e.entity}", comment, item_view(e))
    return len(plain) + len(catalogue.ordered)


def _trees(night: Night, catalogue: Catalogue, pairs: Sequence[Pair], parts: Parts) -> None:
    """Bring ``measured.tree`` up to tonight: the component types whose items, owners or links changed."""
    with night.transaction():
        night.run("publish_tree_table.sql.j2")
        for c in catalogue.ordered:
            if c.role != "component" or c.parent is None:
                continue
            on = {t for targets in c.through.values() for t in targets}
            matched = [(n, pair.pair_id) for n in {c.entity, *c.parent.references.to, *on} for pair in pairs]
            shown = [(n, domain) for n in {c.entity, *on} for pair in pairs for _, domain in pair.sides]
            if not night.carried or any(
                parts.changed(step, *one) for step, of in (("match", matched), ("normalise", shown)) for one in of
            ):
                night.run("publish_tree.sql.j2", c=c, placed=c.placed_by)


def column_types(night: Night) -> dict[str, dict[str, str]]:
    """The columns of every published view of the night with their types, in the views' own order."""
    rows = night.rows(
        "SELECT table_name, column_name, data_type FROM duckdb_columns() "
        "WHERE database_name = current_database() AND schema_name = 'published' ORDER BY table_name, column_index"
    )
    tables: dict[str, dict[str, str]] = {}
    for view, column, kind in rows:
        tables.setdefault(view, {})[column] = kind
    return tables


def _comment(night: Night, view: str, comment: str, columns: dict[str, str]) -> None:
    night.execute(f"COMMENT ON VIEW published.{ident(view)} IS {lit(comment)}")
    for column, text in columns.items():
        night.execute(f"COMMENT ON COLUMN published.{ident(view)}.{ident(column)} IS {lit(text)}")


def _read(path: Path) -> View:
    text = path.read_text(encoding="utf-8")
    head = [line for line in text.splitlines() if line.startswith("--")]
    found = [m for m in map(_COLUMN.match, head) if m]
    columns = {m.group(1): m.group(2) for m in found}
    comment = " ".join(line.removeprefix("-- ") for line in head if not _COLUMN.match(line))
    query = "\n".join(line for line in text.splitlines() if not line.startswith("--")).strip().rstrip(";")
    return View(path.stem, comment, columns, Sql(query))
