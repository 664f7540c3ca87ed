"""An item as a tree, both sides aligned: what its components are, in which order and under which owner, told apart."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import SequenceMatcher

import duckdb

from transforms.ask.lookup import Item
from transforms.warehouse import ident

# A tree goes on through links (a set within a set) at most so many times; so deep nothing is read.
_LINKS = 30
_ALIKE = 0.6

_Key = tuple[str, str]


@dataclass(frozen=True)
class Change:
    """One attribute of a node that differs."""

    attribute: str
    value_a: str | None
    value_b: str | None
    reason: str | None


@dataclass(frozen=True)
class Node:
    """A component (or the item itself, at the root) with its own components.

    ``state``: both, only_a, only_b or moved (``elsewhere`` names the owner on the other side). ``reordered`` is true
    where it stands in another order among those that are on both sides: as few as can explain the order. ``perhaps`` is
    the label of the unmatched sibling on the other side that it is most like. ``linked`` is an item of its own that
    the component above leads to, from ``places`` components of this pair in all; where it is drawn elsewhere in
    this tree already (or holds itself) it is ``again``, without what is below. ``told_by`` is what tells it from
    siblings of the same label.
    """

    entity: str
    identity: str
    label: str | None
    state: str
    place_a: int | None = None
    place_b: int | None = None
    reordered: bool = False
    elsewhere: str | None = None
    perhaps: str | None = None
    linked: bool = False
    places: int = 0
    again: bool = False
    told_by: str | None = None
    changes: tuple[Change, ...] = ()
    children: tuple[Node, ...] = field(default=())

    @property
    def differs(self) -> bool:
        """Whether anything differs here or below."""
        return self.state != "both" or self.reordered or bool(self.changes) or any(c.differs for c in self.children)


def of(con: duckdb.DuckDBPyConnection, item: Item) -> Node:
    """The tree of an item as the published night has it, on through what its components lead to."""
    pair = item.pair_id
    state = "both" if item.rule is not None else ("only_a" if item.local_id_a is not None else "only_b")
    below: dict[_Key, list[Node]] = {}
    level: set[_Key] = {(item.entity, item.identity)}
    seen, links = set(level), set[_Key]()
    for _ in range(_LINKS):
        rows = con.execute(
            "SELECT owner_entity, owner_identity, entity, identity, label, state, place_a, place_b, elsewhere_label, "
            "linked FROM published.tree_node t JOIN (SELECT unnest(?) AS entity_, unnest(?) AS identity_) w "
            "ON w.entity_ = t.root_entity AND w.identity_ = t.root_identity WHERE t.pair_id = ? ORDER BY ALL",
            [[e for e, _ in sorted(level)], [i for _, i in sorted(level)], pair],
        ).fetchall()
        for row in rows:
            of, identity, label, state_, place_a, place_b, elsewhere, linked = row[2:]
            node = Node(of, identity, label, state_, place_a, place_b, elsewhere=elsewhere, linked=linked)
            below.setdefault((row[0], row[1]), []).append(node)
        seen |= {(r[2], r[3]) for r in rows if not r[9]}
        level = {(r[2], r[3]) for r in rows if r[9]} - links - {(item.entity, item.identity)}
        links |= level
        if not level:
            break
    changes = _changes(con, pair, seen | links)
    places = _places(con, pair, links)
    told = _told_by(con, pair, below)
    drawn = {(item.entity, item.identity)}

    def built(node: Node) -> Node:
        key = (node.entity, node.identity)
        if node.linked and key in drawn:
            return replace(node, again=True, places=places.get(key, 0))
        drawn.add(key)
        node = replace(node, told_by=told.get(key), changes=changes.get(key, ()), places=places.get(key, 0))
        # What moved is followed where a has it.
        follow = node.state != "moved" or node.place_a is not None
        children = _aligned([built(n) for n in below.get(key, ())]) if follow else []
        return replace(node, children=tuple(children))

    return built(Node(item.entity, item.identity, item.label, state))


def folded(node: Node) -> Node | None:
    """What a component leads to that is called as the component is, on the same sides: the two are shown as one."""
    led = [c for c in node.children if c.linked]
    if len(led) == 1 and led[0].label == node.label and led[0].state in (node.state, "both"):
        return led[0]
    return None


def _places(con: duckdb.DuckDBPyConnection, pair: str, wanted: Iterable[_Key]) -> dict[_Key, int]:
    """How many components lead to each."""
    rows = con.execute(
        "SELECT entity, identity, count(*) FROM published.tree_node "
        "WHERE pair_id = ? AND linked AND list_contains(?, identity) GROUP BY ALL",
        [pair, [i for _, i in wanted]],
    ).fetchall()
    return {(entity, identity): n for entity, identity, n in rows}


def _told_by(con: duckdb.DuckDBPyConnection, pair: str, below: Mapping[_Key, Sequence[Node]]) -> dict[_Key, str]:
    """What else of their keys tells siblings apart of which some are called alike: said of all of that type."""
    groups: dict[str, list[dict[str | None, list[str]]]] = {}
    for nodes in below.values():
        alike: dict[str, dict[str | None, list[str]]] = {}
        for n in nodes:
            alike.setdefault(n.entity, {}).setdefault(n.label, []).append(n.identity)
        for entity, named in alike.items():
            if any(len(same) > 1 for same in named.values()):
                groups.setdefault(entity, []).append(named)
    found: dict[_Key, str] = {}
    for entity, wanted in groups.items():
        names = [
            row[0]
            for row in con.execute(
                "SELECT k.element FROM published.key k JOIN published.attribute a ON a.entity = k.entity "
                "AND a.attribute = k.element WHERE k.entity = ? AND k.element <> 'parent' "
                "GROUP BY 1 ORDER BY min(k.ordinal), min(k.place)",
                [entity],
            ).fetchall()
        ]
        if not names:
            continue
        columns = ", ".join(f"min({ident(n)}::VARCHAR)" for n in names)
        rows = con.execute(
            f"SELECT identity, {columns} FROM published.{ident('item_' + entity)} "  # noqa: S608
            "WHERE pair_id = ? AND list_contains(?, identity) GROUP BY identity",
            [pair, [i for named in wanted for same in named.values() for i in same]],
        ).fetchall()
        values = {row[0]: row[1:] for row in rows}
        for named in wanted:
            telling = [
                i
                for i in range(len(names))
                if any(len({values[s][i] for s in same if s in values}) > 1 for same in named.values())
            ]
            for one in (i for same in named.values() for i in same if i in values):
                if text := ", ".join(values[one][i] for i in telling if values[one][i]):
                    found[entity, one] = text
    return found


def _changes(con: duckdb.DuckDBPyConnection, pair: str, wanted: Iterable[_Key]) -> dict[_Key, tuple[Change, ...]]:
    rows = con.execute(
        "SELECT entity, identity, attribute, value_a, value_b, reason FROM published.difference "
        "WHERE pair_id = ? AND attribute IS NOT NULL AND kind <> 'moved' AND list_contains(?, identity) "
        "ORDER BY weight DESC, attribute",
        [pair, [i for _, i in wanted]],
    ).fetchall()
    found: dict[_Key, tuple[Change, ...]] = {}
    for entity, identity, *change in rows:
        found[entity, identity] = (*found.get((entity, identity), ()), Change(*change))
    return found


def _aligned(nodes: list[Node]) -> list[Node]:
    """The components of one owner in a common order, with what stands in another order and what may be the same."""
    done: list[Node] = []
    for entity in dict.fromkeys(n.entity for n in sorted(nodes, key=lambda n: n.entity)):
        same = sorted((n for n in nodes if n.entity == entity), key=lambda n: (n.place_a or 0, n.place_b or 0))
        common = [n for n in same if n.place_a is not None and n.place_b is not None]
        kept = in_order([n.place_b or 0 for n in common])
        still = {n.identity for n, keep in zip(common, kept, strict=True) if keep}
        alike = _perhaps([n for n in same if n.state == "only_a"], [n for n in same if n.state == "only_b"])
        marked = [
            replace(n, reordered=n in common and n.identity not in still, perhaps=alike.get(n.identity)) for n in same
        ]
        done += _merged(marked)
    return done


def _merged(nodes: Sequence[Node]) -> list[Node]:
    """In a's order; what only b has comes after what it follows there, and after what only a has there."""
    placed = [n for n in nodes if n.place_a is not None]
    for node in sorted((n for n in nodes if n.place_a is None), key=lambda n: n.place_b or 0):
        earlier = [i for i, n in enumerate(placed) if n.place_b and not n.reordered and n.place_b < (node.place_b or 0)]
        at = max(earlier) + 1 if earlier else 0
        while at < len(placed) and placed[at].state == "only_a":
            at += 1
        placed.insert(at, node)
    return placed


