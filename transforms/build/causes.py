"""What lies behind the differences: which are direct, which follow from others, and what settling them is worth."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from transforms.build import embedded
from transforms.build.compare import owners_first
from transforms.build.match import Pair
from transforms.build.parts import PAIR_STEPS, Leads, Parts
from transforms.catalogue import Catalogue, Entity
from transforms.warehouse import Night, Session
from transforms.words.hashes import digest

Progress = Callable[[str], None]

# A chain of links is as long as the composition is deep; what is longer stands in a circle and is found as one.
_LONGEST = 1000


def run(night: Night, catalogue: Catalogue, pairs: Sequence[Pair], progress: Progress | None = None) -> int:
    """Trace every difference to its causes and weigh it. Returns the number of differences that are explained.

    Stands on the compared and measured layers of the night. A pair in which nothing was matched or compared anew
    keeps what the night before found.
    """
    parts = Parts(night)
    made = [
        p
        for p in pairs
        if not (night.carried and parts.holds("cause", "", p.pair_id))
        or any(parts.made_anew(step, e.entity, p.pair_id) for step in PAIR_STEPS for e in catalogue.ordered)
    ]
    if made:
        night.run("cause_tables.sql.j2", pairs=[p.pair_id for p in made])
        for pair in made:
            _link_anew(night, catalogue, pair, parts, progress)
        _trace(night, [p.pair_id for p in made])
        for pair in made:
            _weigh(night, catalogue, pair)
            parts.note("cause", "", pair.pair_id, "")
        parts.keep()
    return int(night.value("SELECT count(DISTINCT difference_id) FROM compared.difference_cause WHERE steps > 0"))


@dataclass(frozen=True)
class _Differing:
    """The differences of one entity type: its attributes that differ, whether items stand alone, and a hash of all."""

    attributes: frozenset[str] = frozenset()
    alone: bool = False
    content: str = ""


def _link_anew(
    session: Session, catalogue: Catalogue, pair: Pair, parts: Parts, progress: Progress | None = None
) -> None:
    """Link the differences of the entity types of which anything changed that their links are made of."""
    rows = session.rows(
        "SELECT entity, list(DISTINCT attribute) FILTER (attribute IS NOT NULL), bool_or(attribute IS NULL), "
        "count(*) || '.' || sum(hash(difference_id, identity, kind, attribute, value_a, value_b)) "
        "FROM compared.difference WHERE pair_id = ? GROUP BY entity",
        [pair.pair_id],
    )
    differing = {entity: _Differing(frozenset(names or ()), alone, told) for entity, names, alone, told in rows}
    leads = Leads(session, catalogue, parts)
    made_of, anew = {}, []
    for e in catalogue.ordered:
        made_of[e.entity] = _made_of(catalogue, e, pair, parts, differing)
        looked_through = (e, *_below(catalogue, e)) if e.entity in differing else ()
        if not parts.same("link", e.entity, pair.pair_id, made_of[e.entity]) or any(
            leads.touched(one, [*one.references], pair.pair_id, pair.sides) for one in looked_through
        ):
            anew.append(e)
    session.execute(
        "DELETE FROM compared.link WHERE pair_id = ? AND list_contains(?, entity)",
        [pair.pair_id, [e.entity for e in anew]],
    )
    for e in anew:
        if progress:
            progress(e.entity)
        if e.entity in differing:
            _link(session, catalogue, e, pair, differing[e.entity])
        parts.note("link", e.entity, pair.pair_id, made_of[e.entity])


def _made_of(catalogue: Catalogue, e: Entity, pair: Pair, parts: Parts, differing: Mapping[str, _Differing]) -> str:
    """A hash of what the links of an entity type are made of, but for what references lead to."""
    if e.entity not in differing:
        return digest("")
    below = _below(catalogue, e)
    read = [e.entity, *(one.entity for one in below), *(f.entity for f in e.follows.values())]
    if e.parent and any("." in ours for f in e.follows.values() for ours in f.on.values()):
        read += e.parent.references.to
    read += [target for a in e.embedding.values() for one in a.embedded for target in one.to]
    told = [e.entity]
    if _texts(e, differing[e.entity]):
        # What a text follows from is written in other differences.
        told += [target for one in (e, *below) for ref in one.references.values() for target in ref.to]
        told += [one.entity for one in below]
    return digest(
        [differing.get(name, _Differing()).content for name in told],
        [parts.content("match", name, pair.pair_id) for name in read],
        [parts.content("normalise", name, domain) for name in read for _, domain in pair.sides],
        embedded.touched(e, pair.pair_id, parts),
    )


def _below(catalogue: Catalogue, e: Entity) -> list[Entity]:
    """The entity types whose items the links of this one look through: those of its signatures, its components."""
    return [
        *(catalogue.entities[s.entity] for s in e.signatures.values()),
        *(c for c in catalogue.components_of(e.entity) if c.parent),
    ]


def _texts(e: Entity, of: _Differing) -> list[str]:
    """The attributes that differ and are text."""
    return [n for n, a in e.compared.items() if n in of.attributes and a.compare == "text" and not a.references]


def _link(session: Session, catalogue: Catalogue, e: Entity, pair: Pair, of: _Differing) -> None:
    """What explains the differences of one entity type, one step back."""
    differing = of.attributes
    session.run(
        "cause_links.sql.j2",
        e=e,
        pair=pair,
        differing=differing,
        alone=of.alone,
        used_by_keys=list(dict.fromkeys(part for key in e.keys for part in key.parts)),
        children=catalogue.entities,
    )
    texts = _texts(e, of)
    if texts:
        components = [c for c in catalogue.components_of(e.entity) if c.parent]
        session.run(
            "cause_text.sql.j2", e=e, pair=pair, texts=texts, components=components, entities=catalogue.entities
        )
    holding = {n: sorted({t for one in a.embedded for t in one.to}) for n, a in e.embedding.items() if n in differing}
    if holding:
        session.run("cause_embedded.sql.j2", e=e, pair=pair, texts=[*holding], targets=holding)
    session.execute("DROP TABLE open_differences")


def _trace(session: Session, pairs: list[str]) -> None:
    """Follow the links to their ends, any number of steps, through circles too."""
    session.run("cause_roots.sql.j2", pairs=pairs)
    step = 0
    while True:
        while session.value("SELECT count(*) FROM reached") and step < _LONGEST:
            step += 1
            session.run("cause_step.sql.j2", step=step)
        # What nothing direct leads to stands in a circle; every round closes at least one.
        left = session.value(
            "SELECT count(*) FROM linked l ANTI JOIN compared.difference_cause c ON c.difference_id = l.difference_id"
        )
        if not left:
            break
        session.run("cause_circle.sql.j2")
        step = 0
    session.execute("DROP TABLE reached; DROP TABLE linked")


def _weigh(night: Night, catalogue: Catalogue, pair: Pair) -> None:
    """What each difference keeps the convergence of the total down by."""
    order = [catalogue.entities[name] for name in reversed(owners_first(catalogue))]
    components = [c for c in order if c.role == "component" and c.parent and not c.expected_local]
    night.run("cause_worth.sql.j2", night=night.number, pair=pair, entities=order, components=components)
