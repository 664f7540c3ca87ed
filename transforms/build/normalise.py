"""Landed text → items: typed, live, in scope, with references resolved.

The raw values are gathered by one short statement per entity type and domain; everything after that is one statement
over all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from transforms.catalogue import Catalogue, Entity, tables
from transforms.catalogue.source import Gather, Join
from transforms.land import delivered, written
from transforms.land.canonical import prepare
from transforms.warehouse import Session, Sql, ident, render

Progress = Callable[[str], None]

_HERE = Path(__file__).parent
_CANONICAL = (_HERE / "normalise.sql").read_text(encoding="utf-8")
_LABELS = (_HERE / "normalise_label.sql").read_text(encoding="utf-8")
_ITEMS = (_HERE / "normalise_items.sql").read_text(encoding="utf-8")
# Rows of one entity type and domain are numbered from their own base: at most so many.
_SPAN = 1 << 32


def run(
    session: Session,
    catalogue: Catalogue,
    snapshots: Mapping[str, int],
    pairs: Sequence[tables.Pair] | None = None,
    progress: Progress | None = None,
) -> int:
    """Fill ``normalised`` with the items of every entity type and domain, and note what was delivered of each.

    ``snapshots`` maps domain to snapshot id; ``pairs`` are those of its domains that will be compared (by default all).
    Writes ``catalogue`` first. Returns the number of items.
    """
    prepare(session, catalogue)
    rows = tables.write(session, catalogue, snapshots, pairs)
    session.execute(
        "TRUNCATE normalised.item; TRUNCATE normalised.cell; TRUNCATE normalised.reference; "
        "TRUNCATE normalised.extracted; TRUNCATE normalised.duplicate; CREATE OR REPLACE TEMP TABLE raw "
        "(row_no BIGINT, entity_no USMALLINT, place SMALLINT, value VARCHAR, type_text VARCHAR); "
        "CREATE OR REPLACE TEMP TABLE gathered (domain_no UTINYINT, entity_no USMALLINT, snapshot_id INTEGER)"
    )
    gathering = _Gathering(session, catalogue, rows)
    for domain, delivery in delivered.read(session, snapshots).items():
        gathering.gather(domain, delivery, progress)
    session.insert("normalised.extracted", gathering.marks)
    session.insert("gathered", gathering.snapshots)
    session.execute(_CANONICAL)
    for level in range(1, 1 + max(rows.label_level.values(), default=0)):
        session.execute(_LABELS, {"level": level})
    session.execute(_ITEMS)
    return int(session.value("SELECT count(*) FROM normalised.item"))


@dataclass
class _Gathering:
    """Gathers raw values. ``marks``: rows of normalised.extracted; ``snapshots``: of the temporary table gathered."""

    session: Session
    catalogue: Catalogue
    rows: tables.Rows

    def __post_init__(self) -> None:
        self.marks: list[tuple[str, str, str, bool]] = []
        self.snapshots: list[tuple[int, int, int]] = []

    def gather(self, domain: str, delivery: delivered.Delivery, progress: Progress | None) -> None:
        """Gather every entity type of one domain."""
        # What others refer to is known once they are.
        for e in sorted(self.catalogue.ordered, key=lambda e: e.source.referenced):
            if progress:
                progress(f"{domain} {e.entity}")
            self._gather(e, domain, delivery)

    def _gather(self, e: Entity, domain: str, delivery: delivered.Delivery) -> None:
        source = _Source(self.catalogue, e, delivery)
        columns = {
            **({"parent": e.parent.column} if e.parent else {}),
            **{n: a.column for n, a in e.attributes.items()},
        }
        has = {name: column in source.columns for name, column in columns.items()}
        self.marks.append((domain, e.entity, "", source.is_delivered))
        self.marks += [(domain, e.entity, name, there) for name, there in has.items()]
        if not source.is_delivered:
            return
        number, domain_no = self.rows.entity_no[e.entity], self.rows.domain_no[domain]
        sources = source.queries()
        if e.source.referenced:
            sources[""] = render(
                "source_referenced.sql.j2", rows=sources[""], column=e.source.local_id[0], entity_no=number,
                domain_no=domain_no, span=_SPAN,
            )  # fmt: skip
        place, links = self.rows.place[e.entity], e.references
        self.session.run(
            "gather.sql.j2",
            e=e,
            entity_no=number,
            base=(number * 256 + domain_no) * _SPAN,
            values=[
                (
                    place[name],
                    columns[name],
                    links[name].type_column if name in links else None,
                    e.attributes[name].when if name in e.attributes else None,
                )
                for name, there in has.items()
                if there
            ],
            at=delivery.moment,
            columns=source.columns,
            sources=sources,
        )
        # The snapshot that brought the newest of the files: the items have been so since.
        self.snapshots.append((domain_no, number, source.newest))


class _Source:
    """Where the rows of an entity type come from in one delivery: its table and those joined to it."""

    def __init__(self, catalogue: Catalogue, e: Entity, delivery: delivered.Delivery) -> None:
        self._catalogue, self._e, self._moment = catalogue, e, delivery.moment
        self._tables = {"": delivery.table(e.source.table)}
        self._tables |= {alias: delivery.table(j.table) for alias, j in e.source.joins.items()}
        self._names = {alias: delivery.table(j.climb.table) for alias, j in e.source.joins.items() if j.climb}
        self.columns = Columns({})
        for alias, table in self._tables.items():
            prefix = f"{alias}." if alias else ""
            for column in self._offered(alias, table):
                self.columns[prefix + column] = Sql(f"{ident(f'j_{alias}' if alias else 's')}.{ident(column)}")
        for name, earlier in e.source.renamed.items():
            if earlier in self.columns:
                now, before = self.columns.get(name), self.columns[earlier]
                self.columns[name] = Sql(f"coalesce({now}, {before})") if now else before

    @property
    def is_delivered(self) -> bool:
        """Whether the entity type's own table was delivered."""
        return bool(self._tables[""].files)

    @property
    def newest(self) -> int:
        """The snapshot that brought the newest of the files."""
        return max(file.first_snapshot for table in self._tables.values() for file in table.files)

    def queries(self) -> dict[str, Sql]:
        """By alias ('' for the entity type's own table) a query of the rows, dates and numbers in ISO form."""
        found = {
            alias: written.as_read(self._catalogue, written.uses_of(self._e, alias), table.files, table.rows)
            for alias, table in self._tables.items()
        }
        for alias, way in self._names.items():
            found[alias] = self._climbed(self._e.source.joins[alias], found[alias], self._tables[alias], way)
        if self._e.source.gather:
            found[""] = _put_together(self._e.source.gather, found[""], self._tables[""])
        return found

    def _offered(self, alias: str, table: delivered.Table) -> tuple[str, ...]:
        """The columns of a table; of one that is climbed its child and the way to it, where both were delivered."""
        if alias not in self._names:
            return tuple(table.columns)
        there = table.files and self._names[alias].files
        return (next(iter(self._e.source.joins[alias].on)), "PATH") if there else ()

    def _climbed(self, join: Join, rows: Sql, table: delivered.Table, names: delivered.Table) -> Sql:
        if not (table.files and names.files) or join.climb is None:
            return Sql("SELECT NULL WHERE false")
        return render(
            "source_climb.sql.j2",
            rows=rows,
            alias="row",
            names=names.rows,
            child=next(iter(join.on)),
            parent=join.climb.parent,
            key=join.climb.key,
            name=join.climb.name,
            columns=Columns({c: Sql(f"{ident('row')}.{ident(c)}") for c in table.columns}),
            conditions=join.where,
            at=self._moment,
        )


