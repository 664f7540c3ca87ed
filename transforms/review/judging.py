"""How good a published night's crosswalk is, against pairs that people know; and a sample for people to read.

Reads the published night and writes nothing. An item stands for itself as ``<entity type>/<local id>``, so that the
measures of ``transforms.recognise.quality`` serve all entity types at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from transforms.build import content
from transforms.catalogue import Catalogue
from transforms.recognise import quality
from transforms.recognise.gold import READERS, GoldFile, Known
from transforms.recognise.quality import Gold, Match, Pair
from transforms.review.exchange import json_of_keys
from transforms.warehouse import Session, ident
from transforms.words.errors import UsageError

SAMPLE = (
    "entity", "domain_a", "id_a", "label_a", "says_a", "domain_b", "id_b", "label_b", "says_b", *READERS,
    "keys_a", "keys_b", "rule", "score", "band", "verdict", "stands_for",
)  # fmt: skip
# What is shown of an item to a reader: enough to judge by, and not more than one reads.
_SAYS = 600


@dataclass(frozen=True)
class Fault:
    """A pair that is matched and wrong, or right and not matched, with what the night knows of it."""

    kind: str
    entity: str
    local_id_a: str
    local_id_b: str
    label_a: str | None
    label_b: str | None
    rule: str
    score: float | None


@dataclass(frozen=True)
class Judgement:
    """``absent``: known pairs of which an item is not in the night (gone, inactive or out of scope), not counted.

    ``silent``: entity types with matches of which the gold says nothing, and how many matches they have.
    """

    report: quality.Report
    absent: int
    silent: dict[str, int]
    faults: tuple[Fault, ...]


def domains_of(session: Session, pair: str | None) -> tuple[str, tuple[str, str]]:
    """The pair's id and domains; without a name the only one there is. Raises UsageError."""
    known = session.rows("SELECT pair_id, domain_a, domain_b FROM published.pair ORDER BY pair_id")
    found = [r for r in known if pair in (None, r[0])]
    if len(found) != 1:
        raise UsageError(f"--pair: name one of {', '.join(r[0] for r in known)}")
    return str(found[0][0]), (str(found[0][1]), str(found[0][2]))


def matches(session: Session, pair: str, entity: str | None = None) -> list[Match]:
    """The night's matches of a pair, and what it proposes for review, as ``<entity type>/<local id>``."""
    rows = session.rows(
        "SELECT entity, local_id_a, local_id_b, score, true, rule FROM published.crosswalk "
        "WHERE pair_id = $1 AND ($2 IS NULL OR entity = $2) UNION ALL "
        "SELECT entity, local_id_a, local_id_b, score, false, 'for review' FROM published.candidate "
        "WHERE pair_id = $1 AND ($2 IS NULL OR entity = $2) AND verdict = 'review' ORDER BY ALL",
        [pair, entity],
    )
    return [Match(f"{e}/{a}", f"{e}/{b}", score, accepted, rule, e) for e, a, b, score, accepted, rule in rows]


def judge(
    session: Session, catalogue: Catalogue, pair: str | None, file: GoldFile, entity: str | None = None
) -> Judgement:
    """Hold the night's crosswalk of a pair of domains against known pairs. Raises UsageError."""
    pair, domains = domains_of(session, pair)
    lines = [k for k in file.lines if entity in (None, k.entity or entity) and k.same is not None]
    if not lines:
        raise UsageError(f"{file.name}: holds no known pair" + (f" of {entity}" if entity else ""))
    nameless = next((k for k in lines if not (k.entity or entity)), None)
    if nameless is not None:
        raise UsageError(f"{file.name}: row {nameless.row}: has no entity; fill the column entity, or name --entity")
    gold, absent = _resolved(session, pair, domains, lines, entity or "", file.judged)
    spoken = {*gold.entity.values()}
    every = matches(session, pair, entity)
    told = [m for m in every if m.entity in spoken]
    silent: dict[str, int] = {}
    for m in every:
        if m.entity not in spoken and m.accepted:
            silent[m.entity] = silent.get(m.entity, 0) + 1
    return Judgement(quality.evaluate(told, gold), absent, silent, _faults(session, pair, told, gold))


