"""Usage as a second view: the same comparison weighed by how often the items are used (docs/metrics.md).

Counts come as a table in the delivery (the catalogue's ``undescribed.usage``) or as the register's ``usage.csv``.
"""

from __future__ import annotations

from pathlib import Path

from transforms.catalogue import Catalogue
from transforms.land import history
from transforms.land.canonical import prepare
from transforms.warehouse import Night, Sql, ident

REGISTER = Path(__file__).with_name("usage_register.sql").read_text(encoding="utf-8")
MEASURE = Path(__file__).with_name("usage_measure.sql").read_text(encoding="utf-8")


def run(night: Night, catalogue: Catalogue) -> None:
    """Fill ``decided.item_use`` (grain: item of a domain) and ``.used`` (match or item of a pair), and add the figures.

    Needs ``decided.usage``, what the register says. A count in the register stands in place of the delivered one.
    """
    night.execute(REGISTER)
    files = _files(night, catalogue)
    if files:
        prepare(night, catalogue)
        night.run("usage_delivered.sql.j2", files=files)
    if night.value("SELECT count(*) FROM decided.item_use"):
        night.execute(MEASURE)


def _files(night: Night, catalogue: Catalogue) -> list[tuple[str, Sql]]:
    """The delivered tables of counts: the domain, and the query of its rows (of_table, local_id, uses)."""
    declared = catalogue.undescribed.usage
    if declared is None:
        return []
    found = []
    for domain, file_id, columns in night.rows(
        "SELECT d.domain, f.file_id, f.columns FROM catalogue.domain d "
        "JOIN archive.landed.snapshot_file USING (snapshot_id) JOIN archive.landed.file f USING (file_id) "
        "WHERE upper(f.table_name) = ? ORDER BY 1, 2",
        [declared.table.upper()],
    ):
        named = {c.upper(): c for c in columns}
        wanted = [named.get(c.upper()) for c in (declared.of_table, declared.local_id, declared.uses)]
        if None not in wanted:
            table, item, uses = (ident(str(c)) for c in wanted)
            rows = history.rows_of(night, [file_id])
            found.append(
                (
                    domain,
                    Sql(
                        f"SELECT upper(trim({table})) AS of_table, canon_id({item}) AS local_id, "
                        f"try_cast(canon_number({uses}) AS DOUBLE) AS uses FROM ({rows})"
                    ),
                )
            )
    return found
