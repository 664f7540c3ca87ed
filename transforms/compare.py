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
            session.run(
                "compare.sql.j2",
                e=e,
                pair=pair,
                comparable=weights,
                total=float(sum(weights.values())),
                untold=[t.entity for t in catalogue.ordered if t not in comparable],
            )
        order = _owners_first(catalogue)
        for owner in reversed(order):
            components = [c for c in catalogue.components_of(owner) if c in comparable and not c.expected_local]
            if components and catalogue.entities[owner] in comparable:
                session.run("compare_fold.sql.j2", owner=owner, components=components, pair=pair)
        for name in order:
            c = catalogue.entities[name]
            if c.role == "component" and c in comparable:
                session.run("compare_owner.sql.j2", c=c, pair=pair)
    return int(session.value("SELECT count(*) FROM compared.difference"))


def comparable_weights(e: Entity, pair: Pair, delivered: set[tuple[str, str, str]]) -> dict[str, float]:
    """The weight of every attribute (and of the parent) that both domains delivered, with what it refers to."""
    weights = {"parent": e.parent.weight} if e.parent and e.parent.weight > 0 else {}
    weights |= {name: a.weight for name, a in e.compared.items()}
    return {n: w for n, w in weights.items() if all(_missing(e, n, d, delivered) is None for _, d in pair.sides)}


def _missing(e: Entity, name: str, domain: str, delivered: set[tuple[str, str, str]]) -> str | None:
    """Why an attribute (or the parent) of a delivered table cannot be compared, None where it can."""
    if (domain, e.entity, name) not in delivered:
        return "column not extracted"
    link = e.references.get(name)
    # Where a column tells the type of the target, only rows that lead to a missing table lose by it: compare.sql.j2.
    if link and not link.type_column and any((domain, target, "") not in delivered for target in link.to):
        return "table of its target not delivered"
    return None


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
                reasons = {name: _missing(e, name, domain, delivered) for name in wanted}
                missing += [(pair.pair_id, e.entity, name, domain, why) for name, why in reasons.items() if why]
    session.insert("compared.not_comparable", missing)


def _owners_first(catalogue: Catalogue) -> list[str]:
    graph = {
        e.entity: [t for t in e.parent.references.to if t != e.entity] if e.parent and e.role == "component" else []
        for e in catalogue.ordered
    }
    return list(TopologicalSorter(graph).static_order())
