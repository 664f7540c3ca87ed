"""National lists: declared, taken in, kept as change, used by a night; the real ones with the counts of their files."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

import pytest

from flows.cli import run as likare
from tests.support.project import make_project
from tests.support.shared import shared
from transforms.land import national
from transforms.land.national import CodeList
from transforms.warehouse import Session, Sql, Warehouse, lit
from transforms.words.errors import CatalogueError, ExtractError, UsageError

NOW = datetime(2026, 1, 1)
LISTS = national.load_lists()


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Session]:
    with Warehouse(tmp_path / "data", threads=1).archive() as session:
        yield session


def _list(**fields: object) -> CodeList:
    return CodeList.model_validate({"list": "units", "title": "Units", "pattern": "[A-Z][0-9]{2}", **fields})


def _file(folder: Path, text: str, name: str = "units.csv") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("name", "path", "codes", "shown"),
    [
        # three, four and five characters: 2,056 + 9,643 + 23,966
        ("icd10se", "swedish/socialstyrelsen_2021", 35_665, ("A083A", None)),
        # 6,627 surgical and 4,505 medical (its 4,506 lines hold a header)
        ("kva", "swedish/socialstyrelsen_2021", 11_132, ("AAA00", "Explorativ kraniotomi")),
        ("takecare_terms", "swedish/TcTerminology_2024-12-06.json", 12_009, ("1", "B-SR, B-Ery sänkn reakt, avd/mott")),
        ("npl", "swedish/fass_medications.json", 9_064, ("20230522000088", "Abacavir 2care4")),
        ("befattning", "swedish/befattningskoder.csv", 210, ("101010", "Ledning, administration")),
    ],
)
def test_the_real_lists_are_taken_in_whole(
    archive: Session, name: str, path: str, codes: int, shown: tuple[str, str | None]
) -> None:
    added = national.add(archive, LISTS[name], shared(path), "1", now=NOW)
    assert (added.version.rows_accepted, added.rejected) == (codes, ())
    found = dict(archive.rows("SELECT code, text FROM reference.entry WHERE list = ?", [name]))
    assert len(found) == codes
    assert shown[0] in found
    assert shown[1] is None or found[shown[0]] == shown[1]


def test_details_of_a_medicine_are_kept_as_they_are_written(archive: Session) -> None:
    national.add(archive, LISTS["npl"], shared("swedish/fass_medications.json"), "1", now=NOW)
    found = archive.value("SELECT details FROM reference.entry WHERE code = '20230522000088'")
    assert '"strength":"300 mg"' in found
    assert '"atc":"J05AF06"' in found


def test_rows_that_are_no_codes_are_told_and_not_taken_in(archive: Session, tmp_path: Path) -> None:
    path = _file(
        tmp_path, "Code;Text\na01;one\n;none\nB2;short\nA.01;again\nC03;three;too;many;fields;in;this;row\nD04;four\n"
    )
    added = national.add(archive, _list(drop="."), path, "1", now=NOW)
    assert added.version.rows_accepted == 2
    assert {(reason, n) for reason, n, _, _ in added.rejected} == {
        ("no code", 2), ("the code is not of the list's form", 1), ("the code is given before", 1),
    }  # fmt: skip
    assert archive.rows("SELECT code, shown, text FROM reference.entry ORDER BY code") == [
        ("A01", "a01", "one"), ("D04", "D04", "four"),
    ]  # fmt: skip


def test_versions_are_kept_as_change_only(archive: Session, tmp_path: Path) -> None:
    declared = _list()
    first = _file(tmp_path, "Code;Text\nA01;one\nA02;two\nA03;three\n", "first.csv")
    second = _file(tmp_path, "Code;Text\nA01;one\nA02;second\nA04;four\n", "second.csv")
    national.add(archive, declared, first, "2025", valid_from=date(2025, 1, 1), now=NOW)
    added = national.add(archive, declared, second, "2026", valid_from=date(2026, 1, 1), now=NOW)
    assert (added.appeared, added.disappeared, added.rewritten) == (1, 1, 1)
    assert archive.rows(
        "SELECT code, text, from_version, to_version FROM reference.entry ORDER BY code, from_version"
    ) == [
        ("A01", "one", 1, None),
        ("A02", "two", 1, 2),
        ("A02", "second", 2, None),
        ("A03", "three", 1, 2),
        ("A04", "four", 2, None),
    ]


def test_the_same_again_has_no_effect_and_a_version_is_never_changed(archive: Session, tmp_path: Path) -> None:
    path = _file(tmp_path, "Code;Text\nA01;one\nA02;two\n")
    national.add(archive, _list(), path, "2025", valid_from=date(2025, 1, 1), now=NOW)
    assert not national.add(archive, _list(), path, "2025", now=NOW).is_new
    path.write_text("Code;Text\nA01;other\n", encoding="utf-8")
    with pytest.raises(UsageError, match="2025 was added .* with other content"):
        national.add(archive, _list(), path, "2025", now=NOW)
    with pytest.raises(UsageError, match="in the order in which they hold"):
        national.add(archive, _list(), path, "2024", valid_from=date(2024, 1, 1), now=NOW)
    assert archive.value("SELECT count(*) FROM reference.version") == 1
    assert archive.value("SELECT count(*) FROM reference.entry WHERE to_version IS NULL") == 2


def test_a_file_of_something_else_is_refused_whole(archive: Session, tmp_path: Path) -> None:
    path = _file(tmp_path, "Name;Text\nhello;one\nthere;two\n")
    with pytest.raises(ExtractError, match="none of 2 rows has a code of units's form"):
        national.add(archive, _list(), path, "1", now=NOW)
    with pytest.raises(ExtractError, match="has no column KOD"):
        national.add(archive, _list(columns={"code": "KOD"}), path, "1", now=NOW)
    (tmp_path / "empty").mkdir()
    _file(tmp_path / "empty", "A01;x\nA02;x\n", "other.csv")
    with pytest.raises(ExtractError, match="holds no file of units"):
        national.add(archive, _list(files=["units*.csv"]), tmp_path / "empty", "1", now=NOW)
    assert archive.value("SELECT count(*) FROM reference.version") == 0


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("list: own\ntitle: Own\npatern: x\n", r"own.yaml:3: patern: unknown key; did you mean 'pattern'\?"),
        ("list: own\ntitle: Own\npattern: '['\n", "own.yaml:3: pattern: is no pattern"),
        ("list: other\ntitle: Own\n", "is 'other' but the file is named own.yaml"),
        ("list: own\ntitle: Own\ncolumns: {text: 1}\n", "names no 'code'"),
    ],
)
def test_a_wrong_declaration_is_one_line_with_its_place(tmp_path: Path, text: str, message: str) -> None:
    _file(tmp_path, text, "own.yaml")
    with pytest.raises(CatalogueError, match=message):
        national.load_lists(tmp_path)


def test_a_night_knows_valid_expired_and_unknown_codes(tmp_path: Path) -> None:
    warehouse = Warehouse(tmp_path / "data", threads=1)
    declared = _list(columns={"code": 1, "text": 2, "valid_to": 3})
    old = _file(tmp_path, "Code;Text;Until\nA01;one;\nA02;two;\nA05;five;2025-12-31\n", "old.csv")
    new = _file(tmp_path, "Code;Text;Until\nA01;one;\nA05;five;2025-12-31\n", "new.csv")
    later = _file(tmp_path, "Code;Text;Until\nA09;nine;\n", "later.csv")
    with warehouse.archive() as archive:
        national.add(archive, declared, old, "2025", valid_from=date(2025, 1, 1), now=NOW)
        national.add(archive, declared, new, "2026", valid_from=date(2026, 1, 1), now=NOW)
        national.add(archive, declared, later, "2027", valid_from=date(2027, 1, 1), now=NOW)
    with warehouse.night() as night:
        national.carry(night, {"units": declared, "snomed_ct": LISTS["snomed_ct"]}, datetime(2026, 6, 1))
        asked = "SELECT unnest(['A01', ' a01', 'A02', 'A05', 'A09', 'Q']) AS value"
        assert sorted(night.rows(national.tested(declared, Sql(asked), present=True))) == [
            (" a01", "A01", "valid"), ("A01", "A01", "valid"), ("A02", "A02", "expired"), ("A05", "A05", "expired"),
            ("A09", "A09", "unknown"), ("Q", "Q", "malformed"),
        ]  # fmt: skip
        assert night.rows("SELECT list, state, version, codes, versions FROM measured.reference_list ORDER BY 1") == [
            ("snomed_ct", "absent", None, 0, 0), ("units", "in use", "2026", 1, 3),
        ]  # fmt: skip
        kept = "SELECT code, is_valid, first_version, last_version FROM measured.reference_code ORDER BY code"
        assert night.rows(kept) == [
            ("A01", True, "2025", "2026"), ("A02", False, "2025", "2025"), ("A05", False, "2025", "2026"),
        ]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "good", "bad"),
    [
        # Ids that SNOMED International prints in its guide to identifiers, and each with one digit changed.
        (
            "snomed_ct",
            ["404684003", "71388002", "138875005"],
            ["404684004", "71388012", "7138800", "900000000000207108"],
        ),
        (
            "hsa_id",
            ["SE2321000131-E000000000001", "se2321000131-abc"],
            ["SE232100013-E1", "SE2321000131", "E2321000131-Å1"],
        ),
        ("atc", ["N02BE01", "A", "C07AA", "N02"], ["N2BE01", "N02B1", "N02BE011"]),
        ("npu", ["NPU01459"], ["NPU1459", "NPU014590"]),
        ("icd10se", ["A08.3A", "a083", "Y411"], ["083", "A0", "A08.3AB"]),
    ],
)
def test_the_form_of_a_code_is_tested_where_its_list_is_not_here(
    tmp_path: Path, name: str, good: list[str], bad: list[str]
) -> None:
    with Warehouse(tmp_path / "data", threads=1).archive() as session:
        source = Sql(f"SELECT unnest({lit([*good, *bad])}) AS value")
        found = {r[0]: r[-1] for r in session.rows(national.tested(LISTS[name], source, present=False))}
    assert found == dict.fromkeys(good, "unverified") | dict.fromkeys(bad, "malformed")


def test_a_person_adds_and_lists_them(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    make_project(tmp_path)
    monkeypatch.chdir(tmp_path)
    path = _file(tmp_path, "Kod;Klartext;Beskrivning\n101010;Chef;\n101011;Chef, ekonomi;\nx;y;\n", "koder.csv")
    assert likare(["reference", "add", "befattning", str(path), "--version", "2026", "--from", "2026-01-01"]) == 0
    out = capsys.readouterr().out
    assert "Added befattning 2026: 2 codes, holds from 2026-01-01" in out
    assert "1 row not taken in: the code is not of the list's form (first koder.csv row 3)" in out
    assert likare(["reference", "list"]) == 0
    out = capsys.readouterr().out
    assert "only the form of a code is tested" in out
    assert likare(["reference", "add", "icd", str(path), "--version", "1"]) == 2
    assert "no list is called 'icd'" in capsys.readouterr().err
    assert likare(["run", "--plain"]) == 0
    from transforms.warehouse import open_published

    con = open_published(tmp_path / "data")
    assert con.execute("SELECT code, text, is_valid FROM reference_befattning ORDER BY code").fetchall() == [
        ("101010", "Chef", True), ("101011", "Chef, ekonomi", True),
    ]  # fmt: skip
    con.close()
