# ruff: noqa: E501 (a change and what is said of it stand on one line)
"""The worklist out and in again, also through a real spreadsheet program, and everything that may come back wrong."""

from __future__ import annotations

import datetime as dt
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from tests.spec.test_decisions import LINE, PLAN, UNIT, A, B
from tests.support.builds import House, house
from transforms.register import load_bases
from transforms.register.intake import Taken, take
from transforms.register.layout import META, OURS, THEIRS
from transforms.register.worklist import export
from transforms.words.errors import DecisionError, UsageError

IN = {title: len(OURS) + 1 + i for i, title in enumerate(THEIRS)}
HOSTILE = '=HYPERLINK("http://x","y")'


@pytest.fixture
def h(tmp_path: Path) -> Iterator[House]:
    made = house(tmp_path, UNIT, PLAN, LINE)
    a = {
        **A,
        "UNIT": [
            {"ID": "1", "NAME": "x", "SIZE": HOSTILE, "SHOWN": "1"},
            {"ID": "2", "NAME": "y", "SIZE": "å", "SHOWN": "1"},
        ],
    }
    b = {
        **B,
        "UNIT": [
            {"ID": "1", "NAME": "x", "SIZE": "2", "SHOWN": "1"},
            {"ID": "2", "NAME": "y", "SIZE": " ", "SHOWN": "0"},
        ],
    }
    made.night(a=a, b=b)
    yield made
    made.close()


def written(h: House) -> Path:
    path = h.folder / "lista.xlsx"
    export(h.newest, path, load_bases())
    return path


def taken(h: House, path: Path) -> Taken:
    day = dt.date(2026, 3, 1)
    return take(
        path,
        h.newest,
        h.catalogue,
        h.register(),
        by="Arbetsgrupp",
        forum="Styrgrupp",
        ruled_on=day,
        at="2026-03-02T00:00:00",
    )


def fill(sheet: Any, row: int, **values: Any) -> None:
    given = {
        "Motivering": "Enligt samråd",
        "Ansvarig roll": "Förvaltning",
        **{k.replace("_", " "): v for k, v in values.items()},
    }
    for title, value in given.items():
        sheet.cell(row, IN[title]).value = value


def edit(path: Path, change: Callable[[Any], None]) -> Path:
    book = openpyxl.load_workbook(path)
    change(book)
    book.save(path)
    return path


def test_what_is_written_is_text_protected_and_complete(h: House) -> None:
    book = openpyxl.load_workbook(written(h))
    assert book.sheetnames == ["Läs mig", "Grunder", "Unit", "Plan", "Line", META] or set(book.sheetnames) == {
        "Läs mig", "Grunder", "Unit", "Plan", "Line", META
    }  # fmt: skip
    assert book[META].sheet_state == "veryHidden"
    unit = book["Unit"]
    values = {(r[1].value, r[4].value): (r[5].value, r[6].value) for r in unit.iter_rows(min_row=2)}
    assert values == {
        ("x", "size"): (HOSTILE, "2"), ("y", "size"): ("å", "(inget värde)"), ("y", "shown"): ("ja", "nej")
    }  # fmt: skip
    assert not any(c.data_type == "f" for sheet in book for r in sheet.iter_rows() for c in r)
    assert unit.protection.sheet and unit.freeze_panes == "C2" and unit.auto_filter.ref
    assert unit.cell(2, 3).protection.locked and not unit.cell(2, IN["Beslut"]).protection.locked
    lists = [v.formula1 for v in unit.data_validations.dataValidation]
    assert '"Anta a,Anta b,Annat värde,Behåll lokalt,Avveckla,Skjut upp"' in lists
    assert unit.column_dimensions["T"].hidden


def test_touched_rows_become_recorded_decisions_and_untouched_ones_are_passed_by(h: House) -> None:
    path = written(h)

    def rule(book: Any) -> None:
        fill(book["Unit"], 2, Beslut="Behåll lokalt", Grund="patientdatalagen")
        fill(book["Plan"], 2, Beslut="Anta b")
        fill(book["Line"], 2, Beslut="Skjut upp", Gäller_till="2026-12-31")

    result = taken(h, edit(path, rule))
    assert (result.touched, len(result.decisions), result.faults) == (3, 3, ())
    register = h.register()
    assert sorted((d.ruling, d.adopt, d.basis) for d in register.decisions) == [
        ("adopt", "b", ()), ("defer", None, ()), ("keep_local", None, ("patientdatalagen",))
    ]  # fmt: skip
    assert all(register.recorded(d) for d in register.decisions)
    night = h.night()
    assert {r[0] for r in night.rows("decision", "state")} == {"holds"}
    assert night.rows("audit", "count(*)") == [(3,)]
    # The same workbook again: every row is ruled on already.
    again = taken(h, path)
    assert len(again.faults) == 3 and "är redan beslutad" in again.faults[0].message
    assert len(h.register().decisions) == 3


def test_nothing_touched_is_nothing_taken(h: House) -> None:
    assert taken(h, written(h)) == Taken(0)
    assert h.register().decisions == ()