def _resolved(
    session: Session, pair: str, domains: tuple[str, str], lines: Sequence[Known], entity: str, judged: bool

) -> tuple[Gold, int]:  # fmt: skip
    by_key = _by_keys(session, pair, lines, entity)
    items = set(
        session.rows(
            "SELECT entity, 'a', local_id_a FROM published.crosswalk WHERE pair_id = $1 UNION "
            "SELECT entity, 'b', local_id_b FROM published.crosswalk WHERE pair_id = $1 UNION "
            "SELECT entity, CASE domain WHEN $2 THEN 'a' ELSE 'b' END, local_id FROM published.unmatched "
            "WHERE pair_id = $1",
            [pair, domains[0]],
        )
    )
    right: set[Pair] = set()
    wrong: set[Pair] = set()
    keyed: set[Pair] = set()
    kinds: dict[Pair, str] = {}
    weight: dict[Pair, float] = {}
    absent = 0
    for n, k in enumerate(lines):
        e = k.entity or entity
        a = by_key.get((n, "a")) if k.keys_a else k.id_a
        b = by_key.get((n, "b")) if k.keys_b else k.id_b
        if (e, "a", a) not in items or (e, "b", b) not in items:
            absent += 1
            continue
        one = (f"{e}/{a}", f"{e}/{b}")
        (right if k.same else wrong).add(one)
        kinds[one] = e
        if k.keyed:
            keyed.add(one)
        if judged and k.weight != 1:
            weight[one] = k.weight
    both = right & wrong
    gold = Gold(
        frozenset(right - both), frozenset(wrong - both) if judged else None, kinds, weight, frozenset(keyed - both)
    )
    return gold, absent + len(both)


def _by_keys(session: Session, pair: str, lines: Sequence[Known], entity: str) -> dict[tuple[int, str], str]:
    """Local ids of what is named by content keys, by line and side."""
    rows = [
        (n, k.entity or entity, side, name, text)
        for n, k in enumerate(lines)
        for side, keys in (("a", k.keys_a), ("b", k.keys_b))
        for name, text in keys
    ]
    if not rows:
        return {}
    session.execute(
        "CREATE OR REPLACE TEMP TABLE gold_key (n INTEGER, entity VARCHAR, side VARCHAR, key_name VARCHAR, "
        "key_text VARCHAR)"
    )
    session.insert("gold_key", rows)
    content.prepare(session, {r[1] for r in rows})
    found = session.rows(
        "SELECT k.n, k.side, min(i.local_id) FROM gold_key k JOIN catalogue.entity e USING (entity) "
        "JOIN catalogue.side s ON s.pair_id = ? AND s.side = k.side "
        "JOIN content_key c ON c.entity_no = e.entity_no AND c.domain_no = s.domain_no AND c.key_name = k.key_name "
        "AND c.text = k.key_text AND c.items = 1 JOIN normalised.item i USING (item_no) "
        "GROUP BY k.n, k.side HAVING count(DISTINCT i.item_no) = 1",
        [pair],
    )
    return {(n, side): local_id for n, side, local_id in found}


