"""Tables as they are drawn: a heading, then a row a line, columns between bars; an empty cell is NULL."""

from __future__ import annotations

from transforms.build import template
from transforms.warehouse import Session


def given(con: Session, table: str, drawn: str) -> None:
    """Insert the drawn rows; a column that is not drawn is NULL."""
    heading, *rows = [[cell.strip() or None for cell in line.split("|")] for line in drawn.strip().splitlines()]
    con.insert(f"{table} ({', '.join(map(str, heading))})", rows)


def shown(con: Session, query: str) -> list[str]:
    """The rows of a query, each as it would be drawn."""
    return [" | ".join("" if value is None else str(value) for value in row) for row in con.rows(query)]


def layers(con: Session) -> None:
    """Make the empty tables of a night."""
    con.execute(template.layers())
