"""From the undescribed tables of the domains' newest snapshots to entity types, with the evidence for each of them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from transforms.catalogue import Catalogue, Entity, ordered
from transforms.catalogue.conventions import UNDESCRIBED
from transforms.catalogue.model import Area
from transforms.catalogue.words import Condition
from transforms.land import history
from transforms.land.canonical import prepare
from transforms.land.derive import keys as natural
from transforms.land.derive import links as linked
from transforms.land.derive.attributes import Evidence, attribute, attribute_name, label, typed_references
from transforms.land.derive.links import Link, Target
from transforms.land.derive.profile import Table, staged
from transforms.warehouse import Session, Sql, ident, lit

AREA = UNDESCRIBED
# Matches by a key of less than this are left out of the lower bound of convergence.
_CERTAIN = 0.6


@dataclass(frozen=True)
class Derived:
    """An entity type that no person wrote: its fields as in a file of the catalogue, and what each rests on."""

    table: str
    fields: Mapping[str, Any]
    evidence: tuple[Evidence, ...] = field(default=())

    @property
    def entity(self) -> Entity:
        """The entity type."""
        return Entity.model_validate(self.fields)


@dataclass(frozen=True)
class _Source:
    """A source table as one domain's snapshot holds it."""

    columns: tuple[str, ...]
    rows: Sql


_Sources = Mapping[str, Mapping[str, _Source]]  # table → domain → source


def extended(catalogue: Catalogue, found: Sequence[Derived]) -> Catalogue:
    """The catalogue with the derived entity types after its own, in an area of their own that no total counts."""
    if not found:
        return catalogue
    areas = {**catalogue.areas, AREA: Area(title=catalogue.undescribed.title)}
    entities = {**catalogue.entities, **{d.entity.entity: d.entity for d in found}}
    return ordered(catalogue.model_copy(update={"areas": areas, "entities": entities}))


def derive(session: Session, catalogue: Catalogue, snapshots: Mapping[str, int]) -> list[Derived]:
    """The entity types of every table in these snapshots (domain → id) that the catalogue does not describe.

    ``session`` is on the archive. A table that only one domain delivers gets one too: its items are then compared with
    nothing, and the night says so.
    """
    prepare(session, catalogue)
    sources, at = _sources(session, snapshots)
    described = catalogue.tables()
    names = [t for t in sources if t not in described and not catalogue.undescribed.is_skipped(t)]
    tables = {}
    for name in names:
        one = sources[name]
        columns = {d: s.columns for d, s in one.items()}
        table = staged(session, catalogue, name, {d: s.rows for d, s in one.items()}, columns, at)
        if table.domains and table.columns:
            tables[name] = table
    ids = {name: linked.local_id(session, catalogue, table) for name, table in tables.items()}
    targets = _targets(session, catalogue, sources, tables, ids)
    metadata = _metadata(session, catalogue, sources)
    found = linked.links(
        session,
        catalogue,
        tables,
        {n: i[0] for n, i in ids.items()},
        targets,
        {k: m[0] for k, m in metadata.items() if m[0]},
    )
    made: list[Derived] = []
    for name in _targets_first(tables, found):
        in_key = [c for (t, c), m in metadata.items() if t == name and m[1]]
        one_made = _entity(session, catalogue, tables[name], ids[name], found.get(name, {}), targets, in_key)
        if one_made:
            made.append(one_made)
    for name in tables:
        session.execute(
            f"DROP TABLE IF EXISTS {ident(f'derive:{name}')}; DROP TABLE IF EXISTS {ident(f'derive:={name}')}"
        )
    return made


def _sources(session: Session, snapshots: Mapping[str, int]) -> tuple[_Sources, dict[str, str]]:
    found: dict[str, dict[str, _Source]] = {}
    at = {}
    for domain, snapshot_id in snapshots.items():
        moment = session.value("SELECT delivered_at FROM landed.snapshot WHERE snapshot_id = ?", [snapshot_id])
        at[domain] = f"{moment:%Y-%m-%d %H:%M:%S}"
        rows = session.rows(
            "SELECT table_name, list(file_id ORDER BY file_id), list(columns ORDER BY file_id) FROM landed.file "
            "JOIN landed.snapshot_file USING (file_id) WHERE snapshot_id = ? GROUP BY 1 ORDER BY 1",
            [snapshot_id],
        )
        for table, file_ids, columns in rows:
            names = tuple(dict.fromkeys(c for one in columns for c in one))
            listed = ", ".join(map(ident, names)) or "NULL"
            stored = history.rows_of(session, [int(i) for i in file_ids], "")
            found.setdefault(table, {})[domain] = _Source(names, Sql(f"SELECT {listed} FROM ({stored})"))
    return found, at


