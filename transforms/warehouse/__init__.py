"""The only module that opens DuckDB: where the databases lie, how they are locked, built beside and swapped in.

Layout of the data folder::

    archive.duckdb                 landed extracts, one transaction per delivery
    nights/likare-000007.duckdb    one whole night: normalised … published, with the history carried forward
    published.duckdb               symbolic link to the newest whole night
    lock                           held while anything is written

A night is built under a name of its own and moved into place when it is closed and complete, so a reader sees the
night before or the night after, never half of one.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import jinja2
from markupsafe import Markup

from transforms.words.errors import WarehouseError

LAYERS = ("normalised", "matched", "compared", "measured", "decided", "published")
# A template stands beside the module that runs it; its name is its own in all rooms.
_ROOMS = Path(__file__).parents[1]
_NIGHT = re.compile(r"^likare-(\d{6,})\.duckdb$")


class Sql(str):
    """Text that is safe to place in a statement: rendered by a filter below or written in this project."""

    def __html__(self) -> str:
        """What Jinja's escaping leaves as it is: see _environment."""
        return str(self)


def ident(name: str) -> Sql:
    """The name as a quoted SQL identifier."""
    return Sql('"' + _without_nul(str(name)).replace('"', '""') + '"')


def lit(value: Any) -> Sql:
    """The value as an SQL literal: NULL, number, boolean, timestamp, text or a list of these."""
    match value:
        case None:
            return Sql("NULL")
        case bool():
            return Sql("true" if value else "false")
        case int() | float():
            return Sql(repr(value))
        case datetime():
            return Sql(f"TIMESTAMP '{value:%Y-%m-%d %H:%M:%S.%f}'")
        case list() | tuple():
            return Sql("[" + ", ".join(lit(v) for v in value) + "]")
        case _:
            return Sql("'" + _without_nul(str(value)).replace("'", "''") + "'")


def _without_nul(text: str) -> str:
    if "\0" in text:
        raise ValueError("a NUL character cannot be written in a statement")
    return text


def _refuse_plain_text(value: Any) -> Any:
    if isinstance(value, Sql | Markup | int | float | jinja2.Undefined):
        return value
    raise TypeError(f"a template would place {type(value).__name__} in a statement; use the filter ident or lit")


def _environment(folder: Path) -> jinja2.Environment:
    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader([folder, *(p for p in sorted(_ROOMS.iterdir()) if p.is_dir())]),
        undefined=jinja2.StrictUndefined,
        finalize=_refuse_plain_text,
        # Not for HTML: with it on, what a macro returns is marked (Markup) and so told apart from plain text.
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.filters.update(ident=ident, lit=lit, sql=Sql)
    return made


_environments: dict[Path, jinja2.Environment] = {}


def render(template: str, *, folder: Path = _ROOMS, **params: Any) -> Sql:
    """The SQL template (a file name in ``folder``) with its parameters. Plain text is refused: see ident and lit."""
    made = _environments.setdefault(folder, _environment(folder))
    return Sql(made.get_template(template).render(params))


