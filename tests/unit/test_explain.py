"""``likare explain``: every rule with what it found, what the evidence weighs, what would change the verdict."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from flows import cli
from tests.support import drugs
from tests.support.builds import Build, House, write_catalogue
from transforms.catalogue import load_catalogue
from transforms.warehouse import open_published

MAKER = """
entity: maker
title: Maker
area: one
source: {table: MAKER, local_id: ID}
keys: [name]
attributes:
  name: NAME
"""
DRUG = """
entity: drug
title: Drug
area: one
source: {table: DRUG, local_id: ID}
label: name
keys:
  - {on: code, rule: vendor_identifier}
  - [maker, name]
  - short
fuzzy: {accept: 0.9}
attributes:
  code: {column: CODE, weight: 0}
  name: {column: NAME, compare: text}
  short: {column: SHORT, weight: 0}
  maker: {column: MAKER_ID, references: maker}
  text: {column: TEXT, compare: long, title: {sv: Fritext, en: Free text}}
"""


def _drug(i: str, name: str, code: str = "", maker: str = "7001", short: str = "", text: str = "") -> dict[str, str]:
    return {"ID": i, "CODE": code, "NAME": name, "SHORT": short, "MAKER_ID": maker, "TEXT": text}


def _builds() -> tuple[Build, Build]:
    names = drugs.names("tablett", "kapsel")
    a = [_drug(str(k), n, f"C{k}", short=f"K{k}") for k, n in enumerate(names)]
    b = [_drug(f"9{k}", n.replace("tablett", "tabl."), f"C{k}", "7071", f"K{k}") for k, n in enumerate(names)]
    a[0]["TEXT"], b[0]["TEXT"] = "Dag 1\nFull dos\nDag 3", "Dag 1\nHalv dos\nDag 3"
    # The short name of one is that of another drug on the other side; one is shared by two.
    b[1]["SHORT"], b[2]["SHORT"] = "K2", "K1"
    a += [_drug("100", "ramipril kapsel 10 mg", "X1", "7002", "TWICE"), _drug("101", "zinkpasta", short="TWICE"),
          _drug("102", "enalapril kapsel 5 mg")]  # fmt: skip
    b += [_drug("200", "Ramipril kaps 10 mg", "X2", "7071"), _drug("201", "ögonsalva", "", "7071", "TWICE"),
          _drug("202", "Enalapril kaps. 10 mg", "", "7071")]  # fmt: skip
    makers_a = "ID | NAME\n7001 | Norr\n7002 | Bara här"
    return {"MAKER": makers_a, "DRUG": a}, {"MAKER": "ID | NAME\n7071 | Norr", "DRUG": b}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("explain")
    write_catalogue(folder / "catalogue", MAKER, DRUG)
    head = '[likare]\ncatalogue = "catalogue"\nthreads = 1\n'
    (folder / "likare.toml").write_text(head + '[[domain]]\nname = "a"\n[[domain]]\nname = "b"\n')
    made = House(folder, load_catalogue(folder / "catalogue"))
    a, b = _builds()
    made.night(a=a, b=b)
    made.close()
    yield folder


@pytest.fixture(autouse=True)
def _inside(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(project)


def traced(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    assert cli.run(["explain", *arguments, "--json"]) == 0
    found: dict[str, Any] = json.loads(capsys.readouterr().out)["trace"]
    return found


def outcomes(trace: dict[str, Any]) -> dict[str, tuple[str, list[str]]]:
    return {k["name"]: (k["outcome"], k["elements"]) for k in trace["keys"]}


def test_of_a_match_every_key_says_what_it_found(capsys: pytest.CaptureFixture[str]) -> None:
    found = traced(capsys, "a:25")
    assert outcomes(found) == {"code": ("matched", []), "maker+name": ("agrees", []), "short": ("agrees", [])}
    # Names that are spelt differently are in nobody's key; a short name that leads to another drug is told.
    found = traced(capsys, "a:1")
    assert outcomes(found) == {"code": ("matched", []), "maker+name": ("absent", []), "short": ("taken", [])}
    assert found["keys"][2]["others"][0]["local_id"] == "92"
    assert cli.run(["explain", "a:25"]) == 0
    told = capsys.readouterr().out
    assert "Matched: vendor identifier, by code. Agreement" in told
    assert "without code, maker + name would match them" in told
    assert "nobody has ruled on it" in told


def test_of_an_item_without_match_what_is_lacking(capsys: pytest.CaptureFixture[str]) -> None:
    assert outcomes(traced(capsys, "a:101")) == {
        "code": ("missing", ["code"]),
        "maker+name": ("absent", []),
        "short": ("shared", []),
    }
    assert cli.run(["explain", "a:101"]) == 0
    told = capsys.readouterr().out
    assert "Only in a: nothing of b is recognised as the same." in told
    assert "proves nothing: 2 items of a and 1 of b have it: TWICE" in told
    assert "no value for code" in told


def test_a_link_to_what_has_no_match_is_astray(capsys: pytest.CaptureFixture[str]) -> None:
    assert outcomes(traced(capsys, "a:100"))["maker+name"] == ("astray", ["maker"])


def test_a_weighed_pair_shows_its_weights_and_what_would_change_it(capsys: pytest.CaptureFixture[str]) -> None:
    found = traced(capsys, "a:100")
    one = found["nearest"][0]
    assert (one["local_id_b"], one["verdict"]) == ("200", "accepted")
    assert one["weights"]["label"] > 0 and one["log_odds"] == pytest.approx(sum(one["weights"].values()), abs=0.3)
    assert one["changes"] and one["changes"][0][0] == "label" and one["changes"][0][1] != "accepted"
    # Another strength forbids it, and but for that it would have been proposed at least.
    held = {n["local_id_b"]: n for n in traced(capsys, "a:102")["nearest"]}
    assert held["202"]["against"]
    assert cli.run(["explain", "a:102"]) == 0
    assert "they differ in" in capsys.readouterr().out


def test_both_labels_of_what_was_weighed_are_there(project: Path) -> None:
    with contextlib.closing(open_published(project / "data")) as con:
        for view in ("candidate", "nearest"):
            counts = con.execute(f"SELECT count(*), count(label_a), count(label_b) FROM {view}").fetchone()
            assert counts is not None and counts[0] == counts[1] == counts[2] > 0


def test_two_items_that_are_not_matched(capsys: pytest.CaptureFixture[str]) -> None:
    found = outcomes(traced(capsys, "a:25", "--with", "b:926"))
    assert found["code"] == ("differs", ["code"]) and found["maker+name"] == ("differs", ["name"])
    assert cli.run(["explain", "a:25", "--with", "b:926"]) == 0
    told = capsys.readouterr().out
    assert "They are not matched." in told and "differs in code" in told
    assert cli.run(["explain", "a:25", "--with", "a:26"]) == 0
    assert cli.run(["explain", "a:25", "--with", "nothing of this name"]) == 2


def test_long_texts_are_shown_as_what_differs(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["explain", "a:0"]) == 0
    told = capsys.readouterr().out
    assert "What differs in Free text" in told
    lines = [line.strip() for line in told.splitlines()]
    assert "- Full dos" in lines and "+ Halv dos" in lines