def _put_together(gather: Gather, rows: Sql, table: delivered.Table) -> Sql:
    """A query of rows whose text is cut into pieces, whole."""
    there = {c.upper(): c for c in table.columns}
    if not {c.upper() for c in (*gather.per, gather.by, gather.column)} <= set(there):
        return rows
    per, column = [there[c.upper()] for c in gather.per], there[gather.column.upper()]
    others = [c for c in sorted(table.columns) if c not in per and c != column]
    return render("source_gather.sql.j2", rows=rows, per=per, column=column, by=there[gather.by.upper()], others=others)


class Columns(dict[str, Sql]):
    """Columns by name in any case; a joined table's as ``alias.COLUMN`` with the alias as written."""

    def __init__(self, columns: Mapping[str, Sql]) -> None:
        super().__init__({name.upper(): sql for name, sql in columns.items()})

    def __contains__(self, name: object) -> bool:
        return super().__contains__(str(name).upper())

    def __getitem__(self, name: str) -> Sql:
        return super().__getitem__(name.upper())

    def __setitem__(self, name: str, sql: Sql) -> None:
        super().__setitem__(name.upper(), sql)

    def get(self, name: str, default: Sql | None = None) -> Sql | None:  # type: ignore[override]
        """The column, or the default where there is none of that name."""
        return self[name] if name in self else default
