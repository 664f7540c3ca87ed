"""The catalogue as rows: see tables.sql for the tables and their grain."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from pathlib import Path
from typing import Any

from transforms.catalogue.entity import Entity
from transforms.catalogue.model import Catalogue
from transforms.warehouse import Session

SQL = Path(__file__).with_suffix(".sql").read_text(encoding="utf-8")
SIGNATURES = 1000
"""The place of an entity type's first signature."""
LOCAL_ID = -1
"""The place that stands for the local id."""
_STORED = {"exact": "id", "set": "text", "list": "text"}


@dataclass(frozen=True)
class Pair:
    """Two domains that are compared; ``pair_id`` names them in the settings' order."""

    domain_a: str
    domain_b: str

    @property
    def pair_id(self) -> str:
        """As it stands in every table."""
        return f"{self.domain_a}~{self.domain_b}"

    @property
    def sides(self) -> tuple[tuple[str, str], tuple[str, str]]:
        """(side, domain) for both."""
        return (("a", self.domain_a), ("b", self.domain_b))


def pairs_of(domains: Sequence[str]) -> tuple[Pair, ...]:
    """Every pair of the domains, in their order."""
    return tuple(Pair(a, b) for a, b in combinations(domains, 2))


def write(
    session: Session, catalogue: Catalogue, snapshots: Mapping[str, int], pairs: Sequence[Pair] | None = None
) -> Rows:
    """Write which domains and pairs a night has; domains are numbered in the order of ``snapshots``. Returns all rows.

    ``pairs`` are by default all pairs of the domains. What the catalogue says (``described``) is there already.
    """
    rows = Rows(catalogue, tuple(snapshots), tuple(pairs_of(tuple(snapshots)) if pairs is None else pairs))
    session.execute("TRUNCATE catalogue.domain; TRUNCATE catalogue.pair; TRUNCATE catalogue.side")
    session.execute(
        "INSERT INTO catalogue.domain "
        "SELECT n, d.domain, id, coalesce(strftime(s.delivered_at, '%Y-%m-%d %H:%M:%S'), '') "
        "FROM (SELECT unnest(?::UTINYINT[]) AS n, unnest(?::VARCHAR[]) AS domain, unnest(?::INTEGER[]) AS id) d "
        "LEFT JOIN archive.landed.snapshot s ON s.snapshot_id = id",
        [[*rows.domain_no.values()], [*rows.domain_no], [snapshots[domain] for domain in rows.domain_no]],
    )
    for table in ("pair", "side"):
        session.insert(f"catalogue.{table}", list(getattr(rows, table)()))
    return rows


def described(catalogue: Catalogue) -> dict[str, list[Sequence[Any]]]:
    """The rows of the tables that hold what the catalogue says, by table."""
    rows = Rows(catalogue, (), ())
    return {table: list(getattr(rows, table)()) for table in _DESCRIBED}


_DESCRIBED = (
    "entity", "attribute", "target", "key", "key_part", "signature", "content_part", "follow", "embedded", "through",
    "national",
)  # fmt: skip


