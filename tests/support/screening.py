"""The screening for personal data held against rows that are in no delivery."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from transforms.land.screen import Policy, screen
from transforms.warehouse import Session, Sql, ident


def look(session: Session, policy: Policy, source: Sql, columns: Sequence[str], today: date) -> None:
    """Screen the text columns of ``source``, anything that can stand after FROM; temp table screened tells of them."""
    session.run("land_tables.sql")
    cells = ", ".join(map(ident, columns))
    session.execute(
        f"INSERT INTO landing_row SELECT 1, row_number() OVER (), NULL, 0, [{cells}]::VARCHAR[] FROM {source}"
    )
    session.insert(
        "landing_column", [(1, place, place, c, True, policy.is_id(c), False) for place, c in enumerate(columns, 1)]
    )
    screen(session, policy, today)
