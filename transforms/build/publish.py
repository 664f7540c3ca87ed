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
from transforms.catalogue import Catalogue, Entity
from transforms.warehouse import Night, Session, Sql

SQL = Path(__file__).with_suffix(".sql").read_text(encoding="utf-8")
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


def item_view(e: Entity) -> View:
    """``published.item_<entity>``; its query is that of publish_entity.sql.j2."""
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
    comment = f"One row per pair, item and domain: {e.title.en} side by side, as people read it."
    return View(f"item_{e.entity}", comment, columns, Sql(""))


def run(night: Night, catalogue: Catalogue, pairs: Sequence[Pair]) -> int:
    """Fill what the published views read besides the results: they themselves come with the night's template.

    Returns the number of views.
    """
    night.execute(SQL)
    return len(views()) + len(catalogue.ordered)


def column_types(session: Session) -> dict[str, dict[str, str]]:
    """The columns of every published view of the night with their types, in the views' own order."""
    rows = session.rows(
        "SELECT table_name, column_name, data_type FROM duckdb_columns() "
        "WHERE database_name = current_database() AND schema_name = 'published' ORDER BY table_name, column_index"
    )
    tables: dict[str, dict[str, str]] = {}
    for view, column, kind in rows:
        tables.setdefault(view, {})[column] = kind
    return tables


def _read(path: Path) -> View:
    lines = path.read_text(encoding="utf-8").splitlines()
    # Where a comment goes on in another line, that one is set in.
    head = re.sub(r"\n-- {2,}", " ", "\n".join(line for line in lines if line.startswith("--"))).splitlines()
    found = [m for m in map(_COLUMN.match, head) if m]
    columns = {m.group(1): m.group(2) for m in found}
    comment = " ".join(line.removeprefix("-- ") for line in head if not _COLUMN.match(line))
    query = "\n".join(line for line in lines if not line.startswith("--")).strip().rstrip(";")
    return View(path.stem, comment, columns, Sql(query))
