"""The review as a workbook that goes out to a reader and comes back: one row per pair, an answer chosen from a list.

A hidden sheet holds, per row, by what the items are named and what they looked like when they went out; the visible
cells are there to be read, and only the answer and the note are read back. A file is taken whole or not at all.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import openpyxl
from openpyxl.utils.exceptions import InvalidFileException

from transforms.build.reviewed import Reading
from transforms.catalogue import Catalogue
from transforms.land import workbook
from transforms.review.answers import ANSWERS, Named, named, unchanged
from transforms.review.exchange import json_of_keys, keys_of_json
from transforms.review.reviewing import Proposal, Side, around, beside, sides
from transforms.warehouse import Session
from transforms.words.errors import ReviewError
from transforms.words.files import written_beside

VERSION = "likare review 1"
SHEET, GUIDE, META = "Granskning", "Läs mig", "likare"
_HEADINGS = (
    "Nr | No", "Slag | Kind", "A", "B", "Skillnader | Differences", "Lika | Alike", "Runt omkring | Around them",
    "Sannolikhet | Chance", "Hänger på | Hanging on it", "Varför | Why", "Svar | Answer", "Anteckning | Note", "Id",
)  # fmt: skip
_WIDTHS = (6, 22, 40, 40, 46, 46, 40, 12, 11, 26, 30, 34, 10)
_ANSWER, _NOTE, _ID = (_HEADINGS.index(h) for h in ("Svar | Answer", "Anteckning | Note", "Id"))
_FAULTS = 20
_LISTED = {a.listed: a for a in ANSWERS}


@dataclass(frozen=True)
class Taken:
    """What came back: the answers, and the rows whose items have changed since they went out (not taken)."""

    readings: tuple[Reading, ...]
    untouched: int
    changed: tuple[str, ...]


def export(path: Path, session: Session, catalogue: Catalogue, found: Sequence[Proposal], as_of: datetime) -> int:
    """Write the pairs, in their order, with both sides beside each other. Returns how many rows; those that nothing
    but an id could name are left out. Whole or not at all.
    """
    rows: list[tuple[Named, list[Any]]] = []
    for p in found:
        row = named(session, p)
        if row is not None:
            shown = sides(session, catalogue, p)
            rows.append((row, _cells(len(rows) + 1, catalogue, p, row, shown)))
    with written_beside(path) as beside, workbook.open_book(beside) as book:
        _review_sheet(book, rows)
        _guide(book, as_of)
        meta = book.add_worksheet(META)
        workbook.put(meta, 0, 0, VERSION)
        for n, (row, _) in enumerate(rows, 1):
            workbook.put(meta, n, 0, f"r{n}")
            workbook.put(meta, n, 1, json.dumps(_plain(row), ensure_ascii=True))
        meta.very_hidden()
    return len(rows)


def _plain(row: Named) -> dict[str, str]:
    return {k: json_of_keys(v) if isinstance(v, tuple) else v for k, v in vars(row).items()}


def _cells(number: int, catalogue: Catalogue, p: Proposal, row: Named, sides: tuple[Side, Side]) -> list[Any]:
    e = catalogue.entities[p.entity]
    a, b = sides
    titles = {n: x.title.sv if x.title else n.replace("_", " ") for n, x in e.attributes.items()} | {
        "parent": "tillhör"
    }
    differing, alike = [], []
    for name, one, other in beside(e, a, b):
        if one != other:
            differing.append(f"{titles[name]}: {one or '–'} ≠ {other or '–'}")
        else:
            alike.append(f"{titles[name]}: {one}")
    lines = []
    for _, entity, here, there in around(a, b):
        only = [x for x in here if x not in there][:3], [x for x in there if x not in here][:3]
        title = catalogue.entities[entity].title.sv
        lines.append(f"{title}: A {', '.join(only[0]) or 'inget eget'}; B {', '.join(only[1]) or 'inget eget'}")
    return [
        number, f"{e.title.sv} | {e.title.en}", *_named(row),
        "\n".join(differing), "\n".join(alike), "\n".join(lines),
        round(p.score, 2), p.hangs, p.reason,
    ]  # fmt: skip


def _named(row: Named) -> tuple[str, str]:
    """How the two items are shown."""
    return f"{row.domain_a}: {row.label_a or '–'}", f"{row.domain_b}: {row.label_b or '–'}"


def _review_sheet(book: Any, rows: Sequence[tuple[Named, list[Any]]]) -> None:
    edge = {"border": 1, "border_color": "#D9D9D9", "valign": "top", "text_wrap": True}
    head = book.add_format({"bold": True, "bg_color": "#1F4E78", "font_color": "#FFFFFF", **edge})
    asked = book.add_format({"bold": True, "bg_color": "#C55A11", "font_color": "#FFFFFF", **edge})
    cell = book.add_format({"bg_color": "#F2F2F2", **edge})
    opened = book.add_format({"locked": False, **edge})
    sheet = book.add_worksheet(SHEET)
    for column, title in enumerate(_HEADINGS):
        workbook.put(sheet, 0, column, title, asked if column in (_ANSWER, _NOTE) else head)
        sheet.set_column(column, column, _WIDTHS[column], None, {"hidden": column == _ID})
    for n, (_, cells) in enumerate(rows, 1):
        for column, value in enumerate(cells):
            workbook.put(sheet, n, column, value, cell)
        for column in (_ANSWER, _NOTE):
            workbook.put(sheet, n, column, None, opened)
        workbook.put(sheet, n, _ID, f"r{n}", cell)
    last = max(1, len(rows))
    sheet.data_validation(1, _ANSWER, last, _ANSWER, {
        "validate": "list", "source": f"='{GUIDE}'!$A$8:$A${7 + len(ANSWERS)}", "error_title": "Svar | Answer",
        "error_message": "Välj i listan. | Choose from the list.",
    })  # fmt: skip
    sheet.freeze_panes(1, 4)
    sheet.autofilter(0, 0, last, len(_HEADINGS) - 2)
    sheet.protect("", {"autofilter": True, "format_columns": True, "format_rows": True})
    sheet.set_landscape()
    sheet.repeat_rows(0)
    sheet.fit_to_pages(1, 0)


def _guide(book: Any, as_of: datetime) -> None:
    title, plain = (
        book.add_format({"bold": True, "font_size": 14}),
        book.add_format({"text_wrap": True, "valign": "top"}),
    )
    guide = book.add_worksheet(GUIDE)
    guide.set_column(0, 0, 45)
    guide.set_column(1, 1, 80)
    lines = (
        f"Granskning, läget {as_of:%Y-%m-%d} | Review, as of {as_of:%Y-%m-%d}",
        "Är A och B samma sak? Välj ett svar på de rader ni bedömer; övriga lämnas.",
        "Are A and B the same? Answer the rows you judge; leave the others.",
        "Grå celler är skyddade; byt inte namn på blad eller kolumner. | Grey cells are protected; rename nothing.",
        "Lämna tillbaka | Hand it back: likare review import FIL.xlsx --reader ROLL",
    )
    for i, text in enumerate(lines):
        workbook.put(guide, i, 0, text, title if i == 0 else None)
    workbook.put(guide, 6, 0, "Svar | Answers", title)
    for i, answer in enumerate(ANSWERS, 7):
        workbook.put(guide, i, 0, answer.listed)
        workbook.put(guide, i, 1, answer.meaning_sv, plain)
    guide.protect()


def take(path: Path, session: Session, *, reader: str, role: str, at: datetime) -> Taken:
    """The answers of a workbook that came back. Rows without an answer are passed over.

    Raises ReviewError, one line, for what is no such workbook as a whole (another file, a sheet renamed, a column
    deleted or moved), and for rows that do not hold: with the number of each.
    """
    sheet, rows = _opened(path)
    answered: dict[str, tuple[int, Any, Any]] = {}
    faults: list[str] = []
    for number, cells in enumerate(sheet.iter_rows(min_row=2, max_col=len(_HEADINGS)), 2):
        answer, note, key = cells[_ANSWER], cells[_NOTE], cells[_ID]
        if any(c.data_type == "f" for c in cells):
            faults.append(f"row {number}: a cell holds a formula; write what it says in its place")
        elif answer.value in (None, "") and note.value in (None, ""):
            continue
        elif answer.value in (None, ""):
            faults.append(f"row {number}: a note without an answer")
        elif str(key.value) not in rows:
            faults.append(f"row {number}: the row is none of those that went out")
        elif str(answer.value).strip() not in _LISTED:
            faults.append(f"row {number}: '{str(answer.value)[:40]}' is not in the list of answers")
        elif str(key.value) in answered:
            faults.append(f"row {number}: answered in row {answered[str(key.value)][0]} already")
        elif not _same(cells, rows[str(key.value)]):
            faults.append(f"row {number}: what went out has been written over; export it again")
        else:
            answered[str(key.value)] = (number, str(answer.value).strip(), note.value)
    if faults:
        more = f" (and {len(faults) - _FAULTS} more)" if len(faults) > _FAULTS else ""
        raise ReviewError(f"{path}: nothing was taken: {'; '.join(faults[:_FAULTS])}{more}")
    readings, changed = [], []
    for key, (number, answer, note) in answered.items():
        row = rows[key]
        if not unchanged(session, row):
            changed.append(f"row {number}: {row.label_a} / {row.label_b}")
            continue
        chosen = _LISTED[answer]
        note = " ".join(str(note or "").split())
        readings.append(row.reading(chosen.ruling, reader=reader, at=at, role=role, note=note, side=chosen.side))
    return Taken(tuple(readings), len(rows) - len(answered), tuple(changed))


def _opened(path: Path) -> tuple[Any, dict[str, Named]]:
    try:
        book = openpyxl.load_workbook(path)
    except FileNotFoundError:
        raise ReviewError(f"{path}: no such file") from None
    except (InvalidFileException, zipfile.BadZipFile, KeyError, ValueError, OSError):
        raise ReviewError(f"{path}: not an Excel workbook (.xlsx); save it as one") from None
    for name in (META, SHEET):
        if name not in book.sheetnames:
            raise ReviewError(
                f"{path}: the sheet '{name}' is missing or renamed; this is no review of Likare's any more"
            )
    if book[META].cell(1, 1).value != VERSION:
        raise ReviewError(
            f"{path}: written by another version ({str(book[META].cell(1, 1).value)[:40]}); export it again"
        )
    sheet = book[SHEET]
    headings = tuple(str(c.value or "") for c in sheet[1])[: len(_HEADINGS)]
    if headings != _HEADINGS:
        wrong = next(
            (want for want, is_ in zip(_HEADINGS, (*headings, *[""] * len(_HEADINGS)), strict=False) if want != is_), ""
        )
        raise ReviewError(f"{path}: {SHEET}: the column '{wrong}' is deleted, moved or renamed; put it back")
    rows: dict[str, Named] = {}
    try:
        for key, text in book[META].iter_rows(min_row=2, max_col=2, values_only=True):
            if key is not None:
                told = json.loads(str(text))
                rows[str(key)] = _row({str(k): str(v) for k, v in told.items()})
    except (ValueError, TypeError, AttributeError, KeyError):
        raise ReviewError(f"{path}: its hidden sheet has been changed; export it again") from None
    return sheet, rows


def _row(told: Mapping[str, str]) -> Named:
    return Named(
        told["entity"], told["domain_a"], told["domain_b"], told["local_id_a"], told["local_id_b"],
        keys_of_json(told["keys_a"]), keys_of_json(told["keys_b"]), told["seen_a"], told["seen_b"],
        told["label_a"], told["label_b"],
    )  # fmt: skip


def _same(cells: Sequence[Any], row: Named) -> bool:
    """Whether the row still shows the items it is about: sorting moves rows whole, other edits do not."""
    shown = [" ".join(str(cells[_HEADINGS.index(h)].value or "").split()) for h in ("A", "B")]
    return shown == [" ".join(workbook.writable(w).split()) for w in _named(row)]
