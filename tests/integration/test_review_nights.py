"""A review through the nights: real candidates, scripted readers, an adjudicator, new ids, an item that changed."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from flows import cli, night
from flows.opened import read_reviewed
from flows.settings import Settings, load_settings
from tests.support import drugs
from tests.support.builds import Build, House, write_catalogue, write_delivery
from transforms.catalogue import load_catalogue

pytestmark = [pytest.mark.integration, pytest.mark.usefixtures("without_pages")]

DRUG = """
entity: drug
title: Drug
area: one
source: {table: DRUG, local_id: ID}
label: name
keys:
  - {on: code, rule: vendor_identifier}
  - name
fuzzy: {accept: 0.9999}
attributes:
  code: {column: CODE, weight: 0}
  name: {column: NAME, compare: text}
"""
# What only people can tell, with the words in which side b says it.
OPEN = {
    "ramipril kapsel 10 mg": "Ramipril kaps 10 mg",
    "enalapril kapsel 5 mg": "Enalapril kaps. 5 mg",
    "losartan tablett 50 mg": "Losartan tabl 50 mg",
}


def build(side: str, renamed: Mapping[str, str] | None = None, first: int = 1) -> Build:
    """One domain's drugs, numbered from ``first`` on."""
    names = drugs.names("tablett", "kapsel")
    codes = [f"C{k}" for k in range(len(names))] + [""] * len(OPEN)
    names = [n.replace("tablett", "tabl.") if side == "b" else n for n in names]
    names += [*OPEN.values()] if side == "b" else [*OPEN]
    names = [(renamed or {}).get(n, n) for n in names]
    return {
        "DRUG": [
            {"ID": str(first + i), "CODE": c, "NAME": n} for i, (c, n) in enumerate(zip(codes, names, strict=True))
        ]
    }


