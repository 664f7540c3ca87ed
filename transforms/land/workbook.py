"""Tables of plain text as files that people open: workbooks, CSV and Parquet. A value is text, never a formula.

A workbook's sheet has frozen, filtered headings and columns as wide as what they hold. In CSV, which carries no types,
a text that a spreadsheet program would run begins with an apostrophe; Parquet holds values as they are.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from transforms.words.errors import UsageError
from transforms.words.files import written_beside

if TYPE_CHECKING:
    import xlsxwriter
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

FORMATS = ("csv", "parquet", "xlsx")
# What a sheet holds at most: Excel's own limits.
MAX_ROWS, MAX_TEXT = 1_048_575, 32_767
_RUNS = re.compile(r"^[=+\-@\t\r]")
# What XML cannot carry, and so no workbook: control characters and half of a pair.
_UNWRITABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_SHEET = re.compile(r"[\[\]:*?/\\]")


def harmless(text: str) -> str:
    """The text as a CSV cell that no spreadsheet program runs."""
    return f"'{text}" if _RUNS.match(text) else text


def writable(text: str) -> str:
    """The text as a workbook can hold it: unwritable characters spelled as ``?``, cut at what a cell holds."""
    return _UNWRITABLE.sub("?", text)[:MAX_TEXT]


def sheet_name(wanted: str, taken: Iterable[str] = ()) -> str:
    """A name that Excel allows (31 characters, none of ``[]:*?/\\``) and that is not taken."""
    base = _SHEET.sub(" ", wanted).strip("' ")[:31] or "Blad"
    name, n, used = base, 1, {t.lower() for t in taken}
    while name.lower() in used:
        n += 1
        name = f"{base[: 31 - len(str(n)) - 1]} {n}"
    return name


def open_book(path: Path) -> xlsxwriter.Workbook:
    """A new workbook in which text stays text. Close it to write it."""
    import xlsxwriter

    return xlsxwriter.Workbook(
        str(path),
        {
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
            "default_date_format": "yyyy-mm-dd",
        },
    )


def put(sheet: Worksheet, row: int, column: int, value: Any, style: Format | None = None) -> None:
    """Write one value: text as text, numbers and dates as what they are, None as an empty cell with its style."""
    match value:
        case None:
            sheet.write_blank(row, column, None, style)
        case bool():
            sheet.write_string(row, column, "ja" if value else "nej", style)
        case int() | float():
            sheet.write_number(row, column, value, style)
        case datetime() | date():
            sheet.write_string(row, column, value.isoformat()[:10], style)
        case _:
            sheet.write_string(row, column, writable(str(value)), style)


def fill(
    book: xlsxwriter.Workbook, name: str, headings: Sequence[str], rows: Sequence[Sequence[Any]], note: str = ""
) -> Worksheet:
    """Add a sheet with a table: headings frozen and filtered, widths fitted. ``note`` stands in the header of a print.

    Raises UsageError for more rows than a sheet holds.
    """
    if len(rows) > MAX_ROWS:
        raise UsageError(f"{name}: {len(rows)} rows, more than a sheet holds; write CSV or Parquet, or narrow it down")
    sheet = book.add_worksheet(name)
    head = book.add_format({"bold": True, "bg_color": "#DCE6F1", "bottom": 1, "text_wrap": True, "valign": "top"})
    for column, heading in enumerate(headings):
        put(sheet, 0, column, heading, head)
        longest = max([len(heading), *(len(str(r[column])) for r in rows[:500] if r[column] is not None)])
        sheet.set_column(column, column, min(max(longest + 2, 9), 60))
    for i, row in enumerate(rows, 1):
        for column, value in enumerate(row):
            put(sheet, i, column, value)
    sheet.freeze_panes(1, 0)
    if headings:
        sheet.autofilter(0, 0, max(len(rows), 1), len(headings) - 1)
    if note:
        sheet.set_header(f"&L{note.replace('&', '&&')}")
    return sheet


def write_table(path: Path, headings: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Write one table in the format its name ends with, whole or not at all. Raises UsageError for another ending."""
    kind = path.suffix.removeprefix(".").lower()
    if kind not in FORMATS:
        raise UsageError(f"{path}: end the name with one of {', '.join('.' + f for f in FORMATS)}")
    path.parent.mkdir(parents=True, exist_ok=True)
    with written_beside(path) as beside:
        if kind == "xlsx":
            with open_book(beside) as book:
                fill(book, sheet_name(path.stem), headings, rows)
        elif kind == "parquet":
            import pyarrow as pa  # slow to import, and few need it
            import pyarrow.parquet as pq

            columns = [[_plain(r[i]) for r in rows] for i in range(len(headings))]
            pq.write_table(pa.table(dict(zip(headings, columns, strict=True))), beside)
        else:
            with beside.open("w", encoding="utf-8-sig", newline="") as handle:
                writer = csv.writer(handle, delimiter=";", lineterminator="\r\n")
                writer.writerow([harmless(h) for h in headings])
                writer.writerows([[harmless(v) if isinstance(v, str) else v for v in row] for row in rows])


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date | datetime) else value
