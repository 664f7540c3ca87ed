"""The page on the published schema."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from flows.reference.markdown import NOTE, link, page, table
from transforms.build import publish
from transforms.build.publish import View
from transforms.build.template import template
from transforms.catalogue import Catalogue
from transforms.warehouse import Warehouse


def published_page(catalogue: Catalogue) -> str:
    """Every published view with its columns: types as the database gives them, comments as it carries them."""
    tables = _column_types(catalogue)
    fixed = publish.views()
    items = [replace(publish.item_view(e), comment=e.description or f"{e.title.en}.") for e in catalogue.ordered]
    listed = [(link(v.name), v.comment) for v in fixed]
    return page(
        [
            NOTE.format("`transforms/build/views` and the catalogue's files"),
            "# The published views",
            "Every night ends as one DuckDB file; `published.duckdb` in the data folder leads to the newest. Its "
            "schema `published` is the interface: dashboards, notebooks and other tools read these views and nothing "
            "else. The same texts are the comments of the views and columns in the database. Names do not change "
            "between versions of Likare without a line in the changelog.",
            "Domain a and domain b of a pair are the first and the second in the order of the settings. Times are the "
            "time of the delivery as its folder is named, without a zone.",
            table(("view", "a row is"), listed),
            *(_view_section(v, tables[v.name]) for v in fixed),
            "## Items side by side",
            "One view per entity type, one row per pair, item and domain: the attributes as people read them, a "
            "reference by its target's label (`? id` where no live item answers to it). Every one of them has the "
            "columns `pair_id`, `identity`, `domain`, `local_id` and `label`; all columns are text.",
            *(_item_section(v) for v in sorted(items, key=lambda v: v.name)),
        ]
    )


def _view_section(view: View, columns: Mapping[str, str]) -> str:
    rows = [(f"`{name}`", kind, view.columns[name]) for name, kind in columns.items()]
    return f"## {view.name}\n\n{view.comment}\n\n{table(('column', 'type', 'meaning'), rows)}"


def _item_section(view: View) -> str:
    own = [(f"`{n}`", c) for n, c in view.columns.items() if n not in _EVERY_ITEM]
    return f"### {view.name}\n\n{view.comment}\n\n{table(('column', 'meaning'), own)}"


_EVERY_ITEM = ("pair_id", "identity", "domain", "local_id", "label")


def _column_types(catalogue: Catalogue) -> dict[str, dict[str, str]]:
    """The columns of every published view with their types, as a night without a single row has them."""
    with tempfile.TemporaryDirectory() as folder:
        with Warehouse(Path(folder), threads=1).night(template(catalogue)) as night:
            return publish.column_types(night)
