"""A slow, obvious second implementation of a night: what docs/metrics.md says, in loops over dicts.

It knows nothing of the SQL. An item is told apart by (side, entity, local id); what two items share is found by looking
at every pair of values; figures are fractions. It covers what the drawn catalogues of test_core.py and test_kinds.py
use.
"""

from __future__ import annotations

import functools
import json
import unicodedata
import xml.etree.ElementTree as ElementTree
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

from transforms.catalogue import Catalogue, Entity, Key, Reference
from transforms.land import structured

Tables = Mapping[str, list[dict[str, str]]]
SIDES = "ab"


# --- values ----------------------------------------------------------------------------------------------------------


def identifier(text: str) -> str | None:
    text = text.strip(" ")
    whole, point, fraction = text.partition(".")
    if point and fraction and not fraction.strip("0") and whole.removeprefix("-").isdigit():
        return whole
    return text or None


def words(text: str) -> str | None:
    return " ".join(unicodedata.normalize("NFC", text).replace("\u00a0", " ").split()) or None


def number(text: str) -> str | None:
    text = text.strip(" ")
    if not text:
        return None
    try:
        value = Decimal(text.replace(",", "."))
    except ArithmeticError:
        return text
    return format(value.normalize() + 0, "f")


def flag(text: str) -> str | None:
    value = identifier(text)
    if value and value.upper() in ("1", "TRUE", "T", "YES", "Y", "JA", "SANT"):
        return "1"
    if value and value.upper() in ("0", "FALSE", "F", "NO", "N", "NEJ", "FALSKT"):
        return "0"
    return value


def moment(text: str) -> datetime | None:
    for picture in ("%d-%b-%Y %H:%M:%S", "%d-%b-%Y", "%Y-%m-%d %H:%M:%S", "%Y-%m-%d"):
        try:
            return datetime.strptime(text.strip(" "), picture)
        except ValueError:
            continue
    return None


def members(text: str) -> list[str]:
    return [w for w in map(words, text.split(";")) if w]


def bits(text: str) -> str | None:
    text = text.strip(" ")
    return str(int(text, 16)) if text.lower().startswith("0x") else identifier(text)


def lines(text: str) -> str | None:
    made = []
    for line in unicodedata.normalize("NFC", text).replace("\r\n", "\n").replace("\r", "\n").split("\n"):
        for blank in "\t\u00a0":
            line = line.replace(blank, " ")
        while "  " in line:
            line = line.replace("  ", " ")
        made.append(line.removesuffix(" "))
    return "\n".join(made).rstrip("\n ") or None


# What a unit comes to in the base unit of its dimension: written down here once more.
UNITS = {
    "g": (Fraction(1), "g"),
    "mg": (Fraction(1, 1000), "g"),
    "l": (Fraction(1), "l"),
    "ml": (Fraction(1, 1000), "l"),
}


def amount(value: str | None, unit: str | None) -> tuple[Fraction, tuple[str, ...]] | None:
    """What a number comes to in base units, None where the number or a unit is none. mg/ml is g/l."""
    parts = (unit or "").split("/")
    if value is None or any(p not in UNITS for p in parts):
        return None
    try:
        whole = Fraction(Decimal(value)) * UNITS[parts[0]][0]
    except ArithmeticError:
        return None
    for part in parts[1:]:
        whole /= UNITS[part][0]
    return whole, tuple(UNITS[p][1] for p in parts)


def quantity(text: str) -> str | None:
    text = text.strip(" ")
    digits = text.rstrip("abcdefghijklmnopqrstuvwxyz/").strip(" ")
    found = amount(number(digits), text[len(digits) :].strip(" ")) if digits else None
    return f"{float(found[0]):.12g} {'/'.join(found[1])}" if found else words(text)


KINDS = {
    "exact": identifier,
    "text": words,
    "number": number,
    "flag": flag,
    "set": lambda text: "; ".join(sorted(set(members(text)))) or None,
    "list": lambda text: "; ".join(members(text)) or None,
    "mask": bits,
    "quantity": quantity,
    "long": lines,
    "json": structured.canonical_json,
    "xml": structured.canonical_xml,
}


