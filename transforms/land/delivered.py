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


def read(session: Session, snapshot_id: int) -> Delivery:
    """What the archive, attached as ``archive``, holds of a snapshot."""
    at = session.value("SELECT delivered_at FROM archive.landed.snapshot WHERE snapshot_id = ?", [snapshot_id])
    rows = session.rows(
        "SELECT f.table_name, f.file_id, f.series, f.columns, coalesce(p.runs, 0), p.moved, f.sha256, f.rows_accepted, "
        "f.decimal, f.date_pictures, f.time_zone, b.first "
        "FROM archive.landed.file f "
        "JOIN archive.landed.snapshot_file s ON s.file_id = f.file_id AND s.snapshot_id = $1 "
        "JOIN (SELECT file_id, min(snapshot_id) AS first FROM archive.landed.snapshot_file GROUP BY 1) b "
        "ON b.file_id = f.file_id "
        "LEFT JOIN (SELECT file_id, count(*) AS runs, min(first_row - version) AS moved FROM archive.landed.place "
        "SEMI JOIN (SELECT file_id FROM archive.landed.snapshot_file WHERE snapshot_id = $1) USING (file_id) "
        "GROUP BY 1) p ON p.file_id = f.file_id ORDER BY f.file_id",
        [snapshot_id],
    )
    tables: dict[str, tuple[File, ...]] = {}
    for name, file_id, series, columns, runs, moved, sha256, accepted, decimal, pictures, zone, first in rows:
        stated = None if pictures is None else tuple(pictures)
        file = File(file_id, series, tuple(columns), runs, moved, sha256, accepted, decimal, stated, zone, first)
        tables[name] = (*tables.get(name, ()), file)
    return Delivery(f"{at:%Y-%m-%d %H:%M:%S}" if at else "", {n: Table(files) for n, files in tables.items()})
