"""Recognise the same item on both sides of a pair of domains, by the catalogue's keys in order.

An id is local to its domain and is never compared. A reference inside a key stands for the matched identity of its
target, so entity types are matched in the catalogue's order, targets first.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations

from transforms.build import clusters, content, embedded, rulings
from transforms.build.parts import Leads, Parts, content_of
from transforms.build.reviewed import Reviewed
from transforms.catalogue import Catalogue, Entity, Key
from transforms.warehouse import Session, Sql, ident, lit
from transforms.words.hashes import digest

Progress = Callable[[str], None]
# Entity types whose keys need each other are matched again so often at most; a tree so deep is no build.
_MOST_ROUNDS = 50


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


def run(
    session: Session,
    catalogue: Catalogue,
    pairs: Sequence[Pair],
    progress: Progress | None = None,
    reviewed: Reviewed | None = None,
) -> int:
    """Fill ``matched``: per entity type one row per match and per item without one. Returns the number of matches.

    What people ruled (``reviewed``) comes before every key. What the session's database holds already is matched anew
    only where an item changed, or what a key leads to, or a ruling on the entity type.
    """
    total = 0
    reviewed = reviewed or Reviewed()
    rulings.prepare(session, reviewed)
    session.run("match_candidate_tables.sql.j2")
    parts = Parts(session)
    leads = Leads(session, catalogue, parts)
    for pair in pairs:
        for e in catalogue.ordered:
            if progress:
                progress(e.entity)
            circle = [catalogue.entities[name] for name in catalogue.circle_of(e.entity)]
            if not circle or e == min(circle, key=lambda one: catalogue.order.index(one.entity)):
                _match_anew(session, catalogue, circle or [e], pair, reviewed, parts, leads)
            total += int(
                session.value(
                    f"SELECT count(*) FROM matched.{ident(e.entity)} WHERE pair_id = ? AND rule IS NOT NULL",
                    [pair.pair_id],
                )
            )
        embedded.run(session, catalogue, pair.pair_id, pair.sides, parts)
    content.drop(session)
    clusters.run(session, catalogue, [(p.pair_id, p.domain_a, p.domain_b) for p in pairs], parts)
    parts.keep()
    return total


def _match_anew(
    session: Session, catalogue: Catalogue, together: Sequence[Entity], pair: Pair, reviewed: Reviewed, parts: Parts,
    leads: Leads,
) -> None:  # fmt: skip
    """Match an entity type, or those of a circle together, where anything changed that they are made of."""
    made_of = {}
    for e in together:
        read = [e.entity, *(s.entity for s in e.signatures.values())]
        ruled = rulings.inputs_of(parts, catalogue, reviewed, e, (pair.domain_a, pair.domain_b))
        made_of[e.entity] = digest(
            [parts.content("normalise", name, domain) for name in read for _, domain in pair.sides], ruled
        )
    if not any(
        not parts.same("match", e.entity, pair.pair_id, made_of[e.entity]) or _led_elsewhere(leads, catalogue, e, pair)
        for e in together
    ):
        return
    for e in together:
        if parts.holds("match", e.entity, pair.pair_id):
            session.run("match_clear.sql.j2", entity=e.entity, pair=pair.pair_id)
    if catalogue.circle_of(together[0].entity):
        _in_rounds(session, catalogue, together, pair, reviewed)
    else:
        _match(session, catalogue, together[0], pair, reviewed)
    for e in together:
        # Whether the rows are the same is told by the rows themselves.
        rows = Sql(f"matched.{ident(e.entity)}"), Sql(f"pair_id = {lit(pair.pair_id)}")
        parts.note(
            "match", e.entity, pair.pair_id, made_of[e.entity], content_of(session, *rows, without=("same_row",))
        )


def _in_rounds(
    session: Session, catalogue: Catalogue, circle: Sequence[Entity], pair: Pair, reviewed: Reviewed
) -> None:
    """Match entity types whose keys need each other's matches, until a round finds nothing more.

    What a round finds by keys stays, so that the identity of a match is made of matches of earlier rounds. What is
    recognised by what it says comes last, and may let keys find more.
    """
    for e in circle:
        session.run("match_table.sql.j2", entity=e.entity)
    for weigh in (False, True) if any(e.fuzzy for e in circle) else (False,):
        before: list[tuple[object, ...]] | None = None
        for _ in range(_MOST_ROUNDS):
            for e in sorted(circle, key=lambda one: catalogue.order.index(one.entity)):
                _match(session, catalogue, e, pair, reviewed, again=True, weigh=weigh)
            now = [
                (e.entity, *row)
                for e in circle
                for row in session.rows(
                    f"SELECT count(*), sum(hash(local_id_a, local_id_b)) FROM matched.{ident(e.entity)} "
                    "WHERE pair_id = ? AND rule IS NOT NULL",
                    [pair.pair_id],
                )
            ]
            if now == before:
                break
            before = now


def _led_elsewhere(leads: Leads, catalogue: Catalogue, e: Entity, pair: Pair) -> bool:
    """Whether a key is made of something that is otherwise than in the night before.

    What is matched in rounds with the entity type is looked at as a whole, by what its items say.
    """
    used, circle = key_parts(catalogue, e), catalogue.circle_of(e.entity)
    linked = [n for n in dict.fromkeys([*used, *e.weighed]) if n in e.references]
    if leads.touched(e, linked, pair.pair_id, pair.sides, circle):
        return True
    signatures = [e.signatures[n] for n in used if n in e.signatures]
    children = [(catalogue.entities[s.entity], s.of) for s in signatures]
    return any(
        leads.touched(child, [n for n in of if n in child.references], pair.pair_id, pair.sides, circle)
        for child, of in children
    )


def _match(
    session: Session, catalogue: Catalogue, e: Entity, pair: Pair, reviewed: Reviewed, again: bool = False,
    weigh: bool = True,
) -> None:  # fmt: skip
    """``again``: in a round, in place of what the round before left."""

    def key_column(key: Key) -> str:
        return f"k{e.keys.index(key) + 1}"

    used = key_parts(catalogue, e)
    session.run(
        "match_keys.sql.j2",
        e=e,
        pair=pair.pair_id,
        sides=pair.sides,
        used=used,
        children=catalogue.entities,
        key_column=key_column,
        circle=catalogue.circle_of(e.entity),
    )
    if again:
        session.run("match_again.sql.j2", entity=e.entity, pair=pair.pair_id)
        session.run("match_clear.sql.j2", entity=e.entity, pair=pair.pair_id)
    domains = (pair.domain_a, pair.domain_b)
    rulings.resolve(session, catalogue, reviewed, e, domains, pair.pair_id)
    any_rulings = bool(reviewed.of(e.entity, *domains))
    if any_rulings:
        session.run("match_reviewed.sql.j2", e=e, key_column=key_column)
    if again:
        session.run("match_kept.sql.j2")
    for key in e.keys:
        rule = "child_of_matched_parent" if "parent" in key.parts and key.rule == "declared_key" else key.rule
        session.run("match_rule.sql.j2", entity=e.entity, key=key, column=key_column(key), rule=rule)
    if e.fuzzy is not None and weigh:
        # NumPy and what stands on it take a while to import.
        from transforms.build import probable

        probable.run(session, catalogue, e, pair.pair_id, pair.sides, used)
        if e.fuzzy.cardinality != "one_to_one":
            session.run("match_several.sql.j2", e=e, pair=pair.pair_id, key_column=key_column)
    session.run(
        "match_close.sql.j2",
        e=e,
        pair=pair.pair_id,
        sides=pair.sides,
        used=used,
        key_column=key_column,
        rulings=any_rulings,
    )


def key_parts(catalogue: Catalogue, e: Entity) -> list[str]:
    """What the keys are made of, and every reference that can tell apart items which a key puts in order."""
    used = dict.fromkeys(part for key in e.keys for part in key.parts)
    if any(key.occurrence for key in e.keys):
        matched = catalogue.order[: catalogue.order.index(e.entity)]
        used |= dict.fromkeys(name for name, link in e.references.items() if set(link.to) <= set(matched))
    return [*used]
