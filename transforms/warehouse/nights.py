"""The nights of a data folder: built beside the published one, swapped in whole, opened to be read."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import duckdb

from transforms.warehouse.archive import Archive
from transforms.warehouse.session import Night, Session, as_warehouse_error, connect, scratch
from transforms.warehouse.sql import Sql, lit
from transforms.warehouse.template import EMPTY, Template
from transforms.words.errors import WarehouseError

_NIGHT = re.compile(r"^likare-(\d{6,})\.duckdb$")


class Warehouse(Archive):
    """The databases of one data folder: the archive (see Archive) and the nights.

    ``nights`` is how many published nights are kept. ``templates`` is where the part of a night's template that is
    alike for every catalogue is kept, by default with the other part in the data folder.
    """

    def __init__(
        self,
        folder: Path,
        *,
        memory_limit: str | None = None,
        threads: int | None = None,
        nights: int = 3,
        templates: Path | None = None,
    ) -> None:
        super().__init__(folder, memory_limit=memory_limit, threads=threads)
        self._nights = nights
        self._templates = templates

    @property
    def published(self) -> Path:
        """The symbolic link to the newest whole night."""
        return self.folder / "published.duckdb"

    @property
    def last_night(self) -> int:
        """The number of the published night, 0 before the first."""
        if not self.published.exists():
            return 0
        found = _NIGHT.match(self.published.resolve().name)
        return int(found.group(1)) if found else 0

    @contextlib.contextmanager
    def night(self, template: Template = EMPTY, built_under: str = "") -> Iterator[Night]:
        """A session on a new night, built beside the published one.

        ``built_under`` stands for all that its tables depend on besides the archive. Where the published night was
        built under the same, the new one begins as a copy of it, else (and by default) as one of the template. The
        archive is attached read-only as ``archive``, the published night as ``previous``. The night is swapped in on
        leaving only if ``complete`` was set; else its file is removed and the publication stays as it was.
        """
        self._make_folders()
        self._sweep()
        number = self.last_night + 1
        building = self.folder / "nights" / f"building-{number:06d}.duckdb"
        whole = False
        try:
            with self._beside() as session:
                if self.archive_file.exists():
                    session.execute(f"ATTACH {lit(str(self.archive_file))} AS archive (READ_ONLY)")
                previous = self.last_night > 0
                if previous:
                    session.execute(f"ATTACH {lit(str(self.published.resolve()))} AS previous (READ_ONLY)")
                carried = previous and bool(built_under) and _built_under(session) == built_under
                _begin(session, building, self.published if carried else self._file_of(session, template))
                if not carried:
                    session.execute(f"CREATE TABLE main.built_under AS SELECT {lit(built_under)} AS fingerprint")
                night = Night(session.con, number, previous, carried)
                yield night
                if night.complete:
                    session.execute("CHECKPOINT")
                    whole = True
        finally:
            if not whole:
                self._sweep()
        if whole:
            self._swap(building, number)

    @contextlib.contextmanager
    def comparison(self, path: Path, template: Template) -> Iterator[Night]:
        """A session on a night of its own at ``path``, which no other follows, with the archive attached."""
        with self._beside() as session:
            session.execute(f"ATTACH {lit(str(self.archive_file))} AS archive (READ_ONLY)")
            _begin(session, path, self._file_of(session, template))
            yield Night(session.con, 1, previous=False)
            session.execute("CHECKPOINT")

    @contextlib.contextmanager
    def _beside(self) -> Iterator[Session]:
        """A session on an empty database in memory, to which those that are worked on are attached."""
        with contextlib.closing(connect(":memory:", self._options)) as con:
            yield Session(con)

    def _file_of(self, session: Session, template: Template) -> Path:
        """The template's file, which is made where it is missing."""
        own = self.folder / "templates"
        folder = own if template.base or not self._templates else self._templates
        path = folder / f"{template.name}.duckdb"
        if path.exists():
            return path
        start = self._file_of(session, template.base) if template.base else None
        folder.mkdir(parents=True, exist_ok=True)
        # Another process may make the same one beside this.
        half_made = folder / f"building-{template.name}-{os.getpid()}.duckdb"
        try:
            _begin(session, half_made, start)
            session.execute(f"{template.sql};\nCHECKPOINT;\nUSE memory;\nDETACH building")
            half_made.replace(path)
        finally:
            half_made.unlink(missing_ok=True)
        # Those of an earlier catalogue or version.
        for old in own.glob("*.duckdb"):
            if old not in (path, start):
                old.unlink()
        return path

    def snapshots_of_nights(self) -> set[int]:
        """The snapshots that the nights which are kept stand on."""
        found: set[int] = set()
        for path in self.folder.glob("nights/likare-*.duckdb"):
            with _looked_into(path) as session:
                found |= {
                    int(row[0])
                    for row in session.rows(
                        "SELECT snapshot_id FROM night.measured.snapshot "
                        "WHERE night_id = (SELECT max(night_id) FROM night.measured.snapshot)"
                    )
                }
        return found

    def _swap(self, building: Path, number: int) -> None:
        if Path(f"{building}.wal").exists():  # pragma: no cover - a checkpointed, closed database leaves none
            raise WarehouseError(f"{building.name}: not closed whole; run the night again")
        final = building.with_name(f"likare-{number:06d}.duckdb")
        building.replace(final)
        link = self.folder / "published.new"
        link.unlink(missing_ok=True)
        link.symlink_to(Path("nights") / final.name)
        link.replace(self.published)
        for old in self.folder.glob("nights/likare-*.duckdb"):
            found = _NIGHT.match(old.name)
            if found and int(found.group(1)) <= number - self._nights:
                old.unlink()

    def _sweep(self) -> None:
        """Remove what a killed night left."""
        for stale in self.folder.glob("nights/building-*"):
            stale.unlink()
        for stale in (self.folder / "tmp").glob("*"):
            if stale.is_dir():
                shutil.rmtree(stale, ignore_errors=True)
            else:
                stale.unlink()

    def open_published(self) -> duckdb.DuckDBPyConnection:
        """A read-only connection to the newest whole night: see open_published below."""
        return open_published(self.folder)


