"""A connection with the templates and errors of the project, and that of a night which is being built."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb

from transforms.warehouse.sql import Sql, ident, render
from transforms.words.errors import WarehouseError


class Session:
    """A connection with the templates and errors of the project."""

    def __init__(self, con: duckdb.DuckDBPyConnection) -> None:
        self.con = con
        self._defined: dict[str, Sql] = {}
        self._within = False
        # Temporary tables that one step leaves to the next.
        self.left: set[str] = set()

    def execute(self, sql: str, params: Sequence[Any] | Mapping[str, Any] | None = None) -> duckdb.DuckDBPyConnection:
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

    def carry_history(self, schema: str, tables: Collection[str]) -> None:
        """Add the rows that the night before has in these tables, where this one did not begin as a copy of it.

        A table that an older version did not make yet stays empty.
        """
        if self.carried or not self.previous:
            return
        found = self.rows(
            "SELECT table_name FROM duckdb_tables() "
            "WHERE database_name = 'previous' AND schema_name = ? AND list_contains(?, table_name)",
            [schema, list(tables)],
        )
        names = [Sql(f"{ident(schema)}.{ident(name)}") for (name,) in found]
        self.execute("".join(f"INSERT INTO {name} BY NAME FROM previous.{name};\n" for name in names))


@contextlib.contextmanager
def _faults_of(sql: str) -> Iterator[None]:
    try:
        yield
    except (duckdb.IOException, duckdb.OutOfMemoryException) as fault:
        raise as_warehouse_error(fault) from fault
    except duckdb.Error as fault:
        # A disk that fills up while a transaction is committed, or before, is told by the text alone.
        if any(sign in str(fault) for sign in ("No space left", "Could not write", "File too large", "quota")):
            raise as_warehouse_error(fault) from fault
        fault.add_note(f"in the statement:\n{sql}")
        raise


def as_warehouse_error(fault: Exception) -> WarehouseError:
    """What the database or the disk refused, as one line for the user."""
    text = str(fault).splitlines()[0]
    if "set lock" in text.lower():
        return WarehouseError("the warehouse is open in another process; wait for it to end or close it")
    if any(sign in text for sign in ("No space left", "File too large", "quota", "allocate", "Out of Memory")):
        return WarehouseError(f"no room left (disk or memory): {text}; free some and run again, nothing was published")
    return WarehouseError(f"the warehouse cannot be read or written: {text}")


def connect(path: Path | str, options: Mapping[str, str], *, read_only: bool = False) -> duckdb.DuckDBPyConnection:
    """A connection to a database, which draws no bar of progress. Raises WarehouseError where it cannot be opened."""
    try:
        con = duckdb.connect(str(path), read_only=read_only, config=dict(options))
    except duckdb.Error as fault:
        raise as_warehouse_error(fault) from fault
    # DuckDB draws a bar on stdout for every statement of more than two seconds, also into a pipe: among our JSON.
    # In a notebook it is drawn by ipywidgets; where those are missing there is no bar, and the setting is refused.
    with contextlib.suppress(duckdb.InvalidInputException):
        con.execute("SET enable_progress_bar = false")
    return con


def scratch(**options: str) -> duckdb.DuckDBPyConnection:
    """An empty database in memory, for work that leaves nothing behind (the sample, a file's shape)."""
    extensions = {"autoinstall_known_extensions": "false", "autoload_known_extensions": "false"}
    return connect(":memory:", {**extensions, **options})
