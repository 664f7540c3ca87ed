"""``likare land`` takes whatever a domain delivers; quarantined rows and ``likare catalogue columns`` tell."""

from __future__ import annotations

import csv
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from flows import cli, night
from flows.settings import Settings
from tests.support.project import A, B, deliver, make_project
from transforms.warehouse import Warehouse

pytestmark = pytest.mark.usefixtures("without_pages")


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    made = make_project(tmp_path)
    monkeypatch.chdir(tmp_path)
    return made


def ok(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    capsys.readouterr()
    assert cli.run(arguments) == 0
    out, err = capsys.readouterr()
    assert err == ""
    return str(out)


def test_an_archive_is_landed_at_the_time_of_its_name_and_its_faults_are_told(
    settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with zipfile.ZipFile(tmp_path / "2026-04-01.zip", "w") as archive:
        archive.writestr("UNIT.csv", "UNIT_ID,NAME\n1,fÃ¥r\n1.5E+8,x\n")
    out = ok(capsys, "land", "east", "2026-04-01.zip")
    assert "Landed east 2026-04-01: 1 rows in 1 files, 1 rows quarantined" in out
    assert "Found letters that were read in another encoding" in out
    assert "1 rows (UNIT.csv NAME from line 2)" in out
    assert "Found an id in scientific notation" in out


def test_a_manifests_time_is_the_deliverys(
    settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "latest"
    folder.mkdir()
    (folder / "UNIT.csv").write_text("UNIT_ID,NAME\n1,x\n", encoding="utf-8")
    (folder / "manifest.json").write_text(json.dumps({"time": "2026-04-02"}), encoding="utf-8")
    assert "Landed east 2026-04-02" in ok(capsys, "land", "east", "latest")


def test_a_single_file_that_the_catalogue_does_not_describe_is_landed(
    settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "other.txt").write_text("A\tB\n1\t2\n", encoding="utf-8")
    out = ok(capsys, "land", "east", "other.txt", "--at", "2026-04-03")
    assert "the catalogue does not describe them: OTHER" in out


def test_quarantined_rows_are_listed_with_what_they_say_and_without_personal_data(
    settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = deliver(settings, "west", "2026-03-02", B)
    (folder / "OTHER.csv").write_text("A,B\n1,x\n2,Kalium,anna@exempel.example\n=1+1,2,3\n", encoding="utf-8")
    night.run_nights(settings)
    out = ok(capsys, "export", "quarantine")
    assert "too many columns" in out and "2 of 2 rows" in out
    assert "2,Kalium,•" in out
    found: list[dict[str, Any]] = json.loads(ok(capsys, "export", "quarantine", "--json"))
    assert [(row["domain"], row["line"]) for row in found] == [("west", 3), ("west", 4)]
    assert "anna" not in out + json.dumps(found)
    assert "0 of 0 rows" in ok(capsys, "export", "quarantine", "--domain", "east")
    assert "2 of 2" in ok(capsys, "export", "quarantine", "--where", "table_name=OTHER", "--where", "domain=west")
    assert "0 of 0" in ok(capsys, "export", "quarantine", "--where", "table_name=UNIT")
    assert cli.run(["export", "quarantine", "--domain", "south"]) == 2
    capsys.readouterr()
    assert "2 rows in rows.csv" in ok(capsys, "export", "quarantine", "--out", "rows.csv", "--limit", "1")
    written = list(csv.DictReader((tmp_path / "rows.csv").read_text(encoding="utf-8-sig").splitlines()))
    assert [row["text"] for row in written] == ["2,Kalium,•", "'=1+1,2,3"]
    status = ok(capsys, "status")
    assert "2 quarantined" in status


def test_a_landing_tells_how_each_file_is_written_and_what_was_left(
    settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "2026-04-04").mkdir()
    (tmp_path / "2026-04-04" / "UNIT.csv").write_text("UNIT_ID;NAME\n1;01/02/2026\n2;x\n", encoding="cp1252")
    out = ok(capsys, "land", "east", "2026-04-04")
    for told in ("UNIT.csv", "semicolon", "quoted", "utf-8 lf"):
        assert told in out


def test_a_night_notices_that_the_archive_lost_a_row(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    folder = deliver(settings, "west", "2026-03-02", B)
    (folder / "OTHER.csv").write_text("A,B\n1,x\n2,x,y\n", encoding="utf-8")
    night.run_nights(settings)
    with Warehouse(settings.data).archive() as archive:
        archive.execute("DELETE FROM landed.quarantine")
    deliver(settings, "east", "2026-03-03", A)
    assert cli.run(["run", "--plain"]) == 14
    assert "OTHER.csv came in with 2 rows and holds 1 accepted, 0 quarantined" in capsys.readouterr().err


def test_the_columns_to_extract_are_printed(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    assert "ORDERS: ORDER_ID, NAME, DOSE, UNIT_ID" in ok(capsys, "catalogue", "columns")
    assert ok(capsys, "catalogue", "columns", "orders").startswith("SELECT\n    ORDER_ID,\n")
    found = json.loads(ok(capsys, "catalogue", "columns", "ORDERS", "--json"))
    assert found[0]["needed"] == ["ORDER_ID"]
    assert cli.run(["catalogue", "columns", "NOTHING"]) == 2