def _metadata(
    session: Session, catalogue: Catalogue, sources: _Sources
) -> dict[tuple[str, str], tuple[tuple[str, str] | None, bool]]:
    """By (table, column): what the domains' own metadata says it refers to, and whether it is part of the key."""
    told = catalogue.undescribed.metadata
    if told is None or told.table not in sources:
        return {}
    needed = {told.of_table, told.of_column, told.in_key, told.target_table, told.target_column}
    found: dict[tuple[str, str], tuple[tuple[str, str] | None, bool]] = {}
    for source in sources[told.table].values():
        if not needed <= set(source.columns):
            continue
        rows = session.rows(
            f"SELECT upper(trim({ident(told.of_table)})), upper(trim({ident(told.of_column)})), "
            f"coalesce(canon_id({ident(told.in_key)}) = '1', false), "
            f"upper(nullif(trim({ident(told.target_table)}), '')), "
            f"upper(nullif(trim({ident(told.target_column)}), '')) FROM ({source.rows}) ORDER BY ALL"
        )
        for table, column, in_key, to_table, to_column in rows:
            to = (to_table, to_column) if to_table and to_column and (to_table, to_column) != (table, column) else None
            found.setdefault((table, column), (to, bool(in_key)))
    return found


def _targets(
    session: Session,
    catalogue: Catalogue,
    sources: _Sources,
    tables: Mapping[str, Table],
    ids: Mapping[str, tuple[tuple[str, ...], str, float]],
) -> list[Target]:
    """All that a column may refer to. Fills derive_id: target, domain, value (the id), says, code_set."""
    session.execute(
        "CREATE OR REPLACE TEMP TABLE derive_id "
        "(target VARCHAR, domain VARCHAR, value VARCHAR, says VARCHAR, code_set VARCHAR)"
    )
    session.execute("CREATE OR REPLACE TEMP TABLE derive_type (named VARCHAR, target VARCHAR)")
    found = []
    for e in catalogue.entities.values():
        if len(e.source.local_id) > 1 or e.source.table not in sources:
            continue
        column = e.source.local_id[0].upper()
        found.append(Target(e.entity, e.source.table, column))
        for domain, source in sources[e.source.table].items():
            if column in source.columns:
                session.execute(
                    f"INSERT INTO derive_id SELECT DISTINCT ON (canon_id({ident(column)})) {lit(e.entity)}, "
                    f"{lit(domain)}, canon_id({ident(column)}), {_says(catalogue, e, source)}, "
                    f"{_set(catalogue, e, source)} FROM ({source.rows}) "
                    f"WHERE canon_id({ident(column)}) IS NOT NULL AND {_in_scope(e, source)}"
                )
    for name, table in tables.items():
        local, _, _ = ids[name]
        if len(local) == 1:
            entity = _named(name, catalogue.entities)
            found.append(Target(entity, name, local[0]))
            session.execute(
                f"INSERT INTO derive_id SELECT {lit(entity)}, _domain, {ident(local[0])}, NULL, NULL "
                f"FROM {ident(table.stage)}"
            )
    codes = catalogue.undescribed.codes
    by_table: dict[str, str] = {}
    for target in found:
        if target.table not in by_table or (codes and target.entity == codes[0]):
            by_table[target.table] = target.entity
    session.insert("derive_type", sorted(by_table.items()))
    return found


def _in_scope(e: Entity, source: _Source) -> Sql:
    def test(column: str, condition: Condition) -> str:
        value = f"canon_id({ident(column)})"
        tests = []
        if condition.one_of:
            tests.append(f"coalesce({value} IN ({', '.join(map(lit, condition.one_of))}), false)")
        if condition.none_of:
            tests.append(f"coalesce({value} NOT IN ({', '.join(map(lit, condition.none_of))}), true)")
        return " AND ".join(tests) or "true"

    return Sql(" AND ".join([test(c, v) for c, v in e.source.scope.items() if c.upper() in source.columns] or ["true"]))


def _says(catalogue: Catalogue, e: Entity, source: _Source) -> Sql:
    """What an item of a described type says of itself, by columns that need no other table: its label, and its set."""
    names = [e.label_attribute]
    codes = catalogue.undescribed.codes
    if codes and e.entity == codes[0]:
        names.append(codes[1])
    direct = [e.attributes[n] for n in names if n in e.attributes]
    if not all(a.references is None and a.column.upper() in source.columns for a in direct):
        return Sql("NULL")
    return Sql("concat_ws(chr(31), " + ", ".join(f"canon_text({ident(a.column.upper())})" for a in direct) + ")")


