"""What every night of a catalogue starts as: its tables, the published views, and what the catalogue says of itself."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import duckdb

from transforms.build.publish import View, item_view, views
from transforms.catalogue import Catalogue, Entity, tables
from transforms.warehouse import Session, Sql, Template, ident, lit, render
from transforms.warehouse.template import EMPTY
from transforms.words.hashes import digest

_FOLDER = Path(__file__).parent


def template(catalogue: Catalogue) -> Template:
    """What a night from nothing starts as, on top of what does not depend on the catalogue."""
    numbers = tables.Rows(catalogue, (), ())
    described = {table: rows for table, rows in _described(catalogue).items() if rows}
    statements: list[str] = [
        f"INSERT INTO measured.{table} VALUES {_values(rows)}" for table, rows in described.items()
    ]
    statements += [
        f"INSERT INTO catalogue.{table} VALUES {_values(rows)}"
        for table, rows in tables.described(catalogue).items()
        if rows
    ]
    for e in catalogue.ordered:
        place = numbers.place[e.entity]
        columns = [(name, place[name]) for name in [*(["parent"] if e.parent else []), *e.attributes]]
        statements += [
            render("publish_entity.sql.j2", entity=e.entity, entity_no=numbers.entity_no[e.entity], columns=columns),
            *_comments(item_view(e)),
        ]
    return Template(Sql(";\n".join(statements)), _base())


def built_under(catalogue: Catalogue, domains: Iterable[str]) -> str:
    """What a night's tables depend on besides the archive: the catalogue, the domains, this code and the engine."""
    return digest(catalogue.model_dump_json(), list(domains), _code(), duckdb.__version__)


def is_of_today(session: Session) -> bool:
    """Whether the night that the session reads has these tables. Version 0.1 kept a table per entity type."""
    return session.has(Sql("catalogue.entity"))


@functools.cache
def layers() -> str:
    """The statements that make the schemas and the empty tables of a night."""
    names = ("layers.sql", "layers_measured.sql", "layers_decided.sql")
    return ";\n".join([str(EMPTY.sql), tables.SQL, *((_FOLDER / name).read_text(encoding="utf-8") for name in names)])


@functools.cache
def _base() -> Template:
    statements = [layers(), (_FOLDER / "views.sql").read_text(encoding="utf-8")]
    # A view that stands on another published one comes after it.
    for view in sorted(views(), key=lambda v: "published." in v.query):
        statements += [f"CREATE VIEW published.{ident(view.name)} AS {view.query}", *_comments(view)]
    return Template(Sql(";\n".join(statements)))


@functools.cache
def _code() -> str:
    """A hash of all that a night is made by: the core's modules, statements and tables."""
    core = _FOLDER.parent
    files = sorted(p for p in core.rglob("*") if p.suffix in (".py", ".j2", ".sql", ".yaml"))
    return digest(*((p.relative_to(core).as_posix(), p.read_bytes()) for p in files))


def _comments(view: View) -> list[str]:
    name = f"published.{ident(view.name)}"
    columns = [f"COMMENT ON COLUMN {name}.{ident(column)} IS {lit(text)}" for column, text in view.columns.items()]
    return [f"COMMENT ON VIEW {name} IS {lit(view.comment)}", *columns]


def _values(rows: Iterable[Sequence[Any]]) -> str:
    return ", ".join(f"({', '.join(map(lit, row))})" for row in rows)


def _described(catalogue: Catalogue) -> dict[str, list[tuple[Any, ...]]]:
    """The rows of the measured tables that describe the catalogue to readers."""
    entities = catalogue.ordered
    return {
        "area": [(n, a.title.sv, a.title.en, a.weight, i) for i, (n, a) in enumerate(catalogue.areas.items(), 1)],
        "entity_type": [
            (
                e.entity,
                e.title.sv,
                e.title.en,
                e.description,
                e.area,
                e.role,
                e.weight,
                e.expected_local or e.derived,
                i,
            )
            for i, e in enumerate(entities, 1)
        ],
        "attribute": [row for e in entities for row in _attributes(e)],
        "key": [
            (e.entity, key.name, i, key.rule, key.certain, place, element)
            for e in entities
            for i, key in enumerate(e.keys, 1)
            for place, element in enumerate(key.parts, 1)
        ],
        "watch": [(w.name, w.title.sv, w.title.en, w.entity, w.attribute, w.key) for w in catalogue.watch],
    }


def _attributes(e: Entity) -> Iterator[tuple[Any, ...]]:
    if e.parent:
        target = ", ".join(e.parent.references.to)
        yield e.entity, "parent", "tillhör", "belongs to", "reference", e.parent.weight, target
    for name, a in e.attributes.items():
        plain = name.replace("_", " ")
        sv, en = (a.title.sv, a.title.en) if a.title else (plain, plain)
        kind, to = ("reference", ", ".join(a.references.to)) if a.references else (a.compare, None)
        yield e.entity, name, sv, en, kind, a.weight, to