def structure(kind: str, text: str | None) -> Any:
    """What XML or JSON says, as nested values; the text itself where it is none."""
    try:
        if kind == "json" and text:
            return ("json", json.loads(text, parse_int=str, parse_float=str))
        if kind == "xml" and text:
            return ("xml", _element(ElementTree.fromstring(text)))
    except (ValueError, ElementTree.ParseError):
        pass
    return text


def _element(e: ElementTree.Element) -> Any:
    said = [(e.text or "").split(), *((_element(c), (c.tail or "").split()) for c in e)]
    return e.tag, dict(e.attrib), said


# --- items -----------------------------------------------------------------------------------------------------------


@dataclass
class Item:
    side: str
    entity: Entity
    local_id: str
    values: dict[str, Any]
    partner: Item | None = None
    key: Key | None = None

    @property
    def name(self) -> tuple[str, ...]:
        """Who this is, alike on both sides of a match."""
        if self.partner is None:
            return ("only", self.entity.entity, self.side, self.local_id)
        a, b = (self, self.partner) if self.side == "a" else (self.partner, self)
        return ("both", self.entity.entity, a.local_id, b.local_id)


def live(e: Entity, row: Mapping[str, str], at: datetime) -> bool:
    for column, condition in e.source.live.items():
        if column not in row:
            continue
        text = row[column]
        if condition.one_of and identifier(text) not in condition.one_of:
            return False
        if condition.after_snapshot and (when := moment(text)) is not None and when.year < 2100 and when <= at:
            return False
    return True