def _faults(session: Session, pair: str, found: Sequence[Match], gold: Gold) -> tuple[Fault, ...]:
    """What is wrong and what is missed, the wrong ones first."""
    accepted = {(m.id_a, m.id_b): m for m in found if m.accepted}
    proposed = {(m.id_a, m.id_b): m for m in found if not m.accepted}
    judged = gold.right | (gold.wrong if gold.wrong is not None else accepted.keys())
    wrong = [(p, m) for p, m in accepted.items() if p in judged and p not in gold.right]
    missed = [(p, proposed.get(p)) for p in sorted(gold.right) if p not in accepted]
    labels = {
        (entity, side, local_id): label
        for entity, side, local_id, label in session.rows(
            "SELECT entity, 'a', local_id_a, label_a FROM published.crosswalk WHERE pair_id = $1 UNION ALL "
            "SELECT entity, 'b', local_id_b, label_b FROM published.crosswalk WHERE pair_id = $1 UNION ALL "
            "SELECT u.entity, CASE u.domain WHEN p.domain_a THEN 'a' ELSE 'b' END, u.local_id, u.label "
            "FROM published.unmatched u JOIN published.pair p USING (pair_id) WHERE u.pair_id = $1",
            [pair],
        )
    } if wrong or missed else {}  # fmt: skip
    made = []
    for kind, some in (("wrong", wrong), ("missed", missed)):
        for (a, b), m in some:
            entity, _, id_a = a.partition("/")
            id_b = b.partition("/")[2]
            made.append(
                Fault(
                    kind, entity, id_a, id_b, labels.get((entity, "a", id_a)), labels.get((entity, "b", id_b)),
                    m.rule if m else "", m.score if m else None,
                )
            )  # fmt: skip
    return tuple(made)


def draw(
    session: Session, catalogue: Catalogue, pair: str | None, size: int, seed: int, entity: str | None = None
) -> list[tuple[object, ...]]:
    """Rows of SAMPLE: pairs of the night for two readers, with what both sides say and the keys that name them."""
    pair, domains = domains_of(session, pair)
    drawn = quality.sample(matches(session, pair, entity), size, seed)
    named: dict[tuple[str, str, str], tuple[str, str, str]] = {}
    for e in dict.fromkeys(d.entity for d in drawn):
        ids = {
            (domain, one.partition("/")[2])
            for d in drawn
            if d.entity == e
            for domain, one in zip(domains, (d.id_a, d.id_b), strict=True)
        }
        says = _says(session, pair, e, ids)
        names = content.names(session, e, sorted(ids))
        for item in ids:
            name = names.get(item)
            label, said = says.get(item, ("", ""))
            named[e, *item] = (label, said, json_of_keys(name.keys) if name else "")
    rows: list[tuple[object, ...]] = []
    for d in drawn:
        sides = []
        for domain, one in zip(domains, (d.id_a, d.id_b), strict=True):
            local_id = one.partition("/")[2]
            sides.append((domain, local_id, *named[d.entity, domain, local_id]))
        (da, ia, la, sa, ka), (db, ib, lb, sb, kb) = sides
        score = None if d.score is None else round(d.score, 4)
        verdict = "accepted" if d.accepted else "review"
        rows.append(
            (d.entity, da, ia, la, sa, db, ib, lb, sb, None, None, None, ka, kb, d.rule, score, d.band, verdict,
             round(d.stands_for, 4))
        )  # fmt: skip
    return rows


def _says(
    session: Session, pair: str, entity: str, items: set[tuple[str, str]]
) -> dict[tuple[str, str], tuple[str, str]]:
    """Label, and all that an item says in one text, by (domain, local id)."""
    asked = session.execute(
        f"SELECT * FROM published.{ident(f'item_{entity}')} WHERE pair_id = ? AND (domain, local_id) IN "
        "(SELECT unnest(?::VARCHAR[]), unnest(?::VARCHAR[]))",
        [pair, [d for d, _ in sorted(items)], [i for _, i in sorted(items)]],
    )
    columns = [c[0] for c in asked.description or []]
    found = {}
    for row in asked.fetchall():
        one = dict(zip(columns, row, strict=True))
        head = ("pair_id", "identity", "domain", "local_id", "label")
        told = "; ".join(f"{n.replace('_', ' ')}: {v}" for n, v in one.items() if n not in head and v not in (None, ""))
        found[str(one["domain"]), str(one["local_id"])] = (str(one["label"] or ""), told[:_SAYS])
    return found
