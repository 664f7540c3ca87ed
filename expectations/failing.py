"""The rows that fail a check: made anew from the night that found them, so that nothing has to be kept of them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from expectations.measuring import Connection, targets_of
from expectations.suites import DELIVERY_KINDS, TABLE_KINDS, Check
from transforms.catalogue import Catalogue
from transforms.land.national import CodeList, tested
from transforms.warehouse import Sql, ident, lit, render

_SQL = Path(__file__).parent / "sql"
# So many rows of a check and domain are published; `likare quality CHECK_ID --rows` shows the rest.
SHOWN = 10


def failing_rows(
    con: Connection,
    catalogue: Catalogue,
    check: Check,
    domain: str,
    lists: Mapping[str, CodeList],
    limit: int | None = None,
) -> Sql | None:
    """A query for the rows that fail the check in the domain: local_id, label, value (as it is stored), in order.

    None for a check of a whole table or delivery, which has no single rows. ``con`` is on the night.
    """
    if check.kind in TABLE_KINDS | DELIVERY_KINDS or check.never:
        return None
    reference = catalogue.entities[check.entity].references.get(check.column or "")
    targets = []
    if reference is not None and check.kind in ("reference_resolves", "code_set"):
        there = {
            row[0]
            for row in con.execute(
                "SELECT entity FROM normalised.extracted WHERE domain = ? AND attribute = '' AND delivered", [domain]
            ).fetchall()
        }
        targets = targets_of(catalogue, reference, [t for t in reference.to if t in there])
    source = None
    if check.national:
        column = ident(check.columns[0])
        found = con.execute(
            "SELECT state <> 'absent' FROM measured.reference_list WHERE list = ?", [check.national]
        ).fetchall()
        values = Sql(
            f"SELECT local_id, label, substr({column}, {len(check.prefix) + 1}) AS value "
            f"FROM normalised.{ident(check.entity)} "
            f"WHERE domain = {lit(domain)} AND starts_with({column}, {lit(check.prefix)})"
        )
        source = tested(lists[check.national], values, bool(found and found[0][0]))
    return render(
        "failing.sql.j2",
        folder=_SQL,
        c=check,
        domain=domain,
        limit=limit,
        targets=targets,
        polymorphic=bool(reference and reference.type_column),
        every=bool(reference and reference.every),
        type_column=f"{check.column}__type",
        tested=source,
    )
