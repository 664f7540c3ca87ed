"""The matches of all pairs of domains as one: which items of several domains are the same thing.

Links are taken from the strongest to the weakest, and one that would bring two items of one domain together, or two
that a reader held apart, is left out and reported. Where the links bring nothing together that may not be, their order
does not matter; elsewhere what it gives is found in rounds: a link that is the strongest of both clusters it touches
can be judged before any other that touches them, whatever happens elsewhere.
"""

from __future__ import annotations

from transforms.warehouse import Session


def run(session: Session) -> None:
    """Fill ``matched.cluster_item`` and ``matched.cluster_conflict`` from all matches: see clusters.sql."""
    session.run("clusters.sql")
    while session.run("cluster_spread.sql").fetchall() != [(0,)]:
        pass
    doubtful = session.run("cluster_doubt.sql").fetchall() != [(0,)]
    if doubtful:
        session.run("cluster_link.sql")
        while session.value("SELECT count(*) FROM link WHERE state = 'open'"):
            session.run("cluster_round.sql")
        session.run("cluster_part.sql")
    session.run("cluster_close.sql")
    if doubtful:
        session.run("cluster_conflict.sql")
