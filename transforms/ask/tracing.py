"""Why two items are matched or not: every rule with what it found, what the evidence weighs, what would change it.

Reads a published night and makes the keys of the entity type anew, by the very statements that match. Writes nothing.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from transforms.build import match
from transforms.catalogue import Catalogue, Entity, Key
from transforms.warehouse import Session

UNIT = "\x1f"


@dataclass(frozen=True)
class Other:
    """An item of the other side that was looked at. ``matched_to`` is its own match, '' where it has none."""

    local_id: str
    label: str | None
    matched_to: str = ""
    by: str = ""


@dataclass(frozen=True)
class KeyTrace:
    """One key and what it found. ``outcome``:

    matched (it made the match) · agrees (it would have: an earlier rule did) · missing (elements without a value) ·
    astray (elements lead to items that have no match, so nothing can equal them) · shared (several items of one side
    have the value) · absent (no item of the other side has it) · taken (the one that has it is matched to another) ·
    apart (a reader ruled these two different) · differs (asked about a pair: the values are not the same) · elsewhere
    (it leads to another item than the match) · contradicted (it had matched, but the content contradicts it).
    ``elements`` names what is missing, astray or different; ``here`` and ``there`` count the items that have the value.
    """

    name: str
    rule: str
    certain: bool
    outcome: str
    elements: tuple[str, ...] = ()
    here: int = 0
    there: int = 0
    others: tuple[Other, ...] = ()


@dataclass(frozen=True)
class Near:
    """A pair that was weighed. ``weights``: what each attribute weighs, in log odds; ``verdict`` '' if not chosen.

    ``changes``: what would change the verdict: (attribute, the verdict if it agreed; of an accepted one, if it were
    not there). ``lacks``: the keys in which both have a value and differ, with the elements that do.
    """

    local_id_a: str
    local_id_b: str
    label_a: str | None
    label_b: str | None
    log_odds: float | None
    chance: float | None
    verdict: str
    reason: str
    against: tuple[str, ...]
    weights: Mapping[str, float]
    matched_to: str = ""
    changes: tuple[tuple[str, str], ...] = ()
    lacks: tuple[tuple[str, tuple[str, ...]], ...] = ()


@dataclass(frozen=True)
class Ruled:
    """What people ruled of the item or the pair: see published.review."""

    ruling: str | None
    effect: str
    problem: str | None
    readers: str
    note: str | None


@dataclass(frozen=True)
class Trace:
    """All that was tried for an item (or a pair), in the order of the rules. ``fuzzy``: whether contents were weighed.

    ``accept_at`` and ``review_at``: from which sum of the evidence on pairs are accepted or reviewed, as a rule;
    ``agrees``: what agreement in an attribute weighs as a rule.
    """

    rulings: tuple[Ruled, ...]
    keys: tuple[KeyTrace, ...]
    fuzzy: bool
    nearest: tuple[Near, ...]
    accept_at: float | None = None
    review_at: float | None = None
    agrees: Mapping[str, float] | None = None


def trace(
    session: Session, catalogue: Catalogue, pair: str, entity: str, local_id_a: str | None, local_id_b: str | None
) -> Trace:
    """Of one item (the other id None), or of two that may be the same. ``catalogue`` is that of the night."""
    e = catalogue.entities[entity]
    ((domain_a, domain_b),) = session.rows("SELECT domain_a, domain_b FROM published.pair WHERE pair_id = ?", [pair])
    domains = (str(domain_a), str(domain_b))
    match.keys_of(session, catalogue, entity)
    session.execute(
        "CREATE OR REPLACE TEMP TABLE trace_key AS SELECT s.side, i.local_id, i.label, t.key_no, t.text "
        "FROM key_text t JOIN normalised.item i USING (item_no) "
        "JOIN catalogue.side s ON s.pair_no = t.pair_no AND s.domain_no = i.domain_no WHERE s.pair_id = ?",
        [pair],
    )
    night = _Night(session, e, pair, domains, local_id_a, local_id_b)
    thresholds, agrees = night.weighing()
    nearest = night.nearest()
    nearest = [replace(n, changes=_changes(n, thresholds, agrees), lacks=night.lacks(n)) for n in nearest]
    return Trace(night.rulings(), night.keys(), e.fuzzy is not None, tuple(nearest), *thresholds, agrees)


@dataclass(frozen=True)
class _Night:
    session: Session
    e: Entity
    pair: str
    domains: tuple[str, str]
    a: str | None
    b: str | None

    def rulings(self) -> tuple[Ruled, ...]:
        rows = self.session.rows(
            "SELECT ruling, effect, problem, readers, note FROM published.review WHERE pair_id = ? AND entity = ? "
            "AND (local_id_a = ? OR local_id_b = ?) AND (? IS NULL OR ? IS NULL OR local_id_a IS NULL OR local_id_b "
            "IS NULL OR (local_id_a = ? AND local_id_b = ?)) ORDER BY ALL",
            [self.pair, self.e.entity, self.a, self.b, self.a, self.b, self.a, self.b],
        )
        return tuple(Ruled(*r) for r in rows)

    def match_of(self, side: str, local_id: str) -> tuple[str, str]:
        """The item's match on the other side and its key; ('', '') for none."""
        other = "b" if side == "a" else "a"
        rows = self.session.rows(
            f"SELECT local_id_{other}, coalesce(key_name, rule) FROM published.crosswalk "
            f"WHERE pair_id = ? AND entity = ? AND local_id_{side} = ? ORDER BY 1",
            [self.pair, self.e.entity, local_id],
        )
        return (str(rows[0][0]), str(rows[0][1])) if rows else ("", "")

    def keys(self) -> tuple[KeyTrace, ...]:
        own, other = ("a", "b") if self.a is not None else ("b", "a")
        local_id = self.a if self.a is not None else self.b
        assert local_id is not None
        match, by = self.match_of(own, local_id)
        asked = self.b if own == "a" else None
        found: list[KeyTrace] = []
        for i, key in enumerate(self.e.keys, 1):
            rule = "child_of_matched_parent" if "parent" in key.parts and key.rule == "declared_key" else key.rule
            blank = KeyTrace(key.name, rule, key.certain, "")
            found.append(self._key(blank, key, i, own, other, local_id, asked, match, by))
        return tuple(found)

    def _key(
        self, t: KeyTrace, key: Key, key_no: int, own: str, other: str, local_id: str, asked: str | None,
        match: str, by: str,
    ) -> KeyTrace:  # fmt: skip
        value = self._text(key_no, own, local_id)
        if value is None:
            return replace(t, outcome="missing", elements=self._missing(key, own, local_id))
        if asked is not None and asked != match:
            there = self._text(key_no, other, asked)
            if there is None:
                return replace(t, outcome="missing", elements=self._missing(key, other, asked))
            if there != value:
                return replace(t, outcome="differs", elements=_apart(key, value, there))
        parts = list(zip(key.parts, value.split(UNIT), strict=False))
        astray = [p for p, v in parts if p in self.e.references and not self._paired(p, v)]
        if astray:
            return replace(t, outcome="astray", elements=tuple(astray))
        same = "FROM trace_key WHERE key_no = ? AND side = ? AND text = ?"
        here = int(self.session.value(f"SELECT count(*) {same}", [key_no, own, value]))
        rows = self.session.rows(f"SELECT local_id, label {same} ORDER BY 2, 1", [key_no, other, value])
        others = tuple(Other(r[0], r[1], *self.match_of(other, r[0])) for r in rows[:5])
        t = replace(t, here=here, there=len(rows), others=others)
        if not rows:
            return replace(t, outcome="absent")
        if here > 1 or len(rows) > 1:
            return replace(t, outcome="shared")
        one = others[0]
        if match and one.local_id == match:
            return replace(t, outcome="matched" if by == key.name else "agrees")
        if self._ruled_apart(own, local_id, one.local_id):
            return replace(t, outcome="apart")
        if one.matched_to:
            return replace(t, outcome="taken")
        if match:
            return replace(t, outcome="elsewhere")
        return replace(t, outcome="contradicted")

    def _paired(self, name: str, identity: str) -> bool:
        """Whether what a reference leads to has a match; so has the mark of every target there is."""
        if identity in ("", "*"):
            return True
        return bool(
            self.session.value(
                "SELECT EXISTS (SELECT 1 FROM matched.item m JOIN catalogue.pair p USING (pair_no) "
                "JOIN catalogue.entity e USING (entity_no) WHERE p.pair_id = ? AND list_contains(?, e.entity) "
                "AND upper(m.identity) = upper(?) AND m.rule IS NOT NULL)",
                [self.pair, list(self.e.references[name].to), identity],
            )
        )

    def _text(self, key_no: int, side: str, local_id: str) -> str | None:
        """What the item's key came to, its parts divided by UNIT; None where an element is missing."""
        return self.session.value(  # type: ignore[no-any-return]
            "SELECT text FROM trace_key WHERE key_no = ? AND side = ? AND local_id = ?", [key_no, side, local_id]
        )

    def _missing(self, key: Key, side: str, local_id: str) -> tuple[str, ...]:
        """The elements of a key that the item has no value for."""
        rows = self.session.rows(
            "SELECT a.attribute FROM normalised.item i JOIN catalogue.domain d USING (domain_no) "
            "JOIN catalogue.entity e USING (entity_no) "
            "JOIN (SELECT item_no, place FROM normalised.cell UNION ALL "
            "SELECT item_no, place FROM normalised.reference) h USING (item_no) "
            "JOIN catalogue.attribute a ON a.entity_no = i.entity_no AND a.place = h.place "
            "WHERE d.domain = ? AND e.entity = ? AND i.local_id = ?",
            [self.domains["ab".index(side)], self.e.entity, local_id],
        )
        held = {row[0] for row in rows}
        lacking = [p for p in key.parts if p not in held and p not in self.e.signatures]
        # Of the open ones any will do, so they are missing only where all are.
        lacking = [p for p in lacking if p in key.on or {*key.some} <= {*lacking}]
        return tuple(lacking or [p for p in key.parts if p in self.e.signatures])

    def _ruled_apart(self, own: str, local_id: str, other: str) -> bool:
        a, b = (local_id, other) if own == "a" else (other, local_id)
        return bool(
            self.session.value(
                "SELECT EXISTS (SELECT 1 FROM published.review WHERE pair_id = ? AND entity = ? AND local_id_a = ? "
                "AND local_id_b = ? AND effect = 'kept apart')",
                [self.pair, self.e.entity, a, b],
            )
        )

    def weighing(self) -> tuple[tuple[float | None, float | None], dict[str, float]]:
        if not self._kept:
            return (None, None), {}
        rows = self.session.rows(
            "SELECT attribute, agrees, accept_at, review_at FROM published.weighing WHERE pair_id = ? AND entity = ? "
            "ORDER BY attribute",
            [self.pair, self.e.entity],
        )
        at = (rows[0][2], rows[0][3]) if rows else (None, None)
        return at, {r[0]: r[1] for r in rows if r[1] is not None}

    def nearest(self) -> list[Near]:
        """What was weighed of the item or the pair, the chosen first; else the items whose labels are most alike."""
        if not self._kept:
            return []
        both = self.a is not None and self.b is not None
        where = "(n.local_id_a = $3 AND n.local_id_b = $4)" if both else "(n.local_id_a = $3 OR n.local_id_b = $4)"
        of = "WHERE pair_id = $1 AND entity = $2"
        # Narrowed inside: the labels come from every entity type.
        rows = self.session.rows(
            f"WITH offered AS (SELECT * FROM published.candidate {of}), "
            f"near AS (SELECT * FROM published.nearest {of}), "
            "weighed AS (SELECT local_id_a, local_id_b, label_a, label_b, log_odds, chance, against, evidence "
            "FROM near UNION ALL SELECT local_id_a, local_id_b, label_a, label_b, NULL, score, '', evidence "
            "FROM offered ANTI JOIN near USING (local_id_a, local_id_b)) "
            "SELECT n.local_id_a, n.local_id_b, n.label_a, n.label_b, n.log_odds, n.chance, coalesce(c.verdict, ''), "
            "coalesce(c.reason, ''), n.against, n.evidence::VARCHAR FROM weighed n LEFT JOIN offered c "
            f"USING (local_id_a, local_id_b) WHERE {where} "
            "ORDER BY c.verdict IS NULL, n.log_odds DESC NULLS FIRST, n.local_id_a, n.local_id_b LIMIT 5",
            [self.pair, self.e.entity, self.a, self.b],
        )
        made = []
        for a, b, label_a, label_b, odds, chance, verdict, reason, against, told in rows:
            side, local_id = ("b", b) if self.a is not None else ("a", a)
            match = "" if both else self.match_of(side, local_id)[0]
            weights = {str(k): float(v) for k, v in json.loads(told or "{}").items()}
            held = tuple(x for x in (against or "").split(", ") if x)
            made.append(Near(a, b, label_a, label_b, odds, chance, verdict, reason, held, weights, match))
        return made or ([] if both else self._alike())

    @property
    def _kept(self) -> bool:
        """Whether the night was built by a version that keeps the weighing."""
        return bool(
            self.session.value(
                "SELECT EXISTS (SELECT 1 FROM duckdb_views() WHERE schema_name = 'published' AND view_name = 'nearest')"
            )
        )

    def lacks(self, near: Near) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """The keys that would make the two one if they agreed; the least that differs first."""
        found = []
        for i, key in enumerate(self.e.keys, 1):
            texts = [self._text(i, "a", near.local_id_a), self._text(i, "b", near.local_id_b)]
            if texts[0] is not None and texts[1] is not None and texts[0] != texts[1]:
                found.append((key.name, _apart(key, texts[0], texts[1])))
        return tuple(sorted(found, key=lambda f: len(f[1])))

    def _alike(self) -> list[Near]:
        own, other = ("a", "b") if self.a is not None else ("b", "a")
        local_id = self.a if self.a is not None else self.b
        rows = self.session.rows(
            "SELECT o.local_id, o.label, n.label FROM normalised.item n JOIN catalogue.entity e USING (entity_no) "
            "JOIN catalogue.domain d ON d.domain_no = n.domain_no JOIN normalised.item o ON o.entity_no = n.entity_no "
            "JOIN catalogue.domain p ON p.domain_no = o.domain_no "
            "WHERE e.entity = ? AND d.domain = ? AND n.local_id = ? AND p.domain = ? "
            "AND jaro_winkler_similarity(lower(n.label), lower(o.label)) >= 0.7 "
            "ORDER BY jaro_winkler_similarity(lower(n.label), lower(o.label)) DESC, o.label, o.local_id LIMIT 3",
            [self.e.entity, self.domains["ab".index(own)], local_id, self.domains["ab".index(other)]],
        )
        made = []
        for theirs, label, mine in rows:
            a, b = (str(local_id), theirs) if own == "a" else (theirs, str(local_id))
            label_a, label_b = (mine, label) if own == "a" else (label, mine)
            match = self.match_of(other, theirs)[0]
            made.append(Near(a, b, label_a, label_b, None, None, "", "", (), {}, match))
        return made


