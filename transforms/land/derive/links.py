"""What an undescribed table's rows are told apart by, and what its columns refer to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from transforms.catalogue import Catalogue
from transforms.land.derive.profile import Column, Table
from transforms.warehouse import Session, ident, lit, render

# A reference may dangle now and then; more than that and it refers to something else.
_CONTAINED = 0.9
_SURELY = 0.98
_MOST_COLUMNS = 6


@dataclass(frozen=True)
class Target:
    """What a column may refer to: an entity type, with the table and the column its ids are in."""

    entity: str
    table: str
    column: str


@dataclass(frozen=True)
class Link:
    """A column that refers to an entity type; ``share`` of its values lie among the ids there (in the worst domain)."""

    column: str
    target: Target
    share: float
    reason: str


def local_id(session: Session, catalogue: Catalogue, table: Table) -> tuple[tuple[str, ...], str, float]:
    """The columns that tell a table's rows apart in every domain, why they were taken, and a confidence (0 to 1).

    All the columns, where not even they do.
    """
    unique = [c for c in table.columns.values() if table.is_unique(c)]
    ids = [c for c in unique if _looks_like_an_id(catalogue, c)]
    if ids:
        best = min(ids, key=lambda c: (-_is_called_after(c.name, table.name), c.place))
        named = _is_called_after(best.name, table.name) > 0
        return (
            (best.name,),
            "unique in every domain" + (", called after the table" if named else ""),
            0.99 if named else 0.9,
        )
    if unique:
        best = min(unique, key=lambda c: (not c.every("whole"), c.place))
        return (best.name,), "unique in every domain; no column of ids is", 0.7
    chosen = _narrowest(session, catalogue, table)
    if chosen:
        return chosen, "together unique in every domain; no one column is", 0.8
    return tuple(table.columns), "nothing tells the rows apart but all the columns together", 0.4


def _looks_like_an_id(catalogue: Catalogue, column: Column) -> bool:
    return catalogue.undescribed.is_id(column.name) and (column.every("whole") or column.every("uuids"))


def _narrowest(session: Session, catalogue: Catalogue, table: Table) -> tuple[str, ...]:
    """Few columns that are unique together, grown one by one by what tells most rows apart; empty where none are."""
    full = [c for c in table.columns.values() if table.is_full(c, 1.0) and not catalogue.conventions.is_ignored(c.name)]
    # Ids and codes first: link tables are told apart by what they link.
    pool = sorted(full, key=lambda c: (not catalogue.undescribed.is_id(c.name), -min(h.kinds for h in c.held.values())))
    chosen: list[str] = []
    most = 0
    while pool and len(chosen) < _MOST_COLUMNS:
        counted = [(_told_apart(session, table, [*chosen, c.name]), -i, c) for i, c in enumerate(pool[:12])]
        best, _, column = max(counted, key=lambda one: one[:2])
        if best <= most:
            break
        most = best
        chosen.append(column.name)
        pool.remove(column)
        if most == sum(table.rows.values()):
            return tuple(sorted(chosen, key=lambda name: table.columns[name].place))
    return ()


def _told_apart(session: Session, table: Table, columns: Sequence[str]) -> int:
    listed = ", ".join(map(ident, columns))
    return int(session.value(f"SELECT count(*) FROM (SELECT DISTINCT _domain, {listed} FROM {ident(table.stage)})"))


def links(
    session: Session,
    catalogue: Catalogue,
    tables: Mapping[str, Table],
    ids: Mapping[str, tuple[str, ...]],
    targets: Iterable[Target],
    stated: Mapping[tuple[str, str], tuple[str, str]],
) -> dict[str, dict[str, Link]]:
    """By table and column, what every column of ids refers to, as far as the data confirms it.

    ``ids`` are the tables' local ids, ``stated`` maps (table, column) to the (table, column) that the domains' metadata
    says it refers to. ``derive_id`` holds the ids of the targets already (see build.py).
    """
    none = catalogue.conventions.none
    session.execute(
        "CREATE OR REPLACE TEMP TABLE derive_value (source VARCHAR, name VARCHAR, domain VARCHAR, value VARCHAR)"
    )
    for table in tables.values():
        for column in table.columns.values():
            if _may_refer(catalogue, table, column, stated):
                session.execute(
                    f"INSERT INTO derive_value SELECT DISTINCT {lit(table.name)}, {lit(column.name)}, _domain, "
                    f"{ident(column.name)} FROM {ident(table.stage)} WHERE {ident(column.name)} IS NOT NULL "
                    f"AND {ident(column.name)} NOT IN ({', '.join(map(lit, none))})"
                )
    by_name = {(t.entity): t for t in targets}
    held: dict[tuple[str, str], dict[str, list[float]]] = {}
    for source, name, target, _, kinds, found in session.execute(render("derive_contained.sql.j2")).fetchall():
        held.setdefault((source, name), {}).setdefault(target, []).append(found / kinds)
    result: dict[str, dict[str, Link]] = {}
    for (source, name), shares in held.items():
        table, domains = tables[source], _domains_with(session, source, name)
        options = [
            (by_name[t], min(s) if len(s) == domains else 0.0)
            for t, s in shares.items()
            # A table's own id does not refer to itself.
            if not (by_name[t].table == source and ids[source] == (name,))
        ]
        chosen = _chosen(table, name, options, stated.get((source, name)))
        if chosen:
            result.setdefault(source, {})[name] = chosen
    return result


def _domains_with(session: Session, source: str, name: str) -> int:
    return int(
        session.value("SELECT count(DISTINCT domain) FROM derive_value WHERE source = ? AND name = ?", [source, name])
    )


def _may_refer(
    catalogue: Catalogue, table: Table, column: Column, stated: Mapping[tuple[str, str], tuple[str, str]]
) -> bool:
    if catalogue.conventions.is_ignored(column.name):
        return False
    return (table.name, column.name) in stated or _looks_like_an_id(catalogue, column)


def _chosen(
    table: Table, name: str, options: Sequence[tuple[Target, float]], stated: tuple[str, str] | None
) -> Link | None:
    held = [(t, s) for t, s in options if s >= _CONTAINED]
    for target, share in held:
        if stated is not None and (target.table, target.column) == stated:
            return Link(name, target, share, "the domain's own metadata, confirmed by the values")
    ranked = sorted(held, key=lambda one: (-_affinity(name, one[0]), -one[1], one[0].entity))
    if not ranked:
        return None
    target, share = ranked[0]
    if _affinity(name, target) > 0 and (len(ranked) == 1 or _affinity(name, ranked[1][0]) < _affinity(name, target)):
        return Link(name, target, share, f"named like {target.column} of {target.table}, and its values are ids there")
    surely = [t for t, s in held if s >= _SURELY]
    enough = max((h.kinds for h in table.columns[name].held.values()), default=0) >= 3
    if len(held) == 1 and surely and enough:
        return Link(name, target, share, f"its values are ids of {target.table} and of no other table")
    return None


def _affinity(name: str, target: Target) -> int:
    """How far a column's name points to a target: 3 its id's own name, 2 ends with it, 1 shares its words, 0 not."""
    if name == target.column:
        return 3
    if name.endswith("_" + target.column):
        return 2
    words = {w for w in name.split("_")[:-1] if len(w) > 2}
    if words and words <= set(target.table.split("_")) | set(target.column.split("_")):
        return 1
    return 0


def _is_called_after(column: str, table: str) -> int:
    """How far an id's name is that of its table: 2 wholly, 1 in part, 0 not."""
    stem = column.rsplit("_", 1)[0]
    if stem in (table, table.removesuffix("S"), table.removesuffix("_REF")) or column == table:
        return 2
    return int(bool(stem) and (table.startswith(stem) or stem.startswith(table) or table.endswith("_" + stem)))
