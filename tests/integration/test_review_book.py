"""The review as a workbook: out, answered, back, also through a real spreadsheet program; and what may come back."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from flows import cli, night
from flows.cli import review
from flows.settings import Settings, load_settings
from tests.support.project import HOSTILE, A, B, deliver, make_project
from transforms.build import reviewed
from transforms.review.answers import ANSWERS
from transforms.review.review_book import GUIDE, META, SHEET
from transforms.review.reviewing import Proposal

pytestmark = pytest.mark.usefixtures("without_pages")

FORMULA = '=HYPERLINK("http://x","y")'
EAST = {**A, "ORDERS": [*A["ORDERS"], {"ORDER_ID": "15", "NAME": "Panodil tablett", "DOSE": "500", "UNIT_ID": "1"},
                        {"ORDER_ID": "16", "NAME": FORMULA, "DOSE": "400", "UNIT_ID": "1"}]}  # fmt: skip
WEST = {**B, "ORDERS": [*B["ORDERS"], {"ORDER_ID": "85", "NAME": "Panodil tabl.", "DOSE": "500", "UNIT_ID": "71"},
                        {"ORDER_ID": "86", "NAME": "Ipren dr.", "DOSE": "400", "UNIT_ID": "71"}]}  # fmt: skip
PAIRS = [("15", "85", 9), ("16", "86", 5), ("14", "84", 1)]
ANSWER, NOTE = 11, 12


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    settings = make_project(tmp_path_factory.mktemp("book") / "project")
    deliver(settings, "east", "2026-03-02", EAST)
    deliver(settings, "west", "2026-03-02", WEST)
    night.run_nights(settings, latest=True)
    return settings


@pytest.fixture
def project(made: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A project of the test's own, in which the same three pairs are open whatever proposes them."""
    folder = tmp_path / "project"
    shutil.copytree(made.file.parent, folder, symlinks=True)
    monkeypatch.chdir(folder)
    pairs = [
        Proposal("east~west", "order", "east", "west", a, b, "", "", 0.5, "alike", {}, hangs) for a, b, hangs in PAIRS
    ]
    monkeypatch.setattr(review, "_proposals", lambda *_: pairs)
    return load_settings({}, folder)


@pytest.fixture
def exported(project: Settings) -> Path:
    assert cli.run(["review", "export", "review.xlsx"]) == 0
    return project.file.parent / "review.xlsx"


def edited(path: Path, change: Callable[[Any], None]) -> Path:
    book = openpyxl.load_workbook(path)
    change(book)
    book.save(path)
    return path


def answered(book: Any) -> None:
    sheet = book[SHEET]
    sheet.cell(2, ANSWER).value = "lika | equal"
    sheet.cell(2, NOTE).value = "enligt mötet"
    sheet.cell(3, ANSWER).value = "A saknar motpart | A has no counterpart"


def take(path: Path, *more: str) -> int:
    return cli.run(["review", "import", str(path), "--reader", "AB", *more])


def on_file(settings: Settings) -> list[tuple[str, str, str, str]]:
    found = reviewed.load(settings.crosswalk, ["order"], settings.domain_names)
    return sorted((r.ruling, r.label_a, r.label_b, r.note) for r in found)


TAKEN = [("equal", "Panodil tablett", "Panodil tabl.", "enligt mötet"), ("no_counterpart", FORMULA, "", "")]


def test_what_goes_out_is_readable_protected_and_free_of_formulas(exported: Path) -> None:
    book = openpyxl.load_workbook(exported)
    sheet = book[SHEET]
    assert book.sheetnames == [SHEET, GUIDE, META]
    assert book[META].sheet_state == "veryHidden"
    assert sheet.protection.sheet and sheet.freeze_panes == "E2"
    assert [c.value for c in sheet[2]][:5] == [
        1, "Ordination | Order", "east: Panodil tablett", "west: Panodil tabl.",
        "name: Panodil tablett ≠ Panodil tabl.",
    ]  # fmt: skip
    assert not sheet.cell(2, ANSWER).protection.locked and sheet.cell(2, 3).protection.locked
    assert not [c.coordinate for s in book for row in s for c in row if c.data_type == "f"]
    assert sheet.cell(3, 3).value == f"east: {FORMULA}"
    assert HOSTILE not in str(sheet.cell(4, 3).value)
    (rule,) = sheet.data_validations.dataValidation
    assert rule.formula1 == f"'{GUIDE}'!$A$8:$A${7 + len(ANSWERS)}"
    assert [book[GUIDE].cell(8 + i, 1).value for i in range(len(ANSWERS))] == [a.listed for a in ANSWERS]