def in_order(places: Sequence[int]) -> list[bool]:
    """Which elements belong to a longest ascending subsequence: the fewest others need to move to put all in order."""
    tails: list[int] = []
    back: list[int] = []
    ends: list[int] = []
    for i, place in enumerate(places):
        at = bisect_left(tails, place)
        if at == len(tails):
            tails.append(place)
            ends.append(i)
        else:
            tails[at] = place
            ends[at] = i
        back.append(ends[at - 1] if at else -1)
    kept = [False] * len(places)
    i = ends[-1] if ends else -1
    while i >= 0:
        kept[i] = True
        i = back[i]
    return kept


def _owned(node: Node) -> set[str]:
    """How what a node is composed of is called, through what it leads to."""
    found = {c.label for c in node.children if c.label and not c.linked}
    return found.union(*(_owned(c) for c in node.children if c.linked))


def _perhaps(a: Sequence[Node], b: Sequence[Node]) -> dict[str, str]:
    """Label of the likeliest counterpart by identity, one to one: by what they own, or by how they are called."""

    def alike(x: Node, y: Node) -> float:
        mine, theirs = (_owned(n) for n in (x, y))
        owned = len(mine & theirs) / len(mine | theirs) if mine | theirs else 0.0
        return max(owned, SequenceMatcher(None, (x.label or "").lower(), (y.label or "").lower()).ratio())

    if len(a) * len(b) > 10_000:
        return {}
    scored = sorted(
        ((alike(x, y), i, j) for i, x in enumerate(a) for j, y in enumerate(b)), key=lambda s: (-s[0], s[1:])
    )
    found: dict[str, str] = {}
    taken: set[tuple[str, int]] = set()
    for score, i, j in scored:
        if score < _ALIKE or ("a", i) in taken or ("b", j) in taken:
            continue
        taken |= {("a", i), ("b", j)}
        found[a[i].identity], found[b[j].identity] = b[j].label or "?", a[i].label or "?"
    return found
