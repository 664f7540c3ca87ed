"""Compare matched items attribute by attribute, and items with their components."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from graphlib import TopologicalSorter

from transforms.build import embedded
from transforms.build.match import Pair
from transforms.build.parts import Leads, Parts
from transforms.catalogue import Catalogue, Entity
from transforms.land.canonical import define_units
from transforms.warehouse import Session, ident
from transforms.words.hashes import digest

Progress = Callable[[str], None]


def run(session: Session, catalogue: Catalogue, pairs: Sequence[Pair], progress: Progress | None = None) -> int:
    """Fill ``compared``: agreement per match, and every difference. Returns the number of differences.

    What the session's database holds already is compared anew only where an item changed, its match, or what one of its
    references leads to.
    """
    session.run("compare_tables.sql.j2", entities=catalogue.ordered)
    define_units(session)
    parts = Parts(session)
    leads = Leads(session, catalogue, parts)
    order = owners_first(catalogue)
    for pair in pairs:
        delivered = delivered_attributes(session, pair)
        comparable = frozenset(
            e.entity for e in catalogue.ordered if all((d, e.entity, "") in delivered for _, d in pair.sides)
        )
        _note_what_is_missing(session, catalogue, pair, delivered)
        work = _Work(session, catalogue, pair, parts, comparable)
        for e in catalogue.ordered:
            if progress:
                progress(e.entity)
            work.compare(e, delivered, leads)
        for owner in reversed(order):
            work.fold(owner)
        for name in order:
            work.own(name)
    parts.keep()
    return int(session.value("SELECT count(*) FROM compared.difference"))


@dataclass(frozen=True)
class _Work:
    """The comparison of one pair of domains; each step does nothing where the database holds its result."""

    session: Session
    catalogue: Catalogue
    pair: Pair
    parts: Parts
    comparable: frozenset[str]

    def rows_of(self, *entities: str) -> list[str]:
        """What the items and matches of the entity types are made of."""
        found = [self.parts.content("match", name, self.pair.pair_id) for name in entities]
        return found + [self.parts.content("normalise", name, d) for name in entities for _, d in self.pair.sides]

    def compare(self, e: Entity, delivered: set[tuple[str, str, str]], leads: Leads) -> None:
        """The entity type's own attributes."""
        pair, parts, is_comparable = self.pair, self.parts, e.entity in self.comparable
        weights = comparable_weights(e, pair, delivered) if is_comparable else {}
        untold = [t.entity for t in self.catalogue.ordered if t.entity not in self.comparable]
        told = [t for ref in e.references.values() for t in ref.to if t in untold]
        texts = embedded.touched(e, pair.pair_id, parts)
        # A unit is looked at even where it is not compared itself.
        named = {n: a.unit for n, a in e.compared.items() if n in weights and a.unit}
        units = {n: u for n, u in named.items() if self._told(e, u, delivered)}
        inputs = digest(is_comparable, weights, sorted(units.items()), told, self.rows_of(e.entity), texts)
        names = [n for n in e.references if n in weights or n == "parent" or n in units.values()]
        if parts.same("compare", e.entity, pair.pair_id, inputs) and not (
            is_comparable and leads.touched(e, names, pair.pair_id, pair.sides)
        ):
            return
        if parts.holds("compare", e.entity, pair.pair_id):
            self.session.run("compare_clear.sql.j2", entity=e.entity, pair=pair.pair_id)
        if is_comparable:
            self._compare_matches(e, weights, units, untold)
        parts.note("compare", e.entity, pair.pair_id, inputs)

    def _compare_matches(self, e: Entity, weights: dict[str, float], units: dict[str, str], untold: list[str]) -> None:
        session, pair = self.session, self.pair
        led = [n for n in weights if n not in e.hashed]
        cells = list(weights)
        if weights:
            session.run("compare_differing.sql.j2", e=e, pair=pair, led=led, untold=untold)
        if led:
            # What a reference leads to is looked up by name only where it differs somewhere.
            tests = ", ".join(f"bool_or({ident(f'a {n}')} IS DISTINCT FROM {ident(f'b {n}')})" for n in led)
            rows, *found = session.rows(f"SELECT count(*), {tests} FROM differing")[0]
            alike = {n for n, differs in zip(led, found, strict=True) if not differs}
            cells = [n for n in cells if n not in alike] if rows else []
        session.run(
            "compare.sql.j2",
            e=e,
            pair=pair,
            cells=cells,
            weights=[float(weights[n]) for n in cells],
            led=led,
            shown_by=[*dict.fromkeys([*(n for n in led if n in cells), *units.values()])],
            units=units,
            total=float(sum(weights.values())),
        )
        session.execute("DROP TABLE IF EXISTS differing")

    def _told(self, e: Entity, name: str, delivered: set[tuple[str, str, str]]) -> bool:
        return all(_missing(e, name, d, delivered) is None for _, d in self.pair.sides)

    def fold(self, owner: str) -> None:
        """The entity type's components into its agreement."""
        parts, pair_id = self.parts, self.pair.pair_id
        components = [
            c for c in self.catalogue.components_of(owner) if c.entity in self.comparable and not c.expected_local
        ]
        if owner not in self.comparable:
            components = []
        names = [c.entity for c in components]
        inputs = digest(names, self.rows_of(owner, *names))
        anew = any(parts.made_anew(step, name, pair_id) for step in ("compare", "fold") for name in (owner, *names))
        if parts.same("fold", owner, pair_id, inputs) and not anew:
            return
        if components or parts.holds("fold", owner, pair_id):
            self.session.run("compare_fold.sql.j2", owner=owner, components=components, pair=self.pair)
        parts.note("fold", owner, pair_id, inputs)

    def own(self, component: str) -> None:
        """Which item each component belongs to in the end."""
        c, parts, pair_id = self.catalogue.entities[component], self.parts, self.pair.pair_id
        if c.role != "component" or c.parent is None:
            return
        is_comparable, owners = component in self.comparable, c.parent.references.to
        inputs = digest(is_comparable, self.rows_of(component, *owners))
        if parts.same("own", component, pair_id, inputs) and not any(
            parts.made_anew("own", name, pair_id) for name in owners
        ):
            return
        if parts.holds("own", component, pair_id):
            self.session.run("compare_owner_clear.sql.j2", entity=component, pair=pair_id)
        if is_comparable:
            self.session.run("compare_owner.sql.j2", c=c, pair=self.pair)
        parts.note("own", component, pair_id, inputs)


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


def owners_first(catalogue: Catalogue) -> list[str]:
    """The entity types so that each owner comes before its components."""
    graph = {
        e.entity: [t for t in e.parent.references.to if t != e.entity] if e.parent and e.role == "component" else []
        for e in catalogue.ordered
    }
    return list(TopologicalSorter(graph).static_order())