def test_answers_are_taken_and_untouched_rows_are_left(
    exported: Path, project: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    assert take(edited(exported, answered)) == 0
    assert "2 answers taken from review.xlsx; 1 rows without an answer" in capsys.readouterr().out
    assert on_file(project) == TAKEN
    # Once more is the same answer again, not a second one.
    assert take(exported) == 0
    assert on_file(project) == TAKEN


@pytest.mark.integration
def test_a_spreadsheet_program_may_open_and_save_it_between(exported: Path, project: Settings, tmp_path: Path) -> None:
    office = shutil.which("soffice") or shutil.which("libreoffice")
    if office is None:
        pytest.skip("LibreOffice is not installed; make office installs it")
    edited(exported, answered)

    def saved(path: Path, kind: str) -> Path:
        profile = f"-env:UserInstallation=file://{tmp_path / 'profile'}"
        command = [office, profile, "--headless", "--convert-to", kind, "--outdir", str(tmp_path / kind), str(path)]
        subprocess.run(command, check=True, capture_output=True, timeout=180)
        return tmp_path / kind / f"{path.stem}.{kind}"

    back = saved(saved(exported, "ods"), "xlsx")
    assert len(openpyxl.load_workbook(back)[SHEET].data_validations.dataValidation) == 1
    assert take(back) == 0
    assert on_file(project) == TAKEN


def cell(row: int, column: int, value: Any) -> Callable[[Any], None]:
    def change(book: Any) -> None:
        answered(book)
        book[SHEET].cell(row, column).value = value

    return change


def copied_row(book: Any) -> None:
    answered(book)
    for column in range(1, 14):
        book[SHEET].cell(5, column).value = book[SHEET].cell(2, column).value


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (cell(2, ANSWER, "kanske"), "nothing was taken: row 2: 'kanske' is not in the list of answers"),
        (cell(2, ANSWER, '=IF(1,"lika | equal")'), "row 2: a cell holds a formula"),
        (cell(4, NOTE, "men?"), "row 4: a note without an answer"),
        (cell(2, 3, "east: något annat"), "row 2: what went out has been written over"),
        (cell(2, 13, "r99"), "row 2: the row is none of those that went out"),
        (copied_row, "row 5: answered in row 2 already"),
        (lambda book: setattr(book[SHEET], "title", "Blad1"), "the sheet 'Granskning' is missing or renamed"),
        (lambda book: book.remove(book[META]), "the sheet 'likare' is missing or renamed"),
        (lambda book: book[SHEET].delete_cols(5), "the column 'Skillnader | Differences' is deleted, moved or renamed"),
        (lambda book: setattr(book[META].cell(2, 2), "value", "{"), "its hidden sheet has been changed"),
        (lambda book: setattr(book[META].cell(1, 1), "value", "likare review 0"), "written by another version"),
    ],
)
def test_what_does_not_hold_is_one_line_and_nothing_is_taken(
    exported: Path, project: Settings, capsys: pytest.CaptureFixture[str], change: Callable[[Any], None], says: str
) -> None:
    assert take(edited(exported, change)) == 15
    err = capsys.readouterr().err
    assert err.count("\n") == 1 and says in err, err
    assert not project.crosswalk.exists()


def test_a_file_that_is_no_workbook_is_refused(project: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    path = project.file.parent / "x.xlsx"
    path.write_text("no workbook", encoding="utf-8")
    assert take(path) == 15
    assert take(path.with_name("nowhere.xlsx")) == 15
    err = capsys.readouterr().err
    assert "not an Excel workbook" in err and "no such file" in err


def test_a_row_whose_item_has_changed_meanwhile_is_flagged_and_not_taken(
    exported: Path, project: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [{**r, "NAME": "Panodil dos"} if r["ORDER_ID"] == "85" else r for r in WEST["ORDERS"]]
    deliver(project, "west", "2026-03-03", {**WEST, "ORDERS": rows})
    night.run_nights(project)
    assert take(edited(exported, answered)) == 0
    out = capsys.readouterr().out
    assert "1 answers taken" in out and "1 rows not taken" in out and "Panodil tablett / Panodil tabl." in out
    assert [r[0] for r in on_file(project)] == ["no_counterpart"]