ROWS: dict[str, tuple[dict[str, Any], str]] = {
    "ruling unknown": ({"Beslut": "Kanske"}, "Beslut: välj ett av: Anta a, Anta b"),
    "no reason": ({"Beslut": "Avveckla", "Motivering": None}, "Motivering: behövs; fyll i"),
    "no role": ({"Beslut": "Avveckla", "Ansvarig_roll": " "}, "Ansvarig roll: behövs; fyll i"),
    "no value": ({"Beslut": "Annat värde"}, "Värde: behövs till Annat värde"),
    "value too many": ({"Beslut": "Anta a", "Värde": "7"}, "Värde: behövs till Annat värde, och bara till det"),
    "basis unknown": ({"Beslut": "Anta a", "Grund": "en känsla"}, "Grund: är ingen grund"),
    "no date": ({"Beslut": "Skjut upp"}, "Gäller till: behövs till Skjut upp"),
    "date unreadable": ({"Beslut": "Skjut upp", "Gäller_till": "snart"}, "Gäller till: är inget datum"),
    "date past": ({"Beslut": "Skjut upp", "Gäller_till": "2020-01-01"}, "Gäller till: är före beslutets datum"),
    "formula": ({"Beslut": "Anta a", "Motivering": "=A1"}, "Motivering: en formel; skriv värdet självt"),
}


@pytest.mark.parametrize("name", ["all at once"])
def test_a_fault_is_written_beside_its_cell_and_nothing_is_taken(h: House, name: str) -> None:
    for fields, message in ROWS.values():
        path = written(h)

        def rule(book: Any, fields: dict[str, Any] = fields) -> None:
            fill(book["Unit"], 2, **fields)
            fill(book["Plan"], 2, Beslut="Anta b")

        result = taken(h, edit(path, rule))
        assert [f"{f.column}: {f.message}" for f in result.faults][0].startswith(message)
        assert result.copy is not None
        copy = openpyxl.load_workbook(result.copy)["Unit"]
        fault = result.faults[0]
        assert copy.cell(2, IN[fault.column]).comment.text == fault.message
        assert message.split(": ")[1] in copy.cell(2, IN["Kontroll"]).value
    assert h.register().decisions == ()
    assert not (h.folder / "decisions").exists() or not list((h.folder / "decisions").glob("*.yaml"))


def test_rows_pasted_changed_or_added_are_told(h: House) -> None:
    def pasted(book: Any) -> None:
        sheet = book["Unit"]
        for column in range(1, sheet.max_column + 1):
            sheet.cell(3, column).value = sheet.cell(2, column).value
        fill(sheet, 2, Beslut="Anta a")
        fill(sheet, 3, Beslut="Anta b")

    assert "samma rad som rad 2" in taken(h, edit(written(h), pasted)).faults[0].message

    def changed(book: Any) -> None:
        book["Unit"].cell(2, 6).value = "something else"
        fill(book["Unit"], 2, Beslut="Anta a")

    assert "de skyddade cellerna har ändrats" in taken(h, edit(written(h), changed)).faults[0].message

    def added(book: Any) -> None:
        fill(book["Unit"], 40, Beslut="Anta a")

    assert "rader kan inte läggas till" in taken(h, edit(written(h), added)).faults[0].message


def test_a_row_that_changed_meanwhile_is_flagged_with_what_is_said_now(h: House) -> None:
    path = written(h)

    def rule(book: Any) -> None:
        for row in (2, 3, 4):
            fill(book["Unit"], row, Beslut="Anta a")

    edit(path, rule)
    h.night(
        b={
            "UNIT": [
                {"ID": "1", "NAME": "x", "SIZE": "3", "SHOWN": "1"},
                {"ID": "2", "NAME": "y", "SIZE": "å", "SHOWN": "0"},
            ]
        }
    )
    messages = {f.message for f in taken(h, path).faults}
    assert f"har ändrats sedan exporten: a säger nu '{HOSTILE}', b '3'" in messages
    assert any("inte längre öppen" in m for m in messages)
    assert len(messages) == 2


def test_another_file_another_version_a_renamed_sheet_a_deleted_column_are_refused_in_one_line(h: House) -> None:
    def refused(change: Callable[[Any], None]) -> str:
        with pytest.raises(DecisionError) as found:
            taken(h, edit(written(h), change))
        assert "\n" not in str(found.value)
        return str(found.value)

    def other_version(book: Any) -> None:
        book[META].cell(1, 2).value = "0"

    assert "written by another version of the worklist (0, this is 2)" in refused(other_version)
    assert "the sheet 'Unit' is gone or has another name" in refused(lambda b: setattr(b["Unit"], "title", "Min"))
    assert "column 4 should be 'Skillnad' and is 'Egenskap'" in refused(lambda b: b["Unit"].delete_cols(4))
    assert "its hidden sheet is gone" in refused(lambda b: b.remove(b[META]))
    other = h.folder / "other.xlsx"
    other.write_text("not a workbook")
    with pytest.raises(DecisionError, match="not an Excel workbook"):
        taken(h, other)
    with pytest.raises(UsageError, match="--area: there is no 'x'"):
        export(h.newest, other, load_bases(), area="x")


@pytest.mark.integration
def test_a_real_spreadsheet_program_opens_edits_and_saves_it(h: House) -> None:
    office = shutil.which("soffice") or shutil.which("libreoffice")
    if office is None:
        pytest.skip("LibreOffice (soffice) is not installed")
    path = written(h)

    def rule(book: Any) -> None:
        fill(book["Unit"], 2, Beslut="Anta a", Gäller_till=dt.date(2027, 1, 1))

    edit(path, rule)
    out = h.folder / "saved"
    profile = f"-env:UserInstallation=file://{h.folder}/profile"
    command = [
        office,
        profile,
        "--headless",
        "--convert-to",
        "xlsx:Calc MS Excel 2007 XML",
        "--outdir",
        str(out),
        str(path),
    ]
    subprocess.run(command, check=True, capture_output=True, timeout=180)
    saved = out / path.name
    sheet = openpyxl.load_workbook(saved)["Unit"]
    assert sheet.protection.sheet and len(sheet.data_validations.dataValidation) >= 2
    result = taken(h, saved)
    assert result.faults == () and len(result.decisions) == 1
    assert result.decisions[0].expires == dt.date(2027, 1, 1)
