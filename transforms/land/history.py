"""How landed rows are kept: each version of a row once, with the files it is part of. Nothing else reads them back.

A *series* is what one domain delivers of one table, file after file (where a table comes in several files, each place
among them is a series of its own). Its rows are in a table of schema ``data``: ``_row`` numbers a row version (in the
file that began the series it is the row's number), and the version is part of the series' files from ``_from`` on and
before ``_to``. Rows are told apart by a hash of their text, columns in the order of their names, equal rows counted. So
a delivery in which little changed writes little: its new versions, the end of the old ones, and in ``landed.place`` the
runs of rows in which its order follows that of the versions.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from transforms.warehouse import Session, Sql, ident, lit, render
from transforms.words.errors import ExtractError

RESERVED = ("_ROW", "_FROM", "_TO", "_FILE_ID")
# Where a file of a series that exists is read into first; of it only what changed goes on to the archive.
_LANDING = Sql("temp.main.landing_rows")


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


def begin(session: Session, series: str, kept: Sequence[str], shown: str) -> Sql:
    """An empty relation that takes a file's rows (_row, _from, _to and the columns ``kept``), in the archive at once
    where the series is new. Raises ExtractError for a column name that the archive uses itself."""
    for name in kept:
        if name.upper() in RESERVED:
            raise ExtractError(f"{shown}: a column may not be called {name}; give it another name")
    new = not exists(session, series)
    rows = _stored(series) if new else _LANDING
    session.run("history_table.sql.j2", rows=rows, temporary=not new, kept=tuple(kept))
    return rows


def settle(session: Session, series: str, rows: Sql, file_id: int, kept: Sequence[str]) -> str:
    """Make the rows that were read, and accepted, part of the series. Returns the file's content: see content_of."""
    content = content_of(session, rows, kept)
    if rows == _LANDING:
        columns = [*columns_of(session, series)]
        columns += sorted(c for c in kept if c not in columns)
        session.run(
            "history_settle.sql.j2",
            stored=_stored(series),
            rows=rows,
            file_id=file_id,
            kept=tuple(kept),
            delivered_text=text_of([c if c in kept else None for c in sorted(columns)]),
            stored_text=text_of(sorted(columns)),
        )
    else:
        session.run("history_places.sql.j2", rows=rows, file_id=file_id)
    return content


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


def columns_of(session: Session, series: str) -> tuple[str, ...]:
    """Every column that a file of the series was delivered with."""
    described = session.execute(f"SELECT * FROM {_stored(series)} LIMIT 0").description
    return tuple(str(column[0]) for column in described if str(column[0]).upper() not in RESERVED)


def exists(session: Session, series: str) -> bool:
    """Whether a file of the series has been landed."""
    # Its table stands as long as one of its files does. Looking for that among all tables takes longer.
    return bool(session.rows("SELECT 1 FROM landed.file WHERE series = ? LIMIT 1", [series]))


def _stored(series: str) -> Sql:
    return Sql(f"data.{ident(series)}")


def text_of(columns: Sequence[str | None]) -> Sql:
    """A row's text: the values with NUL between them, U+0001 for one that is missing; None is a column without values.

    A text file that holds a NUL is not landed, so that no value can pose as two.
    """
    values = [f"coalesce({ident(c)}, chr(1))" if c is not None else "chr(1)" for c in columns]
    return Sql(f"concat_ws(chr(0), {', '.join(values)})" if values else lit(""))
