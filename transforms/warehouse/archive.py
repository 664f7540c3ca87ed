"""The archive of landed extracts of a data folder, and the lock on the folder."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from transforms.warehouse.session import Session, connect
from transforms.warehouse.sql import Sql, ident, lit, render
from transforms.words.errors import WarehouseError


class Archive:
    """The archive of one data folder.

    ``memory_limit`` is DuckDB's (``"4GB"``), ``threads`` its number of threads; None leaves DuckDB's own defaults.
    """

    def __init__(self, folder: Path, *, memory_limit: str | None = None, threads: int | None = None) -> None:
        self.folder = folder
        self._options = {
            # No extension is ever fetched: nothing here may call out.
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
            "temp_directory": str(folder / "tmp"),
            "preserve_insertion_order": "true",
        }
        if memory_limit:
            self._options["memory_limit"] = memory_limit
        if threads:
            self._options["threads"] = str(threads)

    @contextlib.contextmanager
    def lock(self) -> Iterator[None]:
        """Hold the data folder for writing. Raises WarehouseError when another process holds it."""
        self._make_folders()
        path = self.folder / "lock"
        with path.open("a+", encoding="utf-8") as handle:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                handle.seek(0)
                holder = handle.read().strip() or "unknown"
                raise WarehouseError(
                    f"another night is running ({holder}); wait for it to end, or stop that process"
                ) from None
            handle.seek(0)
            handle.truncate()
            handle.write(f"process {os.getpid()}")
            handle.flush()
            try:
                yield
            finally:
                handle.seek(0)
                handle.truncate()

    def _make_folders(self) -> None:
        """Make the data folder. Raises WarehouseError where it cannot be written."""
        try:
            (self.folder / "nights").mkdir(parents=True, exist_ok=True)
            (self.folder / "tmp").mkdir(exist_ok=True)
        except OSError as fault:
            raise WarehouseError(
                f"{self.folder}: cannot be written ({fault.strerror}); choose another folder"
            ) from None

    @contextlib.contextmanager
    def archive(self) -> Iterator[Session]:
        """A session on the archive of landed extracts, read-write."""
        self._make_folders()
        for half_made in self.folder.glob("archive.new*"):
            half_made.unlink()
        with self._archive_at(self.archive_file) as session:
            yield session

    @property
    def archive_file(self) -> Path:
        """Where the archive lies."""
        return self.folder / "archive.duckdb"

    @contextlib.contextmanager
    def _archive_at(self, path: Path) -> Iterator[Session]:
        con = connect(path, self._options)
        try:
            session = Session(con)
            self._bring_up_to_date(session)
            yield session
        finally:
            con.close()

    @contextlib.contextmanager
    def folder_beside(self) -> Iterator[str]:
        """A folder for what is gone afterwards. The lock is to be held: a night clears such folders away."""
        self._make_folders()
        with tempfile.TemporaryDirectory(dir=self.folder / "tmp") as name:
            yield name

    @contextlib.contextmanager
    def archive_beside(self) -> Iterator[Session]:
        """A session on an empty archive, gone afterwards, with the real one attached read-only as ``archive``."""
        self._make_folders()
        with self._archive_at(self.archive_file):
            pass
        with self.folder_beside() as name:
            with self._archive_at(Path(name) / "beside.duckdb") as session:
                session.execute(f"ATTACH {lit(str(self.archive_file))} AS archive (READ_ONLY)")
                yield session

    def rewrite_archive(self) -> tuple[int, int]:
        """Write the archive anew, without the room that dropped rows left. Returns its bytes before and after.

        The new file takes the old one's place in one step; a process that is killed leaves the one or the other.
        """
        with self.archive() as session:
            session.execute("CHECKPOINT")
        # A log that belongs to the old file must never meet the new one.
        if Path(f"{self.archive_file}.wal").exists():  # pragma: no cover - a checkpointed, closed database leaves none
            raise WarehouseError("archive.duckdb: not closed whole; run again")
        before = self.archive_file.stat().st_size
        made = self.folder / "archive.new.duckdb"
        try:
            with contextlib.closing(connect(made, self._options)) as con:
                session = Session(con)
                session.execute(f"ATTACH {lit(str(self.archive_file))} AS earlier (READ_ONLY)")
                session.execute(
                    f"COPY FROM DATABASE earlier TO {ident(str(session.value('SELECT current_database()')))}"
                )
                session.execute("CHECKPOINT")
            with made.open("rb") as handle:
                os.fsync(handle.fileno())
        except BaseException:
            for half_made in self.folder.glob("archive.new*"):
                half_made.unlink()
            raise
        made.replace(self.archive_file)
        return before, self.archive_file.stat().st_size

    def _bring_up_to_date(self, session: Session) -> None:
        """Make what the archive's registry lacks. One that says it was made as it is made now is let be."""
        tables = render("archive.sql.j2")
        made_by = hashlib.sha256(tables.encode()).hexdigest()
        if session.has(Sql("landed.made_by")) and session.value("SELECT template FROM landed.made_by") == made_by:
            return
        self._refuse_earlier(session)
        with session.transaction():
            session.execute(tables)
            session.execute(f"CREATE OR REPLACE TABLE landed.made_by AS SELECT {lit(made_by)} AS template")

    def _refuse_earlier(self, session: Session) -> None:
        if session.has(Sql("landed.file")) and not session.has(Sql("landed.place")):
            raise WarehouseError(
                f"{self.archive_file}: was written by an earlier version, which kept every file whole; "
                "move it away and run again: what lies under incoming is landed anew"
            )
