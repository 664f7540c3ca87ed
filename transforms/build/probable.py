"""The probabilistic rule of a night: what no key matched, by what the items say and what they hang together with.

The items that keys matched teach what agreement looks like; only those left over on both sides are matched or proposed.
A match by a shared identifier whose content contradicts it is taken back and put before a person.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from transforms.build import rulings
from transforms.catalogue import Catalogue, Entity
from transforms.catalogue.tables import Rows, weighable
from transforms.recognise import evidence, noted, tokens, veto
from transforms.recognise.engine import Matcher
from transforms.recognise.frame import Table
from transforms.recognise.profile import Aligned, Kind
from transforms.warehouse import Session, ident

_HERE = Path(__file__).parent
# Where items are left over on both sides, or matched by an identifier that may lie.
_OPEN = """
SELECT pair_no, entity_no, bool_or(side = 'a') AND bool_or(side = 'b') AS on_both FROM (
    SELECT pair_no, entity_no, side, false AS by_id FROM left_over
    UNION ALL
    SELECT pair_no, entity_no, NULL, true FROM pairs WHERE rule = 'vendor_identifier'
)
WHERE list_contains(?, entity_no) GROUP BY ALL HAVING bool_or(by_id) OR on_both ORDER BY ALL
"""
_FOUND = """
CREATE OR REPLACE TEMP TABLE probable (
    pair_no USMALLINT, entity_no USMALLINT, item_a INTEGER, item_b INTEGER, score DOUBLE, verdict VARCHAR,
    reason VARCHAR, evidence VARCHAR)
