"""What is asked of a published night: status, differences, causes, explain, and views as files."""

from __future__ import annotations

import csv
from pathlib import Path

import duckdb
import openpyxl
import pytest

from tests.support.command import Likare
from tests.support.project import A, changed, deliver
from transforms.ask import export


def test_status_says_what_was_found_on_what_and_where_to_look(likare: Likare) -> None:
    out = likare.ok("status")
    assert "Öst and Väst as of 2026-03-02 (night 2)" in out
    assert "Öst: 2026-03-01 (1 day old), 3 files, 8 rows" in out
    assert "Väst: 2026-03-02, 3 files, 7 rows" in out
    assert "Last run: published" in out
    assert "index.html" in out
    found = likare.data("status")
    total = found["summary"]["pairs"][0]["convergence"]
    assert total["value"] == pytest.approx(total["numerator"] / total["denominator"])
    assert f"Convergence {100 * total['value']:.1f} %" in out
    assert Path(found["dashboard"]).is_file()


def test_a_view_is_shown_narrowed_and_written(likare: Likare, tmp_path: Path) -> None:
    listed = likare.data("export")
    assert {"difference", "measure", "moved", "item_ENTITY"} <= {v["view"] for v in listed}
    assert "One row per match: the same item on both sides." in likare.ok("export")
    found = likare.data("export", "moved", "--where", "baseline=night")
    outcomes = {(m["label"], m["who"], m["outcome"], m["base_b"], m["value_b"]) for m in found}
    assert {o for o in outcomes if "Alvedon" in o[0]} == {
        ("Alvedon", "b", "closer", "250", "500"),
        ("Alvedon forte", "b", "further", "1000", "500"),
    }
    assert likare.data("export", "moved", "--where", "who=b", "--area", "two", "--pair", "east~west") == found
    assert likare.data("export", "moved", "--where", "who=alike") == []
    # Without a night all are shown; a table shows so many, a file has them all.
    nights = {r["night_id"] for r in likare.data("export", "measure")}
    assert nights == {1, 2} and {r["night_id"] for r in likare.data("export", "measure", "--night", "newest")} == {2}
    assert likare.data("export", "measure", "--night", "1") == [
        r for r in likare.data("export", "measure") if r["night_id"] == 1
    ]
    assert f"1 of {len(found)} rows." in likare.ok("export", "moved", "--limit", "1")
    # An area is that of the entity type where the view names no other.
    assert {r["entity"] for r in likare.data("export", "attribute", "--area", "one")} == {"unit"}
    for name in ("moved.csv", "moved.xlsx", "moved.parquet"):
        assert f"{len(found)} rows in" in likare.ok("export", "moved", "--limit", "1", "--out", str(tmp_path / name))
    # Lists are written too.
    assert "rows in" in likare.ok("export", "landed_file", "--out", str(tmp_path / "files.csv"))


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["meassure"], "there is no view 'meassure'; did you mean 'measure'?; likare export lists them"),
        (["item_ENTITY"], "there is no view 'item_ENTITY'; did you mean 'item_unit'?"),
        (["pair", "--night", "1"], "--night: pair has no such column; its columns are pair_id, "),
        (["pair", "--area", "x"], "--area: there is no 'x'; known here: one, two"),
        (["moved", "--where", "whoo=a"], "--where: moved has no column 'whoo'; did you mean 'who'?"),
        (["moved", "--where", "who"], "--where: 'who' is not COLUMN=VALUE"),
        (["moved", "--out", "x.docx"], "'.docx' is no format"),
    ],
)
def test_a_view_that_cannot_be_shown_so_is_refused(likare: Likare, arguments: list[str], says: str) -> None:
    assert says in likare.refused(2, "export", *arguments)


def test_an_item_is_drawn_with_what_it_is_composed_of(likare: Likare) -> None:
    drawn = likare.ok("explain", "order:Alvedon", "--tree")
    assert "Svälj hel" in drawn and "- only in east" in drawn and "≠ text: Med vatten | Utan vatten" in drawn
    assert "Svälj hel" not in likare.ok("explain", "order:Alvedon", "--changed")
    assert likare.data("explain", "order:Alvedon", "--tree")["label"] == "Alvedon"


def test_differences_are_listed_and_filtered(likare: Likare) -> None:
    everything = likare.data("differences")
    assert everything["total"] == len(everything["differences"])
    weights = [d["weight"] for d in everything["differences"]]
    assert weights == sorted(weights, reverse=True)
    only_east = likare.data("differences", "--domain", "east")["differences"]
    assert {d["label"] for d in only_east} == {"Bara här", "millilitre"}
    assert {d["kind"] for d in only_east} == {"only_a"}
    doses = likare.data("differences", "--entity", "order", "--kind", "changed", "--text", "alvedon FORTE")
    assert [(d["value_a"], d["value_b"]) for d in doses["differences"]] == [("1000", "500")]
    assert likare.data("differences", "--area", "one")["total"] == 2
    assert likare.data("differences", "--pair", "east~west") == everything
    shown = likare.ok("differences")
    assert "only in east" in shown and " east " in shown.splitlines()[0] and " A " not in shown.splitlines()[0]
    assert len(likare.data("differences", "--limit", "1")["differences"]) == 1
    assert "No open difference" in likare.ok("differences", "--text", "%")


