"""Read one file into the archive, by its form, and prove that no row of it was lost."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb

from transforms import screen
from transforms.catalogue import Catalogue
from transforms.errors import ExtractError
from transforms.shape import Shape, Stated, columns_of, digest_of, json_shape, shape_of
from transforms.unpack import Part
from transforms.warehouse import Session, Sql, ident, render

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


def counts(session: Session, rows: Sql, file_id: int) -> tuple[int, int]:
    """Rows of a file that were accepted, and that were quarantined."""
    return (
        int(session.value(f"SELECT count(*) FROM {rows}")),
        int(session.value("SELECT count(*) FROM landed.quarantine WHERE file_id = ?", [file_id])),
    )


def conserved(
    session: Session, part: Part, rows: Sql, file_id: int, shape: Shape, kept: Sequence[str], whole: bool
) -> int:
    """The rows of a file, once it is proved that none was lost: as many were read as the file has lines.

    ``whole``: no column was dropped, which might have held a line break. Raises ExtractError where a row is missing.
    """
    accepted, rejected = counts(session, rows, file_id)
    total = accepted + rejected
    if shape.lines is None:
        return total
    lines, least = total, shape.lines - shape.blank
    if shape.quotes and shape.quoting == "quoted" and lines < shape.lines and kept:
        # A quoted value may hold line breaks.
        breaks = " + ".join(f"coalesce(length({c}) - length(replace({c}, chr(10), '')), 0)" for c in map(ident, kept))
        lines += int(session.value(f"SELECT coalesce(sum({breaks}), 0) FROM {rows}"))
        least = least if whole else 0
    if not least <= lines <= shape.lines:
        raise ExtractError(
            f"{part.shown}: {least} rows were delivered and {total} could be told apart; "
            "the delivery is not landed, mend the file or state its delimiter and quoting in a manifest"
        )
    return total


def read(
    session: Session,
    catalogue: Catalogue,
    part: Part,
    rows: Sql,
    file_id: int,
    shape: Shape,
    path: Path,
    kept: tuple[str, ...],
) -> None:
    """Read a file into `rows` (see history.begin), its bad rows into landed.quarantine."""
    try:
        if shape.form == "parquet":
            types = session.rows(
                "SELECT column_name, column_type FROM (DESCRIBE SELECT * FROM read_parquet(?))", [str(path)]
            )
            names = zip(types, shape.columns, strict=True)
            columns = [(source, name, kind) for (source, kind), name in names if name in kept]
            how: dict[str, Any] = {"path": str(path), "columns": columns}
            withheld = _screened(session, part, "land_rows_parquet.sql.j2", kept, **how)
            session.run("land_parquet.sql.j2", rows=rows, file_id=file_id, kept=kept, withheld=withheld, **how)
        elif shape.form == "json":
            pointers = dict(zip(shape.columns, _pointers(session), strict=True))
            how = {"columns": [(pointers[c], c) for c in kept]}
            withheld = _screened(session, part, "land_rows_json.sql.j2", kept, **how)
            session.run("land_json.sql.j2", rows=rows, file_id=file_id, kept=kept, withheld=withheld, **how)
        else:
            _read_text(session, catalogue, part, rows, file_id, shape, path, kept)
    except duckdb.Error as fault:
        reason = str(fault).splitlines()[0]
        raise ExtractError(f"{part.shown}: cannot be read as {shape.described}: {reason}") from None


def _screened(session: Session, part: Part, template: str, kept: Sequence[str], **how: Any) -> bool:
    """Screen a file's rows before any is written: whether some must be withheld."""
    numbered = "rejects" not in how
    found = render(template, kept=kept, numbered=numbered, **how)
    header = bool(how.get("header", False))
    return screen.pass_or_refuse(session, part.shown, Sql(f"({found})"), kept, header=header, has_rows=numbered)


def _pointers(session: Session) -> list[str]:
    """The JSON pointer of each key, in the order of the columns."""
    keys = [str(row[0]) for row in session.rows("SELECT key FROM landing_key ORDER BY place, nth")]
    return ["/" + key.replace("~", "~0").replace("/", "~1") for key in keys]


def _read_text(
    session: Session,
    catalogue: Catalogue,
    part: Part,
    rows: Sql,
    file_id: int,
    shape: Shape,
    path: Path,
    kept: tuple[str, ...],
) -> None:
    def attempt(padded: bool) -> None:
        how: dict[str, Any] = {
            "path": str(path),
            "columns": shape.columns,
            "delimiter": shape.delimiter,
            "quote": '"' if shape.quoting == "quoted" else "",
            "header": shape.header,
            "padded": padded,
        }
        withheld = _screened(session, part, "land_rows_text.sql.j2", kept, rejects=False, **how)
        session.run(
            "land.sql.j2",
            rows=rows,
            file_id=file_id,
            kept=kept,
            withheld=withheld,
            rejects=True,
            numbered=True,
            **how,
        )

    attempt(padded=shape.leaves_off)
    missing = session.rows("SELECT DISTINCT error_type = 'MISSING COLUMNS', column_name FROM reject_errors")
    # A row that only lacks columns at its end which the catalogue ignores anyway is whole for our purposes.
    if missing and all(short and catalogue.conventions.is_ignored(name) for short, name in missing):
        session.execute(f"DELETE FROM {rows}")
        attempt(padded=True)
    if session.value("SELECT count(*) FROM reject_errors"):
        _refuse_endless_quote(session, part.shown)
        session.run("land_quarantine.sql.j2", rows=rows, file_id=file_id, kept=kept, header=shape.header)


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
