"""The matches of all pairs of domains as one: which items of several domains are the same thing.

Links are taken from the strongest to the weakest, and one that would bring two items of one domain together, or two
that a reader held apart, is left out and reported. What that order gives is found in rounds inside DuckDB: a link that
is the strongest of both clusters it touches can be judged before any other that touches them, whatever happens
elsewhere.
"""

from __future__ import annotations

from collections.abc import Sequence

from transforms.build.parts import Parts
from transforms.catalogue import Catalogue, Entity
from transforms.warehouse import Session
from transforms.words.hashes import digest


def run(session: Session, catalogue: Catalogue, pairs: Sequence[tuple[str, str, str]], parts: Parts) -> None:
    """Fill ``matched.cluster`` and ``matched.cluster_conflict`` from the matches of all pairs (id, domain a, domain b).

    An entity type is clustered anew only where a match, a label or a ruling of it changed. Where there is one pair, the
    clusters are a view of its matches.
    """
    session.run("cluster_tables.sql.j2", several=len(pairs) > 1)
    if len(pairs) == 1:
        pair, a, b = pairs[0]
        if not parts.holds("cluster", ""):
            session.run("cluster_pair.sql.j2", entities=catalogue.ordered, pair=pair, sides=(("a", a), ("b", b)))
            parts.note("cluster", "", "all", "")
        return
    domains = sorted({d for _, a, b in pairs for d in (a, b)})
    for e in catalogue.ordered:
        inputs = digest(
            [
                (pair, parts.inputs("match", e.entity, pair), parts.content("match", e.entity, pair))
                for pair, _, _ in pairs
            ],
            [parts.content("normalise", e.entity, d) for d in domains],
        )
        if parts.same("cluster", e.entity, "all", inputs):
            continue
        _bring_together(session, e, pairs, domains)
        parts.note("cluster", e.entity, "all", inputs)


def _bring_together(session: Session, e: Entity, pairs: Sequence[tuple[str, str, str]], domains: list[str]) -> None:
    session.run("cluster_start.sql.j2", e=e, pairs=pairs, domains=domains, scored=_scored(session, e.entity))
    while session.value("SELECT count(*) FROM link WHERE state = 'open'"):
        session.run("cluster_round.sql.j2")
    session.run("cluster_close.sql.j2", entity=e.entity)


def _scored(session: Session, entity: str) -> bool:
    """Whether the matches of the entity type have a score."""
    return bool(
        session.value(
            "SELECT count(*) FROM duckdb_columns() WHERE database_name = current_database() "
            "AND schema_name = 'matched' AND table_name = ? AND column_name = 'score'",
            [entity],
        )
    )
