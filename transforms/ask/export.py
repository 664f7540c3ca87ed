"""Published views, narrowed, and rows as a file for other tools: an Excel workbook, CSV or Parquet, by its ending.

Values come from extracts. In a workbook every text is written as text; in CSV a text that a spreadsheet would read as a
formula gets an apostrophe in front.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

from transforms.warehouse import ident
from transforms.words.errors import UsageError
from transforms.words.files import written_beside

if TYPE_CHECKING:
    import pyarrow as pa

# Excel's sheets end here, the heading included.
_SHEET_ROWS = 1_048_576
_CELL = 32_767
_WIDEST = 60


_COLUMN_OF = {"pair": "pair_id", "night": "night_id"}


def views(con: duckdb.DuckDBPyConnection) -> list[dict[str, str]]:
    """What can be exported: each view with what a row of it is. Those of one entity type each count as one."""
    rows = con.execute(
        "SELECT CASE WHEN starts_with(view_name, 'item_') THEN 'item_ENTITY' ELSE view_name END AS view, "
        "CASE WHEN starts_with(view_name, 'item_') THEN 'One row per pair, item of the entity type and domain.' "
        "ELSE regexp_extract(comment, '^[^.(]*[^.( ]') || '.' END AS holds "
        "FROM duckdb_views() WHERE schema_name = 'published' GROUP BY ALL ORDER BY ALL"
    ).fetchall()
    return [{"view": view, "holds": holds} for view, holds in rows]


def query(
    con: duckdb.DuckDBPyConnection, view: str, filters: Mapping[str, str | None], where: Sequence[str] = ()
) -> tuple[str, list[str]]:
    """The rows of a published view, with the query's parameters.

    ``filters`` are values by pair, area, entity, domain and night (a number, or newest), None for any; each of
    ``where`` says ``COLUMN=VALUE``. Raises UsageError for a view or a column that there is not.
    """
    columns = dict(
        con.execute(
            "SELECT column_name, data_type FROM duckdb_columns() WHERE schema_name = 'published' AND table_name = ?",
            [view],
        ).fetchall()
    )
    if not columns:
        known = con.execute("SELECT view_name FROM duckdb_views() WHERE schema_name = 'published'").fetchall()
        near = difflib.get_close_matches(view.lower(), [name for (name,) in known], n=1)
        raise UsageError(f"there is no view '{view}'{_meant(near)}; likare export lists them")
    tests: list[str] = []
    params: list[str] = []
    for option, value in filters.items():
        column = _COLUMN_OF.get(option, option)
        if value is None:
            continue
        if column in columns and value == "newest" and option == "night":
            tests.append("night_id = (SELECT max(night_id) FROM published.night)")
            continue
        if column in columns:
            tests.append(f"{ident(column)}::VARCHAR = ?")
        elif option == "area" and "entity" in columns:
            tests.append("entity IN (SELECT entity FROM published.entity_type WHERE area = ?)")
        else:
            raise UsageError(f"--{option}: {view} has no such column; its columns are {', '.join(columns)}")
        params.append(value)
    for one in where:
        column, equals, value = one.partition("=")
        if not equals:
            raise UsageError(f"--where: '{one}' is not COLUMN=VALUE")
        if column not in columns:
            near = difflib.get_close_matches(column, columns, n=1)
            raise UsageError(f"--where: {view} has no column '{column}'{_meant(near)}; it has {', '.join(columns)}")
        tests.append(f"{ident(column)}::VARCHAR = ?")
        params.append(value)
    shown = [
        f"array_to_string({ident(c)}, ', ') AS {ident(c)}" if kind.endswith("[]") else ident(c)
        for c, kind in columns.items()
    ]
    condition = f" WHERE {' AND '.join(tests)}" if tests else ""
    return f"SELECT {', '.join(shown)} FROM published.{ident(view)}{condition} ORDER BY ALL", params


def _meant(near: Sequence[str]) -> str:
    return f"; did you mean '{near[0]}'?" if near else ""


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
