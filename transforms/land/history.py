"""How landed rows are kept: each version of a row once, with the files it is part of. Nothing else reads them back.

A *series* is what one domain delivers of one table, file after file (where a table comes in several files, each place
among them is a series of its own). Its rows are in a table of schema ``data``: ``_row`` numbers a row version (in the
file that began the series it is the row's number), and the version is part of the series' files from ``_from`` on and
before ``_to``. Rows are told apart by a hash of their text, columns in the order of their names, equal rows counted. So
a delivery in which little changed writes little: its new versions, the end of the old ones, and in ``landed.place`` the
runs of rows in which its order follows that of the versions.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from transforms.warehouse import Session, Sql, ident, lit, render
from transforms.words.errors import ExtractError

RESERVED = ("_ROW", "_FROM", "_TO", "_FILE_ID")


@dataclass(frozen=True)
class Stored:
    """Where a landed file's rows are: its series, its columns, in how many runs its order follows that of the versions,
    and by how much its row numbers are ahead of theirs (None where there is no run)."""

    file_id: int
    series: str
    columns: Sequence[str]
    runs: int
    moved: int | None


def series_name(domain: str, table: str, place: int) -> str:
    """The series of the ``place``-th file (from 1) in which a domain delivers a table; also its table in ``data``."""
    return f"{domain}.{table}.{place}"


def refuse_reserved(columns: Sequence[str], shown: str) -> None:
    """Raise ExtractError for a column name that the archive uses itself."""
    for name in columns:
        if name.upper() in RESERVED:
            raise ExtractError(f"{shown}: a column may not be called {name}; give it another name")


def columns_of(session: Session, series: Sequence[str]) -> dict[str, frozenset[str]]:
    """By series that has landed files, every column that one of them was delivered with."""
    rows = session.rows(
        "SELECT series, list_distinct(flatten(list(columns))) FROM landed.file "
        "WHERE series IN (SELECT unnest(?::VARCHAR[])) GROUP BY series",
        [list(series)],
    )
    return {name: frozenset(columns) for name, columns in rows}


def begin(session: Session, series: str, file_id: int, kept: Sequence[str], places: Mapping[str, int]) -> int:
    """Store the accepted rows of the first file of a series. ``kept`` are its columns, ``places`` where they are in
    landing_row.cells. Returns how many rows were stored."""
    row = session.run(
        "history_create.sql.j2", stored=_stored(series), file_id=file_id, columns=kept, places=places
    ).fetchone()
    return int(row[0]) if row else 0


def settle(
    session: Session,
    series: str,
    file_id: int,
    kept: Sequence[str],
    places: Mapping[str, int],
    known: Collection[str],
) -> None:
    """Make the accepted rows of a file part of a series that exists and has the columns ``known``."""
    stored = _stored(series)
    for column in kept:
        if column not in known:
            session.execute(f"ALTER TABLE {stored} ADD COLUMN IF NOT EXISTS {ident(column)} VARCHAR")
    columns = sorted({*known, *kept})
    session.run(
        "history_match.sql.j2",
        stored=stored,
        file_id=file_id,
        delivered_text=_text_of([f"cells[{places[c]}]" if c in places else None for c in columns]),
        stored_text=text_of(columns),
    )
    session.run("history_merge.sql.j2", stored=stored, file_id=file_id, columns=kept, places=places)


def rows_of(session: Session, file_ids: Sequence[int], database: str = "archive") -> Sql:
    """A query for the accepted rows of landed files: _file_id, _row (the number in the file) and their columns as text.

    ``database`` is the name that the archive is attached under, empty where the session is on it.
    """
    return query_of([*stored(session, file_ids, database).values()], database)


def stored(session: Session, file_ids: Sequence[int], database: str = "archive") -> dict[int, Stored]:
    """How landed files are stored, by file id."""
    if not file_ids:
        return {}
    prefix = f"{ident(database)}." if database else ""
    rows = session.rows(
        f"SELECT f.file_id, f.series, f.columns, count(p.file_id), min(p.first_row - p.version) "
        f"FROM {prefix}landed.file f LEFT JOIN {prefix}landed.place p USING (file_id) "
        "WHERE list_contains(?, f.file_id) GROUP BY ALL ORDER BY f.file_id",
        [list(file_ids)],
    )
    return {row[0]: Stored(*row) for row in rows}


def query_of(files: Sequence[Stored], database: str = "archive") -> Sql:
    """The query of ``rows_of`` for files of which it is known already how they are stored."""
    prefix = Sql(f"{ident(database)}.") if database else Sql("")
    if not files:
        return Sql("SELECT NULL WHERE false")
    return Sql(
        " UNION ALL BY NAME ".join(
            render(
                "history_rows.sql.j2",
                prefix=prefix,
                stored=_stored(one.series),
                file_id=one.file_id,
                columns=one.columns,
                runs=one.runs,
                moved=one.moved or 0,
            ).strip()
            for one in files
        )
    )


def content_of(session: Session, rows: Sql, columns: Sequence[str]) -> str:
    """What a file's rows hold, whatever their order: their number and the sum of half an MD5 of each one's text."""
    text = text_of(sorted(columns))
    found = session.rows(f"SELECT count(*), coalesce(sum(md5_number_lower({text})), 0) FROM {rows}")[0]
    return ".".join(str(n) for n in found)


def _stored(series: str) -> Sql:
    return Sql(f"data.{ident(series)}")


def text_of(columns: Sequence[str | None]) -> Sql:
    """A row's text: the values with NUL between them, U+0001 for one that is missing; None is a column without values.

    A text file that holds a NUL is not landed, so that no value can pose as two.
    """
    return _text_of([ident(c) if c is not None else None for c in columns])


def _text_of(values: Sequence[str | None]) -> Sql:
    told = [f"coalesce({value}, chr(1))" if value is not None else "chr(1)" for value in values]
    return Sql(f"concat_ws(chr(0), {', '.join(told)})" if told else lit(""))
