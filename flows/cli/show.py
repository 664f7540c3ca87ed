"""How things look in a terminal. Text from an extract is shown as text: never markup, never a control sequence."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
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


def plain_line(text: object) -> str:
    """The text on one line, its control and direction-changing characters spelled out."""
    return plain(_LINE.sub(" ", str(text)).strip())


def text(value: object, at_most: int = 60, style: str = "") -> Text:
    """A value from an extract as a cell: None is a dash, a long text is cut."""
    if value is None or value == "":
        return Text("–", style="dim")
    shown = plain_line(value)
    return Text(shown if len(shown) <= at_most else shown[: at_most - 1] + "…", style=style)


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
    """Rows as a table. A text is cut at 40 signs (other lengths by ``text``), numbers stand to the right."""
    cells = [tuple(row) for row in rows]
    made = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for i, column in enumerate(columns):
        numeric = column in right or any(_is_number(row[i]) for row in cells)
        made.add_column(Text(column), justify="right" if numeric else "left", overflow="fold")
    for row in cells:
        made.add_row(*map(_cell, row))
    return made


def records(
    found: Sequence[Mapping[str, Any]],
    what: str,
    *,
    columns: Sequence[str] = (),
    limit: int,
    total: int | None = None,
    out: Path | None = None,
    as_json: bool = False,
) -> None:
    """Say records of the same columns as is asked for: all as JSON, all into a file, or the first as a table.

    ``columns`` are those of the table, by default all. ``total`` is how many there are where not all were read.
    """
    count = number(len(found) if total is None else total)
    if as_json:
        dump(found)
    elif out is not None:
        from transforms.land import workbook

        workbook.write_table(out, [*(found[0] if found else columns)], [tuple(r.values()) for r in found])
        click.echo(f"{count} {what} in {path(out)}")
    else:
        names = columns or tuple(found[0] if found else ())
        first = found[:limit]
        shown = [n.removesuffix("_id").replace("_", " ") for n in names]
        if first:
            console().print(table(shown, [[r[n] for n in names] for r in first]))
        click.echo(f"{len(first)} of {count} {what}.")


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _cell(value: object) -> Text:
    match value:
        case Text():
            return value
        case bool():
            return Text("yes" if value else "no")
        case int():
            return Text(number(value))
        case float():
            return Text(f"{value:.4g}")
        case datetime():
            return Text(moment(value))
        case "":
            return Text()
        case _:
            return text(value, 40)


def dump(value: Any) -> None:
    """Write a value, records included, as JSON to standard output."""
    sys.stdout.write(json.dumps(_plain_data(value), ensure_ascii=False, indent=2) + "\n")


def _plain_data(value: Any) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: _plain_data(getattr(value, f.name)) for f in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {str(k): _plain_data(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_plain_data(v) for v in value]
    if isinstance(value, datetime | date):
        return value.isoformat()
    return value if value is None or isinstance(value, str | int | float) else str(value)


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
