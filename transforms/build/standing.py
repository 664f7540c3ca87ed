"""Several domains together: what each says of the same thing, which is in the majority and which stands alone.

Stands on the clusters and the pairwise differences, so it knows every kind of comparison without comparing again: two
domains say the same of an attribute where their items are matched and no difference is between them, or where a third
says the same as both. With two domains there is no majority, and nothing is made.
"""

from __future__ import annotations

from transforms.warehouse import Night, lit

HISTORY = ("together_count", "together")
"""The tables of standing_tables.sql that keep what earlier nights found."""


def run(night: Night, method: str) -> None:
    """Fill ``measured.standing`` and add the night's figures over all domains (docs/metrics.md, "Several domains")."""
    night.run("standing_tables.sql")
    if night.value("SELECT count(DISTINCT domain_no) FROM catalogue.side") < 3:
        return
    night.run("standing.sql")
    while night.run("standing_round.sql").fetchall() != [(0,)]:
        pass
    night.run("standing_close.sql")
    for depth in range(night.value("SELECT max(depth) FROM catalogue.entity"), 0, -1):
        night.execute(f"SET VARIABLE depth = {depth}")
        night.run("standing_fold.sql")
    night.execute(f"SET VARIABLE method_version = {lit(method)}")
    night.run("standing_figures.sql")
