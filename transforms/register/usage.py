"""Usage as a second view: the same comparison weighed by how often the items are used (docs/metrics.md).

Counts come as a table in the delivery (the catalogue's ``undescribed.usage``) or as the register's ``usage.csv``.
"""

from __future__ import annotations

from collections.abc import Sequence

from transforms.build.match import Pair
from transforms.build.measure import METHOD_VERSION
from transforms.catalogue import Catalogue
from transforms.land import history
from transforms.land.canonical import prepare
from transforms.warehouse import Night, Sql, ident


def run(night: Night, catalogue: Catalogue, pairs: Sequence[Pair]) -> bool:
    """Fill ``decided.item_use`` and ``decided.used`` and add the figures by use. Returns whether anything is counted.

    Needs ``decided.usage``, what the register says. A count in the register stands in place of the delivered one.
    """
    for (entity,) in night.rows("SELECT DISTINCT entity FROM decided.usage ORDER BY 1"):
        night.run("usage_register.sql.j2", entity=entity)
    _delivered(night, catalogue)
    counted = [r[0] for r in night.rows("SELECT DISTINCT entity FROM decided.item_use ORDER BY 1")]
    for pair in pairs:
        for entity in counted:
            night.run("usage_used.sql.j2", entity=entity, pair=pair)
    if counted:
        night.run("usage_measure.sql.j2", night=night.number, method=METHOD_VERSION)
    return bool(counted)


def _delivered(night: Night, catalogue: Catalogue) -> None:
    told = catalogue.undescribed.usage
    if told is None or not night.value("SELECT count(*) FROM measured.snapshot WHERE night_id = ?", [night.number]):
        return
    files = night.rows(
        "SELECT s.domain, f.file_id, f.columns FROM measured.snapshot s "
        "JOIN archive.landed.snapshot_file USING (snapshot_id) JOIN archive.landed.file f USING (file_id) "
        "WHERE s.night_id = ? AND upper(f.table_name) = ? ORDER BY 1, 2",
        [night.number, told.table.upper()],
    )
    if files:
        prepare(night, catalogue)
    for domain, file_id, columns in files:
        named = {c.upper(): c for c in columns}
        wanted = [named.get(c.upper()) for c in (told.of_table, told.local_id, told.uses)]
        if None in wanted:
            continue
        table, item, uses = (ident(str(c)) for c in wanted)
        rows = Sql(
            f"SELECT upper(trim({table})) AS of_table, canon_id({item}) AS local_id, "
            f"try_cast(canon_number({uses}) AS DOUBLE) AS uses FROM ({history.rows_of(night, [file_id])})"
        )
        counted = {r[0] for r in night.rows(f"SELECT DISTINCT of_table FROM ({rows}) WHERE uses >= 0")}
        for e in catalogue.ordered:
            if e.source.table.upper() in counted:
                night.run("usage_delivered.sql.j2", e=e, domain=domain, rows=rows)
