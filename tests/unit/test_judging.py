"""``likare evaluate`` on the published crosswalk, and the sample that readers fill in for it."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from flows import cli
from flows.settings import Settings
from tests.support.builds import House
from tests.support.project import A, B, make_project
from transforms.catalogue import load_catalogue


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    settings = make_project(tmp_path_factory.mktemp("judging"))
    made = House(settings.file.parent, load_catalogue(settings.catalogue), settings.domain_names)
    made.night(east=A, west=B)
    made.close()
    return settings


@pytest.fixture(autouse=True)
def _inside(made: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(made.file.parent)


def evaluated(capsys: pytest.CaptureFixture[str], gold: Path, *options: str) -> dict[str, Any]:
    assert cli.run(["evaluate", "--gold", str(gold), *options, "--json"]) == 0
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def test_the_crosswalk_is_held_against_known_pairs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    # The night matches orders 11=81, 12=82, 14=84 and units 1=71; the truth here has 12=84 and 13=82 in their place.
    gold = tmp_path / "truth.csv"
    gold.write_text(
        "entity,local_id_east,local_id_west,identifiable\n"
        "order,11,81,true\norder,12,84,true\norder,13,82,false\nunit,1,71,true\norder,99,81,true\n"
    )
    report = evaluated(capsys, gold)
    assert report["accepted"]["precision"] == {"hits": 2, "total": 4}
    assert report["accepted"]["recall"] == {"hits": 2, "total": 4}
    assert report["absent"] == 1  # there is no order 99
    assert report["silent"] == {"line": 2}
    assert report["keyed"] == {"hits": 2, "total": 3}
    by_entity = {q["name"]: (q["pairs"], q["right"], q["recall"]["total"]) for q in report["by_entity"]}
    assert by_entity == {"order": (3, 1, 3), "unit": (1, 1, 1)}
    assert {q["name"]: q["precision"] for q in report["by_rule"]} == {"declared_key": {"hits": 2, "total": 4}}
    assert {(f["kind"], f["local_id_a"], f["local_id_b"]) for f in report["faults"]} == {
        ("wrong", "12", "82"), ("wrong", "14", "84"), ("missed", "12", "84"), ("missed", "13", "82"),
    }  # fmt: skip
    assert cli.run(["evaluate", "--gold", str(gold), "--faults", "5"]) == 0
    told = capsys.readouterr().out
    assert "0.500 [.150–.850]" in told and "Right, and not matched: 2" in told and "13 Bara här" in told


def test_known_pairs_may_be_named_by_what_identifies_them(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    gold = tmp_path / "gold.csv"
    with gold.open("w", newline="", encoding="utf-8") as handle:
        rows = csv.writer(handle)
        rows.writerow(["domain_a", "keys_a", "domain_b", "keys_b"])
        rows.writerow(["east", '{"name": "Alvedon"}', "west", '{"name": "Alvedon"}'])
        # The other way round is the same pair; one of another domain is none of ours.
        rows.writerow(["west", '{"name": "Alvedon forte"}', "east", '{"name": "Alvedon forte"}'])
        rows.writerow(["north", '{"name": "Alvedon"}', "west", '{"name": "Alvedon"}'])
    report = evaluated(capsys, gold, "--entity", "order")
    assert report["accepted"]["recall"] == {"hits": 2, "total": 2}
    assert report["accepted"]["precision"] == {"hits": 2, "total": 3}


@pytest.mark.parametrize("ending", [".xlsx", ".csv"])
def test_a_filled_in_sample_is_what_evaluate_reads(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], ending: str
) -> None:
    out = tmp_path / f"sample{ending}"
    assert cli.run(["evaluate", "--sample", str(out), "--size", "5"]) == 0
    capsys.readouterr()
    # Both say yes to all; of two orders one says no, and one of those two was settled as no.
    filled = _fill(out)
    report = evaluated(capsys, out)
    assert report["file"] == {
        "name": out.name, "judged": True, "blank": 1, "disagreed": 1, "read_twice": 4, "read_alike": 2, "kappa": 0.0,
    }  # fmt: skip
    assert report["complete"] is False
    judged = [stands for stands, said in filled if said is not None]
    p = sum(stands for stands, said in filled if said) / sum(judged)
    found = report["accepted"]["precision"]
    assert found["hits"] / found["total"] == pytest.approx(p)
    assert report["accepted"]["pairs"] == 3 and report["accepted"]["right"] == 2
    assert cli.run(["evaluate", "--gold", str(out)]) == 0
    assert "The readers agree on 2 of 4 (kappa 0.00)" in capsys.readouterr().out


_ANSWERS = [("1", "1", ""), ("ja", "1", ""), ("1", "0", "0"), ("1", "nej", ""), ("", "", "")]


def _fill(path: Path) -> list[tuple[float, bool | None]]:
    """Fill in five rows. Gives what each stands for, and what it comes to."""
    if path.suffix == ".xlsx":
        book = openpyxl.load_workbook(path)
        sheet = book.worksheets[0]
        at = {str(c.value): i for i, c in enumerate(next(sheet.iter_rows()), 1)}
        for row, said in enumerate(_ANSWERS, 2):
            for name, value in zip(("reader_1", "reader_2", "agreed"), said, strict=True):
                sheet.cell(row, at[name]).value = value or None
        stands = [float(str(sheet.cell(row, at["stands_for"]).value)) for row in range(2, 7)]
        book.save(path)
    else:
        with path.open(encoding="utf-8-sig", newline="") as handle:
            lines = list(csv.DictReader(handle, delimiter=";"))
        assert lines[0]["says_a"] and lines[0]["keys_a"]
        for line, said in zip(lines, _ANSWERS, strict=True):
            line.update(zip(("reader_1", "reader_2", "agreed"), said, strict=True))
        with path.open("w", encoding="utf-8-sig", newline="") as handle:
            writer = csv.DictWriter(handle, [*lines[0]], delimiter=";")
            writer.writeheader()
            writer.writerows(lines)
        stands = [float(line["stands_for"]) for line in lines]
    return list(zip(stands, [True, True, False, None, None], strict=True))


@pytest.mark.parametrize(
    ("text", "options", "says"),
    [
        ("entity,x,y\norder,1,2\n", [], "It needs the columns id_a and id_b"),
        ("id_a,id_b\n11,81\n", [], "row 1: has no entity"),
        ("entity,id_a,id_b,agreed\norder,11,81,kanske\n", [], "row 1: agreed is 'kanske'"),
        ("entity,id_a,id_b,agreed\norder,11,81,\n", [], "holds no known pair"),
        ("entity,id_a,id_b\norder,11,81\n", ["--pair", "a~b"], "--pair: name one of east~west"),
        ("entity,keys_a,keys_b\norder,x,y\n", [], "row 1: keys are written by name"),
    ],
)
def test_what_a_user_can_mend_is_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, options: list[str], says: str
) -> None:
    gold = tmp_path / "gold.csv"
    gold.write_text(text)
    assert cli.run(["evaluate", "--gold", str(gold), *options]) == 2
    told = capsys.readouterr().err
    assert says in told and told.count("\n") == 1
