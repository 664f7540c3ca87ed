"""The target: the Swedish version so far, composed every night from what both builds agree on and what was ruled.

It is kept as spans of nights, so that any two versions of it can be compared. One target per pair of domains.
"""

from __future__ import annotations

from collections.abc import Sequence

from transforms.build.match import Pair
from transforms.build.parts import Leads, Parts
from transforms.catalogue import Catalogue, Entity
from transforms.warehouse import Night
from transforms.words.hashes import digest


def run(night: Night, catalogue: Catalogue, pairs: Sequence[Pair]) -> None:
    """Bring ``decided.target_<entity>`` up to this night. Needs ``decided.cover`` and the open differences.

    An entity type is composed anew only where something of it was compared anew or is ruled otherwise.
    """
    names = {e.entity: attributes_of(e) for e in catalogue.ordered}
    kept = _kept(night, names)
    if not night.carried:
        night.run("decide_target_tables.sql.j2", entities=catalogue.ordered, names=names, kept=kept)
    parts = Parts(night)
    leads = Leads(night, catalogue, parts)
    ruled = _ruled(night)
    for pair in pairs:
        for e in catalogue.ordered:
            inputs = digest(ruled.get((pair.pair_id, e.entity), ""))
            if (
                night.carried
                and parts.same("target", e.entity, pair.pair_id, inputs)
                and not parts.made_anew("compare", e.entity, pair.pair_id)
                # What no one weighs is not compared, but shown by its name.
                and not leads.touched(e, [*e.references], pair.pair_id, pair.sides)
            ):
                continue
            # Where no earlier night told of a target there is nothing to hold tonight's against.
            first = not night.carried and e.entity not in kept
            night.run("decide_target.sql.j2", e=e, pair=pair, names=names[e.entity], night=night.number, first=first)
            parts.note("target", e.entity, pair.pair_id, inputs)
    parts.keep()


def _ruled(night: Night) -> dict[tuple[str, str], str]:
    """A hash of what is ruled on the open differences, by pair and entity type."""
    rows = night.rows(
        "SELECT d.pair_id, d.entity, count(*) || '.' || sum(hash(v, r.adopt, r.value)) "
        "FROM decided.cover v JOIN open_difference d USING (pair_id, difference_id) "
        "JOIN decided.decision r ON r.decision_id = v.decision_id GROUP BY ALL"
    )
    return {(pair, entity): told for pair, entity, told in rows}


def attributes_of(e: Entity) -> list[str]:
    """What the target says of an item of the entity type: its owner, and every attribute."""
    return [*(("parent",) if e.parent else ()), *e.attributes]


def _kept(night: Night, names: dict[str, list[str]]) -> list[str]:
    """The entity types whose target the night before has in the same columns; another catalogue begins anew."""
    if not night.previous or night.carried:
        return []
    rows = night.rows(
        "SELECT table_name, list(column_name) FROM duckdb_columns() WHERE database_name = 'previous' "
        "AND schema_name = 'decided' AND starts_with(table_name, 'target_') GROUP BY table_name"
    )
    found = {r[0]: {c.removeprefix("v ") for c in r[1] if c.startswith("v ")} for r in rows}
    return [e for e, columns in names.items() if found.get(f"target_{e}") == set(columns)]
