"""Readings as a reviewer of the published night would give them."""

from __future__ import annotations

import random
from datetime import datetime
from typing import Any

from tests.support.builds import Answer, House
from transforms.build import content
from transforms.build.reviewed import RULINGS, Reading
from transforms.warehouse import Session

AT = datetime(2026, 3, 5, 9)


def reading(
    h: House,
    night: Answer,
    ruling: str,
    a: str | None,
    b: str | None,
    *,
    entity: str,
    reader: str = "AB",
    at: datetime = AT,
    **more: Any,
) -> Reading:
    """An answer about the item ``a`` of the first domain and ``b`` of the second, as the night has them."""
    domain_a, domain_b = h.domains[:2]
    session = Session(night.con.cursor())
    items = [(d, i) for d, i in ((domain_a, a), (domain_b, b)) if i]
    names = content.names(session, entity, items)
    content.drop(session)
    na, nb = names.get((domain_a, a or "")), names.get((domain_b, b or ""))
    return Reading(
        entity, ruling, domain_a, domain_b, na.keys if na else (), nb.keys if nb else (), reader, at,
        na.label if na else "", nb.label if nb else "", seen_a=na.seen if na else "", seen_b=nb.seen if nb else "",
        **more,
    )  # fmt: skip


def some(h: House, night: Answer, chance: random.Random, number: int) -> list[Reading]:
    """So many answers drawn by chance, about any items that have a name."""
    found: list[Reading] = []
    sides = []
    for column in ("local_id_a", "local_id_b"):
        pair = f"{h.domains[0]}~{h.domains[1]}"
        query = " UNION ALL ".join(
            f"SELECT '{e}', {column} FROM matched.\"{e}\" WHERE pair_id = '{pair}' AND {column} IS NOT NULL"
            for e in h.catalogue.order
        )
        rows = sorted(night.con.execute(query).fetchall())
        sides.append({e: [i for t, i in rows if t == e] for e in h.catalogue.order})
    both = [e for e in h.catalogue.order if sides[0][e] and sides[1][e]]
    for _ in range(number if both else 0):
        entity, ruling = chance.choice(both), chance.choice(RULINGS)
        a, b = chance.choice(sides[0][entity]), chance.choice(sides[1][entity])
        only_a = ruling == "no_counterpart"
        reader = chance.choice(["AB", "AB", "CD"])
        one = reading(h, night, ruling, a, None if only_a else b, entity=entity, reader=reader)
        if one.keys_a and (one.keys_b or only_a):
            found.append(one)
    return found
