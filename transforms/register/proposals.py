"""Proposed rulings for what is open, from plain rules with their evidence. Nothing is ever applied by itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from transforms.build.match import Pair
from transforms.catalogue import Catalogue
from transforms.warehouse import Night, Sql


def run(night: Night, catalogue: Catalogue, pairs: Sequence[Pair], used: bool) -> None:
    """Fill ``decided.proposal``. Needs the temporary table ``open_difference``, ``decided.cover`` and ``.used``.

    ``used`` says whether counts of use were delivered.
    """
    codes = _valid_codes(night, catalogue)
    night.run(
        "decide_propose.sql.j2",
        codes=codes,
        usage=used,
        others=_others(night, catalogue, pairs),
        owned=_owned(night, catalogue, pairs),
    )


def _others(night: Night, catalogue: Catalogue, pairs: Sequence[Pair]) -> list[dict[str, Any]]:
    """Of every pair and side, the other pairs with the side's domain: who else says so, and who does not.

    ``vendor`` says that the third domain holds the vendor's model content; it has no vote among the regions.
    """
    if len(pairs) < 2:
        return []
    vendors = {r[0] for r in night.rows("SELECT domain FROM measured.domain WHERE vendor_model")}
    return [
        {
            "entity": entity, "pair": pair.pair_id, "side": side, "other": other.pair_id, "place": place,
            "third": third, "vendor": third in vendors,
        }
        for entity in _open_types(night, catalogue)
        for pair in pairs
        for side, domain in pair.sides
        for other in pairs
        if other is not pair
        for place, its in other.sides
        if its == domain
        for third in [next(d for _, d in other.sides if d != domain)]
    ]  # fmt: skip


def _owned(night: Night, catalogue: Catalogue, pairs: Sequence[Pair]) -> list[dict[str, Any]]:
    """The open entity types whose items may bear the vendor's identifier, with the attributes that hold it."""
    found = []
    for entity in _open_types(night, catalogue):
        e = catalogue.entities[entity]
        key = next((k for k in e.keys if k.rule == "vendor_identifier" and k.certain), None)
        if key and all(part in e.attributes for part in key.on):
            found += [{"entity": entity, "pair": pair, "on": key.on} for pair in pairs]
    return found


def _open_types(night: Night, catalogue: Catalogue) -> list[str]:
    found = {r[0] for r in night.rows("SELECT DISTINCT entity FROM open_difference")}
    return [e.entity for e in catalogue.ordered if e.entity in found]


def _valid_codes(night: Night, catalogue: Catalogue) -> bool:
    """Make the temporary table ``valid_code`` of differing national codes; whether there can be any."""
    coded = [(e.entity, n, one.list, one.prefix) for e in catalogue.ordered for n, a in e.compared.items()
             for one in a.national]  # fmt: skip
    if not coded or not night.has(Sql("measured.reference_code")):
        return False
    night.run("decide_codes.sql.j2", coded=coded)
    return True
