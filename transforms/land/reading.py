"""Read one file into the archive, by its form, and prove that no row of it was lost."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import duckdb

from transforms.catalogue import Catalogue
from transforms.land import personal, screen
from transforms.land.personal import Door
from transforms.land.quarantine import Telling
from transforms.land.shape import Shape, Stated, columns_of, digest_of, json_shape, shape_of
from transforms.land.unpack import Part
from transforms.warehouse import Session, Sql, ident, render
from transforms.words.errors import ExtractError

# DuckDB cuts the text of a refused row (reject_errors.csv_line) at so many bytes.
_CSV_LINE = 10_000
_LONGEST = 16 << 20


def shaped(session: Session, part: Part, stated: Stated, copy: Path) -> tuple[Shape, Path]:
    """A file's shape and the path at which DuckDB can read it: its own, or ``copy``, which the caller removes.

    Raises ExtractError for a file that is not what it seems.
    """
    if part.form == "text":
        return shape_of(part.path, part.shown, stated, copy)
    try:
        if part.form == "parquet":
            return _parquet_shape(session, part), part.path
        shape, path, form = json_shape(part.path, part.shown, stated, copy)
        session.run(
            "land_json_objects.sql.j2", path=str(path), form=form, lines=form == "newline_delimited", longest=_LONGEST
        )
        listed = session.rows(
            "SELECT key FROM landing_key, landing_json WHERE (SELECT count(*) FROM landing_json) = 1 "
            "AND json_type(object, ?||replace(replace(key, '~', '~0'), '/', '~1')||?) = 'OBJECT'",
            ["/", "/0"],
        )
        if len(listed) == 1:
            # One object that holds the rows as its only list of objects.
            session.run("land_json_unwrap.sql.j2", key=_pointer(listed[0][0]))
            shape = replace(shape, lines=None)
        keys = [row[0] for row in session.rows("SELECT key FROM landing_key ORDER BY place, nth")]
    except duckdb.Error as fault:
        reason = str(fault).splitlines()[0]
        raise ExtractError(f"{part.shown}: cannot be read as {part.form}: {reason}") from None
    if not keys:
        raise ExtractError(f"{part.shown}: the file is empty; deliver it as one JSON object a line")
    return shape.with_columns(columns_of(part.shown, keys)), path


def _parquet_shape(session: Session, part: Part) -> Shape:
    names = [
        row[0]
        for row in session.rows("SELECT column_name FROM (DESCRIBE SELECT * FROM read_parquet(?))", [str(part.path)])
    ]
    rows = session.value("SELECT num_rows FROM parquet_file_metadata(?)", [str(part.path)])
    return Shape(
        sha256=part.sha256 or digest_of(part.path),
        form="parquet",
        columns=columns_of(part.shown, names),
        lines=int(rows),
    )


@dataclass(frozen=True)
class Counts:
    """What became of a file's rows: so many were accepted, quarantined, and left at the door for either reason."""

    accepted: int
    quarantined: int
    personal: int
    unreached: int

    @property
    def total(self) -> int:
        """All of them."""
        return self.accepted + self.quarantined + self.personal + self.unreached


def counts(session: Session, rows: Sql, file_id: int) -> Counts:
    """What became of a file's rows, counted where they are now (landing_left is that of the file just read)."""
    left = dict(session.rows("SELECT rule, count(*) FROM landing_left GROUP BY rule"))
    return Counts(
        int(session.value(f"SELECT count(*) FROM {rows}")),
        int(session.value("SELECT count(*) FROM landed.quarantine WHERE file_id = ?", [file_id])),
        int(left.get("personal", 0)),
        int(left.get("unreached", 0)),
    )


def conserved(session: Session, part: Part, rows: Sql, file_id: int, shape: Shape, door: Door) -> int:
    """The rows of a file, once it is proved that none was lost: as many were read as the file has lines.

    Raises ExtractError where a row is missing.
    """
    total = counts(session, rows, file_id).total
    if shape.lines is None:
        return total
    lines, least = total, shape.lines - shape.blank
    if shape.quotes and shape.quoting == "quoted" and lines < shape.lines and door.kept:
        # A quoted value may hold line breaks; so may one in a column that is not kept.
        columns = [c for c in door.kept if c not in door.pseudonyms]
        breaks = " + ".join(
            ["0", *(f"coalesce(length({c}) - length(replace({c}, chr(10), '')), 0)" for c in map(ident, columns))]
        )
        lines += int(
            session.value(
                f"SELECT (SELECT coalesce(sum({breaks}), 0) FROM {rows}) "
                "+ (SELECT coalesce(sum(breaks), 0) FROM landing_left)"
            )
        )
        least = 0 if door.dropped or door.pseudonyms else least
    if not least <= lines <= shape.lines:
        raise ExtractError(
            f"{part.shown}: {least} rows were delivered and {total} could be told apart; "
            "the delivery is not landed, mend the file or state its delimiter and quoting in a manifest"
        )
    return total


