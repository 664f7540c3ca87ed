"""Clusters of three to five domains against taking the links one by one in plain Python."""

from __future__ import annotations

import contextlib
from itertools import combinations
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.tables import layers
from transforms.build import clusters
from transforms.warehouse import Session, scratch

KEYS = ("cki", "name")
Item = tuple[str, int]
Link = tuple[str, Item, Item, str, bool, float, str]


@st.composite
def drawn(draw: st.DrawFn) -> tuple[list[str], list[Link], list[tuple[str, Item, Item]]]:
    """Domains, one-to-one matches of every pair (pair, item, item, key, certain, score, identity), pairs held apart."""
    domains = [f"d{i}" for i in range(draw(st.integers(3, 5)))]
    sizes = {d: draw(st.integers(1, 4)) for d in domains}
    links: list[Link] = []
    held = []
    for a, b in combinations(domains, 2):
        order = draw(st.permutations(range(sizes[b])))
        for i, j in zip(range(sizes[a]), order, strict=False):
            match draw(st.integers(0, 4)):
                case 0:
                    continue
                case 1 if draw(st.booleans()):
                    held.append((f"{a}~{b}", (a, i), (b, j)))
                case n:
                    key = ("reviewed", "cki", "name", "probabilistic", "probabilistic")[n]
                    score = draw(st.sampled_from([0.5, 0.7, 0.9]))
                    name = f"{draw(st.integers(0, 3))}{a}{i}"
                    links.append((f"{a}~{b}", (a, i), (b, j), key, draw(st.booleans()), score, name))
    return domains, links, held


def one_by_one(domains: list[str], links: list[Link], held: list[tuple[str, Item, Item]]) -> tuple[set[Any], set[Any]]:
    """(clusters, links left out)."""
    pairs = [f"{a}~{b}" for a, b in combinations(domains, 2)]
    rank = {k: i for i, k in enumerate(KEYS)}

    def strength(link: Link) -> Any:
        pair, _, _, key, certain, score, identity = link
        likeness = -score if key == "probabilistic" else 0
        return (key != "reviewed", not certain, rank.get(key, 99), likeness, identity, pairs.index(pair))

    of = {item: {item} for link in links for item in link[1:3]}
    apart = {frozenset(h[1:]) for h in held}
    left_out = set()
    for link in sorted(links, key=strength):
        one, other = of[link[1]], of[link[2]]
        if one is other:
            continue
        twice = {d for d, _ in one} & {d for d, _ in other}
        if twice or any(frozenset((x, y)) in apart for x in one for y in other):
            left_out.add((link[0], link[1], link[2]))
            continue
        one |= other
        for item in other:
            of[item] = one
    return {frozenset(c) for c in of.values() if len(c) > 1}, left_out


def in_sql(domains: list[str], links: list[Link], held: list[tuple[str, Item, Item]]) -> tuple[Any, Any, Any]:
    with contextlib.closing(scratch(threads="1")) as con:
        session = Session(con)
        layers(session)
        number = {d: n for n, d in enumerate(domains, 1)}
        pairs = {f"{a}~{b}": n for n, (a, b) in enumerate(combinations(domains, 2), 1)}
        session.insert("catalogue.entity (entity_no, entity)", [(1, "unit")])
        session.insert("catalogue.key (entity_no, key_no, key_name)", [(1, n, k) for n, k in enumerate(KEYS, 1)])
        session.insert("catalogue.domain (domain_no, domain)", [(n, d) for d, n in number.items()])
        ends = [(n, p, *p.split("~")) for p, n in pairs.items()]
        session.insert("catalogue.pair", [(n, p, a, b, number[a], number[b]) for n, p, a, b in ends])
        session.insert("catalogue.side (pair_no, domain_no)", [(n, number[d]) for n, _, *both in ends for d in both])
        # The numbers of the items say nothing of their order.
        item = {(d, i): 100 - 10 * n + i for d, n in number.items() for i in range(4)}
        session.insert(
            "normalised.item (item_no, domain_no, entity_no, local_id, label)",
            [(no, number[d], 1, str(i), f"{d}{i}") for (d, i), no in item.items()],
        )
        session.insert(
            "matched.item (match_no, pair_no, entity_no, identity, item_a, item_b, rule, key_name, certain)",
            [
                (n, pairs[p], 1, name, item[a], item[b], "declared_key" if key in KEYS else key, key, certain)
                for n, (p, a, b, key, certain, _, name) in enumerate(links, 1)
            ],
        )
        session.insert(
            "matched.candidate (pair_id, entity, local_id_a, local_id_b, score, verdict)",
            [
                (p, "unit", str(a[1]), str(b[1]), score, "accepted")
                for p, a, b, key, _, score, _ in links
                if key == "probabilistic"
            ],
        )
        session.insert(
            "matched.ruling (pair_id, entity, effect, local_id_a, local_id_b)",
            [(pair, "unit", "kept apart", str(a[1]), str(b[1])) for pair, a, b in held],
        )
        clusters.run(session)
        found: dict[str, set[Item]] = {}
        for cluster, domain, local_id in session.rows("SELECT cluster_id, domain, local_id FROM matched.cluster"):
            found.setdefault(cluster, set()).add((domain, int(local_id)))
        left_out = {
            (p, (p.split("~")[0], int(a)), (p.split("~")[1], int(b)))
            for p, a, b in session.rows("SELECT pair_id, local_id_a, local_id_b FROM matched.cluster_conflict")
        }
        return found, left_out, session.rows("SELECT items FROM matched.cluster")


@settings(max_examples=25)
@given(drawn())
def test_clusters_are_what_taking_the_links_one_by_one_gives(build: Any) -> None:
    domains, links, held = build
    found, left_out, _ = in_sql(domains, links, held)
    clusters_, dropped = one_by_one(domains, links, held)
    assert {frozenset(c) for c in found.values()} == clusters_
    assert left_out == dropped
    # No cluster holds two items of one domain, and no item is in two.
    assert all(len({d for d, _ in c}) == len(c) for c in found.values())
    assert sum(map(len, found.values())) == len(set().union(*found.values())) if found else True
