"""What a domain is to extract for a catalogue: the columns of each source table, and a query for Oracle."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from transforms.catalogue import Catalogue, Entity

_PLAIN = re.compile(r"[A-Z][A-Z0-9_$#]{0,127}")
# Words that Oracle reserves and a column could be called.
_RESERVED = frozenset({"ACCESS", "AUDIT", "COLUMN", "COMMENT", "DATE", "FILE", "GROUP", "INDEX", "LEVEL", "MODE",
                       "NUMBER", "OPTION", "ORDER", "RESOURCE", "ROW", "SESSION", "SIZE", "START", "TABLE", "UID",
                       "USER", "VALUES", "VIEW"})  # fmt: skip


@dataclass(frozen=True)
class Table:
    """A source table: the columns the catalogue reads, in order, and those of them no item can do without.

    ``owners``: those in which a value makes a row one person's own; only rows with 0 are to be extracted.
    """

    name: str
    columns: tuple[str, ...]
    needed: tuple[str, ...]
    owners: tuple[str, ...] = ()


def tables_of(catalogue: Catalogue) -> dict[str, Table]:
    """Every source table by its name, in the order of the names."""
    columns: dict[str, dict[str, bool]] = {}
    for entity in catalogue.ordered:
        for table, column, needed in _uses(entity):
            known = columns.setdefault(table.upper(), {})
            known[column.upper()] = known.get(column.upper(), False) or needed
    return {
        name: Table(
            name,
            tuple(found),
            tuple(c for c, needed in found.items() if needed),
            tuple(c for c in found if catalogue.conventions.is_owner(c)),
        )
        for name, found in sorted(columns.items())
    }


def oracle(table: Table) -> str:
    """A query that extracts the table's columns, without rows of one person's own. Names that need it are quoted."""
    query = "SELECT\n    " + ",\n    ".join(map(_name, table.columns)) + f"\nFROM {_name(table.name)}"
    return query + "".join(f"\n{'AND' if i else 'WHERE'} {_name(c)} = 0" for i, c in enumerate(table.owners))


def _name(name: str) -> str:
    if _PLAIN.fullmatch(name) and name not in _RESERVED:
        return name
    return '"' + name.replace('"', '""') + '"'


def _uses(entity: Entity) -> Iterator[tuple[str, str, bool]]:
    """Table, column and whether it is needed, for every column that an entity type is read from."""
    source = entity.source
    for column in source.local_id:
        yield source.table, column, True
    latest = (*source.latest.per, source.latest.by) if source.latest else ()
    pieces = (*source.gather.per, source.gather.by, source.gather.column) if source.gather else ()
    for column in (*source.live, *source.scope, *latest, *pieces):
        yield from _column(entity, column, True)
    for join in source.joins.values():
        for theirs, ours in join.on.items():
            yield join.table, theirs, True
            yield from _column(entity, ours, True)
        for column in join.where:
            yield join.table, column, True
        if join.first:
            yield join.table, join.first, False
        if join.climb:
            yield join.table, join.climb.parent, True
            yield join.climb.table, join.climb.key, True
            yield join.climb.table, join.climb.name, True
    if entity.parent:
        yield from _column(entity, entity.parent.column, True)
        yield from _column(entity, entity.parent.references.type_column, True)
    for attribute in entity.attributes.values():
        yield from _column(entity, attribute.column, attribute.required)
        for each in (attribute.references.type_column if attribute.references else None, *attribute.when):
            yield from _column(entity, each, False)


def _column(entity: Entity, column: str | None, needed: bool) -> Iterable[tuple[str, str, bool]]:
    if column is None:
        return ()
    alias, dot, rest = column.partition(".")
    join = entity.source.joins.get(alias) if dot else None
    if join and join.climb and rest == "PATH":
        return ()
    return ((join.table, rest, needed),) if join else ((entity.source.table, column, needed),)
