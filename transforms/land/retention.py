"""Which snapshots are kept, and how those that are not leave the archive."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta

from transforms.warehouse import Session, ident, lit


@dataclass(frozen=True)
class Dropped:
    """What left the archive: snapshots (all of them older than what is kept), files and row versions."""

    snapshots: int
    files: int
    versions: int


def drop(session: Session, keep: timedelta, needed: Collection[int]) -> Dropped:
    """Take the snapshots out that are older than ``keep``, counted from the newest delivery of any domain.

    A domain's newest snapshot and those in ``needed`` (which nights stand on) stay, however old, and so does every row
    that one of the snapshots that stay consists of. One transaction; the room in the file is given back by
    ``Warehouse.rewrite_archive``.
    """
    with session.transaction():
        session.execute(
            "CREATE OR REPLACE TEMP TABLE dropping AS SELECT snapshot_id FROM landed.snapshot AS s "
            "WHERE delivered_at < (SELECT max(delivered_at) FROM landed.snapshot) - to_seconds(?) "
            "AND delivered_at < (SELECT max(delivered_at) FROM landed.snapshot WHERE domain = s.domain) "
            "AND NOT list_contains(?::INTEGER[], snapshot_id)",
            [keep.total_seconds(), sorted(needed)],
        )
        snapshots = int(session.value("SELECT count(*) FROM dropping"))
        session.execute(
            "DELETE FROM landed.snapshot_file WHERE snapshot_id IN (FROM dropping); "
            "CREATE OR REPLACE TEMP TABLE dropping_file AS SELECT file_id FROM landed.file "
            "WHERE file_id NOT IN (SELECT file_id FROM landed.snapshot_file)"
        )
        files = int(session.value("SELECT count(*) FROM dropping_file"))
        for column, gone in (("snapshot_id", "dropping"), ("file_id", "dropping_file")):
            for table in _with_column(session, column):
                session.execute(f"DELETE FROM landed.{ident(table)} WHERE {column} IN (FROM {gone})")
        versions = sum(_drop_versions(session, series) for series in _series(session)) if files else 0
        session.execute("DROP TABLE dropping; DROP TABLE dropping_file")
    return Dropped(snapshots, files, versions)


def _with_column(session: Session, column: str) -> list[str]:
    rows = session.rows(
        "SELECT DISTINCT table_name FROM duckdb_columns() WHERE database_name = current_database() "
        "AND schema_name = 'landed' AND column_name = ? ORDER BY 1",
        [column],
    )
    return [row[0] for row in rows]


def _series(session: Session) -> list[str]:
    rows = session.rows(
        "SELECT table_name FROM duckdb_tables() WHERE database_name = current_database() AND schema_name = 'data'"
    )
    return [row[0] for row in rows]


def _drop_versions(session: Session, series: str) -> int:
    """Drop the versions that no file of the series holds any more. Returns how many."""
    table = f"data.{ident(series)}"
    if not session.value("SELECT count(*) FROM landed.file WHERE series = ?", [series]):
        count = int(session.value(f"SELECT count(*) FROM {table}"))
        session.execute(f"DROP TABLE {table}")
        return count
    done = session.execute(
        f"DELETE FROM {table} AS v USING (SELECT DISTINCT _from, _to FROM {table} AS r WHERE NOT EXISTS "
        f"(SELECT 1 FROM landed.file AS f WHERE f.series = {lit(series)} AND f.file_id >= r._from "
        "AND (r._to IS NULL OR f.file_id < r._to))) AS gone "
        "WHERE v._from = gone._from AND v._to IS NOT DISTINCT FROM gone._to"
    ).fetchone()
    return int(done[0]) if done else 0