class Readers:
    """Answers typed at the terminal: what is asked is read off the screen."""

    def __init__(self, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
        self.capsys, self.monkeypatch = capsys, monkeypatch
        self.plan: Mapping[str, str] = {}
        self.asked: list[str] = []

    def readline(self) -> str:
        shown = self.capsys.readouterr().out
        name = next((n for n in self.plan if n in shown), None)
        if name is None:
            return "s\n" if " left · " in shown else ""
        self.asked.append(name)
        return f"{self.plan[name]}\n"

    def isatty(self) -> bool:
        return False

    def walk(self, reader: str, plan: Mapping[str, str], *options: str) -> list[str]:
        """One reader's review. Gives what was asked, in order."""
        self.plan, self.asked = plan, []
        self.capsys.readouterr()
        self.monkeypatch.setattr("sys.stdin", self)
        assert cli.run(["review", "ask", "--reader", reader, *options]) == 0
        return self.asked


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    write_catalogue(tmp_path / "catalogue", DRUG)
    head = '[likare]\ncatalogue = "catalogue"\nthreads = 1\nreaders = 2\n'
    (tmp_path / "likare.toml").write_text(head + '[[domain]]\nname = "a"\n[[domain]]\nname = "b"\n')
    monkeypatch.chdir(tmp_path)
    made = House(tmp_path, load_catalogue(tmp_path / "catalogue"))
    yield made
    made.close()


@dataclass(frozen=True)
class Seen:
    """What one night published, read at once: a command opens the same file."""

    proposed: set[tuple[str, str]]
    ruled: dict[str, tuple[Any, ...]]
    reviewed: set[tuple[str, str]]
    ids: set[str]


def one_night(house: House, **builds: Build) -> Seen:
    """The next night, by the rulings that are on file."""
    settings = load_settings({}, house.folder)
    house.reviewed = read_reviewed(settings, house.catalogue)
    found = house.night(**builds)
    seen = Seen(
        set(found.rows("candidate", "label_a, label_b", "verdict = 'review'")),
        {r[0]: r[1:] for r in found.rows("review", "label_a, ruling, state, effect, problem")},
        set(found.rows("crosswalk", "label_a, label_b", "rule = 'reviewed'")),
        {r[0] for r in found.rows("crosswalk", "local_id_a", "rule = 'reviewed'")},
    )
    house.close()
    return seen


def test_a_review_holds_through_the_nights(
    house: House, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    ramipril, enalapril, losartan = OPEN
    assert one_night(house, a=build("a"), b=build("b")).proposed == set(OPEN.items())
    readers = Readers(capsys, monkeypatch)

    # One reader alone decides nothing where two are wanted, but is not asked again.
    asked = readers.walk("AB", {ramipril: "y enligt listan", enalapril: "y", losartan: "n"})
    assert sorted(asked) == sorted(OPEN)
    second = one_night(house)
    assert {r[3] for r in second.ruled.values()} == {"waiting"} and second.reviewed == set()
    assert readers.walk("AB", {}) == []

    # The second agrees on two of three.
    assert sorted(readers.walk("CD", {ramipril: "y", enalapril: "n", losartan: "n"})) == sorted(OPEN)
    third = one_night(house)
    assert third.ruled == {
        ramipril: ("equal", "agreed", "match", None),
        enalapril: (None, "conflict", "none", "conflict"),
        losartan: ("reject", "agreed", "kept apart", None),
    }
    assert third.reviewed == {(ramipril, OPEN[ramipril])}
    assert losartan not in {a for a, _ in third.proposed}
    capsys.readouterr()
    assert cli.run(["review", "status"]) == 0
    assert "the readers disagree" in capsys.readouterr().out

    # The third person is asked about the conflict alone, and that is final.
    assert readers.walk("EF", {n: "y" for n in OPEN}, "--adjudicate") == [enalapril]
    fourth = one_night(house)
    assert fourth.ruled[enalapril] == ("equal", "adjudicated", "match", None)

    # Every id another, in other places: the rulings find their items by content.
    fifth = one_night(house, a=build("a", first=5001), b=build("b", first=9001))
    assert fifth.reviewed == {(ramipril, OPEN[ramipril]), (enalapril, OPEN[enalapril])}
    assert fifth.ids == {"5041", "5042"}
    assert fifth.ruled == fourth.ruled

    # An item that is no longer what was read: its ruling is told as stale, and the rest stands.
    sixth = one_night(house, a=build("a", {ramipril: "ramipril kapsel 2,5 mg"}, 5001))
    assert sixth.ruled[ramipril][3] in ("lost", "moved") and sixth.ruled[ramipril][2] == "none"
    assert sixth.reviewed == {(enalapril, OPEN[enalapril])}
    capsys.readouterr()
    assert cli.run(["review", "status", "--json"]) == 0
    status = json.loads(capsys.readouterr().out)
    assert [r["label_a"] for r in status["rulings"] if r["problem"]] == [ramipril]
    assert status["changed_since_the_night"] is False


# --- tables that nobody described ------------------------------------------------------------------------------------


def test_tables_that_nobody_described_are_reviewed_too(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    write_catalogue(tmp_path / "catalogue", DRUG)
    head = '[likare]\ncatalogue = "catalogue"\nthreads = 1\n'
    (tmp_path / "likare.toml").write_text(head + '[[domain]]\nname = "a"\n[[domain]]\nname = "b"\n')
    monkeypatch.chdir(tmp_path)
    settings: Settings = load_settings({}, tmp_path)
    for side, first in (("a", 100), ("b", 700)):
        rows = [{"WARD_ID": str(first + i), "WARD_NAME": f"Avdelning {40 + i} {w}", "BEDS": str(8 + i % 5)}
                for i, w in enumerate(drugs.SUBSTANCES)]  # fmt: skip
        last = "Infektionsmottagningen" if side == "a" else "Infektionsmottagning"
        rows.append({"WARD_ID": str(first + 50), "WARD_NAME": last, "BEDS": "4"})
        write_delivery(settings.incoming / side / "2026-03-01", {**build(side), "WARD": rows})
    night.run_nights(settings)
    assert cli.run(["review", "ask", "--reader", "AB", "--json"]) == 0
    asked = json.loads(capsys.readouterr().out)["pairs"]
    derived = [p for p in asked if p["label_a"] == "Infektionsmottagningen"]
    assert len(derived) == 1
    readers = Readers(capsys, monkeypatch)
    assert readers.walk("AB", {"Infektionsmottagningen": "y"}) == ["Infektionsmottagningen"]
    assert (settings.crosswalk / f"{derived[0]['entity']}.tsv").is_file()
    # The file is read before anything is landed, and the next night goes by it.
    assert len(night.run_nights(settings).nights) == 1
    capsys.readouterr()
    out = tmp_path / "out.csv"
    assert cli.run(["crosswalk", "export", str(out), "--entity", derived[0]["entity"]]) == 0
    line = next(x for x in out.read_text(encoding="utf-8").splitlines() if "Infektionsmottagningen" in x)
    assert ",reviewed," in line and "Infektionsmottagning," in line
    assert cli.run(["explain", "a:150"]) == 0
    assert "AB: equal" in capsys.readouterr().out
