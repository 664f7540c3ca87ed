"""What a reviewer is asked, in which order, and what is shown beside the question.

Reads a published night: its views, and its items for what belongs to an item and refers to it. Writes nothing: an
answer becomes a ``Reading`` (``answers``).
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from transforms.build import content
from transforms.build.reviewed import Reading
from transforms.catalogue import Catalogue, Entity
from transforms.warehouse import Session, ident

_PROPOSALS, _WEIGHT, _NEIGHBOURS = (
    Path(__file__).with_name(f"{name}.sql").read_text(encoding="utf-8")
    for name in ("review_proposals", "review_weight", "review_neighbours")
)

SAME = {"equal": 1.0, "close": 1.0, "retired": 1.0, "reject": 0.0, "broader": 0.0, "narrower": 0.0}
"""What an answer teaches about whether two items are the same; the others teach nothing."""


@dataclass(frozen=True)
class Proposal:
    """A pair that a reader may be asked about. ``hangs``: items that belong or refer to either of the two."""

    pair_id: str
    entity: str
    domain_a: str
    domain_b: str
    local_id_a: str
    local_id_b: str
    label_a: str | None
    label_b: str | None
    score: float
    reason: str
    evidence: Mapping[str, float]
    hangs: int


@dataclass(frozen=True)
class Side:
    """One item as it is shown: its attributes, and its neighbours' labels by (relation, entity type)."""

    domain: str
    local_id: str
    values: Mapping[str, str | None]
    neighbours: Mapping[tuple[str, str], tuple[str, ...]]


def beside(e: Entity, a: Side, b: Side) -> list[tuple[str, str | None, str | None]]:
    """What two items say: (attribute, value of a, value of b), the label first and what they belong to after it."""
    names = dict.fromkeys([e.label_attribute, *(["parent"] if e.parent else []), *e.attributes])
    values = [(name, a.values.get(name), b.values.get(name)) for name in names]
    return [(name, one, other) for name, one, other in values if one or other]


def around(a: Side, b: Side) -> list[tuple[str, str, tuple[str, ...], tuple[str, ...]]]:
    """The neighbours of two items by relation and entity type: their labels on either side."""
    kinds = dict.fromkeys([*a.neighbours, *b.neighbours])
    return [(*kind, a.neighbours.get(kind, ()), b.neighbours.get(kind, ())) for kind in kinds]


class Queue:
    """The open questions of a review, the most valuable next.

    Value is what the answer would tell (``learning.Chance.informative``, and plain uncertainty) times what hangs on it.
    A pair that was ruled before and does not count comes first.
    """

    def __init__(self, proposals: Sequence[Proposal]) -> None:
        from transforms.review.learning import Learner

        self._all = list(proposals)
        self._open = dict.fromkeys(range(len(self._all)))
        self._learner = Learner([p.score for p in self._all], [p.evidence for p in self._all])
        self._chances = self._learner.chances()
        self._taught: set[int] = set()

    def __len__(self) -> int:
        return len(self._open)

    def next(self) -> tuple[int, Proposal] | None:
        """The place and the pair to ask about next, None when nothing is left."""
        if not self._open:
            return None
        place = max(self._open, key=lambda i: (self._value(i), -i))
        return place, self._all[place]

    def chance(self, place: int) -> float:
        """How likely the pair is now taken to be the same, after all answers so far; the matcher's score before any."""
        return self._chances[place].same if self._taught else self._all[place].score

    def first(self, number: int) -> list[Proposal]:
        """So many of the open pairs as they would be asked about, were none answered."""
        ordered = sorted(self._open, key=lambda i: (-self._value(i), i))
        return [self._all[i] for i in ordered[:number]]

    def answer(self, place: int, ruling: str) -> None:
        """The pair is answered: it is asked no more, and the others' chances take it in."""
        self._open.pop(place, None)
        p = self._all[place]
        if SAME.get(ruling) is not None:
            self._taught.add(place)
            self._learn(place, SAME[ruling])
        if ruling in ("equal", "close", "retired", "no_counterpart"):
            # Its other pairs are settled with it; they come back if it is taken back.
            for i in [*self._open]:
                q = self._all[i]
                if (q.pair_id, q.entity) == (p.pair_id, p.entity) and (
                    q.local_id_a == p.local_id_a or q.local_id_b == p.local_id_b
                ):
                    self._open.pop(i)

    def skip(self, place: int) -> None:
        """The pair is asked no more in this review."""
        self._open.pop(place, None)

    def take_back(self, place: int, still_open: Iterable[int]) -> None:
        """The pair and those that were open with it are open again."""
        if place in self._taught:
            self._taught.remove(place)
            self._learn(place, None)
        self._open = dict.fromkeys(still_open)

    def places(self) -> tuple[int, ...]:
        """The places that are open."""
        return tuple(self._open)

    def _learn(self, place: int, same: float | None) -> None:
        self._learner.answer(place, same)
        self._chances = self._learner.chances()

    def _value(self, place: int) -> float:
        p, c = self._all[place], self._chances[place]
        worth = (c.informative + 4 * c.same * (1 - c.same)) * (1 + math.log1p(p.hangs))
        return worth + (1000 if p.reason.startswith("ruled before") else 0)