@dataclass(frozen=True)
class Rows:
    """The rows of the catalogue's tables, and the numbers that stand for names in them."""

    catalogue: Catalogue
    domains: tuple[str, ...]
    pairs: tuple[Pair, ...]

    @cached_property
    def domain_no(self) -> dict[str, int]:
        """The number of each domain, from 1."""
        return {domain: n for n, domain in enumerate(self.domains, 1)}

    @cached_property
    def entity_no(self) -> dict[str, int]:
        """The number of each entity type, in matching order from 1."""
        return {name: n for n, name in enumerate(self.catalogue.order, 1)}

    @cached_property
    def place(self) -> dict[str, dict[str, int]]:
        """By entity type, the place of the parent, each attribute and each signature."""
        return {e.entity: dict(self._places(e)) for e in self.catalogue.ordered}

    def _places(self, e: Entity) -> Iterator[tuple[str, int]]:
        if e.parent:
            yield "parent", 0
        yield from ((name, n) for n, name in enumerate(e.attributes, 1))
        yield from ((name, n) for n, name in enumerate(e.signatures, SIGNATURES))

    def pair(self) -> Iterable[Sequence[Any]]:
        """Rows of catalogue.pair."""
        for n, p in enumerate(self.pairs, 1):
            yield n, p.pair_id, p.domain_a, p.domain_b, self.domain_no[p.domain_a], self.domain_no[p.domain_b]

    def side(self) -> Iterable[Sequence[Any]]:
        """Rows of catalogue.side."""
        for n, p in enumerate(self.pairs, 1):
            for side, domain in p.sides:
                yield n, p.pair_id, side, self.domain_no[domain], domain

    def entity(self) -> Iterable[Sequence[Any]]:
        """Rows of catalogue.entity."""
        for e in self.catalogue.ordered:
            component = e.role == "component" and e.parent is not None
            circle = sorted(self.catalogue.circle_of(e.entity), key=self.catalogue.order.index)
            place = self.place[e.entity]
            yield (
                self.entity_no[e.entity], e.entity, e.area, e.role, component, component and not e.expected_local,
                e.expected_local or e.derived, e.weight, self.key_level[e.entity], circle[0] if circle else None,
                circle.index(e.entity) if circle else 0, self.label_level[e.entity], self.depth[e.entity],
                place[e.label_attribute], place[e.label_otherwise] if e.label_otherwise else None, e.source.distinct,
                e.source.table.upper(), e.fuzzy.cardinality if e.fuzzy else None,
            )  # fmt: skip

    def attribute(self) -> Iterable[Sequence[Any]]:
        """Rows of catalogue.attribute."""
        blanks = list(self.catalogue.conventions.none)
        for e in self.catalogue.ordered:
            n, place = self.entity_no[e.entity], self.place[e.entity]
            if e.parent:
                none = blanks if e.parent.none is None else list(e.parent.none)
                ref = e.parent.references
                yield (n, 0, "parent", "reference", self._stored_as(e, "parent"), e.parent.weight, True,
                       bool(ref.type_column), False, False, ";", none, list(ref.every), None, None)  # fmt: skip
            for name, a in e.attributes.items():
                ref_ = a.references
                none = (blanks if a.none is None else list(a.none)) if ref_ else []
                yield (
                    n, place[name], name, "reference" if ref_ else a.compare, self._stored_as(e, name), a.weight,
                    ref_ is not None, bool(ref_ and ref_.type_column), name in e.hashed, name in e.embedding,
                    a.separator, none, list(ref_.every) if ref_ else [], place[a.unit] if a.unit else None,
                    e.placed_by.index(name) if name in e.placed_by else None,
                )  # fmt: skip

    def _stored_as(self, e: Entity, name: str) -> str:
        """The kind of canonical text a value is stored in: of a reference, an id or that of what it refers by."""
        ref = e.references.get(name)
        if ref is None:
            return {"exact": "id"}.get(e.attributes[name].compare, e.attributes[name].compare)
        if ref.by is None:
            return "id"
        target = self.catalogue.entities[ref.to[0]].attributes[ref.by]
        kind = "exact" if target.references else target.compare
        return _STORED.get(kind, kind)

    def target(self) -> Iterable[Sequence[Any]]:
        """Rows of catalogue.target."""
        order = self.catalogue.order
        for e in self.catalogue.ordered:
            for name, ref in e.references.items():
                texts: list[tuple[str | None, str]] = [*ref.types.items()] or [(None, t) for t in ref.to]
                for text, t in texts:
                    by = self.place[t][ref.by] if ref.by else LOCAL_ID
                    later = order.index(t) >= order.index(e.entity)
                    yield (self.entity_no[e.entity], self.place[e.entity][name], text, self.entity_no[t], by,
                           len(ref.to), later)  # fmt: skip

    def key(self) -> Iterable[Sequence[Any]]:
        """Rows of catalogue.key."""
        for e in self.catalogue.ordered:
            for n, key in enumerate(e.keys, 1):
                rule = "child_of_matched_parent" if "parent" in key.parts and key.rule == "declared_key" else key.rule
                occurrence = self.place[e.entity][key.occurrence] if key.occurrence else None
                yield (self.entity_no[e.entity], n, key.name, rule, key.certain, key.fold_case, occurrence,
                       len(key.on), bool(key.some))  # fmt: skip

    def key_part(self) -> Iterable[Sequence[Any]]:
        """Rows of catalogue.key_part."""
        for e in self.catalogue.ordered:
            for n, key in enumerate(e.keys, 1):
                for i, part in enumerate(key.parts, 1):
                    yield self.entity_no[e.entity], n, i, self.place[e.entity][part], i <= len(key.on)

    def signature(self) -> Iterable[Sequence[Any]]:
        """Rows of catalogue.signature."""
        for e in self.catalogue.ordered:
            for name, s in e.signatures.items():
                for i, part in enumerate(s.of, 1):
                    yield (self.entity_no[e.entity], self.place[e.entity][name], name, self.entity_no[s.entity], i,
                           self.place[s.entity][part])  # fmt: skip

    def content_part(self) -> Iterable[Sequence[Any]]:
        """Rows of catalogue.content_part."""
        for e in self.catalogue.ordered:
            used = key_parts(self.catalogue, e)
            names = [n for n, a in e.attributes.items() if not a.references]
            names += [n for n in e.references if n in used]
            names += [n for n in used if n in e.signatures]
            yield from ((self.entity_no[e.entity], i, self.place[e.entity][n]) for i, n in enumerate(names, 1))

    def follow(self) -> Iterable[Sequence[Any]]:
        """Rows of catalogue.follow."""
        for e in self.catalogue.ordered:
            for i, (name, f) in enumerate(e.follows.items(), 1):
                for theirs, ours in f.on.items():
                    above, _, own = ours.rpartition(".")
                    owner = e.parent.references.to[0] if above and e.parent else e.entity
                    yield (self.entity_no[e.entity], name, i, self.entity_no[f.entity], self.place[f.entity][theirs],
                           self.place[owner][own], bool(above), len(f.on))  # fmt: skip

    def embedded(self) -> Iterable[Sequence[Any]]:
        """Rows of catalogue.embedded."""
        for e in self.catalogue.ordered:
            for name, a in e.embedding.items():
                for i, one in enumerate(a.embedded):
                    for t in one.to:
                        yield (self.entity_no[e.entity], self.place[e.entity][name], mark(i), self.entity_no[t],
                               bool(one.before))  # fmt: skip

    def through(self) -> Iterable[Sequence[Any]]:
        """Rows of catalogue.through."""
        for e in self.catalogue.ordered:
            for name, targets in e.through.items():
                yield from ((self.entity_no[e.entity], self.place[e.entity][name], self.entity_no[t]) for t in targets)

    def national(self) -> Iterable[Sequence[Any]]:
        """Rows of catalogue.national."""
        for e in self.catalogue.ordered:
            for name, a in e.attributes.items():
                yield from (
                    (self.entity_no[e.entity], self.place[e.entity][name], n.list, n.prefix) for n in a.national
                )

    @cached_property
    def key_level(self) -> dict[str, int]:
        """One more than the highest level that an entity type is recognised by; those of a circle share theirs."""
        level: dict[str, int] = {}
        for group in self._groups():
            needs = {t for name in group for t in self._keys_refer_to(self.catalogue.entities[name])} - set(group)
            found = 1 + max((level[t] for t in needs if t in level), default=-1)
            level |= dict.fromkeys(group, found)
        return level

    def _groups(self) -> Iterator[tuple[str, ...]]:
        """The entity types in matching order, those of a circle together."""
        seen: set[str] = set()
        for name in self.catalogue.order:
            group = self.catalogue.circle_of(name) or (name,)
            if name not in seen:
                seen |= set(group)
                yield group

    def _keys_refer_to(self, e: Entity) -> Iterator[str]:
        for name in weighable(self.catalogue, e):
            if name in e.references:
                yield from e.references[name].to
        for part in key_parts(self.catalogue, e):
            if part in e.references:
                yield from e.references[part].to
            elif part in e.signatures:
                s = e.signatures[part]
                links = self.catalogue.entities[s.entity].references
                yield from (t for n in s.of if n in links for t in links[n].to)

    @cached_property
    def label_level(self) -> dict[str, int]:
        """0 for a label of the item's own, else one more than that of the earlier types whose label it takes."""
        level: dict[str, int] = {}
        for e in self.catalogue.ordered:
            ref = e.references.get(e.label_attribute)
            level[e.entity] = 1 + max((level.get(t, 0) for t in ref.to), default=0) if ref else 0
        return level

    @cached_property
    def depth(self) -> dict[str, int]:
        """How many owners a component has above it at the most; 0 for an item."""
        found: dict[str, int] = {}

        def of(name: str) -> int:
            if name not in found:
                e = self.catalogue.entities[name]
                owners = e.parent.references.to if e.parent and e.role == "component" else ()
                found[name] = 0
                found[name] = 1 + max((of(t) for t in owners if t != name), default=-1) if owners else 0
            return found[name]

        return {name: of(name) for name in self.catalogue.order}


def key_parts(catalogue: Catalogue, e: Entity) -> list[str]:
    """What the keys are made of, and every reference that can tell apart items which a key puts in order."""
    used = dict.fromkeys(part for key in e.keys for part in key.parts)
    if any(key.occurrence for key in e.keys):
        matched = catalogue.order[: catalogue.order.index(e.entity)]
        used |= dict.fromkeys(name for name, link in e.references.items() if set(link.to) <= set(matched))
    return [*used]


def weighable(catalogue: Catalogue, e: Entity) -> list[str]:
    """What the probabilistic rule weighs: of references those whose targets are matched by then."""
    earlier = set(catalogue.order[: catalogue.order.index(e.entity)])
    return [n for n in e.weighed if n not in e.references or set(e.references[n].to) <= earlier]


def mark(i: int) -> str:
    """The letter that stands before an id which an attribute's i-th entry of ``embedded`` found."""
    return chr(ord("a") + i)


__all__ = ["LOCAL_ID", "SIGNATURES", "Pair", "Rows", "described", "key_parts", "mark", "pairs_of", "weighable", "write"]
