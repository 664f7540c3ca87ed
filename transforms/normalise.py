"""Landed text → items: typed, live, in scope, with references as the target's local id."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from transforms.catalogue import Catalogue, Entity, Reference
from transforms.warehouse import Session, Sql, ident, lit

Progress = Callable[[str], None]


@dataclass(frozen=True)
class _Delivered:
    """What a snapshot holds of one source table."""

    file_ids: tuple[int, ...]
    columns: frozenset[str]


def run(session: Session, catalogue: Catalogue, snapshots: Mapping[str, int], progress: Progress | None = None) -> int:
    """Fill ``normalised`` with the items of every entity type and domain, and what was delivered of each.

    ``snapshots`` maps domain to snapshot id. Returns the number of items.
    """
    prepare(session, catalogue)
    session.execute(
        "CREATE OR REPLACE TABLE normalised.extracted "
        "(domain VARCHAR, entity VARCHAR, attribute VARCHAR, delivered BOOLEAN)"
    )
    session.execute(
        "CREATE OR REPLACE TABLE normalised.duplicate "
        "(domain VARCHAR, entity VARCHAR, local_id VARCHAR, surplus BIGINT)"
    )
    total = 0
    for e in catalogue.ordered:
        if progress:
            progress(e.entity)
        session.run("normalise_table.sql.j2", e=e)
        for domain, snapshot_id in snapshots.items():
            _normalise(session, catalogue, e, domain, snapshot_id)
        total += int(session.value(f"SELECT count(*) FROM normalised.{ident(e.entity)}"))
    for e in catalogue.ordered:
        shown_by = e.references.get(e.label_attribute)
        if shown_by is not None:
            session.run("normalise_label.sql.j2", e=e, reference=shown_by)
    return total


def prepare(session: Session, catalogue: Catalogue) -> None:
    """Define the canonical macros with the catalogue's conventions."""
    conventions = catalogue.conventions
    session.run("canonical.sql.j2", dates=list(conventions.dates), open_year=conventions.open_year)


def _normalise(session: Session, catalogue: Catalogue, e: Entity, domain: str, snapshot_id: int) -> None:
    tables = {"": e.source.table, **{alias: j.table for alias, j in e.source.joins.items()}}
    delivered = {alias: _delivered(session, table, snapshot_id) for alias, table in tables.items()}
    columns: dict[str, Sql] = {}
    for alias, table in delivered.items():
        for column in table.columns:
            source, prefix = (f"j_{alias}", f"{alias}.") if alias else ("s", "")
            columns[prefix + column] = Sql(f"{ident(source)}.{ident(column)}")
    seen = _CaseInsensitive(columns)
    for name, earlier in e.source.renamed.items():
        if earlier in seen:
            seen[name] = Sql(f"coalesce({seen[name]}, {seen[earlier]})") if name in seen else seen[earlier]
    marks = [(domain, e.entity, "", bool(delivered[""].file_ids))]
    marks += [(domain, e.entity, name, a.column in seen) for name, a in e.attributes.items()]
    if e.parent:
        marks.append((domain, e.entity, "parent", e.parent.column in seen))
    session.insert("normalised.extracted", marks)
    if not delivered[""].file_ids:
        return
    at = session.value("SELECT delivered_at FROM archive.landed.snapshot WHERE snapshot_id = ?", [snapshot_id])
    session.run(
        "normalise.sql.j2",
        e=e,
        domain=domain,
        snapshot_id=snapshot_id,
        at=f"{at:%Y-%m-%d %H:%M:%S}",
        columns=seen,
        blanks=catalogue.conventions.none,
        stored_as=lambda reference: _stored_as(catalogue, reference),
        sources={alias: _rows(tables[alias], table) for alias, table in delivered.items()},
    )
    session.run("normalise_duplicates.sql.j2", e=e, domain=domain)


def _stored_as(catalogue: Catalogue, reference: Reference) -> str:
    """The kind of canonical text a reference is stored in: an id, or that of the attribute it refers by."""
    if reference.by is None:
        return "id"
    target = catalogue.entities[reference.to[0]].attributes[reference.by]
    kind = "exact" if target.references else target.compare
    return {"exact": "id", "set": "text"}.get(kind, kind)


def _delivered(session: Session, table: str, snapshot_id: int) -> _Delivered:
    rows = session.rows(
        "SELECT f.file_id, f.columns FROM archive.landed.file f JOIN archive.landed.snapshot_file USING (file_id) "
        "WHERE snapshot_id = ? AND table_name = ?",
        [snapshot_id, table],
    )
    return _Delivered(tuple(r[0] for r in rows), frozenset(c for r in rows for c in r[1]))


def _rows(table: str, delivered: _Delivered) -> Sql:
    if not delivered.file_ids:
        return Sql("SELECT NULL WHERE false")
    ids = ", ".join(lit(i) for i in delivered.file_ids)
    return Sql(f"SELECT * FROM archive.data.{ident(table)} WHERE _file_id IN ({ids})")


class _CaseInsensitive(dict[str, Sql]):
    """Columns by name in any case; a joined table's as ``alias.COLUMN`` with the alias as written."""

    def __init__(self, columns: Mapping[str, Sql]) -> None:
        super().__init__({_folded(name): sql for name, sql in columns.items()})

    def __contains__(self, name: object) -> bool:
        return super().__contains__(_folded(str(name)))

    def __getitem__(self, name: str) -> Sql:
        return super().__getitem__(_folded(name))

    def __setitem__(self, name: str, sql: Sql) -> None:
        super().__setitem__(_folded(name), sql)


def _folded(name: str) -> str:
    return name.upper()
