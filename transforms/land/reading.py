"""Read one new file into landing_row (see land_tables.sql), by its form; nothing of it is in the archive yet."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import duckdb

from transforms.land import personal
from transforms.land.dialect import Stated
from transforms.land.manifest import StatedFile
from transforms.land.personal import Door
from transforms.land.quarantine import Telling
from transforms.land.shape import Shape, columns_of, digest_of, json_shape, shape_of
from transforms.land.unpack import Part
from transforms.warehouse import Session, Sql, ident
from transforms.words.errors import ExtractError

_LONGEST = 16 << 20


@dataclass(frozen=True)
class Source:
    """How DuckDB reads a file: the template of its rows (land_rows_*) and what that asks for."""

    template: str
    params: Mapping[str, Any]


@dataclass(frozen=True)
class Arrival:
    """A file of a delivery: what its manifest states of it, the table it holds and its series (see history).

    ``is_described`` tells whether the catalogue describes the table; ``delivered`` is the file as it came, perhaps
    packed.
    """

    part: Part
    stated: StatedFile
    table: str
    is_described: bool
    series: str
    delivered: Path

    @property
    def sha256(self) -> str:
        """The hash that tells its content."""
        return self.part.sha256 or digest_of(self.part.path)


@dataclass(frozen=True)
class NewFile(Arrival):
    """One whose content is new, on its way into the archive: how it is written, what comes in, how the rest is told."""

    file_id: int
    shape: Shape
    source: Source
    door: Door
    telling: Telling

    @functools.cached_property
    def columns(self) -> tuple[str, ...]:
        """The columns that come in, in the order of landing_row.cells."""
        return tuple(sorted(self.door.kept))

    @functools.cached_property
    def places(self) -> dict[str, int]:
        """The place (from 1) of each column in landing_row.cells."""
        return {c: place for place, c in enumerate(self.columns, 1)}

    @property
    def breaks_lines(self) -> bool:
        """Whether a value may hold line breaks, so that a row may be several lines."""
        return self.shape.quoting == "quoted" and self.shape.quotes


def shaped(session: Session, part: Part, stated: Stated, copy: Path) -> tuple[Shape, Source]:
    """What a file is, and how DuckDB reads it; perhaps from ``copy``, which the caller removes when it has been read.

    A JSON file waits in temp table landing_json. Raises ExtractError for a file that is not what it seems.
    """
    try:
        if part.form == "text":
            shape, path = shape_of(part.path, part.shown, stated, copy)
            return shape, _text(shape, path, padded=shape.leaves_off)
        return _parquet(session, part) if part.form == "parquet" else _json(session, part, stated, copy)
    except duckdb.Error as fault:
        reason = str(fault).splitlines()[0]
        raise ExtractError(f"{part.shown}: cannot be read as {part.form}: {reason}") from None


def _text(shape: Shape, path: Path, *, padded: bool) -> Source:
    quote = '"' if shape.quoting == "quoted" else ""
    how = {"columns": shape.columns, "delimiter": shape.delimiter, "quote": quote, "above": shape.above}
    return Source("land_rows_text", {"path": str(path), "padded": padded, **how})


def _parquet(session: Session, part: Part) -> tuple[Shape, Source]:
    path = str(part.path)
    types = session.rows("SELECT column_name, column_type FROM (DESCRIBE SELECT * FROM read_parquet(?))", [path])
    columns = columns_of(part.shown, [name for name, _ in types])
    rows = session.value("SELECT num_rows FROM parquet_file_metadata(?)", [path])
    shape = Shape(sha256=part.sha256 or digest_of(part.path), form="parquet", columns=columns, lines=int(rows))
    return shape, Source("land_rows_parquet", {"path": path, "fields": dict(zip(columns, types, strict=True))})


def _json(session: Session, part: Part, stated: Stated, copy: Path) -> tuple[Shape, Source]:
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
    keys = [str(row[0]) for row in session.rows("SELECT key FROM landing_key ORDER BY place, nth")]
    if not keys:
        raise ExtractError(f"{part.shown}: the file is empty; deliver it as one JSON object a line")
    columns = columns_of(part.shown, keys)
    pointers = dict(zip(columns, map(_pointer, keys), strict=True))
    return shape.with_columns(columns), Source("land_rows_json", {"path": str(path), "pointers": pointers})


def _pointer(key: str) -> str:
    return "/" + key.replace("~", "~0").replace("/", "~1")


def read(session: Session, file: NewFile) -> None:
    """Read a file into landing_row. Raises ExtractError where DuckDB cannot."""
    door = file.door
    try:
        session.run(
            "land_read.sql.j2",
            source=file.source.template,
            file_id=file.file_id,
            kept=file.columns,
            wanted=door.read,
            all=Sql(", ".join(map(ident, door.read)) or "''"),
            multiline=file.breaks_lines,
            pseudonyms={c: personal.pseudonym(c) for c in door.pseudonyms},
            rule=door.rule,
            **file.source.params,
        )
        if file.shape.form == "json":
            session.run("land_json_refused.sql.j2", file_id=file.file_id, secret=file.telling.secret)
    except duckdb.Error as fault:
        reason = str(fault).splitlines()[0]
        raise ExtractError(f"{file.part.shown}: cannot be read as {file.shape.described}: {reason}") from None


def read_padded(session: Session, file: NewFile) -> None:
    """Read a delimited file again, with rows that end early as if their last fields were empty."""
    session.execute("DELETE FROM landing_row WHERE file_id = ?", [file.file_id])
    session.execute(
        "DELETE FROM reject_errors WHERE (scan_id, file_id) IN "
        "(SELECT (scan_id, file_id) FROM reject_scans WHERE file_path = ?)",
        [file.source.params["path"]],
    )
    read(session, replace(file, source=replace(file.source, params={**file.source.params, "padded": True})))