def test_explain_shows_both_sides_why_and_what_differs(likare: Likare) -> None:
    found = likare.data("explain", "order:alvedon")
    assert found["item"]["key_text"] == "Alvedon"
    assert (found["item"]["local_id_a"], found["item"]["local_id_b"]) == ("11", "81")
    sides = {p["attribute"]: (p["value_a"], p["value_b"], p["differs"]) for p in found["properties"]}
    # Night two brought the dose in line and left the component.
    assert sides["dose"] == ("500", "500", False)
    assert sides["unit"] == ("milligram", "milligram", False)
    assert [(c["label"], c["kind"]) for c in found["components"]] == [("Med vatten", "changed")]
    out = likare.ok("explain", "order:alvedon")
    assert "Matched: declared key, by name." in out
    assert "nobody has ruled on it" in out and "what it found" in out
    assert "east:11" in out
    assert "west:81" in out
    assert "Utan vatten" in out


@pytest.mark.parametrize("item", [["east:12"], ["west:82"], ["order:Alvedon forte"], ["Alvedon", "forte"]])
def test_explain_finds_an_item_by_id_and_by_name(likare: Likare, item: list[str]) -> None:
    assert likare.data("explain", *item)["item"]["label"] == "Alvedon forte"


def test_differences_are_narrowed_by_weight_age_and_cause(likare: Likare) -> None:
    everything = likare.data("differences")["differences"]
    heavy = likare.data("differences", "--weight", "3")["differences"]
    assert heavy == [d for d in everything if d["weight"] >= 3] and 0 < len(heavy) < len(everything)
    old, new = (
        likare.data("differences", *by)["differences"] for by in (["--open-nights", "2"], ["--newer-than", "1"])
    )
    assert old == [d for d in everything if d["nights_open"] == 2] and new and len(old) + len(new) == len(everything)
    assert likare.data("differences", "--reopened")["total"] == 0
    one = everything[0]
    assert one["cause_id"] == one["difference_id"] and one["steps"] == 0
    assert likare.data("differences", "--cause", one["cause_id"][:12])["differences"][0] == one


def test_differences_go_out_as_files(likare: Likare, tmp_path: Path) -> None:
    total = likare.data("differences")["total"]
    for name in ("d.csv", "d.xlsx", "d.parquet"):
        assert f"{total} differences in" in likare.ok("differences", "--out", str(tmp_path / name))
    sheet = openpyxl.load_workbook(tmp_path / "d.xlsx").active
    assert sheet is not None and sheet.max_row == total + 1
    lines = (tmp_path / "d.csv").read_text(encoding="utf-8-sig").splitlines()
    assert lines[0].startswith('"pair","area","entity_type","item"')
    assert not list(tmp_path.glob(".*"))


def test_a_value_that_looks_like_a_formula_stays_text(tmp_path: Path) -> None:
    risky = ["=1+1", "+1", "-1", "@x", "\t=1", " =1", "plain", None]
    with duckdb.connect() as con:
        con.execute("CREATE TABLE t AS SELECT unnest(?) AS v, 1.5 AS n", [risky])
        for name in ("t.csv", "t.xlsx"):
            export.write(con, "SELECT * FROM t", [], tmp_path / name)
    with (tmp_path / "t.csv").open(encoding="utf-8-sig", newline="") as handle:
        assert [row["v"] for row in csv.DictReader(handle)] == [f"'{v}" for v in risky[:6]] + ["plain", ""]  # type: ignore[str-bytes-safe]
    sheet = openpyxl.load_workbook(tmp_path / "t.xlsx").active
    assert sheet is not None
    cells = [row[0] for row in sheet.iter_rows(min_row=2)]
    assert [c.value for c in cells] == risky and {c.data_type for c in cells[:7]} == {"s"}


def test_explain_finds_an_item_by_the_identity_that_differences_prints(likare: Likare) -> None:
    wanted = likare.data("differences", "--entity", "order", "--kind", "only_a")["differences"][0]
    printed = wanted["identity"][:12]
    assert printed in likare.ok("differences")
    explained = likare.data("explain", printed)
    assert explained["item"]["rule"] is None
    out = likare.ok("explain", printed)
    assert "Only in east: nothing of west is recognised as the same." in out
    tried = [line.split()[0] for line in out.splitlines() if line.startswith(("reviewed", "declared", "probabilistic"))]
    assert tried[0] == "reviewed" and "declared" in tried and tried[-1] == "probabilistic"


def test_explain_lists_what_a_word_may_mean(likare: Likare) -> None:
    found = likare.data("explain", "alvedon f")
    assert found["item"]["label"] == "Alvedon forte"
    several = likare.data("explain", "milli")
    assert several["total"] == 2
    assert "2 of 2 items" in likare.ok("explain", "milli")


@pytest.mark.usefixtures("without_pages")
def test_causes_are_ranked_shown_and_planned(fresh: Likare) -> None:
    # East measures everything in a unit that west does not have.
    deliver(fresh.settings, "east", "2026-03-02", changed(A, "ORDERS", "UNIT_ID", "2"))
    fresh.ok("run", "--latest")
    likare = fresh
    found = likare.data("causes")
    assert [c["rank"] for c in found["causes"]] == list(range(1, found["total"] + 1)) != []
    first = found["causes"][0]
    shown = likare.data("causes", "--show", first["cause_id"][:10])
    assert shown["total"] == first["differences"] > 1
    assert shown["differences"][0]["difference_id"] == first["cause_id"]
    assert str(first["differences"]) in likare.ok("causes", "--show", first["label"])
    assert "nothing" not in likare.ok("causes")
    [plan] = likare.data("causes", "--reach", "1")
    assert plan["steps"][-1]["reached"] == pytest.approx(1) and plan["least"] <= plan["number"]
    assert "settlements lift convergence" in likare.ok("causes", "--reach", "1")
    assert "already" in likare.ok("causes", "--reach", "0.01")
