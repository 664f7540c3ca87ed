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

from transforms.land import dialect, shape
from transforms.warehouse import Session, ident, lit, scratch
from transforms.words.errors import ExtractError, UsageError

_PACKED = {b"PK\x03\x04": "a workbook or an archive", b"\x1f\x8b": "compressed", b"\xd0\xcf\x11\xe0": "a workbook"}
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
    """One file. ``id_column`` (default: the first) must be filled and unique; ``#`` takes the numbers of the rows.

    An id that reads as text is compared too, and so is the only column there is.

    Raises UsageError naming the file for one that is missing, empty, no table, or whose id does not identify.
    """
    names, values = columns(path)
    shown = path.name
    if not values or not values[0]:
        raise UsageError(f"{shown}: has no rows under its header; nothing can be matched")
    if id_column == "#":
        return Table(shown, "#", [str(i) for i in range(1, len(values[0]) + 1)], dict(zip(names, values, strict=True)))
    place = 0
    if id_column is not None:
        folded = [n.casefold() for n in names]
        if id_column.casefold() not in folded:
            raise UsageError(f"{shown}: has no column '{id_column}'; it has {', '.join(names)}")
        place = folded.index(id_column.casefold())
    ids = values[place]
    blank = sum(not i for i in ids)
    if blank:
        raise UsageError(f"{shown}: the id column '{names[place]}' is empty in {blank} rows; {_instead(names, values)}")
    twice = [value for value, count in Counter(ids).most_common(1) if count > 1]
    if twice:
        raise UsageError(
            f"{shown}: the id column '{names[place]}' is not unique ('{twice[0][:40]}' stands in more than one row); "
            + _instead(names, values)
        )
    spoken = len(names) == 1 or _is_text(ids)
    rest = {n: c for i, (n, c) in enumerate(zip(names, values, strict=True)) if spoken or i != place}
    return Table(shown, names[place], ids, rest)


def _instead(names: list[str], values: list[list[str]]) -> str:
    """Which other columns could be the id."""
    good = [n for n, v in zip(names, values, strict=True) if all(v) and len(set(v)) == len(v)]
    if good:
        return f"{', '.join(good[:3])} would serve: name it by --id-a or --id-b"
    return "no column identifies its rows: --id-a '#' (or --id-b) takes their numbers"


def _is_text(ids: list[str]) -> bool:
    """Whether the ids are names: of several words mostly, and of letters more than of digits."""
    some = ids[:: max(1, len(ids) // 1000)]
    words = sum(len(v.split()) > 1 for v in some)
    letters = sum(sum(c.isalpha() for c in v) > 2 * sum(c.isdigit() for c in v) for v in some)
    return words > 0.5 * len(some) and letters > 0.8 * len(some)


def columns(path: Path) -> tuple[list[str], list[list[str]]]:
    """The names and the values of a file's columns, whatever it holds. Raises UsageError where it cannot be read."""
    if path.is_dir():
        raise UsageError(f"{path}: is a folder; name a file")
    if not path.is_file():
        raise UsageError(f"{path}: no such file")
    if path.stat().st_size == 0:
        raise UsageError(f"{path}: the file is empty")
    with path.open("rb") as handle:
        start = handle.read(4)
    for sign, what in _PACKED.items():
        if start.startswith(sign):
            raise UsageError(f"{path.name}: is {what}; delimited text or Parquet is needed")
    return _parquet(path) if start == b"PAR1" else _text(path)


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
            _, readable = shape.shape_of(path, path.name, dialect.Stated(), Path(folder) / "copy")
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
    uneven = sum(any(cell.strip() for cell in r[width:]) for r in records[1:])
    if width > 2 and uneven > 0.05 * len(records):
        raise UsageError(f"{path.name}: {uneven} rows have more fields than the header names; is it delimited text?")
    body = [_fitted([cell.strip() for cell in r], width, delimiter) for r in records[1:]]
    return header, [list(c) for c in zip(*body, strict=True)] if body else [[] for _ in header]


def _fitted(cells: list[str], width: int, delimiter: str) -> list[str]:
    """A record as wide as the header: what is too much (a delimiter in the last field) stays in the last field."""
    while len(cells) > width and not cells[-1]:
        cells.pop()
    if len(cells) > width:
        return [*cells[: width - 1], delimiter.join(cells[width - 1 :])]
    return cells + [""] * (width - len(cells))


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
