"""Read a catalogue folder strictly: every fault is one line with file, line and field."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Any

from transforms.catalogue.attribute import Attribute, Follow, Reference
from transforms.catalogue.conventions import UNDESCRIBED
from transforms.catalogue.entity import Entity
from transforms.catalogue.model import Area, Catalogue
from transforms.words.errors import CatalogueError
from transforms.words.yamlfile import FieldPath, YamlFile, nearest

_BUILTIN = Path(__file__).parent
_HEAD = "catalogue.yaml"
_RESERVED = {"parent", "label", "domain", "snapshot_id", "local_id", "row_number", "row_hash", "identity"}


def builtin_catalogues() -> tuple[str, ...]:
    """Names of the catalogues that ship with Likare."""
    return tuple(sorted(p.parent.name for p in _BUILTIN.glob(f"*/{_HEAD}")))


def load_catalogue(name_or_folder: str | Path) -> Catalogue:
    """The catalogue of that built-in name or in that folder.

    Raises CatalogueError for an unknown key, a wrong value, a reference to what does not exist, or a cycle that has no
    beginning.
    """
    folder = _BUILTIN / name_or_folder if str(name_or_folder) in builtin_catalogues() else Path(name_or_folder)
    head = folder / _HEAD
    if not head.is_file():
        known = ", ".join(builtin_catalogues()) or "none"
        raise CatalogueError(
            f"{name_or_folder}: no catalogue here ({_HEAD} is missing); name a folder or a built-in one ({known})"
        )
    sources = {head.name: YamlFile(head)}
    fields: dict[str, Any] = dict(sources[head.name].mapping)
    if "catalogue" in fields:
        fields["name"] = fields.pop("catalogue")
    entities: dict[str, Entity] = {}
    for path in sorted(folder.glob("*.yaml")):
        if path.name == _HEAD:
            continue
        source = sources[path.stem] = YamlFile(path)
        entity = source.parse(Entity)
        if entity.entity != path.stem:
            raise source.error(("entity",), f"is '{entity.entity}' but the file is named {path.name}; make them equal")
        entities[entity.entity] = entity
    if not entities:
        raise CatalogueError(f"{folder}: the catalogue describes no entity type; add a YAML file for one")
    for derived in ("entities", "order", "circles", "fingerprint"):
        if derived in fields:
            raise sources[head.name].error((derived,), "unknown key; it is derived from the other files")
    described: Catalogue = sources[head.name].parse(Catalogue, fields)
    areas = dict(described.areas)
    if any(e.derived and e.area == UNDESCRIBED for e in entities.values()):
        # A draft may be kept as it is: it fixes what a table is compared by, and counts nowhere yet.
        areas.setdefault(UNDESCRIBED, Area(title=described.undescribed.title))
    catalogue = described.model_copy(update={"entities": entities, "areas": areas})
    for field, message, source_name in _faults(catalogue):
        raise sources[source_name].error(field, message)
    order, circles = _order(catalogue, sources)
    digest = hashlib.sha256(b"\0".join(s.text.encode() for _, s in sorted(sources.items()))).hexdigest()
    return catalogue.model_copy(update={"order": order, "circles": circles, "fingerprint": digest[:16]})


def _faults(catalogue: Catalogue) -> Iterator[tuple[FieldPath, str, str]]:
    """What no single field can tell: references between files. Yields (field path, message, file stem)."""
    known = sorted(catalogue.entities)
    for name, e in catalogue.entities.items():
        if e.area not in catalogue.areas:
            yield ("area",), f"'{e.area}' is not an area{nearest(e.area, sorted(catalogue.areas))}", name
        if e.role == "component" and e.parent is None:
            yield ("role",), "a component needs a parent; add 'parent' or make it an item", name
        if e.role == "component" and e.parent and e.parent.references.by:
            yield ("parent",), "a component refers to its parent by local id; leave 'by' out or make it an item", name
        if e.label is not None and e.label not in e.attributes:
            yield ("label",), f"'{e.label}' is not an attribute{nearest(e.label, sorted(e.attributes))}", name
        other = e.attributes.get(e.label_otherwise or "")
        if e.label_otherwise is not None and (other is None or other.references):
            yield ("label_otherwise",), f"'{e.label_otherwise}' is not an attribute with a text of its own", name
        links: list[tuple[FieldPath, Reference]] = [
            (("attributes", n, "references"), a.references) for n, a in e.attributes.items() if a.references
        ]
        if e.parent:
            links.append((("parent",), e.parent.references))
        for path, link in links:
            for target in (*link.to, *link.types.values()):
                if target not in catalogue.entities:
                    yield path, f"'{target}' is not an entity type{nearest(target, known)}", name
                elif link.by and link.by not in catalogue.entities[target].attributes:
                    yield path, f"'{target}' has no attribute '{link.by}' to refer by", name
        for n, a in e.attributes.items():
            if n in _RESERVED or n.endswith("__type"):
                yield ("attributes", n), "the name is reserved; choose another", name
            yield from _column_faults(e, ("attributes", n), a)
            for target in (t for one in a.embedded for t in one.to):
                if target not in catalogue.entities:
                    yield (
                        ("attributes", n, "embedded"),
                        f"'{target}' is not an entity type{nearest(target, known)}",
                        name,
                    )
        for n, s in e.signatures.items():
            child = catalogue.entities.get(s.entity)
            if child is None or child.parent is None or name not in child.parent.references.to:
                yield ("signatures", n, "entity"), f"'{s.entity}' is not a component of {name}", name
            else:
                for part in s.of:
                    if part not in child.attributes:
                        yield ("signatures", n, "of"), f"'{s.entity}' has no attribute '{part}'", name
        for field in ("attributes", "veto") if e.fuzzy else ():
            for part in getattr(e.fuzzy, field):
                if part not in e.attributes and not (part == "parent" and e.parent):
                    yield ("fuzzy", field), f"'{part}' is not an attribute{nearest(part, [*e.attributes])}", name
        for n, f in e.follows.items():
            yield from _follow_faults(catalogue, e, ("follows", n), f)
        for n, targets in e.through.items():
            yield from _through_faults(catalogue, e, n, targets)
        for i, key in enumerate(e.keys):
            for part in key.parts:
                if part == "parent" and e.parent is None:
                    yield ("keys", i), "'parent' is in the key but the entity type has no parent", name
                elif part != "parent" and part not in e.attributes and part not in e.signatures:
                    options = sorted({*e.attributes, *e.signatures})
                    yield ("keys", i), f"'{part}' is not an attribute{nearest(part, options)}", name
            if key.occurrence is not None and key.occurrence not in e.attributes:
                yield ("keys", i, "occurrence"), f"'{key.occurrence}' is not an attribute", name
        for number in e.covers:
            if not 0 < number <= len(catalogue.checklist):
                yield ("covers",), f"the catalogue's checklist has no entry {number}", name
        if e.source.referenced and len(e.source.local_id) > 1:
            yield ("source", "referenced"), "what others refer to has a local id of one column", name
        if len({k.name for k in e.keys}) < len(e.keys):
            yield ("keys",), "two keys have the same name; name them apart", name
    for i, w in enumerate(catalogue.watch):
        watched = catalogue.entities.get(w.entity)
        if watched is None:
            yield ("watch", i, "entity"), f"'{w.entity}' is not an entity type{nearest(w.entity, known)}", _HEAD
        elif w.attribute not in watched.attributes:
            yield ("watch", i, "attribute"), f"'{w.entity}' has no attribute '{w.attribute}'", _HEAD
        elif w.key is not None and w.key not in {k.name for k in watched.keys}:
            yield ("watch", i, "key"), f"'{w.entity}' has no key named '{w.key}'", _HEAD


def _through_faults(
    catalogue: Catalogue, e: Entity, n: str, targets: tuple[str, ...]
) -> Iterator[tuple[FieldPath, str, str]]:
    link = e.attributes[n].references if n in e.attributes else None
    if e.role != "component":
        yield ("through", n), "only a component's tree goes on elsewhere; make it a component", e.entity
    elif link is None:
        yield ("through", n), f"'{n}' is not an attribute that refers to an entity type", e.entity
    elif link.by is not None:
        yield ("through", n), f"'{n}' refers by '{link.by}'; a tree goes on where a local id leads", e.entity
    known = link.to if link else targets
    for target in targets:
        if target not in known:
            yield ("through", n), f"'{n}' does not refer to '{target}'{nearest(target, [*known])}", e.entity
        elif target in catalogue.entities and catalogue.entities[target].role != "item":
            yield ("through", n), f"'{target}' is a component; a tree goes on through an item of its own", e.entity


def _follow_faults(catalogue: Catalogue, e: Entity, path: FieldPath, f: Follow) -> Iterator[tuple[FieldPath, str, str]]:
    followed = catalogue.entities.get(f.entity)
    if followed is None:
        near = nearest(f.entity, sorted(catalogue.entities))
        yield (*path, "entity"), f"'{f.entity}' is not an entity type{near}", e.entity
        return
    for theirs, ours in f.on.items():
        if theirs not in followed.references:
            yield (*path, "on"), f"'{theirs}' is no reference of {f.entity}", e.entity
        above, dot, name = ours.rpartition(".")
        owner = e
        if dot:
            found = e.parent.references.to if e.parent else ()
            if above != "parent" or len(found) != 1 or found[0] not in catalogue.entities:
                fault = f"'{ours}': only 'parent.' may stand before a name, of a parent of one type"
                yield (*path, "on"), fault, e.entity
                continue
            owner = catalogue.entities[found[0]]
        if name not in owner.references:
            yield (*path, "on"), f"'{ours}' is no reference of {owner.entity}", e.entity


def _column_faults(e: Entity, path: FieldPath, a: Attribute) -> Iterator[tuple[FieldPath, str, str]]:
    alias, dot, _ = a.column.partition(".")
    if dot and alias not in e.source.joins:
        yield (*path, "column"), f"'{alias}' is not a joined table{nearest(alias, sorted(e.source.joins))}", e.entity
    if a.code_set is not None and a.references is None:
        yield (*path, "code_set"), "only a reference can be tested against a code set", e.entity
    if a.national and (a.references is not None or a.compare == "set"):
        yield (
            (*path, "national"),
            "only a single value of its own is a code; name the attribute that holds it",
            e.entity,
        )
    if a.unit is not None and (a.compare != "number" or a.unit not in e.attributes):
        yield (*path, "unit"), f"'{a.unit}' is not an attribute that gives a number's unit", e.entity
    if a.embedded and (a.references is not None or a.compare not in ("exact", "text", "long")):
        yield (*path, "embedded"), "only a text can hold ids; leave 'references' out and compare it as text", e.entity


def _order(catalogue: Catalogue, sources: dict[str, YamlFile]) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    """Entity types so that each comes after those its keys refer to, and the circles among them.

    A cycle of parents is refused, and one of keys in which no entity type has a key of its own to begin with.
    """
    parents = {
        n: {t for t in e.parent.references.to if t != n} if e.parent else set() for n, e in catalogue.entities.items()
    }
    _sorted(parents, sources, ("parent",), "parents go round in a cycle")
    needs = _needs(catalogue)
    circles = _circles(needs)
    for circle in circles:
        if not any(_begins(catalogue, n, circle) for n in circle):
            within = {n: needs[n] & {*circle} for n in circle}
            _sorted(within, sources, ("keys",), "keys go round in a cycle")
    return _in_order(catalogue, needs, circles), circles


def _circles(needs: dict[str, set[str]]) -> tuple[tuple[str, ...], ...]:
    """The sets of entity types each of which leads to every other (or to itself), in the order of their names."""

    def reached(start: str) -> set[str]:
        found: set[str] = set()
        waiting = [*needs[start]]
        while waiting:
            name = waiting.pop()
            if name not in found:
                found.add(name)
                waiting += needs[name]
        return found

    leads = {n: reached(n) for n in sorted(needs)}
    made = {tuple(m for m in leads[n] if n in leads[m]) for n in leads if n in leads[n]}
    return tuple(sorted(tuple(sorted(circle)) for circle in made))


def _begins(catalogue: Catalogue, name: str, circle: tuple[str, ...]) -> bool:
    """Whether the entity type has a key that leads to nothing in its circle."""
    e = catalogue.entities[name]
    return any(not _led_to(catalogue, e, key.parts) & {*circle} for key in e.keys)


def _in_order(
    catalogue: Catalogue, needs: dict[str, set[str]], circles: tuple[tuple[str, ...], ...]
) -> tuple[str, ...]:
    """Each entity type after those its keys refer to; in a circle those with a key of their own first."""
    first = {n: circle[0] for circle in circles for n in circle}
    graph: dict[str, set[str]] = {}
    for n in sorted(needs):
        own = first.get(n, n)
        graph.setdefault(own, set()).update({first.get(t, t) for t in needs[n]} - {own})
    members = {
        circle[0]: sorted(circle, key=lambda n, c=circle: (not _begins(catalogue, n, c), n))  # type: ignore[misc]
        for circle in circles
    }
    order = TopologicalSorter({n: sorted(graph[n]) for n in sorted(graph)}).static_order()
    return tuple(name for n in order for name in members.get(n, [n]))


def ordered(catalogue: Catalogue) -> Catalogue:
    """The catalogue with its entity types in an order in which each comes after those its keys refer to.

    For entity types that were not read from files.
    """
    needs = _needs(catalogue)
    circles = _circles(needs)
    order = _in_order(catalogue, needs, circles)
    written = catalogue.model_dump_json(include={"entities"})
    digest = hashlib.sha256((catalogue.fingerprint + written).encode()).hexdigest()
    return catalogue.model_copy(update={"order": order, "circles": circles, "fingerprint": digest[:16]})


def _needs(catalogue: Catalogue) -> dict[str, set[str]]:
    """By entity type, those its keys refer to."""
    return {
        n: _led_to(catalogue, e, (part for key in e.keys for part in key.parts)) for n, e in catalogue.entities.items()
    }


def _led_to(catalogue: Catalogue, e: Entity, parts: Iterable[str]) -> set[str]:
    """The entity types that these parts of a key lead to."""
    found: set[str] = set()
    for part in parts:
        if part in e.references:
            found |= {*e.references[part].to}
        elif part in e.signatures:
            s = e.signatures[part]
            child = catalogue.entities[s.entity]
            found |= {t for name in s.of if name in child.references for t in child.references[name].to}
    return found


def _sorted(
    graph: dict[str, set[str]], sources: dict[str, YamlFile], field: FieldPath, message: str
) -> tuple[str, ...]:
    try:
        sorter = TopologicalSorter({n: sorted(graph[n]) for n in sorted(graph)})
        return tuple(sorter.static_order())
    except CycleError as fault:
        round_trip = list(reversed(fault.args[1]))
        raise sources[round_trip[0]].error(field, f"{message}: {' → '.join(round_trip)}; break it") from None