"""
# How many matched pairs are taken along to learn from: more teach the same, and cost in proportion.
_LEARNT = 1500
# Fewer items than this on either side, the matched ones included, teach nothing that could be trusted.
_FEWEST = 12
_LIES = "a shared identifier, but the content contradicts it"
_ALIKE = "alike in what they say, and no key matches them"
_KINDS: dict[str, Kind] = {"text": "text", "set": "text", "number": "number"}
# Two names share less than this: nothing in common. It tells of a lie only where names mostly agree.
_NOTHING, _MOSTLY = 0.25, 0.5


def run(session: Session, catalogue: Catalogue, entities: Sequence[Entity], rows: Rows) -> bool:
    """Add to the temporary table ``pairs``, and to ``matched.candidate``, what the rule finds in one level.

    Returns whether it found anything; where not, ``pairs`` is as it was.

    ``entities`` are those of the level that declare it. Needs what match.py has made by then: pairs with their
    identities, left_over, key_text, said.
    """
    of = {rows.entity_no[e.entity]: e for e in entities}
    pair_ids = {n: p.pair_id for n, p in enumerate(rows.pairs, 1)}
    wanted = session.rows(_OPEN, [list(of)])
    session.execute(_FOUND)
    finds = 0
    for pair_no, entity_no, both in wanted:
        e = of[entity_no]
        place, weighed = rows.place[e.entity], weighable(catalogue, e)
        vetoing = e.fuzzy.veto if e.fuzzy else ()
        session.run(
            "probable_items.sql.j2",
            pair_no=pair_no,
            entity_no=entity_no,
            learnt=_LEARNT,
            weighed=[(name, place[name]) for name in weighed],
            links=[(place[n], n in vetoing, bool(e.references[n].by)) for n in weighed if n in e.references],
        )
        found = _lies(session, e, weighed)
        if both:
            found += _alike(session, e, weighed, pair_ids[pair_no])
        session.insert("probable", [(pair_no, entity_no, *row) for row in found])
        finds += len(found)
    taken = ("probable_take", "match_content", "probable_pairs") if finds else ()
    for name in (*taken, "probable_several"):
        session.execute((_HERE / f"{name}.sql").read_text(encoding="utf-8"))
    session.execute("DROP TABLE IF EXISTS probable_item; DROP TABLE probable")
    return finds > 0


def _alike(session: Session, e: Entity, weighed: Sequence[str], pair: str) -> list[tuple[object, ...]]:
    """Rows of ``probable``: pairs of items that are left over on both sides, likely enough to be one.

    What people said of pairs of items teaches. What a person may ask of the weighing is kept in ``matched.nearest`` and
    ``matched.weighing``.
    """
    assert e.fuzzy is not None
    columns = {"label": "text", **{n: _kind(e, n) for n in weighed}}
    tables, partner, number = [], [], []
    for side in "ab":
        cells = ", ".join(["label", *(f'"v_{n}"' for n in weighed)])
        rows = session.rows(
            f"SELECT local_id, partner, item_no, {cells} FROM probable_item WHERE side = ? AND learnt ORDER BY ALL",
            [side],
        )
        values = [list(c) for c in zip(*rows, strict=True)] if rows else [[] for _ in range(3 + len(columns))]
        shown = dict(zip(columns, values[3:], strict=True))
        tables.append(Table(side, "local_id", values[0], shown).in_order())
        partner.append(dict(zip(values[0], values[1], strict=True)))
        number.append(dict(zip(values[0], values[2], strict=True)))
    if min(len(t) for t in tables) < _FEWEST:
        return []
    aligned = [
        Aligned(n, n, kind) for n, kind in columns.items() if any(tables[0].columns[n]) and any(tables[1].columns[n])
    ]
    aligned = [c for c in aligned if not (c.a != "label" and tables[0].columns[c.a] == tables[0].columns["label"])]
    labels = rulings.labels_of(session, e.entity, pair)
    matcher = Matcher(
        tables[0], tables[1], aligned=aligned, forbidden=e.fuzzy.veto, cardinality="one_to_one", told_pairs=labels
    )
    matcher.run()
    session.insert("matched.nearest", [(pair, e.entity, *row) for row in noted.nearest(matcher, partner)])
    weights = noted.weights(matcher, e.fuzzy.accept, e.fuzzy.review)
    session.insert("matched.weighing", [(pair, e.entity, *row) for row in weights])
    made: list[tuple[object, ...]] = []
    for q in matcher.chosen.tolist():
        a, b = tables[0].ids[int(matcher.ia[q])], tables[1].ids[int(matcher.ib[q])]
        chance = float(matcher.chance[q])
        if partner[0][a] is None and partner[1][b] is None and chance >= e.fuzzy.review:
            verdict = "accepted" if chance >= e.fuzzy.accept else "review"
            told = json.dumps(matcher.evidence(q), ensure_ascii=False)
            made.append((number[0][a], number[1][b], round(chance, 4), verdict, _reason(matcher, q), told))
    return made


def _kind(e: Entity, name: str) -> Kind:
    if name == "parent" or e.attributes[name].references is not None or (e.fuzzy and name in e.fuzzy.veto):
        return "code"
    return _KINDS.get(e.attributes[name].compare, "category")


def _reason(matcher: Matcher, place: int) -> str:
    against = [name for name, flags in matcher.vetoes.items() if flags[place]]
    return f"alike, but they differ in {', '.join(against)}" if against else _ALIKE


def _lies(session: Session, e: Entity, weighed: Sequence[str]) -> list[tuple[object, ...]]:
    """Rows of ``probable``: matches by a shared identifier whose labels contradict each other."""
    assert e.fuzzy is not None
    own = [n for n in weighed if n not in e.fuzzy.veto and n in e.attributes and _kind(e, n) == "text"]
    # What is called otherwise and yet says the same of itself, in words, is the same under another name.
    said = [f"(contains(a.{ident(f'v_{n}')}, ' ') AND a.{ident(f'v_{n}')} = b.{ident(f'v_{n}')})" for n in own]
    rows = session.rows(
        f"SELECT a.item_no, b.item_no, a.label, b.label, {' OR '.join(said) or 'false'} "
        "FROM probable_item a JOIN probable_item b "
        "ON b.side = 'b' AND b.local_id = a.partner WHERE a.side = 'a' AND a.by_id AND a.label <> '' AND b.label <> '' "
        "ORDER BY a.label, b.label, a.local_id"
    )
    if len(rows) < _FEWEST:
        return []
    bag = tokens.bag([r[2] for r in rows], [r[3] for r in rows])
    every = np.arange(len(rows))
    cover = evidence.Compared(bag, evidence.Likeness(bag), every, every).features()[:, evidence.COVER]
    against = veto.held(veto.contradictions(bag, every, every), every, np.ones(len(rows)))
    # Where names mostly have nothing in common (two languages) a name without anything in common tells nothing.
    mostly = float(np.mean(cover >= _MOSTLY)) >= 0.8
    # One word may be another spelling of one thing (mikrogram, µg); two that share nothing with two others are not.
    telling = np.minimum(bag.length_a, bag.length_b) >= 2
    made: list[tuple[object, ...]] = []
    for i in every.tolist():
        why = [name for name, flags in against.items() if flags[i]]
        if why or (mostly and telling[i] and cover[i] < _NOTHING and not rows[i][4]):
            told = {"words in common": round(float(cover[i]), 2), **{f"differs in {name}": -1 for name in why}}
            made.append((rows[i][0], rows[i][1], 0.1, "review", _LIES, json.dumps(told, ensure_ascii=False)))
    return made
