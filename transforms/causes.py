"""What lies behind the differences: which are direct, which follow from others, and what settling them is worth."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from transforms.catalogue import Catalogue, Entity
from transforms.compare import owners_first
from transforms.match import Pair
from transforms.parts import PAIR_STEPS, Parts
from transforms.warehouse import Night, Session

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
            for e in catalogue.ordered:
                if progress:
                    progress(e.entity)
                _link(night, catalogue, e, pair)
        _trace(night, [p.pair_id for p in made])
        for pair in made:
            _weigh(night, catalogue, pair)
            parts.note("cause", "", pair.pair_id, "")
        parts.keep()
    return int(night.value("SELECT count(DISTINCT difference_id) FROM compared.difference_cause WHERE steps > 0"))


def _link(session: Session, catalogue: Catalogue, e: Entity, pair: Pair) -> None:
    """What explains the differences of one entity type, one step back."""
    differing = {
        row[0]
        for row in session.rows(
            "SELECT DISTINCT attribute FROM compared.difference WHERE pair_id = ? AND entity = ?",
            [pair.pair_id, e.entity],
        )
    }
    if not differing:
        return
    session.run(
        "cause_links.sql.j2",
        e=e,
        pair=pair,
        differing=differing,
        alone=None in differing,
        used_by_keys=list(dict.fromkeys(part for key in e.keys for part in key.parts)),
        children=catalogue.entities,
    )
    texts = [n for n, a in e.compared.items() if n in differing and a.compare == "text" and not a.references]
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