@dataclass
class Night:
    """Both sides' items, matched and compared."""

    catalogue: Catalogue
    tables: dict[str, Tables]
    at: datetime
    items: dict[tuple[str, str], dict[str, Item]] = field(default_factory=dict)
    differences: set[tuple[Any, ...]] = field(default_factory=set)
    agreement: dict[tuple[str, ...], Fraction] = field(default_factory=dict)
    weighed: dict[tuple[str, ...], Fraction] = field(default_factory=dict)
    identical: dict[tuple[str, ...], bool] = field(default_factory=dict)
    ambiguous: set[tuple[str, ...]] = field(default_factory=set)

    def __post_init__(self) -> None:
        for side in SIDES:
            for e in self.catalogue.ordered:
                self.items[side, e.entity] = {i.local_id: i for i in self._items(side, e)}
        for e in self.catalogue.ordered:
            self._match(e)
        for e in reversed(self._owners_first()):
            self._compare(e)

    # --- normalise

    def _items(self, side: str, e: Entity) -> list[Item]:
        found = []
        for row in self.tables[side].get(e.source.table, []):
            if not live(e, row, self.at):
                continue
            values: dict[str, Any] = {}
            for name, reference in e.references.items():
                column = e.parent.column if name == "parent" and e.parent else e.attributes[name].column
                values[name] = self._link(row, column, reference)
            for name, attribute in e.attributes.items():
                if attribute.references is None:
                    values[name] = KINDS[attribute.compare](row[attribute.column])
            local_id = identifier(row[e.source.local_id[0]])
            assert local_id is not None
            found.append(Item(side, e, local_id, values))
        return found

    def _link(self, row: Mapping[str, str], column: str, reference: Reference) -> tuple[tuple[str, ...], str] | None:
        """(the entity types it may lead to, local id), None for no reference."""
        value = identifier(row[column])
        if value in (None, "0"):
            return None
        if reference.type_column is None:
            return reference.to, value
        kind = row[reference.type_column].strip(" ")
        return (reference.types[kind],) if kind in reference.types else (f"*{kind}",), value

    def target(self, item: Item, name: str) -> Item | None:
        """The live item a reference leads to."""
        link = item.values[name]
        if link is None:
            return None
        found = [self.items[item.side, t][link[1]] for t in link[0] if link[1] in self.items.get((item.side, t), {})]
        return found[0] if len(found) == 1 else None

    def meaning(self, item: Item, name: str) -> Any:
        """What is compared: the value, or who a reference leads to."""
        if name not in item.entity.references or item.values[name] is None:
            return item.values[name]
        kinds = item.values[name][0]
        if kinds[0].startswith("*"):
            return ("a thing of type", kinds[0])
        target = self.target(item, name)
        return target.name if target else ("nothing live on side", item.side)

    def said(self, item: Item, name: str) -> Any:
        """What counts as equal: as ``meaning``, but leading nowhere is the same wherever it is said."""
        meaning = self.meaning(item, name)
        nowhere = isinstance(meaning, tuple) and meaning[0] == "nothing live on side"
        portable = item.entity.references[name].by is not None if nowhere else False
        return ("nothing live", item.values[name] if portable else item.values[name][0]) if nowhere else meaning

    def same(self, a: Item, b: Item, name: str) -> bool:
        attribute = a.entity.attributes.get(name)
        if attribute is not None and attribute.compare in ("json", "xml"):
            return bool(structure(attribute.compare, a.values[name]) == structure(attribute.compare, b.values[name]))
        if attribute is not None and attribute.unit:
            mine, theirs = (amount(i.values[name], self.shown(i, attribute.unit)) for i in (a, b))
            if mine is not None and mine == theirs:
                return True
        return bool(self.said(a, name) == self.said(b, name))

    def shown(self, item: Item, name: str) -> str | None:
        if name not in item.entity.references or item.values[name] is None:
            return item.values[name]
        kinds, value = item.values[name]
        if kinds[0].startswith("*"):
            return kinds[0][1:]
        target = self.target(item, name)
        label = target.values[target.entity.label_attribute] if target else None
        return label or f"? {value}"

    # --- match

    def key_value(self, item: Item, key: Key) -> Any:
        parts = []
        for part in key.on:
            if part in item.entity.signatures:
                s = item.entity.signatures[part]
                said = Counter(
                    tuple(self.meaning(child, p) or "" for p in s.of)
                    for child in self.items[item.side, s.entity].values()
                    if self.target(child, "parent") is item
                )
                parts.append(frozenset(said.items()) or None)
            else:
                parts.append(self.meaning(item, part))
        if any(p is None for p in parts):
            return None
        if key.fold_case:
            parts = [p.upper() for p in parts]
        return tuple(parts)

    def keyed(self, side: str, e: Entity, key: Key) -> dict[Any, list[Item]]:
        found = defaultdict(list)
        for item in self.items[side, e.entity].values():
            value = self.key_value(item, key)
            if value is not None:
                found[value].append(item)
        if key.occurrence is None:
            return found
        told_apart = {}
        for value, those in found.items():
            for place, item in enumerate(sorted(those, key=lambda i: Decimal(i.values[key.occurrence])), 1):
                told_apart[value, place] = [item]
        return told_apart

    def _match(self, e: Entity) -> None:
        # Every key is judged on all items: what is found by one key must not make another unique.
        keyed = {key.name: [self.keyed(side, e, key) for side in SIDES] for key in e.keys}
        for key in e.keys:
            on_a, on_b = keyed[key.name]
            for value in on_a:
                if len(on_a[value]) == 1 and len(on_b.get(value, [])) == 1:
                    a, b = on_a[value][0], on_b[value][0]
                    if a.partner is None and b.partner is None:
                        a.partner, b.partner, a.key, b.key = b, a, key, key
        for key in e.keys:
            on_a, on_b = keyed[key.name]
            for value in on_a:
                left = [[i for i in on.get(value, []) if i.partner is None] for on in (on_a, on_b)]
                if all(left):
                    self.ambiguous |= {item.name for item in (*left[0], *left[1])}

    # --- compare

    def _owners_first(self) -> list[Entity]:
        """Owners before what they own."""
        found: list[Entity] = []

        def visit(e: Entity) -> None:
            if e in found:
                return
            if e.parent and e.role == "component":
                for owner in e.parent.references.to:
                    visit(self.catalogue.entities[owner])
            found.append(e)

        for e in self.catalogue.ordered:
            visit(e)
        return found

    def pairs(self, e: Entity) -> list[tuple[Item, Item]]:
        return [(a, a.partner) for a in self.items["a", e.entity].values() if a.partner]

    def _compare(self, e: Entity) -> None:
        weights = {"parent": e.parent.weight} if e.parent else {}
        weights |= {n: a.weight for n, a in e.attributes.items() if a.weight}
        for a, b in self.pairs(e):
            equal = Fraction(0)
            whole = Fraction(0)
            same = True
            for name, weight in weights.items():
                whole += Fraction(weight)
                if self.same(a, b, name):
                    equal += Fraction(weight)
                    continue
                same = False
                kind = "moved" if name == "parent" else "changed"
                cause = self._cause(a, name) or self._cause(b, name)
                self.differences.add((*a.name, kind, name, self.shown(a, name), self.shown(b, name), cause))
            for c in self.catalogue.components_of(e.entity):
                mine = [
                    [i for i in self.items[o.side, c.entity].values() if self.target(i, "parent") is o] for o in (a, b)
                ]
                if not any(mine):
                    continue
                at_home = [i for i in mine[0] if i.partner in mine[1]]
                total = sum((self.agreement[i.name] for i in at_home), Fraction(0))
                equal += Fraction(c.weight) * 2 * total / (len(mine[0]) + len(mine[1]))
                whole += Fraction(c.weight)
                together = len(at_home) == len(mine[0]) == len(mine[1])
                same = same and together and all(self.identical[i.name] for i in at_home)
            self.agreement[a.name], self.weighed[a.name] = equal / whole, whole
            self.identical[a.name] = same
        for side in SIDES:
            for item in self.items[side, e.entity].values():
                if item.partner is None:
                    cause = self._cause(item, "parent") if e.parent else None
                    self.differences.add((*item.name, f"only_{side}", None, None, None, cause))

    def _cause(self, item: Item, name: str) -> tuple[str, ...] | None:
        target = self.target(item, name) if name in item.entity.references else None
        return target.name if target and target.partner is None else None

    # --- trees

    def under(self, owner: Item, c: Entity) -> list[Item]:
        """The components of a type under an owner, in the order that their occurrence gives, then by name."""
        mine = [i for i in self.items[owner.side, c.entity].values() if self.target(i, "parent") is owner]

        def place(item: Item) -> tuple[Any, ...]:
            by = [item.values[n] for n in c.placed_by]
            label = item.values[c.label_attribute]
            return (*((v is None, Decimal(v or 0)) for v in by), label is None, label or "", item.local_id)

        return sorted(mine, key=place)

    def tree(self) -> set[tuple[Any, ...]]:
        """(owner, component, state, place in a, place in b) for everything that is composed of something."""
        places: dict[tuple[Any, ...], dict[str, int]] = defaultdict(dict)
        matched = {}
        for owner_type in self.catalogue.ordered:
            for c in self.catalogue.components_of(owner_type.entity):
                for side in SIDES:
                    for owner in self.items[side, owner_type.entity].values():
                        for place, item in enumerate(self.under(owner, c), 1):
                            places[owner.name, item.name][side] = place
                            matched[item.name] = item.partner is not None
        found = set()
        for (owner_name, name), at in places.items():
            state = "both" if len(at) == 2 else "moved" if matched[name] else f"only_{next(iter(at))}"
            found.add((owner_name, name, state, at.get("a"), at.get("b")))
        return found

    # --- worth

    def worth(self) -> dict[tuple[Any, ...], Fraction]:
        """(item, attribute) of every difference → by how much it keeps the convergence of the total down."""
        found = {}
        for *name, kind, attribute, _, _, _ in self.differences:
            both = name[0] == "both"
            items = [self.items["a" if both else name[2], name[1]][name[2 if both else 3]]]
            if both:
                items.append(self.items["b", name[1]][name[3]])
            share = self.share(items)
            if attribute is not None:
                e = items[0].entity
                weight = e.parent.weight if attribute == "parent" and e.parent else e.attributes[attribute].weight
                part = Fraction(weight) / self.weighed[tuple(name)]
                moved = self.agreement[tuple(name)] if kind == "moved" and e.role == "component" else 0
                share *= part + moved
            found[tuple(name), attribute] = share
        return found

    def share(self, items: list[Item]) -> Fraction:
        """What one unit of the agreement of a match (or of an item without one) is worth in the total."""
        e = items[0].entity
        if e.role == "component":
            whole = Fraction(0)
            for item in items:
                owner = self.target(item, "parent")
                if owner is not None and owner.partner is not None:
                    there = [owner, owner.partner]
                    number = sum(len(self.under(o, e)) for o in there)
                    whole += self.share(there) * Fraction(e.weight) / (number * self.weighed[owner.name])
            return whole
        if e.expected_local:
            return Fraction(0)
        n = {t: sum(c[k] for k in ("matched", "only_a", "only_b")) for t, c in self._counted.items()}
        scored = [t for t in self.catalogue.ordered if t.role == "item" and not t.expected_local and n[t.entity]]
        in_area = sum(Fraction(t.weight) for t in scored if t.area == e.area)
        areas = sum(Fraction(self.catalogue.areas[a].weight) for a in {t.area for t in scored})
        part = Fraction(self.catalogue.areas[e.area].weight) / areas
        return part * Fraction(e.weight) / in_area / n[e.entity]

    @functools.cached_property
    def _counted(self) -> dict[str, dict[str, int]]:
        return self.counts()

    # --- measure

    def matches(self) -> set[tuple[str, ...]]:
        return {
            (e.entity, a.local_id, b.local_id, a.key.name)
            for e in self.catalogue.ordered
            for a, b in self.pairs(e)
            if a.key
        }

    def counts(self) -> dict[str, dict[str, int]]:
        found = {}
        for e in self.catalogue.ordered:
            alone = [i for side in SIDES for i in self.items[side, e.entity].values() if i.partner is None]
            pairs = self.pairs(e)
            unclear = [i.side for i in alone if i.name in self.ambiguous]
            found[e.entity] = {
                "matched": len(pairs),
                "only_a": sum(i.side == "a" for i in alone),
                "only_b": sum(i.side == "b" for i in alone),
                "identical": sum(self.identical[a.name] for a, _ in pairs),
                "uncertain": sum(not a.key.certain for a, _ in pairs if a.key),
                "ambiguous_a": unclear.count("a"),
                "ambiguous_b": unclear.count("b"),
            }
        return found

    def figures(self) -> dict[tuple[str, str, str], Fraction | None]:
        """(level, subject, metric) → value, None where it is not measurable."""
        found: dict[tuple[str, str, str], Fraction | None] = {}
        for e in self.catalogue.ordered:
            n = self.counts()[e.entity]
            items = n["matched"] + n["only_a"] + n["only_b"]
            agree = sum((self.agreement[a.name] for a, _ in self.pairs(e)), Fraction(0))
            sure = sum((self.agreement[a.name] for a, _ in self.pairs(e) if a.key and a.key.certain), Fraction(0))
            possible = min(n["ambiguous_a"], n["ambiguous_b"])
            for metric, above, below in (
                ("coverage", n["matched"], items),
                ("agreement", agree, n["matched"]),
                ("convergence", agree, items),
                ("convergence_lower", sure, items + n["uncertain"]),
                ("convergence_upper", agree + possible, items - possible),
                ("strict", n["identical"], items),
            ):
                found["entity", e.entity, metric] = Fraction(above) / below if below else None
        scored = [e for e in self.catalogue.ordered if e.role == "item" and not e.expected_local]
        metrics = {metric for _, _, metric in found}
        for metric in metrics:
            for area in {e.area for e in scored}:
                found["area", area, metric] = average(
                    [(e.weight, found["entity", e.entity, metric]) for e in scored if e.area == area]
                )
            found["total", "total", metric] = average(
                [(a.weight, found.get(("area", name, metric))) for name, a in self.catalogue.areas.items()]
            )
        return found


def average(weighted: Any) -> Fraction | None:
    measurable = [(Fraction(w), v) for w, v in weighted if v is not None]
    whole = sum((w for w, _ in measurable), Fraction(0))
    return sum((w * v for w, v in measurable), Fraction(0)) / whole if whole else None