def open_published(folder: Path | str, *, threads: int | None = None) -> duckdb.DuckDBPyConnection:
    """A read-only connection to the newest published night of a data folder.

    It stays on that night while later ones are published; open again to see a newer one. It can reach nothing outside
    the file. Raises WarehouseError when nothing has been published.
    """
    link = Path(folder) / "published.duckdb"
    if not link.exists():
        raise WarehouseError(f"{folder}: nothing is published here yet; run 'likare run' first")
    # The night's own name is opened, not the link: DuckDB would hand a process that still has the old night open
    # under the same name the old database again.
    return open_night(link.resolve(), threads=threads)


def open_night(path: Path, *, threads: int | None = None) -> duckdb.DuckDBPyConnection:
    """A read-only connection to one night's file, which can reach nothing outside it."""
    options = {"enable_external_access": "false"}
    if threads:
        options["threads"] = str(threads)
    con = connect(path, options, read_only=True)
    con.execute("SET schema = 'published'")
    # A second connection of this process is to the same instance, which the first has locked already.
    with contextlib.suppress(duckdb.InvalidInputException):
        con.execute("SET lock_configuration = true")
    return con


def _begin(session: Session, path: Path, start: Path | None) -> None:
    """Have the session work on a database at ``path``, which begins as a copy of another where there is one.

    It is without a log, since it is nothing until it is whole: with one, every statement would wait for the disk. What
    is written counts from the checkpoint on.
    """
    if start:
        try:
            shutil.copyfile(start, path)
        except OSError as fault:
            raise as_warehouse_error(fault) from None
    session.execute(f"ATTACH {lit(str(path))} AS building (RECOVERY_MODE no_wal_writes); USE building")


def _built_under(session: Session) -> str:
    """What the night before was built under; empty where it does not say."""
    named = session.has(Sql("previous.main.built_under"))
    return str(session.value("SELECT fingerprint FROM previous.main.built_under")) if named else ""


@contextlib.contextmanager
def _looked_into(path: Path) -> Iterator[Session]:
    """A session with a night's file attached read-only as ``night``.

    It is attached to a database of its own: a reader in this process may hold the night open with other options.
    """
    with contextlib.closing(scratch()) as con:
        session = Session(con)
        session.execute(f"ATTACH {lit(str(path))} AS night (READ_ONLY)")
        yield session