def _set(catalogue: Catalogue, e: Entity, source: _Source) -> Sql:
    codes = catalogue.undescribed.codes
    if not codes or e.entity != codes[0]:
        return Sql("NULL")
    column = e.attributes[codes[1]].column.upper()
    return Sql(f"canon_id({ident(column)})" if column in source.columns else "NULL")


def _targets_first(tables: Mapping[str, Table], found: Mapping[str, Mapping[str, Link]]) -> Iterator[str]:
    """The tables so that one comes after those it refers to; where they go round, the one with least still open."""
    waiting = {n: {link.target.table for link in found.get(n, {}).values()} & set(tables) - {n} for n in tables}
    while waiting:
        name = min(waiting, key=lambda n: (len(waiting[n] & set(waiting)), n))
        del waiting[name]
        yield name


def _entity(
    session: Session,
    catalogue: Catalogue,
    table: Table,
    local: tuple[tuple[str, ...], str, float],
    found: Mapping[str, Link],
    targets: Sequence[Target],
    in_key: Sequence[str],
) -> Derived | None:
    id_columns, id_reason, id_confidence = local
    evidence = [Evidence(", ".join(id_columns), "local id", id_reason, id_confidence)]
    typed = typed_references(session, catalogue, table)
    attributes: dict[str, dict[str, Any]] = {}
    named: dict[str, str] = {}
    for column in table.columns.values():
        if _is_passed_over(catalogue, column.name):
            continue
        told = attribute(session, catalogue, table, column, found.get(column.name), typed, id_columns)
        evidence += [one for one in [told[1]] if one]
        if told[0] is not None:
            named[column.name] = attribute_name(column.name, attributes)
            attributes[named[column.name]] = told[0]
    if not attributes:
        return None
    usable = {c: found.get(c) for c in named if natural.may_be_in_a_key(table.columns[c])}
    stage = natural.comparable(session, table, usable, {c: n for c, (n, _) in typed.items() if c in usable})
    stated = [c for c in in_key if c in usable]
    keys = natural.natural_keys(session, catalogue, table, stage, list(usable), stated, {*found, *typed})
    entity = _named(table.name, catalogue.entities)
    if keys and len(id_columns) == 1:
        natural.remember(session, table, stage, entity, id_columns[0], keys[0])
    evidence += [Evidence(", ".join(k.columns), "key", k.reason, k.confidence) for k in keys]
    if not keys:
        # A row that says nothing in a column is known by the others.
        full = tuple(c for c in usable if table.is_full(table.columns[c], 1.0))
        always = full or tuple(named)[:1]
        some = tuple(c for c in usable if c not in always)
        keys = [natural.NaturalKey(always, 0.2, "no key was found: only rows equal in all are matched", some)]
        evidence.append(Evidence("", "key", keys[0].reason, keys[0].confidence))
    live = {c: v for c, v in catalogue.undescribed.live.items() if c in table.columns}
    fields = {
        "entity": entity,
        "title": table.name,
        "area": AREA,
        "derived": True,
        "source": {
            "table": table.name,
            "local_id": list(id_columns) if len(id_columns) > 1 else id_columns[0],
            **({"live": {c: _written(v) for c, v in live.items()}} if live else {}),
            **({"distinct": True} if len(id_columns) == len(table.columns) else {}),
        },
        "label": label(table, named, keys[0]),
        "keys": [_key(k, named) for k in keys],
        "attributes": attributes,
    }
    return Derived(table.name, fields, tuple(evidence))


def _is_passed_over(catalogue: Catalogue, column: str) -> bool:
    conventions = catalogue.conventions
    # What tells a live row is the same on all of them.
    return conventions.is_ignored(column) or conventions.is_personal(column) or column in catalogue.undescribed.live


def _key(key: natural.NaturalKey, named: Mapping[str, str]) -> Any:
    elements = [named[c] for c in key.columns]
    if key.confidence >= _CERTAIN:
        return elements
    some = {"some": [named[c] for c in key.some]} if key.some else {}
    return {"on": elements, **some, "certain": False}


def _written(condition: Condition) -> Any:
    return {"after": "snapshot"} if condition.after_snapshot else list(condition.one_of)


def _named(table: str, taken: Mapping[str, Any]) -> str:
    name = re.sub(r"[^a-z0-9]+", "_", table.lower()).strip("_")[:50] or "table"
    name = name if name[0].isalpha() else f"t_{name}"
    return f"{name}_table" if name in taken else name