@dataclass(frozen=True)
class Reading:
    """One file on its way into the archive: what comes in of it, how the rest is told, and what is looked for."""

    catalogue: Catalogue
    part: Part
    rows: Sql
    file_id: int
    shape: Shape
    path: Path
    door: Door
    telling: Telling
    screening: screen.Policy


def read(session: Session, one: Reading) -> None:
    """Read a file into ``rows`` (see history.begin), bad rows into landed.quarantine, the rest into landing_left."""
    shape, door = one.shape, one.door
    try:
        if shape.form == "parquet":
            types = session.rows(
                "SELECT column_name, column_type FROM (DESCRIBE SELECT * FROM read_parquet(?))", [str(one.path)]
            )
            names = zip(types, shape.columns, strict=True)
            columns = [(source, name, kind) for (source, kind), name in names if name in door.read]
            _into_archive(session, one, "land_parquet", "land_rows_parquet", path=str(one.path), columns=columns)
        elif shape.form == "json":
            pointers = dict(zip(shape.columns, _pointers(session), strict=True))
            _into_archive(session, one, "land_json", "land_rows_json", columns=[(pointers[c], c) for c in door.read])
        else:
            _read_text(session, one)
    except duckdb.Error as fault:
        reason = str(fault).splitlines()[0]
        raise ExtractError(f"{one.part.shown}: cannot be read as {shape.described}: {reason}") from None


def _into_archive(session: Session, one: Reading, template: str, rows: str, **how: Any) -> None:
    """Screen a file's rows before any is written, then write those that come in."""
    door = one.door
    text = template == "land"
    # Rows are numbered before any is left out, so that a number is a row's place in the file.
    numbered = not text or door.passes is not None
    rejects: dict[str, Any] = {"rejects": False} if text else {}
    source = render(f"{rows}.sql.j2", wanted=door.read, numbered=numbered, **rejects, **how)
    columns = ", ".join(map(ident, (*(("_row",) if numbered else ()), *door.screened)))
    screened = Sql(f"(SELECT {columns} FROM ({source}) WHERE {door.passes})") if door.passes else Sql(f"({source})")
    session.run(
        "land_left.sql.j2",
        rows=source if door.passes else None,
        columns=door.read,
        personal=door.personal,
        unreached=door.unreached,
    )
    withheld = screen.pass_or_refuse(
        session,
        one.part.shown,
        screened,
        door.screened,
        header=int(how.get("header", 0)),
        has_rows=numbered,
        policy=one.screening,
        telling=one.telling.params,
    )
    if text:
        how |= {"rejects": True, "numbered": True}
    session.run(
        f"{template}.sql.j2",
        rows=one.rows,
        file_id=one.file_id,
        kept=door.kept,
        wanted=door.read,
        withheld=withheld,
        pseudonyms={c: personal.pseudonym(c) for c in door.pseudonyms},
        passes=door.passes,
        secret=one.telling.secret,
        **how,
    )


def _pointers(session: Session) -> list[str]:
    """The JSON pointer of each key, in the order of the columns."""
    keys = [str(row[0]) for row in session.rows("SELECT key FROM landing_key ORDER BY place, nth")]
    return [_pointer(key) for key in keys]


def _pointer(key: str) -> str:
    return "/" + key.replace("~", "~0").replace("/", "~1")


def _read_text(session: Session, one: Reading) -> None:
    shape = one.shape

    def attempt(padded: bool) -> None:
        _into_archive(
            session,
            one,
            "land",
            "land_rows_text",
            path=str(one.path),
            columns=shape.columns,
            delimiter=shape.delimiter,
            quote='"' if shape.quoting == "quoted" else "",
            header=shape.above,
            padded=padded,
        )

    attempt(padded=shape.leaves_off)
    missing = session.rows("SELECT DISTINCT error_type = 'MISSING COLUMNS', column_name FROM reject_errors")
    # A row that only lacks columns at its end which the catalogue ignores anyway is whole for our purposes.
    if missing and all(short and one.catalogue.conventions.is_ignored(name) for short, name in missing):
        session.execute(f"DELETE FROM {one.rows}")
        attempt(padded=True)
    if session.value("SELECT count(*) FROM reject_errors"):
        _refuse_endless_quote(session, one.part.shown)
        session.run(
            "land_quarantine.sql.j2",
            rows=one.rows,
            file_id=one.file_id,
            kept=one.door.kept,
            header=shape.above,
            **one.telling.params,
        )


def _refuse_endless_quote(session: Session, shown: str) -> None:
    """Refuse a file in which a quote runs on for longer than DuckDB tells: nobody knows how many rows it took along."""
    line = session.value(
        "SELECT min(line) FROM reject_errors WHERE error_type = 'UNQUOTED VALUE' AND strlen(csv_line) >= ?", [_CSV_LINE]
    )
    if line is not None:
        raise ExtractError(
            f"{shown}: the quote opened in row {line} is not closed where its field ends; "
            "mend the row and deliver again"
        )
