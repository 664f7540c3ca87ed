"""Compare matched items attribute by attribute, and items with their components."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from graphlib import TopologicalSorter

from transforms.catalogue import Catalogue, Entity
from transforms.match import Pair
from transforms.warehouse import Session

Progress = Callable[[str], None]


def run(session: Session, catalogue: Catalogue, pairs: Sequence[Pair], progress: Progress | None = None) -> int:
    """Fill ``compared``: agreement per match, and every difference. Returns the number of differences."""
    session.run("compare_tables.sql.j2", entities=catalogue.ordered)
    for pair in pairs:
        delivered = delivered_attributes(session, pair)
        comparable = [e for e in catalogue.ordered if all((d, e.entity, "") in delivered for _, d in pair.sides)]
        _note_what_is_missing(session, catalogue, pair, delivered)
        for e in comparable:
            if progress:
                progress(e.entity)
            weights = comparable_weights(e, pair, delivered)
            session.run("compare.sql.j2", e=e, pair=pair, comparable=weights, total=float(sum(weights.values())))
        order = _owners_first(catalogue)
        for owner in reversed(order):
            components = [c for c in catalogue.components_of(owner) if c in comparable]
            if components and catalogue.entities[owner] in comparable:
                session.run("compare_fold.sql.j2", owner=owner, components=components, pair=pair)
        for name in order:
            c = catalogue.entities[name]
            if c.role == "component" and c in comparable:
                session.run("compare_owner.sql.j2", c=c, pair=pair)
    return int(session.value("SELECT count(*) FROM compared.difference"))


def comparable_weights(e: Entity, pair: Pair, delivered: set[tuple[str, str, str]]) -> dict[str, float]:
    """The weight of every attribute (and of the parent) that both domains delivered."""
    weights = {"parent": e.parent.weight} if e.parent and e.parent.weight > 0 else {}
    weights |= {name: a.weight for name, a in e.compared.items()}
    return {n: w for n, w in weights.items() if all((d, e.entity, n) in delivered for _, d in pair.sides)}


def delivered_attributes(session: Session, pair: Pair) -> set[tuple[str, str, str]]:
    """(domain, entity type, attribute) of everything that the pair's domains delivered; '' is the table itself."""
    rows = session.rows(
        "SELECT domain, entity, attribute FROM normalised.extracted WHERE delivered AND domain IN (?, ?)",
        [pair.domain_a, pair.domain_b],
    )
    return {(r[0], r[1], r[2]) for r in rows}


def _note_what_is_missing(
    session: Session, catalogue: Catalogue, pair: Pair, delivered: set[tuple[str, str, str]]
) -> None:
    missing: list[tuple[str, str, str | None, str, str]] = []
    for e in catalogue.ordered:
        for _, domain in pair.sides:
            if (domain, e.entity, "") not in delivered:
                missing.append((pair.pair_id, e.entity, None, domain, "table not delivered"))
            else:
                wanted = (["parent"] if e.parent else []) + list(e.compared)
                absent = [name for name in wanted if (domain, e.entity, name) not in delivered]
                missing += [(pair.pair_id, e.entity, name, domain, "column not extracted") for name in absent]
    if missing:
        session.con.executemany("INSERT INTO compared.not_comparable VALUES (?, ?, ?, ?, ?)", missing)


def _owners_first(catalogue: Catalogue) -> list[str]:
    graph = {
        e.entity: [t for t in e.parent.references.to if t != e.entity] if e.parent and e.role == "component" else []
        for e in catalogue.ordered
    }
    return list(TopologicalSorter(graph).static_order())
