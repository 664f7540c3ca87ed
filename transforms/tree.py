"""An item as a tree, both sides aligned: what its components are, in which order and under which owner, told apart."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from difflib import SequenceMatcher

import duckdb

from transforms.lookup import Item

# Components of types that have no order of their own are never called reordered; deeper than this nothing is composed.
_DEEPEST = 12
_ALIKE = 0.6


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
    the label of the unmatched sibling on the other side that it is most like.
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
    changes: tuple[Change, ...] = ()
    children: tuple[Node, ...] = field(default=())

    @property
    def differs(self) -> bool:
        """Whether anything differs here or below."""
        return self.state != "both" or self.reordered or bool(self.changes) or any(c.differs for c in self.children)


def of(con: duckdb.DuckDBPyConnection, item: Item) -> Node:
    """The tree of an item as the published night has it."""
    pair = item.pair_id
    state = "both" if item.rule is not None else ("only_a" if item.local_id_a is not None else "only_b")
    below: dict[tuple[str, str], list[Node]] = {}
    level = {(item.entity, item.identity)}
    seen = set(level)
    for _ in range(_DEEPEST):
        rows = con.execute(
            "SELECT owner_entity, owner_identity, entity, identity, label, state, place_a, place_b, elsewhere_label "
            "FROM published.tree_node t JOIN (SELECT unnest(?) AS entity_, unnest(?) AS identity_) w "
            "ON w.entity_ = t.owner_entity AND w.identity_ = t.owner_identity WHERE t.pair_id = ? ORDER BY ALL",
            [[e for e, _ in sorted(level)], [i for _, i in sorted(level)], pair],
        ).fetchall()
        for row in rows:
            of, ident, label, state_, place_a, place_b, elsewhere = row[2:]
            node = Node(of, ident, label, state_, place_a, place_b, elsewhere=elsewhere)
            below.setdefault((row[0], row[1]), []).append(node)
        # A component that moved is told where it stands now, and followed only once.
        level = {(r[2], r[3]) for r in rows} - seen
        seen |= level
        if not level:
            break
    changes = _changes(con, pair, seen)

    def built(node: Node) -> Node:
        key = (node.entity, node.identity)
        # What moved is followed where a has it.
        follow = node.state != "moved" or node.place_a is not None
        children = _aligned([built(n) for n in below.get(key, ())]) if follow else []
        return replace(node, changes=changes.get(key, ()), children=tuple(children))

    return built(Node(item.entity, item.identity, item.label, state))


def _changes(
    con: duckdb.DuckDBPyConnection, pair: str, wanted: Iterable[tuple[str, str]]
) -> dict[tuple[str, str], tuple[Change, ...]]:
    rows = con.execute(
        "SELECT entity, identity, attribute, value_a, value_b, reason FROM published.difference "
        "WHERE pair_id = ? AND attribute IS NOT NULL AND kind <> 'moved' AND list_contains(?, identity) "
        "ORDER BY weight DESC, attribute",
        [pair, [i for _, i in wanted]],
    ).fetchall()
    found: dict[tuple[str, str], tuple[Change, ...]] = {}
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


def _perhaps(a: Sequence[Node], b: Sequence[Node]) -> dict[str, str]:
    """Label of the likeliest counterpart by identity, one to one: by what they own, or by how they are called."""

    def alike(x: Node, y: Node) -> float:
        mine, theirs = ({c.label for c in n.children if c.label} for n in (x, y))
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
