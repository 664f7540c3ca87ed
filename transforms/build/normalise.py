"""Landed text → items: typed, live, in scope, with references as the target's local id."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from transforms.build.parts import Parts, content_of
from transforms.catalogue import Catalogue, Entity, Reference
from transforms.catalogue.source import Gather, Join
from transforms.land import delivered, written
from transforms.land.canonical import prepare
from transforms.warehouse import Session, Sql, ident, lit, render
from transforms.words.hashes import digest

Progress = Callable[[str], None]


def run(session: Session, catalogue: Catalogue, snapshots: Mapping[str, int], progress: Progress | None = None) -> int:
    """Fill ``normalised`` with the items of every entity type and domain, and what was delivered of each.

    ``snapshots`` maps domain to snapshot id. What the session's database holds already is made anew only where a file
    changed, or the time of delivery makes other items live. Returns the number of items.
    """
    prepare(session, catalogue)
    session.run("normalise_tables.sql.j2")
    parts = Parts(session)
    marks: list[tuple[str, str, str, bool]] = []
    deliveries = {domain: delivered.read(session, snapshot_id) for domain, snapshot_id in snapshots.items()}
    # What others refer to is known once they are.
    for e in sorted(catalogue.ordered, key=lambda e: e.source.referenced):
        if progress:
            progress(e.entity)
        if not parts.holds("normalise", e.entity):
            session.run("normalise_table.sql.j2", e=e)
        for domain, delivery in deliveries.items():
            marks += _normalise(session, catalogue, e, domain, delivery, parts)
    session.insert("normalised.extracted", marks)
    for e in catalogue.ordered:
        for domain in snapshots:
            _label(session, catalogue, e, domain, parts)
            if not parts.content("normalise", e.entity, domain):
                # Not the row's place in the file, nor the snapshot: nothing further on is made of them.
                content = content_of(
                    session,
                    Sql(f"normalised.{ident(e.entity)}"),
                    Sql(f"domain = {lit(domain)}"),
                    without=("snapshot_id", "row_number"),
                )
                parts.note(
                    "normalise",
                    e.entity,
                    domain,
                    parts.inputs("normalise", e.entity, domain),
                    content,
                    parts.valid_until("normalise", e.entity, domain),
                )
    parts.keep()
    counted = " UNION ALL ".join(f"SELECT count(*) AS n FROM normalised.{ident(e.entity)}" for e in catalogue.ordered)
    return int(session.value(f"SELECT coalesce(sum(n), 0) FROM ({counted or 'SELECT 0 AS n'})"))


def _label(session: Session, catalogue: Catalogue, e: Entity, domain: str, parts: Parts) -> None:
    """Give the items that are shown by another item its label, where they or the others are new."""
    reference = e.references.get(e.label_attribute)
    if reference is None:
        return
    earlier = catalogue.order[: catalogue.order.index(e.entity)]
    inputs = digest(
        [parts.inputs("normalise", name, domain) for name in (e.entity, *reference.to)],
        [parts.inputs("label", name, domain) for name in reference.to if parts.holds("label", name, domain)],
        [parts.valid_until("normalise", name, domain) for name in (e.entity, *reference.to)],
    )
    if parts.same("label", e.entity, domain, inputs):
        return
    session.run(
        "normalise_label.sql.j2",
        e=e,
        reference=reference,
        domain=domain,
        # A target that comes later is shown by its own value, whatever the night before made of that.
        label_of={t: "label" if t in earlier else catalogue.entities[t].label_attribute for t in reference.to},
    )
    parts.note("label", e.entity, domain, inputs)
    # Its rows are others now.
    until = parts.valid_until("normalise", e.entity, domain)
    parts.note("normalise", e.entity, domain, parts.inputs("normalise", e.entity, domain), "", until)


def _normalise(
    session: Session, catalogue: Catalogue, e: Entity, domain: str, delivery: delivered.Delivery, parts: Parts
) -> list[tuple[str, str, str, bool]]:
    """Make the items anew where that is needed. Returns what was delivered of them: see normalised.extracted."""
    names = {alias: delivery.table(j.climb.table) for alias, j in e.source.joins.items() if j.climb}
    tables = {"": delivery.table(e.source.table)}
    tables |= {alias: delivery.table(j.table) for alias, j in e.source.joins.items()}
    referrers = _referrers(catalogue, e) if e.source.referenced else []
    moment = delivery.moment
    inputs = digest(
        [(alias, table.contents) for alias, table in tables.items()],
        [(alias, table.contents) for alias, table in names.items()],
        [(parts.inputs("normalise", one, domain), parts.valid_until("normalise", one, domain)) for one, _ in referrers],
    )
    if parts.same("normalise", e.entity, domain, inputs, moment):
        return []
    if parts.holds("normalise", e.entity, domain):
        session.run("normalise_clear.sql.j2", entity=e.entity, domain=domain)
    columns: dict[str, Sql] = {}
    for alias, table in tables.items():
        for column in _columns_of(e, alias, table, names):
            source, prefix = (f"j_{alias}", f"{alias}.") if alias else ("s", "")
            columns[prefix + column] = Sql(f"{ident(source)}.{ident(column)}")
    seen = _CaseInsensitive(columns)
    for name, earlier in e.source.renamed.items():
        if earlier in seen:
            seen[name] = Sql(f"coalesce({seen[name]}, {seen[earlier]})") if name in seen else seen[earlier]
    marks = [(domain, e.entity, "", bool(tables[""].files))]
    marks += [(domain, e.entity, name, a.column in seen) for name, a in e.attributes.items()]
    if e.parent:
        marks.append((domain, e.entity, "parent", e.parent.column in seen))
    if not tables[""].files:
        parts.note("normalise", e.entity, domain, inputs)
        return marks
    sources = {
        alias: written.as_read(catalogue, written.uses_of(e, alias), table.files, table.rows)
        for alias, table in tables.items()
    }
    for alias, way in names.items():
        sources[alias] = _climbed(e.source.joins[alias], sources[alias], tables[alias], way, moment)
    if e.source.gather:
        sources[""] = _gathered(e.source.gather, sources[""], tables[""])
    if e.source.referenced:
        sources[""] = render(
            "source_referenced.sql.j2",
            rows=sources[""],
            column=e.source.local_id[0],
            referrers=[{"entity": one, "name": n, "typed": typed} for one, links in referrers for n, typed in links],
            domain=domain,
            entity=e.entity,
        )
    session.run(
        "normalise.sql.j2",
        e=e,
        domain=domain,
        # The snapshot that brought the newest of the files: the items have been so since.
        snapshot_id=max(file.first_snapshot for table in tables.values() for file in table.files),
        at=moment,
        columns=seen,
        blanks=catalogue.conventions.none,
        stored_as=lambda reference: _stored_as(catalogue, reference),
        sources=sources,
    )
    session.run("normalise_duplicates.sql.j2", e=e, domain=domain)
    parts.note("normalise", e.entity, domain, inputs, "", _valid_until(session, e, seen, sources, moment))
    return marks


def _referrers(catalogue: Catalogue, e: Entity) -> list[tuple[str, list[tuple[str, bool]]]]:
    """The other entity types that may refer to this one by its local id, each with the links and which are typed."""
    found = []
    for other in catalogue.ordered:
        links = [
            (name, bool(ref.type_column))
            for name, ref in other.references.items()
            if e.entity in ref.to and ref.by is None and not other.source.referenced
        ]
        if links:
            found.append((other.entity, links))
    return found


def _columns_of(e: Entity, alias: str, table: delivered.Table, names: Mapping[str, delivered.Table]) -> tuple[str, ...]:
    """What a source has to offer: a table that is climbed its child and the way to it, where both were delivered."""
    if alias not in names:
        return tuple(table.columns)
    return (next(iter(e.source.joins[alias].on)), "PATH") if table.files and names[alias].files else ()


def _gathered(gather: Gather, rows: Sql, table: delivered.Table) -> Sql:
    there = {c.upper(): c for c in table.columns}
    if not {c.upper() for c in (*gather.per, gather.by, gather.column)} <= set(there):
        return rows
    per, column = [there[c.upper()] for c in gather.per], there[gather.column.upper()]
    others = [c for c in sorted(table.columns) if c not in per and c != column]
    return render("source_gather.sql.j2", rows=rows, per=per, column=column, by=there[gather.by.upper()], others=others)


def _climbed(join: Join, rows: Sql, table: delivered.Table, names: delivered.Table, moment: str) -> Sql:
    if not (table.files and names.files) or join.climb is None:
        return Sql("SELECT NULL WHERE false")
    there = _CaseInsensitive({c: Sql(f"{ident('row')}.{ident(c)}") for c in table.columns})
    return render(
        "source_climb.sql.j2",
        rows=rows,
        alias="row",
        names=names.rows,
        child=next(iter(join.on)),
        parent=join.climb.parent,
        key=join.climb.key,
        name=join.climb.name,
        columns=there,
        conditions=join.where,
        at=moment,
    )


def _valid_until(session: Session, e: Entity, columns: Mapping[str, Sql], sources: Mapping[str, Sql], at: str) -> str:
    """The next moment at which the same rows may give other items, empty for never: see the tests of time."""
    conditions = [*e.source.live.items(), *e.source.scope.items()]
    conditions += [
        (f"{alias}.{name}", c)
        for alias, join in e.source.joins.items()
        if not join.climb
        for name, c in join.where.items()
    ]
    conditions += [one for a in e.attributes.values() for one in a.when.items()]
    timed = dict.fromkeys(n for n, c in conditions if (c.after_snapshot or c.not_after_snapshot) and n in columns)
    moments = []
    for name in timed:
        alias = name.split(".", 1)[0] if "." in name else ""
        # The distinct values first: a column of times that all are "open" is common, and dear to read one by one.
        moments.append(
            session.value(
                f"SELECT min(d) FROM (SELECT canon_date(x) AS d FROM (SELECT DISTINCT {columns[name]} AS x "
                f"FROM ({sources[alias]}) {ident(f'j_{alias}' if alias else 's')})) WHERE d <> 'open' AND d > ?",
                [at],
            )
        )
    return min((m for m in moments if m is not None), default="")


def _stored_as(catalogue: Catalogue, reference: Reference) -> str:
    """The kind of canonical text a reference is stored in: an id, or that of the attribute it refers by."""
    if reference.by is None:
        return "id"
    target = catalogue.entities[reference.to[0]].attributes[reference.by]
    kind = "exact" if target.references else target.compare
    return {"exact": "id", "set": "text", "list": "text"}.get(kind, kind)


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
