"""``likare …`` as a whole: its groups of commands, every error as one line, how text and figures are written."""

from __future__ import annotations

import contextlib
import errno
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime
from importlib import import_module
from pathlib import Path
from typing import Any

import click
import pytest

from flows import cli, night
from flows.cli import show
from flows.watcher import Watcher
from tests.support.command import Likare
from tests.support.shared import ROOT


def groups(command: click.Group, name: str = "likare") -> Iterator[tuple[str, click.Group]]:
    yield name, command
    for own, each in command.commands.items():
        if isinstance(each, click.Group):
            yield from groups(each, f"{name} {own}")


def test_the_commands_stand_in_groups_one_line_each(likare: Likare) -> None:
    grouped = [name for names in cli.SECTIONS.values() for name in names]
    assert sorted(grouped) == sorted(cli.cli.commands) and len(grouped) <= 24
    bare = likare.ok()
    assert bare == likare.ok("--help")
    for name, group in groups(cli.cli):
        shown = likare.ok(*name.split()[1:]).splitlines()
        for own, command in group.commands.items():
            sentence = command.get_short_help_str(limit=1000)
            assert sentence.endswith(".") and len(sentence) <= 66, (name, own, sentence)
            [line] = [x for x in shown if x.startswith(f"  {own} ")]
            assert line.endswith(sentence) and len(line) <= 80


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
        (["differences", "--area", "x"], "--area: there is no 'x'; known here: one, two"),
        (["differences", "--domain", "vgr"], "--domain: there is no 'vgr'; known here: east, west"),
        (["differences", "--kind", "x"], "'x' is not one of"),
        (["differences", "--out", "x.docx"], "'.docx' is no format; name a file that ends in .xlsx, .csv, .parquet"),
        (["differences", "--out", "nowhere/x.csv"], "there is no such folder"),
        (["causes", "--show", "no such thing"], "no cause is called 'no such thing'"),
        (["causes", "--pair", "x~y"], "--pair: there is no 'x~y'; known here: east~west"),
        (["differences", "--limit", "0"], "0 is not in the range"),
        (["decisions", "record", "--all", "--by", " "], "a role is expected, such as 'Sekreterare styrgruppen'"),
        (["worklist", "import", "x.xlsx", "--by", "A", "--date", "x"], "'x' does not match the format '%Y-%m-%d'"),
        (["review", "nonsense"], "No such command 'nonsense'"),
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
    assert likare.data("catalogue", "check")["entity_types"] == 3
    assert {e["entity"] for e in likare.data("export", "entity_type")} == {"unit", "order", "line"}


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
    modules = {module for section in cli.SECTIONS.values() for module in section.values()}
    held = [c.name for m in modules for c in import_module(f"flows.cli.{m}").COMMANDS]
    assert sorted(held) == sorted(cli.cli.commands)
    assert "look" not in cli.cli.commands


def test_what_takes_long_says_what_it_is_at(likare: Likare, monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[str] = []

    class Noted(Watcher):
        def started(self, step: str, as_of: datetime | None) -> None:
            begun.append(step)

    monkeypatch.setattr(show, "progress", lambda: contextlib.nullcontext(Noted()))
    likare.ok("history", "verify")
    likare.ok("review", "status")
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


def test_nothing_published_is_said_plainly(fresh: Likare) -> None:
    for command in (["status"], ["differences"], ["explain", "x"], ["dashboard"]):
        assert "nothing is published here yet; run 'likare run' first" in fresh.refused(14, *command)


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
