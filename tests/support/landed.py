"""The rows of landed files, as every reader of the archive gets them."""

from __future__ import annotations

from transforms.land.history import rows_of
from transforms.warehouse import Session, Sql


def landed_rows(session: Session, table: str, domain: str | None = None) -> Sql:
    """A query for the rows of all landed files of a table (and domain): _file_id, _row and the columns as text."""
    files = session.rows(
        "SELECT file_id FROM landed.file WHERE table_name = ? AND coalesce(domain = ?, true) ORDER BY file_id",
        [table, domain],
    )
    return rows_of(session, [row[0] for row in files], database="")