class Session:
    """A connection with the templates and errors of the project."""

    def __init__(self, con: duckdb.DuckDBPyConnection) -> None:
        self.con = con
        self._defined: dict[str, Sql] = {}
        self._within = False
        # Temporary tables that one step leaves to the next.
        self.left: set[str] = set()

    def execute(self, sql: str, params: Sequence[Any] | None = None) -> duckdb.DuckDBPyConnection:
        """Run one or more statements. A full disk or a lock becomes a WarehouseError."""
        with _faults_of(sql):
            return self.con.execute(sql, params) if params is not None else self.con.execute(sql)

    def insert(self, table: str, rows: Sequence[Sequence[Any]]) -> None:
        """Add a few rows that the program itself knows; data is moved inside DuckDB, never this way."""
        if rows:
            # As lists, column by column: a statement costs far more than a row, and so does a value in its text.
            columns = [list(column) for column in zip(*rows, strict=True)]
            self.execute(f"INSERT INTO {table} SELECT {', '.join(['unnest(?)'] * len(columns))}", columns)

    def sql(self, sql: str) -> duckdb.DuckDBPyRelation:
        """The statement as a relation."""
        return self.con.sql(sql)

    def run(self, template: str, **params: Any) -> duckdb.DuckDBPyConnection:
        """Render a template and execute it."""
        return self.execute(render(template, **params))

    def define(self, template: str, **params: Any) -> None:
        """Run a template of temporary macros, where this session has not run it with the same parameters before."""
        text = render(template, **params)
        if self._defined.get(template) != text:
            self.execute(text)
            self._defined[template] = text

    def define_macro(self, head: str, body: str) -> None:
        """Make one temporary macro that holds for the session, where it was not made with the same body before."""
        if self._defined.get(head) != body:
            self.execute(f"CREATE OR REPLACE TEMP MACRO {head} AS {body}")
            self._defined[head] = Sql(body)

    def has(self, name: Sql) -> bool:
        """Whether there is a table or view of that name, as it is written in a statement (``schema.name``).

        It costs a small part of asking the catalogue, which writes out the definition of every table. Not to be asked
        within a transaction: "no" is an error, which would end it.
        """
        if self._within:
            raise RuntimeError(f"whether there is {name} is asked before the transaction begins")
        try:
            self.con.execute(f"SELECT 1 FROM {name} LIMIT 0")
        except duckdb.CatalogException:
            return False
        return True

    def rows(self, sql: str, params: Sequence[Any] | None = None) -> list[tuple[Any, ...]]:
        """All rows of a small result."""
        return self.execute(sql, params).fetchall()

    def value(self, sql: str, params: Sequence[Any] | None = None) -> Any:
        """The first column of the first row, None where there is no row."""
        rows = self.execute(sql, params).fetchall()
        return rows[0][0] if rows else None

    def function(self, name: str, of: Callable[[str | None], str | None]) -> None:
        """Make a function of one text known to SQL under a name, for what SQL itself cannot say. It is slow."""
        # Nothing tells whether the connection has it already but the attempt to remove it.
        with contextlib.suppress(duckdb.Error):
            self.con.remove_function(name)
        self.con.create_function(name, of, ["VARCHAR"], "VARCHAR", null_handling="special")  # type: ignore[call-overload]

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing."""
        self.execute("BEGIN")
        self._within = True
        try:
            yield
        except BaseException:
            with contextlib.suppress(duckdb.Error):
                self.con.execute("ROLLBACK")
            # What was defined within it is gone.
            self._defined.clear()
            raise
        finally:
            self._within = False
        self.execute("COMMIT")


class Night(Session):
    """The session in which a night is built.

    ``previous`` tells whether an earlier night is attached, ``carried`` whether this one began as a copy of it.
    """

    def __init__(self, con: duckdb.DuckDBPyConnection, number: int, previous: bool, carried: bool = False) -> None:
        super().__init__(con)
        self.number = number
        self.previous = previous
        self.carried = carried
        self.complete = False


@contextlib.contextmanager
def _faults_of(sql: str) -> Iterator[None]:
    try:
        yield
    except (duckdb.IOException, duckdb.OutOfMemoryException) as fault:
        raise _as_warehouse_error(fault) from fault
    except duckdb.Error as fault:
        # A disk that fills up while a transaction is committed, or before, is told by the text alone.
        if any(sign in str(fault) for sign in ("No space left", "Could not write", "File too large", "quota")):
            raise _as_warehouse_error(fault) from fault
        fault.add_note(f"in the statement:\n{sql}")
        raise


def _as_warehouse_error(fault: Exception) -> WarehouseError:
    text = str(fault).splitlines()[0]
    if "set lock" in text.lower():
        return WarehouseError("the warehouse is open in another process; wait for it to end or close it")
    if any(sign in text for sign in ("No space left", "File too large", "quota", "allocate", "Out of Memory")):
        return WarehouseError(f"no room left (disk or memory): {text}; free some and run again, nothing was published")
    return WarehouseError(f"the warehouse cannot be read or written: {text}")


class Warehouse:
    """The databases of one data folder.

    ``memory_limit`` is DuckDB's (``"4GB"``), ``threads`` its number of threads; None leaves DuckDB's own defaults.
    ``nights`` is how many published nights are kept.
    """

    def __init__(
        self, folder: Path, *, memory_limit: str | None = None, threads: int | None = None, nights: int = 3
    ) -> None:
        self.folder = folder
        self._nights = nights
        self._options: dict[str, Any] = {
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
        try:
            (self.folder / "nights").mkdir(parents=True, exist_ok=True)
            (self.folder / "tmp").mkdir(exist_ok=True)
        except OSError as fault:
            raise WarehouseError(
                f"{self.folder}: cannot be written ({fault.strerror}); choose another folder"
            ) from None

    def _open(self, path: Path, *, read_only: bool = False) -> duckdb.DuckDBPyConnection:
        try:
            return _silent(duckdb.connect(str(path), read_only=read_only, config=self._options))
        except duckdb.Error as fault:
            raise _as_warehouse_error(fault) from fault

    def _open_building(self, path: Path) -> duckdb.DuckDBPyConnection:
        """A connection to a night that is being built, without a log: it is nothing until it is whole.

        With one, every statement would wait for the disk. What is written counts from the checkpoint on.
        """
        con = self._open(Path(":memory:"))
        try:
            con.execute(f"ATTACH {lit(str(path))} AS building (RECOVERY_MODE no_wal_writes); USE building")
        except duckdb.Error as fault:
            con.close()
            raise _as_warehouse_error(fault) from fault
        return con

    @contextlib.contextmanager
    def archive(self) -> Iterator[Session]:
        """A session on the archive of landed extracts, read-write."""
        self._make_folders()
        for half_made in self.folder.glob("archive.new*"):
            half_made.unlink()
        with self._archive_at(self._archive) as session:
            yield session

    @property
    def _archive(self) -> Path:
        return self.folder / "archive.duckdb"

    @contextlib.contextmanager
    def _archive_at(self, path: Path) -> Iterator[Session]:
        con = self._open(path)
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
        with self._archive_at(self._archive):
            pass
        with self.folder_beside() as name:
            with self._archive_at(Path(name) / "beside.duckdb") as session:
                session.execute(f"ATTACH {lit(str(self._archive))} AS archive (READ_ONLY)")
                yield session

    def rewrite_archive(self) -> tuple[int, int]:
        """Write the archive anew, without the room that dropped rows left. Returns its bytes before and after.

        The new file takes the old one's place in one step; a process that is killed leaves the one or the other.
        """
        with self.archive() as session:
            session.execute("CHECKPOINT")
        # A log that belongs to the old file must never meet the new one.
        if Path(f"{self._archive}.wal").exists():  # pragma: no cover - a checkpointed, closed database leaves none
            raise WarehouseError("archive.duckdb: not closed whole; run again")
        before = self._archive.stat().st_size
        made = self.folder / "archive.new.duckdb"
        try:
            with contextlib.closing(self._open(made)) as con:
                session = Session(con)
                session.execute(f"ATTACH {lit(str(self._archive))} AS earlier (READ_ONLY)")
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
        made.replace(self._archive)
        return before, self._archive.stat().st_size

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
                f"{self.folder / 'archive.duckdb'}: was written by an earlier version, which kept every file whole; "
                "move it away and run again: what lies under incoming is landed anew"
            )

    @contextlib.contextmanager
    def night(self, built_under: str = "") -> Iterator[Night]:
        """A session on a new night, built beside the published one.

        ``built_under`` stands for all that its tables depend on besides the archive. Where the published night was
        built under the same, the new one begins as a copy of it, else (and by default) empty. The archive is
        attached read-only as ``archive``, the published night as ``previous``. The night is swapped in on leaving only
        if ``complete`` was set; else its file is removed and the publication stays as it was.
        """
        self._make_folders()
        self._sweep()
        number = self.last_night + 1
        building = self.folder / "nights" / f"building-{number:06d}.duckdb"
        carried = bool(built_under) and self._published_under() == built_under
        if carried:
            try:
                shutil.copyfile(self.published, building)
            except OSError as fault:
                self._sweep()
                raise _as_warehouse_error(fault) from None
        con = self._open_building(building)
        whole = False
        try:
            archive = self.folder / "archive.duckdb"
            session = Session(con)
            if archive.exists():
                session.execute(f"ATTACH {lit(str(archive))} AS archive (READ_ONLY)")
            previous = self.last_night > 0
            if previous:
                session.execute(f"ATTACH {lit(str(self.published.resolve()))} AS previous (READ_ONLY)")
            if not carried:
                for layer in LAYERS:
                    session.execute(f"CREATE SCHEMA {ident(layer)}")
                session.execute(f"CREATE TABLE main.built_under AS SELECT {lit(built_under)} AS fingerprint")
            night = Night(con, number, previous, carried)
            yield night
            if night.complete:
                session.execute("CHECKPOINT")
                whole = True
        finally:
            con.close()
            if not whole:
                self._sweep()
        if whole:
            self._swap(building, number)

    @contextlib.contextmanager
    def comparison(self, path: Path) -> Iterator[Night]:
        """A session on a night of its own at ``path``, which no other follows, with the archive attached."""
        con = self._open_building(path)
        try:
            session = Night(con, 1, previous=False)
            session.execute(f"ATTACH {lit(str(self._archive))} AS archive (READ_ONLY)")
            for layer in LAYERS:
                session.execute(f"CREATE SCHEMA {ident(layer)}")
            yield session
            session.execute("CHECKPOINT")
        finally:
            con.close()

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

    def _published_under(self) -> str:
        """What the published night was built under; empty before the first and where it does not say."""
        if not self.last_night:
            return ""
        with _looked_into(self.published.resolve()) as session:
            told = session.has(Sql("night.main.built_under"))
            return str(session.value("SELECT fingerprint FROM night.main.built_under")) if told else ""

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
    options: dict[str, Any] = {"enable_external_access": "false"}
    if threads:
        options["threads"] = str(threads)
    try:
        con = _silent(duckdb.connect(str(path), read_only=True, config=options))
    except duckdb.Error as fault:
        raise _as_warehouse_error(fault) from fault
    con.execute("SET schema = 'published'")
    # A second connection of this process is to the same instance, which the first has locked already.
    with contextlib.suppress(duckdb.InvalidInputException):
        con.execute("SET lock_configuration = true")
    return con


@contextlib.contextmanager
def _looked_into(path: Path) -> Iterator[Session]:
    """A session with a night's file attached read-only as ``night``.

    It is attached to a database of its own: a reader in this process may hold the night open with other options.
    """
    with contextlib.closing(scratch()) as con:
        session = Session(con)
        session.execute(f"ATTACH {lit(str(path))} AS night (READ_ONLY)")
        yield session


def scratch(**options: str) -> duckdb.DuckDBPyConnection:
    """An empty database in memory, for work that leaves nothing behind (the sample, a file's shape)."""
    return _silent(
        duckdb.connect(
            config={"autoinstall_known_extensions": "false", "autoload_known_extensions": "false", **options}
        )
    )


def _silent(con: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
    # DuckDB draws a bar on stdout for every statement of more than two seconds, also into a pipe: among our JSON.
    # In a notebook it is drawn by ipywidgets; where those are missing there is no bar, and the setting is refused.
    with contextlib.suppress(duckdb.InvalidInputException):
        con.execute("SET enable_progress_bar = false")
    return con


__all__ = ["Night", "Session", "Sql", "Warehouse", "ident", "lit", "open_night", "open_published", "render", "scratch"]
