"""The derived entity types in the archive: each stands until the columns of its table change somewhere.

A type that was made anew every night would follow the data it is to judge: a key would change because one row did.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict

from transforms.catalogue import Catalogue
from transforms.land.derive.attributes import Evidence
from transforms.land.derive.build import Derived, derive
from transforms.warehouse import Session
from transforms.words.hashes import digest

_TABLE = """
CREATE TABLE IF NOT EXISTS landed.derived (
    table_name VARCHAR PRIMARY KEY, inputs VARCHAR NOT NULL, fields VARCHAR NOT NULL, evidence VARCHAR NOT NULL
)
"""


def kept(session: Session, catalogue: Catalogue, snapshots: Mapping[str, int]) -> list[Derived]:
    """The entity types of all tables that were ever delivered and are not described, in the order of the tables.

    ``session`` is on the archive; ``snapshots`` maps domain to snapshot id. Those are derived that are new, or whose
    columns are no longer what they were in some domain, or under another catalogue. A table without a key has none.
    """
    session.execute(_TABLE)
    inputs = _inputs(session, catalogue, snapshots)
    held = dict(session.rows("SELECT table_name, inputs FROM landed.derived"))
    stale = {table for table, told in inputs.items() if held.get(table) != told}
    if stale:
        with session.transaction():
            told = {one.table: one for one in derive(session, catalogue, snapshots)}
            for table in sorted(stale):
                session.execute("DELETE FROM landed.derived WHERE table_name = ?", [table])
                # Of a table that nothing can be told of that is kept: it would be looked through again every night.
                fields = json.dumps(dict(told[table].fields)) if table in told else ""
                evidence = json.dumps([asdict(e) for e in told[table].evidence]) if table in told else "[]"
                session.insert("landed.derived", [(table, inputs[table], fields, evidence)])
    return known(session, catalogue)


def known(session: Session, catalogue: Catalogue) -> list[Derived]:
    """The same as they were kept last, nothing derived anew."""
    described = catalogue.tables()
    session.execute(_TABLE)
    return [
        Derived(table, json.loads(fields), tuple(Evidence(**e) for e in json.loads(evidence)))
        for table, fields, evidence in session.rows(
            "SELECT table_name, fields, evidence FROM landed.derived WHERE fields <> '' ORDER BY table_name"
        )
        if table not in described
    ]


def _inputs(session: Session, catalogue: Catalogue, snapshots: Mapping[str, int]) -> dict[str, str]:
    """What the description of each undescribed table rests on: its columns, domain by domain, and the catalogue."""
    described = catalogue.tables()
    found: dict[str, list[object]] = {}
    for domain, snapshot_id in sorted(snapshots.items()):
        for table, columns in session.rows(
            "SELECT table_name, list_sort(list_distinct(flatten(list(columns)))) FROM landed.file "
            "JOIN landed.snapshot_file USING (file_id) WHERE snapshot_id = ? AND rows_accepted > 0 "
            "GROUP BY 1 ORDER BY 1",
            [snapshot_id],
        ):
            if table not in described and not catalogue.undescribed.is_skipped(table):
                found.setdefault(table, []).append((domain, tuple(columns)))
    return {table: digest(catalogue.fingerprint, told) for table, told in found.items()}
