"""Rows of a published night as a file for other tools: an Excel workbook, CSV or Parquet, by the file's ending.

Values come from extracts. In a workbook every text is written as text; in CSV a text that a spreadsheet would read as a
formula gets an apostrophe in front.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

from transforms.words.errors import UsageError
from transforms.words.files import written_beside

if TYPE_CHECKING:
    import pyarrow as pa

# Excel's sheets end here, the heading included.
_SHEET_ROWS = 1_048_576
_CELL = 32_767
_WIDEST = 60


def write(con: duckdb.DuckDBPyConnection, query: str, params: Sequence[Any], path: Path, sheet: str = "likare") -> int:
    """Write the rows of a query, beside and moved into place. Returns their number.

    Raises UsageError for an ending that is none of .xlsx, .csv and .parquet, for a folder that is not there, and for
    more rows than a sheet holds.
    """
    writer = _WRITERS.get(path.suffix.lower())
    if writer is None:
        raise UsageError(f"{path}: '{path.suffix}' is no format; name a file that ends in {', '.join(_WRITERS)}")
    if not path.parent.is_dir():
        raise UsageError(f"{path.parent}: there is no such folder; make it or name another")
    table = con.sql(query, params=list(params)).to_arrow_table()
    with written_beside(path) as beside:
        writer(table, beside, sheet)
    return int(table.num_rows)


def _csv(table: pa.Table, path: Path, sheet: str) -> None:
    import pyarrow as pa
    import pyarrow.csv

    columns = [_harmless(c) if pa.types.is_string(c.type) else c for c in table.columns]
    with path.open("wb") as handle:
        handle.write(b"\xef\xbb\xbf")  # Excel reads CSV as UTF-8 only with this in front
        pyarrow.csv.write_csv(pa.table(columns, names=table.column_names), handle)


def _harmless(column: pa.ChunkedArray) -> pa.ChunkedArray:
    import pyarrow.compute as pc

    risky = pc.match_substring_regex(column, r"^[\s]*[=+\-@\t\r]")
    return pc.if_else(pc.fill_null(risky, False), pc.binary_join_element_wise("'", column, ""), column)


def _parquet(table: pa.Table, path: Path, sheet: str) -> None:
    import pyarrow.parquet

    pyarrow.parquet.write_table(table, path, compression="zstd")


def _xlsx(table: pa.Table, path: Path, sheet: str) -> None:
    import xlsxwriter

    if table.num_rows >= _SHEET_ROWS:
        raise UsageError(f"{table.num_rows} rows do not fit in a sheet; narrow the filters or name a .csv or .parquet")
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(str(path), {**options, "constant_memory": True}) as book:
        page = book.add_worksheet(sheet[:31])
        bold, date = book.add_format({"bold": True}), book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
        columns = [column.to_pylist() for column in table.columns]
        for i, (name, values) in enumerate(zip(table.column_names, columns, strict=True)):
            longest = max((len(str(v)) for v in values[:1000] if v is not None), default=0)
            page.set_column(i, i, min(max(longest, len(name)) + 2, _WIDEST))
            page.write_string(0, i, name, bold)
        for number, row in enumerate(zip(*columns, strict=True), 1):
            for i, value in enumerate(row):
                match value:
                    case None:
                        pass
                    case bool():
                        page.write_boolean(number, i, value)
                    case int() | float():
                        page.write_number(number, i, value)
                    case datetime():
                        page.write_datetime(number, i, value.replace(tzinfo=None), date)
                    case _:
                        page.write_string(number, i, str(value)[:_CELL])
        page.freeze_panes(1, 0)
        if table.num_rows:
            page.autofilter(0, 0, table.num_rows, len(columns) - 1)


_WRITERS: dict[str, Callable[[pa.Table, Path, str], None]] = {".xlsx": _xlsx, ".csv": _csv, ".parquet": _parquet}
