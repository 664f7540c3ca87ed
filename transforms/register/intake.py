"""A worklist that comes back: every row that a person touched is tried, and either all are taken or none.

What is wrong is written beside its cell in a copy of the workbook. Taken rows become a file of decisions in the
register, recorded on the published night.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import math
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import openpyxl
import yaml
from openpyxl.comments import Comment
from openpyxl.styles import PatternFill
from openpyxl.utils.exceptions import InvalidFileException
from pydantic import ValidationError

from transforms.catalogue import Catalogue
from transforms.register.layout import (
    FLAGS,
    META,
    OURS,
    THEIRS,
    VERSION,
    Sides,
    as_written,
    headings,
    said,
    shown,
    stable,
)
from transforms.register.load import Register, load_register
from transforms.register.model import Decision
from transforms.register.record import record
from transforms.register.worklist import open_rows, sides_of
from transforms.words.errors import DecisionError
from transforms.words.files import write_text, written_beside

# How many characters of a message stand on a line of the column that tells them.
_CHECK_WIDTH = 26
_RED = PatternFill("solid", fgColor="FFC7CE")


@dataclass(frozen=True)
class Fault:
    """What is wrong with one row: the sheet, the row, the heading of the cell, and what to do."""

    sheet: str
    row: int
    column: str
    message: str


@dataclass
class _Row:
    sheet: str
    row: int
    difference_id: str
    fields: dict[str, Any]
    faults: list[Fault] = field(default_factory=list)

    def fault(self, column: str, message: str) -> None:
        self.faults.append(Fault(self.sheet, self.row, column, message))


@dataclass(frozen=True)
class Taken:
    """What came of it: rows touched; the decisions made of them and their file, or the faults and the copy."""

    touched: int
    decisions: tuple[Decision, ...] = ()
    file: Path | None = None
    faults: tuple[Fault, ...] = ()
    copy: Path | None = None


def take(
    path: Path,
    con: duckdb.DuckDBPyConnection,
    catalogue: Catalogue,
    register: Register,
    *,
    by: str,
    forum: str,
    ruled_on: dt.date,
    at: str,
) -> Taken:
    """Take a worklist in. ``by`` is the role that hands it in, ``forum`` who ruled, ``at`` the time of recording.

    Raises DecisionError, one line, for what is no worklist of ours as a whole: another program's file, another version,
    a sheet renamed, a column deleted or moved.
    """
    book = _opened(path)
    meta = _meta(path, book)
    sides = sides_of(con, meta["pair"])
    rows = _touched(path, book, meta["rows"], sides)
    if not rows:
        return Taken(0)
    now = {r["difference_id"]: r for r in open_rows(con, sides.pair_id, None, None)}
    made: list[Decision] = []
    for row in rows:
        decision = _decision(row, now, sides, register, by=by, forum=forum, ruled_on=ruled_on)
        if decision is not None:
            made.append(decision)
    faults = tuple(f for row in rows for f in row.faults)
    if faults:
        return Taken(len(rows), faults=faults, copy=_copy(path, book, faults, sides))
    file = _written(path, register, made)
    try:
        whole = load_register(register.folder, catalogue, (*_domains(con),))
        record(con, catalogue, whole, [whole.decision(d.id) for d in made], by=by, at=at)
    except BaseException:
        file.unlink(missing_ok=True)
        raise
    return Taken(len(rows), tuple(made), file)


def _domains(con: duckdb.DuckDBPyConnection) -> list[str]:
    return [r[0] for r in con.execute('SELECT "domain" FROM published."domain"').fetchall()]


def _opened(path: Path) -> Any:
    try:
        return openpyxl.load_workbook(path)
    except FileNotFoundError:
        raise DecisionError(f"{path}: no such file") from None
    except (InvalidFileException, zipfile.BadZipFile, KeyError, ValueError, OSError):
        raise DecisionError(f"{path}: not an Excel workbook (.xlsx); save it as one") from None


def _meta(path: Path, book: Any) -> dict[str, Any]:
    """What the hidden sheet says was written: the pair, and of every row (sheet, id) what both said and its hash."""
    if META not in book.sheetnames:
        raise DecisionError(f"{path}: not a worklist of Likare's, or its hidden sheet is gone; export it again")
    lines = [tuple(r) for r in book[META].iter_rows(values_only=True)]
    head = {str(line[0]): str(line[1]) for line in lines[:5] if len(line) > 1}
    if head.get("version") != VERSION:
        raise DecisionError(
            f"{path}: written by another version of the worklist ({head.get('version')}, this is {VERSION}); "
            "export it again"
        )
    if not {"pair", "rows"} <= head.keys() or not head["rows"].isdigit():
        raise DecisionError(f"{path}: its hidden sheet does not say what was written; export it again")
    rows = {(str(x[0]), str(x[1])): (str(x[2]), str(x[3])) for x in lines[5:] if len(x) >= 4 and x[0]}
    return {**head, "rows": rows}


def _touched(path: Path, book: Any, written: dict[tuple[str, str], tuple[str, str]], sides: Sides) -> list[_Row]:
    """Every row in which a person has written, with what can be told of it from the workbook alone."""
    wanted = headings(sides)
    rows: list[_Row] = []
    for name in dict.fromkeys(sheet for sheet, _ in written):
        if name not in book.sheetnames:
            raise DecisionError(f"{path}: the sheet '{name}' is gone or has another name; give it its name back")
        sheet = book[name]
        found = [sheet.cell(1, c).value for c in range(1, len(wanted) + 1)]
        for column, (is_, should) in enumerate(zip(found, wanted, strict=True), 1):
            if is_ != should:
                raise DecisionError(
                    f"{path}: {name}: column {column} should be '{should}' and is '{is_ or 'empty'}'; a column was "
                    "deleted, moved or renamed"
                )
        seen: dict[str, int] = {}
        for number in range(2, sheet.max_row + 1):
            own = [sheet.cell(number, c) for c in range(1, len(wanted) + 1)]
            theirs = own[len(OURS) : len(OURS) + len(THEIRS) - 1]
            if all(c.value is None or str(c.value).strip() == "" for c in theirs):
                continue
            row = _Row(
                name, number, str(own[-1].value or ""), {t: c.value for t, c in zip(THEIRS, theirs, strict=False)}
            )
            rows.append(row)
            for title, cell in zip(THEIRS, theirs, strict=False):
                if cell.data_type == "f":
                    row.fault(title, "en formel; skriv värdet självt")
            key = (name, row.difference_id)
            if key not in written:
                row.fault("Post", "raden kommer inte från exporten; rader kan inte läggas till")
            elif row.difference_id in seen:
                row.fault("Post", f"samma rad som rad {seen[row.difference_id]}; en av dem är inklistrad")
            else:
                row.fields["_said"] = written[key][0]
            if not row.faults and as_written(stable([c.value for c in own[: len(OURS)]])) != written[key][1]:
                row.fault("Post", "de skyddade cellerna har ändrats; hämta raden från en ny export")
            seen.setdefault(row.difference_id, number)
    return rows


def _decision(
    row: _Row,
    now: dict[str, dict[str, Any]],
    sides: Sides,
    register: Register,
    *,
    by: str,
    forum: str,
    ruled_on: dt.date,
) -> Decision | None:
    """The decision that the row makes, or None where it has a fault."""
    if row.faults:
        return None
    told = {k: str(v).strip() if v is not None and not isinstance(v, dt.datetime) else v for k, v in row.fields.items()}
    is_open = now.get(row.difference_id)
    earlier = next(
        (d for d in register.decisions if row.difference_id in (d.covers.difference, d.covers.cause)
         and d.id not in register.superseded_by), None)  # fmt: skip
    if earlier is not None:
        row.fault("Beslut", f"är redan beslutad: {earlier.id} av {earlier.date}")
    elif is_open is None:
        row.fault("Post", "skillnaden är inte längre öppen: byggena är lika här nu, eller ett annat beslut gäller")
    elif said(is_open) != row.fields["_said"]:
        row.fault(
            "Post",
            f"har ändrats sedan exporten: {sides.title_a} säger nu '{shown(is_open, 'a')}', "
            f"{sides.title_b} '{shown(is_open, 'b')}'",
        )
    ruling = sides.rulings.get(str(told["Beslut"] or ""))
    if ruling is None:
        row.fault("Beslut", f"välj ett av: {', '.join(sides.rulings)}")
    for needed in ("Motivering", "Ansvarig roll"):
        if not told[needed]:
            row.fault(needed, "behövs; fyll i")
    if ruling and (ruling[0] == "standard") != bool(told["Värde"]):
        row.fault("Värde", "behövs till Annat värde, och bara till det")
    if ruling and ruling[0] == "standard" and is_open and is_open["attribute"] is None:
        row.fault("Beslut", "en hel post har inget värde; anta, avveckla eller behåll den")
    value = told["Värde"] or None
    if value and ruling and ruling[0] == "standard" and is_open and is_open["attribute_kind"] == "flag":
        value = {text: flag for flag, text in FLAGS.items()}.get(str(value).lower())
        if value is None:
            row.fault("Värde", "skriv ja eller nej")
    if told["Grund"] and told["Grund"] not in {b.id for b in register.bases}:
        row.fault("Grund", "är ingen grund; välj ur listan på bladet Grunder")
    until = _until(row, told["Gäller till"], ruled_on)
    if ruling and ruling[0] == "defer" and until is None and not row.faults:
        row.fault("Gäller till", "behövs till Skjut upp; skriv ett datum")
    if row.faults or ruling is None or is_open is None:
        return None
    covers = {"cause" if is_open["explains"] > 1 else "difference": row.difference_id}
    what = f"{is_open['label'] or row.difference_id}: {is_open['attribute_title'] or 'hela posten'}"
    try:
        return Decision.model_validate(
            {
                "id": f"{ruled_on:%Y%m%d}-{row.difference_id[:10]}",
                "title": what[:200],
                "forum": forum,
                "date": ruled_on,
                "covers": covers,
                "ruling": ruling[0],
                "adopt": ruling[1],
                "value": value,
                "reason": told["Motivering"],
                "basis": [told["Grund"]] if told["Grund"] else [],
                "owner": told["Ansvarig roll"],
                "expires": until,
            }
        )
    except ValidationError as fault:
        row.fault("Beslut", fault.errors()[0]["msg"].removeprefix("Value error, "))
        return None


def _until(row: _Row, value: Any, ruled_on: dt.date) -> dt.date | None:
    if value is None or value == "":
        return None
    try:
        until = value.date() if isinstance(value, dt.datetime) else dt.date.fromisoformat(str(value)[:10])
    except ValueError:
        row.fault("Gäller till", "är inget datum; skriv det som 2026-12-31")
        return None
    if until < ruled_on:
        row.fault("Gäller till", f"är före beslutets datum {ruled_on}")
    return until


def _written(path: Path, register: Register, made: Sequence[Decision]) -> Path:
    """Write the decisions as a file of the register, whole or not at all. Returns its path."""
    digest = hashlib.sha256(path.read_bytes()).hexdigest()[:8]
    file = register.folder / f"arbetslista-{made[0].date:%Y-%m-%d}-{digest}.yaml"
    if file.exists():
        raise DecisionError(f"{path}: has been taken in already; it stands in {file}")
    plain = [
        {k: v for k, v in d.model_dump(mode="json", exclude_defaults=True).items() if v not in (None, [], "")}
        for d in made
    ]
    text = yaml.safe_dump({"decisions": plain}, allow_unicode=True, sort_keys=False, width=118)
    file.parent.mkdir(parents=True, exist_ok=True)
    write_text(file, f"# Tagen ur arbetslistan {path.name}\n{text}")
    return file


def _copy(path: Path, book: Any, faults: Sequence[Fault], sides: Sides) -> Path:
    """Write a copy of the workbook with every fault beside its cell. Returns its path."""
    titles = headings(sides)
    told: dict[tuple[str, int], list[str]] = {}
    for f in faults:
        cell = book[f.sheet].cell(f.row, titles.index(f.column) + 1)
        cell.fill = _RED
        cell.comment = Comment(f.message, "Likare", width=320, height=90)
        told.setdefault((f.sheet, f.row), []).append(f"{f.column}: {f.message}")
    for (sheet, row), messages in told.items():
        check = book[sheet].cell(row, titles.index("Kontroll") + 1)
        check.value, check.fill = "\n".join(messages), _RED
        lines = sum(math.ceil(len(m) / _CHECK_WIDTH) for m in messages)
        height = book[sheet].row_dimensions[row].height or 0
        book[sheet].row_dimensions[row].height = max(height, 15 * lines + 1)
    copy = path.with_name(f"{path.stem}.fel{path.suffix}")
    with written_beside(copy) as beside:
        book.save(beside)
    return copy