def proposals(
    session: Session,
    catalogue: Catalogue,
    readings: Sequence[Reading],
    *,
    entity: str | None = None,
    reader: str = "",
    adjudicating: bool = False,
    readers: int = 1,
    limit: int = 2000,
) -> list[Proposal]:
    """The pairs of the night that are open for this reader, the heaviest first and at most ``limit``.

    Left out is what enough readers have answered since the night was published, and what this one has. ``adjudicating``
    asks only about what the readers disagree on.
    """
    session.execute(_PROPOSALS)
    if entity or adjudicating:
        session.execute(
            "DELETE FROM proposal WHERE entity <> coalesce($1, entity) OR $2 AND reason <> 'ruled before: conflict'",
            [entity, adjudicating],
        )
    session.execute(_WEIGHT)
    rows = session.rows(
        "SELECT p.pair_id, p.entity, d.domain_a, d.domain_b, p.local_id_a, p.local_id_b, p.label_a, p.label_b, "
        "p.score, p.reason, p.evidence, h.hangs FROM proposal p JOIN published.pair d USING (pair_id) "
        "JOIN hanging h USING (pair_id, entity, local_id_a, local_id_b) "
        "ORDER BY p.reason LIKE 'ruled before%' DESC, (0.05 + p.score * (1 - p.score)) * (1 + ln(1 + h.hangs)) DESC, "
        "p.entity, p.label_a, p.label_b, p.local_id_a, p.local_id_b LIMIT ?",
        [limit],
    )
    found = [
        Proposal(r[0], r[1], r[2], r[3], r[4], r[5], r[6], r[7], float(r[8]), r[9], _numbers(r[10]), int(r[11]))
        for r in rows
        if r[1] in catalogue.entities
    ]
    return _open_for(session, found, readings, reader, readers)


def _open_for(
    session: Session, found: list[Proposal], readings: Sequence[Reading], reader: str, readers: int
) -> list[Proposal]:
    """Those that the files hold no answer to yet: the night may be older than the files."""
    if not readings:
        return found
    kept: list[Proposal] = []
    for entity in dict.fromkeys(p.entity for p in found):
        own = [p for p in found if p.entity == entity]
        given = [r for r in readings if r.entity == entity and r.role != "import"]
        if not given:
            kept += own
            continue
        items = {(p.domain_a, p.local_id_a) for p in own} | {(p.domain_b, p.local_id_b) for p in own}
        names = content.names(session, entity, items)
        # An answer given to the items as they are now: by keys they have now, and with the fingerprint they have now.
        by_name: dict[tuple[tuple[str, str], ...], set[tuple[str, str]]] = {}
        for domain_and_id, name in names.items():
            for key in name.keys:
                by_name.setdefault((key,), set()).add(domain_and_id)

        def item(domain: str, keys: content.Keys, seen: str) -> tuple[str, str] | None:
            hits = {one for key in keys for one in by_name.get((key,), ()) if one[0] == domain}  # noqa: B023
            one = hits.pop() if len(hits) == 1 else None
            return one if one and (not seen or names[one].seen == seen) else None  # noqa: B023

        answered: dict[tuple[Any, Any], set[str]] = {}
        alone: set[tuple[str, str]] = set()
        for r in given:
            a, b = item(r.domain_a, r.keys_a, r.seen_a), item(r.domain_b, r.keys_b, r.seen_b)
            if r.ruling == "no_counterpart":
                alone |= {one for one in (a, b) if one}
            elif a and b:
                answered.setdefault((a, b), set()).add(r.reader)
                answered.setdefault((b, a), set()).add(r.reader)
        for p in own:
            a, b = (p.domain_a, p.local_id_a), (p.domain_b, p.local_id_b)
            by = answered.get((a, b), set())
            settled = len(by) >= readers and not p.reason.startswith("ruled before: conflict")
            if reader not in by and not settled and a not in alone and b not in alone:
                kept.append(p)
    order = {id(p): i for i, p in enumerate(found)}
    return sorted(kept, key=lambda p: order[id(p)])


def sides(session: Session, catalogue: Catalogue, p: Proposal, limit: int = 12) -> tuple[Side, Side]:
    """Both items with their neighbours: what they belong to, what belongs to them and what refers to them."""
    e = catalogue.entities[p.entity]
    a = _side(session, e, p, p.domain_a, p.local_id_a, limit)
    return a, _side(session, e, p, p.domain_b, p.local_id_b, limit)


def _side(session: Session, e: Entity, p: Proposal, domain: str, local_id: str, limit: int) -> Side:
    shown = session.execute(
        f"SELECT * FROM published.{ident(f'item_{e.entity}')} WHERE pair_id = ? AND domain = ? AND local_id = ?",
        [p.pair_id, domain, local_id],
    )
    columns = [d[0] for d in shown.description or []]
    row = shown.fetchone()
    values = {
        c: v
        for c, v in zip(columns, row or [None] * len(columns), strict=True)
        if c not in ("pair_id", "identity", "domain", "local_id", "label")
    }
    neighbours: dict[tuple[str, str], tuple[str, ...]] = {}
    for referring, name, labels in session.rows(_NEIGHBOURS, [domain, e.entity, local_id, limit]):
        relation = "consists of" if name == "parent" else f"is {name.replace('_', ' ')} of"
        neighbours[relation, referring] = tuple(labels)
    return Side(domain, local_id, values, neighbours)


def _numbers(text: str) -> dict[str, float]:
    """The numbers of a JSON object, those of objects inside it by both names."""
    try:
        loaded = json.loads(text)
    except ValueError:
        return {}
    found: dict[str, float] = {}
    for name, value in loaded.items() if isinstance(loaded, dict) else ():
        if isinstance(value, bool | int | float):
            found[str(name)] = float(value)
        elif isinstance(value, dict):
            found |= {f"{name}: {k}": float(v) for k, v in value.items() if isinstance(v, bool | int | float)}
    return found
