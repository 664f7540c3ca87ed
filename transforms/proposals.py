"""Proposed rulings for what is open, from plain rules with their evidence. Nothing is ever applied by itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from transforms.catalogue import Catalogue
from transforms.match import Pair
from transforms.warehouse import Night


def run(night: Night, catalogue: Catalogue, pairs: Sequence[Pair], used: bool) -> None:
    """Fill ``decided.proposal``. Needs the temporary table ``open_difference``, ``decided.cover`` and ``.used``.

    ``used`` says whether counts of use were delivered.
    """
    codes = _valid_codes(night, catalogue)
    night.run("decide_propose.sql.j2", codes=codes, usage=used, others=_others(night, catalogue, pairs))


def _others(night: Night, catalogue: Catalogue, pairs: Sequence[Pair]) -> list[dict[str, Any]]:
    """Of every pair and side, the other pairs with the side's domain: a majority takes three domains."""
    if len(pairs) < 2:
        return []
    open_types = {r[0] for r in night.rows("SELECT DISTINCT entity FROM open_difference WHERE attribute IS NOT NULL")}
    return [
        {"entity": e.entity, "pair": pair.pair_id, "side": side, "other": other.pair_id, "place": place}
        for e in catalogue.ordered
        if e.entity in open_types
        for pair in pairs
        for side, domain in pair.sides
        for other in pairs
        if other is not pair
        for place, its in other.sides
        if its == domain
    ]


def _valid_codes(night: Night, catalogue: Catalogue) -> bool:
    """Make the temporary table ``valid_code`` of differing national codes; whether there can be any."""
    coded = [(e.entity, n, one.list, one.prefix) for e in catalogue.ordered for n, a in e.compared.items()
             for one in a.national]  # fmt: skip
    known = night.value(
        "SELECT count(*) FROM duckdb_tables() WHERE database_name = current_database() "
        "AND schema_name = 'measured' AND table_name = 'reference_code'"
    )
    if not coded or not known:
        return False
    night.run("decide_codes.sql.j2", coded=coded)
    return True
