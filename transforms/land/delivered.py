"""What a snapshot holds of every source table, read once: its files, how their rows are stored and written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from transforms.land import history
from transforms.warehouse import Session, Sql


@dataclass(frozen=True)
class File(history.Stored):
    """A landed file; ``first_snapshot`` is the snapshot that brought it."""

    sha256: str
    rows_accepted: int
    decimal: str | None
    stated_pictures: tuple[str, ...] | None
    time_zone: str | None
    first_snapshot: int

    @property
    def date_pictures(self) -> tuple[str, ...]:
        """The pictures of its dates (strptime)."""
        return self.stated_pictures or ()

    @property
    def content(self) -> tuple[object, ...]:
        """What its items are made of. Not its number: an archive that was made again numbers its files anew."""
        pictures = None if self.stated_pictures is None else list(self.stated_pictures)
        return (self.sha256, self.rows_accepted, tuple(self.columns), self.decimal, pictures, self.time_zone)


@dataclass(frozen=True)
class Table:
    """The files in which a snapshot delivers a source table, none where it does not."""

    files: tuple[File, ...] = ()

    @property
    def columns(self) -> frozenset[str]:
        """Every column that one of the files has."""
        return frozenset(c for file in self.files for c in file.columns)

    @property
    def contents(self) -> tuple[tuple[object, ...], ...]:
        """What items are made of: see File.content."""
        return tuple(file.content for file in self.files)

    @property
    def rows(self) -> Sql:
        """A query for the accepted rows: see history.rows_of."""
        return history.query_of(self.files)


@dataclass(frozen=True)
class Delivery:
    """A snapshot: its time as canonical text (empty where there is no such snapshot), and its tables by name."""

    moment: str
    tables: Mapping[str, Table]

    def table(self, name: str) -> Table:
        """The table of that name, without files where it was not delivered."""
        return self.tables.get(name, Table())


def read(session: Session, snapshots: Mapping[str, int]) -> dict[str, Delivery]:
    """What the archive, attached as ``archive``, holds of each domain's snapshot (domain → snapshot id)."""
    of = {snapshot_id: domain for domain, snapshot_id in snapshots.items()}
    moments = dict(
        session.rows(
            "SELECT snapshot_id, strftime(delivered_at, '%Y-%m-%d %H:%M:%S') FROM archive.landed.snapshot "
            "WHERE list_contains(?, snapshot_id)",
            [[*of]],
        )
    )
    tables: dict[str, dict[str, tuple[File, ...]]] = {domain: {} for domain in snapshots}
    for (
        snapshot_id,
        name,
        file_id,
        series,
        columns,
        runs,
        before,
        sha256,
        accepted,
        decimal,
        pictures,
        zone,
        first,
    ) in session.rows(_FILES, [[*of]]):
        stated = None if pictures is None else tuple(pictures)
        file = File(file_id, series, tuple(columns), runs, before, sha256, accepted, decimal, stated, zone, first)
        found = tables[of[snapshot_id]]
        found[name] = (*found.get(name, ()), file)
    return {
        domain: Delivery(moments.get(snapshot_id, ""), {n: Table(files) for n, files in tables[domain].items()})
        for domain, snapshot_id in snapshots.items()
    }


_FILES = """
WITH wanted AS (SELECT * FROM archive.landed.snapshot_file WHERE list_contains(?, snapshot_id)),
begun AS (
    SELECT file_id, min(snapshot_id) AS first FROM archive.landed.snapshot_file SEMI JOIN wanted USING (file_id)
    GROUP BY 1
),
placed AS (
    SELECT file_id, count(*) AS runs, min(first_row - version) AS moved FROM archive.landed.place
    SEMI JOIN wanted USING (file_id) GROUP BY 1
)
SELECT w.snapshot_id, f.table_name, f.file_id, f.series, f.columns, coalesce(p.runs, 0), p.moved, f.sha256,
       f.rows_accepted, f.decimal, f.date_pictures, f.time_zone, b.first
FROM wanted w
JOIN archive.landed.file f USING (file_id)
JOIN begun b USING (file_id)
LEFT JOIN placed p USING (file_id)
ORDER BY f.file_id
"""
