"""How things look in a terminal. Text from an extract is shown as text: never markup, never a control sequence."""

from __future__ import annotations

import contextlib
import csv
import dataclasses
import json
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from dashboards.text import plain
from flows.watcher import StepRun, Watcher

if TYPE_CHECKING:
    from rich.progress import Progress

_LINE = re.compile(r"\s*[\r\n]+\s*")

as_json = click.option("--json", "as_json", is_flag=True, help="The same for machines.")


def plain_line(text: object) -> str:
    """The text on one line, its control and direction-changing characters spelled out."""
    return plain(_LINE.sub(" ", str(text)).strip())


def text(value: object, at_most: int = 60, style: str = "") -> Text:
    """A value from an extract as a cell: None is a dash, a long text is cut."""
    if value is None or value == "":
        return Text("–", style="dim")
    shown = plain_line(value)
    return Text(shown if len(shown) <= at_most else shown[: at_most - 1] + "…", style=style)


def write_csv(file: Path, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Write a table that a spreadsheet program opens as it is: with a byte order mark, and no text of it a formula."""
    with file.open("w", encoding="utf-8-sig", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(columns)
        writer.writerows([_harmless(cell) for cell in row] for row in rows)


def _harmless(cell: object) -> object:
    if isinstance(cell, str) and cell[:1] in ("=", "+", "-", "@", "\t", "\r"):
        return f"'{cell}"
    return cell


def path(value: Path) -> str:
    """A path as short as it can be said from here."""
    with contextlib.suppress(ValueError):
        value = value.relative_to(Path.cwd())
    return plain_line(value)


def share(value: float | None, digits: int = 1) -> str:
    """A share between 0 and 1 in percent. It is rounded away from neither 0 nor 100: 99.99 % is not 100 %."""
    if value is None:
        return "not measurable"
    shown = f"{100 * value:.{digits}f} %"
    least = 10.0**-digits
    if value < 1 and shown == f"{100:.{digits}f} %":
        return f"{100 - least:.{digits}f} %"
    if value > 0 and shown == f"{0:.{digits}f} %":
        return f"{least:.{digits}f} %"
    return shown


def number(value: float | None) -> str:
    """A whole number with a thin grouping, or a dash."""
    return "–" if value is None else f"{value:,.0f}".replace(",", "\N{NO-BREAK SPACE}")


def moment(value: datetime | None) -> str:
    """A date, with its time of day where it has one."""
    if value is None:
        return "–"
    return f"{value:%Y-%m-%d}" if (value.hour, value.minute) == (0, 0) else f"{value:%Y-%m-%d %H:%M}"


def console() -> Console:
    """Standard output. Redirected, it is as wide as it needs to be, so that nothing is cut."""
    out = Console(highlight=False, markup=False, emoji=False, soft_wrap=True)
    if not out.is_terminal:
        out = Console(highlight=False, markup=False, emoji=False, soft_wrap=True, width=400, color_system=None)
    return out


def table(columns: Sequence[str], rows: Iterable[Sequence[object]], right: Sequence[str] = ()) -> Table:
    """A table whose cells are plain text, or Text that has been through ``text``."""
    made = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for column in columns:
        made.add_column(Text(column), justify="right" if column in right else "left", overflow="fold")
    for row in rows:
        made.add_row(*(cell if isinstance(cell, Text) else Text(str(cell)) for cell in row))
    return made


def dump(value: Any) -> None:
    """Write a value, records included, as JSON to standard output."""
    sys.stdout.write(json.dumps(_plain_data(value), ensure_ascii=False, indent=2) + "\n")


def _plain_data(value: Any) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: _plain_data(getattr(value, f.name)) for f in dataclasses.fields(value)}
    if isinstance(value, dict):
        return {str(k): _plain_data(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_plain_data(v) for v in value]
    if isinstance(value, datetime | date):
        return value.isoformat()
    return str(value) if isinstance(value, Path) else value


class _Bar(Watcher):
    """A run's progress as one bar on stderr."""

    def __init__(self, progress: Progress) -> None:
        self.progress = progress
        self.task = progress.add_task("", total=None)
        self.step = ""

    def planned(self, steps: int) -> None:
        self.progress.update(self.task, total=steps, completed=0)

    def started(self, step: str, as_of: datetime | None) -> None:
        self.step = f"night of {moment(as_of)}: {step}" if as_of else step
        self.progress.update(self.task, description=self.step)

    def detail(self, text: str) -> None:
        self.progress.update(self.task, description=f"{self.step} {plain_line(text)}")

    def ended(self, run: StepRun, as_of: datetime | None) -> None:
        self.progress.update(self.task, advance=1 if run.step != "land" else 0)


@contextlib.contextmanager
def progress() -> Iterator[Watcher]:
    """A watcher that draws on stderr where that is a terminal, and is silent elsewhere."""
    err = Console(stderr=True, highlight=False, markup=False)
    if not err.is_terminal:
        yield Watcher()
        return
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (
        SpinnerColumn(),
        BarColumn(bar_width=24),
        TimeElapsedColumn(),
        TextColumn("{task.description}", markup=False),
    )
    with Progress(*columns, console=err, transient=True) as drawn:
        yield _Bar(drawn)
