"""A table as it comes: ids and columns of text, read from delimited text of any kind or from Parquet."""

from __future__ import annotations

import contextlib
import csv
import io
import tempfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import duckdb

from transforms import shape
from transforms.errors import ExtractError, UsageError
from transforms.warehouse import Session, ident, lit, scratch

_MORE_DELIMITERS = "%^~¦\x1f"


@dataclass(frozen=True, eq=False)
class Table:
    """``columns``: every column but the id, in the file's order; an empty value is an empty text."""

    name: str
    id_column: str
    ids: list[str]
    columns: dict[str, list[str]]

    def __len__(self) -> int:
        return len(self.ids)

    def in_order(self) -> Table:
        """The same rows in the order of what they say, then of their ids."""
        order = sorted(range(len(self.ids)), key=lambda i: (*(c[i] for c in self.columns.values()), self.ids[i]))
        columns = {name: [values[i] for i in order] for name, values in self.columns.items()}
        return Table(self.name, self.id_column, [self.ids[i] for i in order], columns)


def read(path: Path, id_column: str | None = None) -> Table:
    """One file. ``id_column`` (default: the first) must be filled and unique.

    Raises UsageError naming the file for one that is missing, empty, no table, or whose id does not identify.
    """
    names, values = columns(path)
    shown = path.name
    if not values or not values[0]:
        raise UsageError(f"{shown}: has no rows under its header; nothing can be matched")
    if id_column is None:
        place = 0
    else:
        folded = [n.casefold() for n in names]
        if id_column.casefold() not in folded:
            raise UsageError(f"{shown}: has no column '{id_column}'; it has {', '.join(names)}")
        place = folded.index(id_column.casefold())
    ids = values[place]
    blank = sum(not i for i in ids)
    if blank:
        raise UsageError(f"{shown}: the id column '{names[place]}' is empty in {blank} rows; name another id column")
    twice = [value for value, count in Counter(ids).most_common(1) if count > 1]
    if twice:
        raise UsageError(
            f"{shown}: the id column '{names[place]}' is not unique ('{twice[0]}' stands in more than one row); "
            "name another id column"
        )
    rest = {n: c for i, (n, c) in enumerate(zip(names, values, strict=True)) if i != place}
    if not rest:
        raise UsageError(f"{shown}: has no column besides its id; there is nothing to match by")
    return Table(shown, names[place], ids, rest)


def columns(path: Path) -> tuple[list[str], list[list[str]]]:
    """The names and the values of a file's columns, whatever it holds. Raises UsageError where it cannot be read."""
    if not path.is_file():
        raise UsageError(f"{path}: no such file")
    if path.stat().st_size == 0:
        raise UsageError(f"{path}: the file is empty")
    with path.open("rb") as handle:
        parquet = handle.read(4) == b"PAR1"
    return _parquet(path) if parquet else _text(path)


def _parquet(path: Path) -> tuple[list[str], list[list[str]]]:
    with contextlib.closing(scratch()) as con:
        session = Session(con)
        try:
            source = f"read_parquet({lit(str(path))})"
            names = [str(r[0]) for r in session.rows(f"DESCRIBE SELECT * FROM {source}")]
            cells = ", ".join(f"coalesce(trim(CAST({ident(n)} AS VARCHAR)), '') AS {ident(n)}" for n in names)
            rows = session.rows(f"SELECT {cells} FROM {source}")
        except duckdb.Error:
            raise UsageError(f"{path.name}: cannot be read as Parquet; is the file whole?") from None
    return names, [list(c) for c in zip(*rows, strict=True)] if rows else [[] for _ in names]


def _text(path: Path) -> tuple[list[str], list[list[str]]]:
    with tempfile.TemporaryDirectory() as folder:
        try:
            # Its own delimiters and one header; ours add those that only papers' data sets use.
            _, readable = shape.shape_of(path, path.name, shape.Stated(), Path(folder) / "copy")
        except ExtractError as fault:
            if "twice" not in str(fault):
                raise UsageError(str(fault)) from None
            readable = path
        with readable.open(encoding="utf-8-sig", errors="replace", newline="") as handle:
            content = handle.read()
    lines = [line for line in content.splitlines()[:300] if line.strip()]
    if not lines:
        raise UsageError(f"{path.name}: the file is empty")
    delimiter = _delimiter(lines)
    quote, escape = _quote(lines, delimiter)
    reader = csv.reader(
        io.StringIO(content, newline=""),
        delimiter=delimiter,
        quotechar=quote or '"',
        escapechar=escape,
        doublequote=escape is None,
        quoting=csv.QUOTE_MINIMAL if quote else csv.QUOTE_NONE,
    )
    csv.field_size_limit(1 << 24)
    records = [record for record in reader if record and any(cell.strip() for cell in record)]
    header = [name.strip() or f"column_{i}" for i, name in enumerate(records[0], 1)]
    twice = sorted({n for n in header if header.count(n) > 1})
    if twice:
        raise UsageError(f"{path.name}: the header names {', '.join(twice)} twice; name every column once")
    width = len(header)
    uneven = sum(len(r) > width for r in records[1:])
    if uneven > 0.05 * len(records):
        raise UsageError(f"{path.name}: {uneven} rows have more fields than the header names; is it delimited text?")
    body = [[cell.strip() for cell in r[:width]] + [""] * (width - len(r)) for r in records[1:]]
    return header, [list(c) for c in zip(*body, strict=True)] if body else [[] for _ in header]


def _delimiter(lines: list[str]) -> str:
    """The sign by which most lines have as many fields as the header, and more than one; else the comma."""
    best = (0.0, 0, ",")
    for sign in (",", "\t", ";", "|", *_MORE_DELIMITERS):
        for quote in ('"', None):
            counts = [len(r) for r in csv.reader(lines, delimiter=sign, quotechar=quote or '"',
                                                 quoting=csv.QUOTE_MINIMAL if quote else csv.QUOTE_NONE)]  # fmt: skip
            if counts and counts[0] > 1:
                even = round(sum(c == counts[0] for c in counts) / len(counts), 2)
                best = max(best, (even, counts[0] if even > 0.8 else 0, sign), key=lambda b: b[:2])
    return best[2]


def _quote(lines: list[str], delimiter: str) -> tuple[str | None, str | None]:
    """The sign that encloses fields and the one that takes its meaning from it, None where there is none."""
    for sign in ('"', "'"):
        opened = sum((delimiter + line).count(delimiter + sign) for line in lines)
        closed = sum((line.rstrip() + delimiter).count(sign + delimiter) for line in lines)
        if opened and closed >= 0.8 * opened and (sign == '"' or opened >= 0.3 * len(lines)):
            escaped = any("\\" + sign in line for line in lines)
            return sign, "\\" if escaped else None
    return None, None
