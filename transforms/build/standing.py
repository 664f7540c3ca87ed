"""Several domains together: what each says of the same thing, which is in the majority and which stands alone.

Stands on the clusters and the pairwise differences, so it knows every kind of comparison without comparing again: two
domains say the same of an attribute where their items are matched and no difference is between them, or where a third
says the same as both. With two domains there is no majority, and nothing is made.
"""

from __future__ import annotations

from collections.abc import Sequence

from transforms.build.compare import comparable_weights, delivered_attributes, owners_first
from transforms.build.match import Pair
from transforms.build.parts import PAIR_STEPS, Parts
from transforms.catalogue import Catalogue, Entity
from transforms.warehouse import Night

HISTORY = {
    "together_count": (
        "night_id INTEGER, entity VARCHAR, things BIGINT, complete BIGINT, identical BIGINT, uncertain BIGINT, "
        "possible BIGINT, agreement_sum DOUBLE, agreement_certain DOUBLE, measurable BOOLEAN"
    ),
    "together": (
        "night_id INTEGER, level VARCHAR, subject VARCHAR, metric VARCHAR, numerator DOUBLE, denominator DOUBLE, "
        "value DOUBLE, method_version VARCHAR"
    ),
}


def run(night: Night, catalogue: Catalogue, pairs: Sequence[Pair], earlier: Sequence[str], method: str) -> None:
    """Fill ``measured.standing`` and add the night's figures over all domains (docs/metrics.md, "Several domains").

    An entity type is done anew only where something of it, or of its components, was matched or compared anew.
    ``earlier`` names the tables of HISTORY that the night before has.
    """
    night.run("standing_tables.sql.j2", history=HISTORY, earlier=earlier, carried=night.carried)
    domains = list(dict.fromkeys(d for p in pairs for _, d in p.sides))
    if len(domains) < 3:
        return
    parts = Parts(night)
    delivered = {p.pair_id: delivered_attributes(night, p) for p in pairs}
    anew = _anew(night, catalogue, pairs, parts)
    here = {
        e.entity: [d for d in domains if any((d, e.entity, "") in found for found in delivered.values())]
        for e in catalogue.ordered
    }
    for e in catalogue.ordered:
        if e.entity in anew:
            told = [p for p in pairs if {d for _, d in p.sides} <= set(here[e.entity])]
            weights = _common(e, told, delivered) if told else {}
            night.run(
                "standing.sql.j2",
                e=e,
                pairs=told,
                here=here[e.entity] if len(here[e.entity]) > 2 else [],
                weights=weights,
                own_weight=float(sum(weights.values())),
                whole=len(domains),
                first={d: next(p for p in told if d in (p.domain_a, p.domain_b)) for d in here[e.entity] if told},
            )
    for owner in reversed(owners_first(catalogue)):
        if owner in anew and len(here[owner]) == len(domains):
            components = [
                c
                for c in catalogue.components_of(owner)
                if not c.expected_local and len(here[c.entity]) == len(domains)
            ]
            if components:
                night.run("standing_fold.sql.j2", owner=owner, components=components, whole=len(domains))
    for e in catalogue.ordered:
        night.run(
            "standing_count.sql.j2",
            entity=e.entity,
            night=night.number,
            anew=e.entity in anew,
            whole=len(here[e.entity]) == len(domains),
            domains=domains,
            pairs=pairs,
        )
    night.run("standing_figures.sql.j2", night=night.number, method=method)


def _anew(night: Night, catalogue: Catalogue, pairs: Sequence[Pair], parts: Parts) -> set[str]:
    if not night.carried or not night.value("SELECT count(*) FROM measured.together_count"):
        return set(catalogue.order)
    found = {
        e.entity
        for e in catalogue.ordered
        if parts.made_anew("cluster", e.entity, "all")
        or any(parts.made_anew(step, e.entity, p.pair_id) for step in PAIR_STEPS for p in pairs)
    }
    # What a component says counts in its owner, and in that one's.
    waiting = list(found)
    while waiting:
        e = catalogue.entities[waiting.pop()]
        owners = set(e.parent.references.to) if e.parent and e.role == "component" else set()
        waiting += owners - found
        found |= owners
    return found


def _common(e: Entity, pairs: Sequence[Pair], delivered: dict[str, set[tuple[str, str, str]]]) -> dict[str, float]:
    """The attributes that every pair compares, with their weights."""
    every = [comparable_weights(e, p, delivered[p.pair_id]) for p in pairs]
    return {name: weight for name, weight in every[0].items() if all(name in one for one in every)}