def _apart(key: Key, here: str, there: str) -> tuple[str, ...]:
    """The elements in which two values of a key differ."""
    ours, theirs = here.split(UNIT), there.split(UNIT)
    names = [*key.parts, *(["(order)"] if key.occurrence else [])]
    if len(ours) != len(theirs):
        return tuple(key.parts)
    return tuple(n for n, x, y in zip(names, ours, theirs, strict=False) if x != y)


def _changes(near: Near, at: Sequence[float | None], agrees: Mapping[str, float]) -> tuple[tuple[str, str], ...]:
    """(attribute, the verdict that its agreement, or for what weighs most its absence, would give)."""
    accept_at, review_at = at
    if near.log_odds is None or accept_at is None:
        return ()
    total = near.log_odds

    def verdict(of: float) -> str:
        return "accepted" if of >= accept_at else "review" if review_at is not None and of >= review_at else "none"

    found: list[tuple[str, str]] = []
    now = near.verdict or "none"
    if near.against:
        free = verdict(total)
        return ((" and ".join(near.against), free),) if free != now else ()
    if now == "accepted":
        for name, weight in sorted(near.weights.items(), key=lambda item: -item[1]):
            if name != "base" and weight > 0 and verdict(total - weight) != "accepted":
                found.append((name, verdict(total - weight)))
        return tuple(found)
    for name, usual in agrees.items():
        gain = usual - near.weights.get(name, 0.0)
        if gain > 0 and verdict(total + gain) not in (now, "none"):
            found.append((name, verdict(total + gain)))
    return tuple(sorted(found, key=lambda f: (f[1] != "accepted", near.weights.get(f[0], 0.0), f[0])))
