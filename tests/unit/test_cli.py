"""``likare …`` over a small project: what it prints, what it gives to machines, and every error as one line."""

from __future__ import annotations

import contextlib
import csv
import errno
import fcntl
import json
import os
import shutil
import subprocess
import sys
from datetime import datetime
from importlib import import_module
from pathlib import Path
from typing import Any

import duckdb
import openpyxl
import pytest

from flows import cli, night, steps
from flows.cli import show
from flows.settings import Settings, load_settings
from flows.watcher import Watcher
from tests.support.project import HOSTILE, A, B, changed, deliver, make_project
from tests.support.shared import ROOT
from transforms.ask import export
from transforms.warehouse import Warehouse, open_published
from transforms.words.errors import QualityError, WarehouseError


class Likare:
    """The command line in a project's folder."""

    def __init__(self, settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
        self.settings, self.capsys = settings, capsys

    def __call__(self, *arguments: str) -> tuple[int, str, str]:
        self.capsys.readouterr()
        if arguments[:1] == ("run",):
            # Starting Prefect takes many seconds; tests/integration runs the same through it.
            arguments = ("run", "--plain", *arguments[1:])
        code = cli.run(arguments)
        out, err = self.capsys.readouterr()
        return code, out, err

    def ok(self, *arguments: str) -> str:
        code, out, err = self(*arguments)
        assert (code, err) == (0, ""), err
        return out

    def data(self, *arguments: str) -> Any:
        return json.loads(self.ok(*arguments, "--json"))

    def published(self) -> duckdb.DuckDBPyConnection:
        return open_published(self.settings.data)

    def refused(self, code: int, *arguments: str) -> str:
        """The one line of an error with this exit code."""
        found, out, err = self(*arguments)
        assert found == code, err
        assert out == ""
        assert err.startswith("likare: ")
        assert err.count("\n") == 1
        return err.removeprefix("likare: ").rstrip("\n")


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A project of which two nights are published. Tests do not change it."""
    settings = make_project(tmp_path_factory.mktemp("published"))
    night.run_nights(settings)
    deliver(settings, "west", "2026-03-02", changed(B, "ORDERS", "DOSE", "500"))
    night.run_nights(settings)
    return settings


@pytest.fixture
def likare(published: Settings, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Likare:
    monkeypatch.chdir(published.file.parent)
    return Likare(published, capsys)


@pytest.fixture
def fresh(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Likare:
    """A project with one delivery a domain, and nothing run."""
    settings = make_project(tmp_path)
    monkeypatch.chdir(tmp_path)
    return Likare(settings, capsys)


@pytest.fixture
def copied(published: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: Any) -> Likare:
    """The published project again, to be changed."""
    shutil.copytree(published.file.parent, tmp_path / "p", symlinks=True)
    monkeypatch.chdir(tmp_path / "p")
    return Likare(load_settings({}, tmp_path / "p"), capsys)


RULED = """
decisions:
  - {id: D1, covers: {rule: {entity: order, attribute: dose, label: Alvedon forte}}, ruling: adopt, adopt: east, SAID}
  - {id: D2, covers: {rule: {entity: order, attribute: dose, label: Kalium*}}, ruling: standard, value: "7", SAID}
  - {id: D3, covers: {rule: {entity: order, only_in: east}}, ruling: retire, SAID}
  - {id: D4, covers: {rule: {entity: unit, only_in: west}}, ruling: adopt, adopt: east, SAID}
  - {id: D5, covers: {rule: {entity: unit, only_in: east}}, ruling: adopt, adopt: east, SAID}
  - {id: D6, covers: {rule: {entity: line, attribute: text}}, ruling: adopt, adopt: west, SAID}
""".replace("SAID", "title: T, forum: Styrgrupp, date: 2026-03-02, reason: R, owner: O")


def test_who_is_off_the_target_is_told_of_what_was_ruled_and_recorded(copied: Likare) -> None:
    assert copied.data("moved", "--target")["total"] == 0
    folder = copied.settings.decisions
    folder.mkdir()
    (folder / "matter.yaml").write_text(RULED, encoding="utf-8")
    copied.ok("run")
    assert copied.data("moved", "--target")["total"] == 0  # nothing is recorded
    copied.ok("decisions", "record", "--all", "--by", "Sekreterare")
    copied.ok("run")
    found = copied.data("moved", "--target")
    assert found["baseline"]["kind"] == "target"
    told = {(m["label"][:13], m["attribute"], m["who"], m["kind"]): m for m in found["moves"]}
    assert set(told) == {
        ("Alvedon forte", "dose", "b", "changed"),
        (HOSTILE[:13], "dose", "apart", "changed"),
        ("Bara här", None, "a", "added"),  # to be retired
        ("gram", None, "b", "added"),  # the side that was adopted has none
        ("millilitre", None, "b", "removed"),
        ("Med vatten", "text", "a", "changed"),
    }
    values = {k[0]: (m["base_a"], m["base_b"], m["value_a"], m["value_b"]) for k, m in told.items() if k[1]}
    assert values["Alvedon forte"] == ("1000", "1000", "1000", "500")
    assert values[HOSTILE[:13]] == ("7", "7", "1", "500")
    assert values["Med vatten"] == ("Utan vatten", "Utan vatten", "Med vatten", "Utan vatten")
    assert {m["outcome"] for m in found["moves"]} == {"further"}
    assert "who moved off the target" in copied.ok("moved", "--target", "--area", "two")
    # What the domain has come to say as was ruled is off the target no more.
    deliver(copied.settings, "west", "2026-03-03", changed(B, "ORDERS", "DOSE", "1000"))
    copied.ok("run")
    assert [m["label"] for m in copied.data("moved", "--target", "--attribute", "dose")["moves"]] == [HOSTILE]


# --- looking ---------------------------------------------------------------------------------------------------------


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


def test_who_moved_is_counted_listed_and_filtered(likare: Likare, tmp_path: Path) -> None:
    found = likare.data("moved")
    assert found["baseline"] == {"kind": "night", "name": "2026-03-01 00:00", "night": 1}
    outcomes = {(m["label"], m["who"], m["outcome"], m["base_b"], m["value_b"]) for m in found["moves"]}
    assert {o for o in outcomes if "Alvedon" in o[0]} == {
        ("Alvedon", "b", "closer", "250", "500"),
        ("Alvedon forte", "b", "further", "1000", "500"),
    }
    assert [(t["b"], t["closer"], t["further"], t["still"]) for t in found["counts"]] == [(3, 1, 1, 1)]
    assert found == likare.data("moved", "--since", "2026-03-01", "--who", "b") == likare.data("moved", "--since", "1")
    shown = likare.ok("moved")
    assert "who moved since the night of 2026-03-01" in shown and "further" in shown
    assert likare.data("moved", "--who", "alike")["total"] == 0
    assert "Nothing moved" in likare.ok("moved", "--text", "%")
    assert "3 moves in" in likare.ok("moved", "--out", str(tmp_path / "moved.csv"))
    assert "no earlier night '2026-03-02'" in likare.refused(2, "moved", "--since", "2026-03-02")
    assert "there is no domain 'vendor'" in likare.refused(2, "moved", "--baseline", "vendor")
    assert "names only two" in likare.refused(2, "moved", "--baseline", "west")
    assert "give one of them" in likare.refused(2, "moved", "--target", "--since", "1")


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


def test_text_of_an_extract_is_shown_as_text(likare: Likare) -> None:
    for command in (["differences"], ["explain", "order:kalium"]):
        out = likare.ok(*command)
        assert "[bold]klorid[/bold]" in out, "markup of an extract is not ours"
        assert "\x1b" not in out
        assert "\u202e" not in out
        assert "[U+202E]" in out


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["differences", "--entity", "ordr"], "--entity: there is no 'ordr'; known here: "),
        (["differences", "--attribute", "dos"], "--attribute: no entity type has 'dos'; did you mean 'dose'?"),
        (["differences", "--entity", "unit", "--attribute", "x"], "no unit has 'x'; known here: parent, name"),
        (["differences", "--pair", "x"], "--pair: there is no 'x'; known here: east~west"),
        (["causes", "--planted"], "there is no such file; likare sample writes it beside the extracts it makes"),
        (["differences", "--area", "x"], "--area: there is no 'x'; known here: one, two"),
        (["differences", "--domain", "vgr"], "--domain: there is no 'vgr'; known here: east, west"),
        (["differences", "--kind", "x"], "'x' is not one of"),
        (["differences", "--out", "x.docx"], "'.docx' is no format; name a file that ends in .xlsx, .csv, .parquet"),
        (["differences", "--out", "nowhere/x.csv"], "there is no such folder"),
        (["causes", "--show", "no such thing"], "no cause is called 'no such thing'"),
        (["causes", "--pair", "x~y"], "--pair: there is no 'x~y'; known here: east~west"),
        (["differences", "--limit", "0"], "0 is not in the range"),
        (["explain", "nothing\nlike this"], "no item is called 'nothing like this'"),
        (["explain"], "Missing argument"),
        (["nonsense"], "No such command 'nonsense'"),
        (["land", "vgr", "."], "'vgr' is not a domain of"),
        (["land", "east", "nowhere"], "no such file or folder"),
        (["run", "--at", "yesterday"], "'yesterday' is not a time"),
        (["run", "--at", "2026-01-01"], "before 2026-03-01 00:00:00 not every domain had delivered"),
        (["run", "--at", "2026-03-01"], "history is not rewritten"),
    ],
)
def test_a_wrong_argument_is_one_line_and_exit_code_2(likare: Likare, arguments: list[str], says: str) -> None:
    code, _, err = likare(*arguments)
    assert err.startswith("likare: ")
    assert says in err
    assert err.count("\n") == 1
    assert code == (12 if "nowhere" in arguments else 2)


def test_the_catalogue_is_listed_and_checked(likare: Likare) -> None:
    assert "3 entity types in 2 areas, no fault found" in likare.ok("catalogue", "check")
    listed = likare.data("catalogue", "list")["entity_types"]
    assert {e["entity"] for e in listed} == {"unit", "order", "line"}
    assert "ORDERS" in likare.ok("catalogue")


HEAVY = (
    "prefect", "great_expectations", "plotly", "pandas", "numpy", "scipy", "pyarrow", "openpyxl", "xlsxwriter",
    "fastexcel", "rapidfuzz",
)  # fmt: skip


def test_the_command_line_imports_no_command_before_it_is_asked_for() -> None:
    code = (
        "import sys, flows.cli; "
        f"print(sorted({{*{HEAVY}, 'rich', 'pydantic', 'jinja2', 'yaml', 'transforms.catalogue'}} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_every_command_is_found_by_its_name() -> None:
    for name, command in cli.cli.commands.items():
        assert command.name == name
    held = [c.name for m in cli._MODULES for c in import_module(f"flows.cli.{m}").COMMANDS]
    assert sorted(held) == sorted(cli.cli.commands)
    assert "look" not in cli.cli.commands


def test_what_takes_long_says_what_it_is_at(likare: Likare, monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[str] = []

    class Noted(Watcher):
        def started(self, step: str, as_of: datetime | None) -> None:
            begun.append(step)

    monkeypatch.setattr(show, "progress", lambda: contextlib.nullcontext(Noted()))
    likare.ok("verify")
    likare.ok("review", "--status")
    likare.ok("dashboard")
    assert begun == ["verify", "open pairs", "dashboard"]


def test_looking_needs_no_heavy_library(likare: Likare) -> None:
    code = (
        "import sys; from flows import cli; "
        "codes = [cli.run(a) for a in (['status', '--help'], ['status'], ['differences'], ['explain', 'Alvedon'])]; "
        f"print(codes, sorted({{*{HEAVY}}} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.splitlines()[-1] == "[0, 0, 0, 0] []"


# --- running ---------------------------------------------------------------------------------------------------------


def test_run_lands_publishes_and_says_what_it_found_then_has_nothing_to_do(fresh: Likare) -> None:
    out = fresh.ok("run")
    assert "Landed east 2026-03-01: 8 rows in 3 files" in out
    assert "Published night 1, as of 2026-03-01, in" in out
    assert (fresh.settings.site / "index.html").is_file()
    before = fresh.settings.data.joinpath("published.duckdb").resolve()
    again = fresh.ok("run")
    assert "Nothing new: the night of 2026-03-01 stands." in again
    assert fresh.settings.data.joinpath("published.duckdb").resolve() == before


def test_one_night_per_time_of_delivery_each_on_the_newest_extract_before_it(fresh: Likare) -> None:
    deliver(fresh.settings, "east", "2026-03-03", A)
    deliver(fresh.settings, "west", "2026-03-02", changed(B, "ORDERS", "DOSE", "7"))
    found = fresh.data("run")
    assert [n["as_of"][:10] for n in found["outcome"]["nights"]] == ["2026-03-01", "2026-03-02", "2026-03-03"]
    stands_on = {s["domain"]: s["delivered_at"][:10] for s in found["summary"]["snapshots"]}
    assert stands_on == {"east": "2026-03-03", "west": "2026-03-02"}


def test_latest_skips_the_nights_between_and_a_late_delivery_makes_no_night(fresh: Likare) -> None:
    deliver(fresh.settings, "east", "2026-03-03", A)
    assert [n["as_of"][:10] for n in fresh.data("run", "--latest")["outcome"]["nights"]] == ["2026-03-03"]
    deliver(fresh.settings, "west", "2026-03-02", B)
    out = fresh.ok("run")
    assert "too late for a night of its own: 2026-03-02" in out
    assert "Nothing new" in out


def test_a_delivery_can_be_landed_from_anywhere_but_a_snapshot_is_never_changed(fresh: Likare, tmp_path: Path) -> None:
    fresh.ok("run")
    path = deliver(fresh.settings, "west", "2026-03-02", B)
    elsewhere = path.rename(tmp_path / "mail")
    assert "3 unchanged" in fresh.ok("land", "west", str(elsewhere), "--at", "2026-03-05T0130")
    assert "no effect" in fresh.ok("land", "west", str(elsewhere), "--at", "2026-03-05T0130")
    other = deliver(fresh.settings, "west", "2026-03-03", A).rename(tmp_path / "other")
    assert "a snapshot is never changed" in fresh.refused(2, "land", "west", str(other), "--at", "2026-03-05T0130")
    assert fresh.data("run")["outcome"]["nights"][0]["as_of"] == "2026-03-05T01:30:00"


def test_a_critical_check_stops_the_night_and_leaves_the_publication(copied: Likare) -> None:
    before = copied.ok("status").split("\n\nExtracts")[0]
    path = deliver(copied.settings, "west", "2026-03-04", B) / "ORDERS.csv"
    path.write_text(path.read_text(encoding="utf-8") + "99,cut off he\n", encoding="utf-8")
    line = copied.refused(QualityError.exit_code, "run")
    assert "the night of 2026-03-04 00:00 is not published: west: " in line
    page = copied.settings.data / "attempt" / "quality.html"
    assert str(page) in line
    assert page.is_file()
    attempt = json.loads(copied.settings.attempt.read_text(encoding="utf-8"))
    assert (attempt["outcome"], attempt["step"], attempt["exit_code"]) == ("stopped", "check", 13)
    status = copied.ok("status")
    assert status.split("\n\nExtracts")[0] == before
    assert "Last run: stopped" in status
    # It is not forgotten either: the extract is landed, and the next run tries the night again.
    copied.refused(QualityError.exit_code, "run")


def halved(settings: Settings, at: str) -> None:
    """A delivery that lost so many rows that it is suspicious."""
    orders = [{"ORDER_ID": str(i), "NAME": f"Vara {i}", "DOSE": "1", "UNIT_ID": "71"} for i in range(100)]
    kept = orders if at.endswith("01") else orders[:10]
    deliver(settings, "west", at, {**B, "ORDERS": kept})


def test_a_stopped_night_is_published_when_a_person_releases_it(fresh: Likare) -> None:
    fresh.refused(2, "release", "--by", "Kim", "--reason", "none")
    halved(fresh.settings, "2026-03-01")
    fresh.ok("run")
    halved(fresh.settings, "2026-03-03")
    line = fresh.refused(QualityError.exit_code, "run")
    assert "west: order.rows_collapse" in line
    assert "likare release" in line
    page = (fresh.settings.site / "index.html").read_text(encoding="utf-8")
    assert "stoppades av kvalitetskontrollen" in page
    assert "name who" not in fresh.refused(2, "release", "--by", " ", "--reason", "x")
    out = fresh.ok("release", "--by", "Kim Förvaltare", "--reason", "Byggt om med flit")
    assert "Released the night of 2026-03-03" in out
    assert "west: order.rows_collapse, 90 of 100 fail" in out
    assert "Published night 2, as of 2026-03-03" in fresh.ok("run")
    with fresh.published() as con:
        notes = con.execute("SELECT note FROM quality WHERE status = 'failed' AND severity = 'critical'").fetchall()
    assert [n[0].endswith("Released by Kim Förvaltare: Byggt om med flit") for n in notes] == [True]
    assert "stoppades av" not in (fresh.settings.site / "index.html").read_text(encoding="utf-8")
    fresh.refused(2, "release", "--by", "Kim", "--reason", "again")


def test_a_release_holds_for_the_counts_it_was_given_for(fresh: Likare) -> None:
    halved(fresh.settings, "2026-03-01")
    fresh.ok("run")
    halved(fresh.settings, "2026-03-03")
    fresh.refused(QualityError.exit_code, "run")
    fresh.ok("release", "--by", "Kim", "--reason", "med flit")
    releases = fresh.settings.data / "releases.jsonl"
    releases.write_text(releases.read_text(encoding="utf-8").replace('"failed": 90', '"failed": 89'), encoding="utf-8")
    fresh.refused(QualityError.exit_code, "run")
    releases.write_text("{}\n", encoding="utf-8")
    assert f"{releases}:1: not a release" in fresh.refused(2, "run")


def test_a_stopped_night_does_not_hold_up_a_later_one_that_holds(fresh: Likare) -> None:
    halved(fresh.settings, "2026-03-01")
    fresh.ok("run")
    halved(fresh.settings, "2026-03-03")
    fresh.refused(QualityError.exit_code, "run")
    deliver(fresh.settings, "west", "2026-03-04", B)
    (fresh.settings.incoming / "west" / "2026-03-04").rename(fresh.settings.incoming / "west" / "2026-03-05")
    path = fresh.settings.incoming / "west" / "2026-03-05"
    for file in (fresh.settings.incoming / "west" / "2026-03-01").iterdir():
        (path / file.name).write_bytes(file.read_bytes())
    out = fresh.ok("run")
    assert "Passed over: the night of 2026-03-03 00:00 is not published" in out
    assert "Published night 2, as of 2026-03-05" in out
    fresh.refused(2, "release", "--by", "Kim", "--reason", "too late")


def test_overlapping_runs_exclude_each_other(likare: Likare) -> None:
    attempt = likare.settings.attempt.read_bytes()
    with Warehouse(likare.settings.data).lock():
        assert "another night is running" in likare.refused(WarehouseError.exit_code, "run")
        assert likare.settings.attempt.read_bytes() == attempt, "the run that was refused is not the last one"
        likare.ok("status")
    with (likare.settings.data / "lock").open() as handle:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)


def test_a_dashboard_that_a_killed_run_left_behind_is_made_by_the_next(copied: Likare, monkeypatch: Any) -> None:
    def killed(settings: Settings) -> int:
        raise KeyboardInterrupt

    deliver(copied.settings, "west", "2026-03-04", B)
    with monkeypatch.context() as patch:
        patch.setattr(steps, "build_dashboard", killed)
        code, _, err = copied("run")
    assert (code, err.strip()) == (130, "likare: interrupted; nothing half was published")
    assert "(night 3)" in copied.ok("status")
    assert "Nothing new" in copied.ok("run")
    assert "2026" in (copied.settings.site / "index.html").read_text(encoding="utf-8")
    assert (copied.settings.data / "site.night").read_text(encoding="utf-8") == "3\n"


def test_the_sample_is_made_once_for_the_settings_domains(fresh: Likare, tmp_path: Path) -> None:
    out = tmp_path / "sample"
    told = fresh.ok("sample", "--scale", "5000", "--nights", "1", "--out", str(out))
    assert "Sample of east and west: 1 nights" in told
    assert {p.name for p in (out / "incoming").iterdir()} == {"east", "west"}
    assert "delivered in sample/incoming already" in fresh.ok("sample", "--out", str(out), "--if-empty")
    assert "there is something already" in fresh.refused(2, "sample", "--out", str(out))
    assert "'huge' is no scale; use demo" in fresh.refused(2, "sample", "--scale", "huge", "--out", "elsewhere")
    assert "delivered in data/incoming already" in fresh.ok("sample", "--if-empty")


# --- what is wrong ---------------------------------------------------------------------------------------------------


def test_nothing_published_is_said_plainly(fresh: Likare) -> None:
    for command in (["status"], ["differences"], ["explain", "x"], ["dashboard"]):
        assert "nothing is published here yet; run 'likare run' first" in fresh.refused(14, *command)


def test_a_database_that_another_process_has_open_is_one_line(copied: Likare) -> None:
    deliver(copied.settings, "west", "2026-03-04", B)
    code = (
        "import sys; from pathlib import Path; from transforms.warehouse import Warehouse\n"
        "with Warehouse(Path(sys.argv[1])).archive():\n    print(flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(copied.settings.data)],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as holder:
        assert holder.stdout is not None
        holder.stdout.readline()
        try:
            assert "open in another process" in copied.refused(14, "run")
        finally:
            holder.communicate()
    assert "Published night 3" in copied.ok("run")


def test_a_domain_without_deliveries_is_named(fresh: Likare) -> None:
    shutil.rmtree(fresh.settings.incoming / "west")
    assert "the domain west has delivered nothing" in fresh.refused(12, "run")
    shutil.rmtree(fresh.settings.incoming)
    assert "no such folder" in fresh.refused(12, "run")


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "the file is empty"),
        (b"\x00\x01\x02binary", "is not text"),
        (b"\x81\x8d\x8f\n\x90", "is not text"),
    ],
)
def test_a_bad_file_is_named_and_the_publication_stays(copied: Likare, content: bytes, says: str) -> None:
    path = deliver(copied.settings, "west", "2026-03-04", B) / "ORDERS.csv"
    path.write_bytes(content)
    line = copied.refused(12, "run")
    assert str(path) in line
    assert says in line
    assert "(night 2)" in copied.ok("status")


def test_a_catalogue_fault_names_file_line_and_field(copied: Likare) -> None:
    path = copied.settings.file.parent / "catalogue" / "order.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("weight: 2", "wieght: 2"), encoding="utf-8")
    assert "order.yaml:8: attributes.name.wieght: unknown key; did you mean 'weight'?" in copied.refused(11, "run")
    assert "(night 2)" in copied.ok("status")


def test_a_settings_fault_is_one_line(tmp_path: Path, fresh: Likare) -> None:
    (tmp_path / "likare.toml").write_text("[likare]\nx = 1\n", encoding="utf-8")
    assert "likare.toml:2: x: unknown key" in fresh.refused(10, "status")


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EACCES, errno.EROFS])
def test_a_full_disk_or_a_closed_folder_is_one_line(likare: Likare, monkeypatch: Any, code: int) -> None:
    def fails(*_: Any, **__: Any) -> None:
        raise OSError(code, os.strerror(code), "/somewhere")

    monkeypatch.setattr(night, "run_nights", fails)
    assert likare.refused(14, "run").startswith("/somewhere: ")


def test_a_fault_of_our_own_is_not_dressed_up_as_the_users(likare: Likare, monkeypatch: Any) -> None:
    def fails(*_: Any, **__: Any) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(night, "run_nights", fails)
    with pytest.raises(ZeroDivisionError):
        cli.run(["run", "--plain"])


def test_the_record_of_an_unforeseen_fault_holds_its_kind_and_no_text(copied: Likare, monkeypatch: Any) -> None:
    def fails(context: steps.Context) -> int:
        raise ValueError("19121212-1212 is in the text of the fault")

    monkeypatch.setitem(steps.NIGHT_STEPS, "match", fails)
    deliver(copied.settings, "west", "2026-03-04", B)
    with pytest.raises(ValueError, match="19121212"):
        night.run_nights(copied.settings)
    record = copied.settings.attempt.read_text(encoding="utf-8")
    assert "ValueError" in record
    assert "19121212" not in record
    assert "(night 2)" in copied.ok("status")


# --- how figures are written -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, "not measurable"),
        (0.0, "0.0 %"),
        (1.0, "100.0 %"),
        (0.99999, "99.9 %"),
        (0.00001, "0.1 %"),
        (0.7312, "73.1 %"),
    ],
)
def test_a_share_is_never_rounded_to_none_or_all(value: float | None, shown: str) -> None:
    assert show.share(value) == shown


def test_a_time_of_day_is_shown_where_there_is_one() -> None:
    assert show.moment(datetime(2026, 3, 1)) == "2026-03-01"
    assert show.moment(datetime(2026, 3, 1, 1, 30)) == "2026-03-01 01:30"


def test_a_bar_is_drawn_only_on_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    with show.progress() as watcher:
        watcher.planned(2)
        watcher.started("match", datetime(2026, 3, 1))
    assert capsys.readouterr() == ("", "")
