"""What happened to the deliveries: against the one before, and against the published night."""

from __future__ import annotations

from transforms.catalogue import Catalogue, Entity
from transforms.warehouse import Night

# Row counts are held against those of so many nights.
NIGHTS = 14


def item_history(night: Night) -> dict[tuple[str, str], tuple[int, ...]]:
    """Live items by (domain, entity type) in the last NIGHTS published nights, the oldest first."""
    if not night.previous:
        return {}
    rows = night.rows(
        "SELECT domain, entity, list(items ORDER BY night_id) FROM previous.measured.item_count "
        "WHERE night_id > (SELECT max(night_id) FROM previous.measured.item_count) - ? GROUP BY ALL",
        [NIGHTS],
    )
    return {(domain, entity): tuple(items) for domain, entity, items in rows}


def columns_gone(night: Night, catalogue: Catalogue) -> dict[tuple[str, str], tuple[int, int]]:
    """By (domain, entity type): how many columns that the published night used are gone, and how many it used.

    Used are the compared attributes, the parent and what keys are made of. Only entity types that both nights have of
    the domain are told of.
    """
    if not night.previous:
        return {}
    rows = night.rows(
        "SELECT p.domain, p.entity, p.attribute, coalesce(n.delivered, false) FROM previous.normalised.extracted p "
        "LEFT JOIN normalised.extracted n USING (domain, entity, attribute) WHERE p.delivered"
    )
    found: dict[tuple[str, str], tuple[int, int]] = {}
    whole = {(domain, entity) for domain, entity, attribute, here in rows if attribute == "" and here}
    for domain, entity, attribute, here in rows:
        e = catalogue.entities.get(entity)
        if e is not None and (domain, entity) in whole and attribute in _used(e):
            gone, used = found.get((domain, entity), (0, 0))
            found[domain, entity] = (gone + (not here), used + 1)
    return found


def _used(e: Entity) -> set[str]:
    return {*e.compared, "parent", *(part for key in e.keys for part in key.parts)}
