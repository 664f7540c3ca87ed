"""``likare worklist …``: what a workgroup is to rule on, as a workbook, out and in again."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from flows.cli import options, show
from transforms.register import load_bases
from transforms.words.errors import DecisionError, UsageError


@click.group(name="worklist")
def worklist() -> None:
    """A workbook of what is open, for a workgroup to rule in."""


@worklist.command()
@click.argument("file", type=options.FILE)
@options.filters("entity", "area", "pair")
@options.as_json
def export(file: Path, area: str | None, entity: str | None, pair: str | None, as_json: bool) -> None:
    """Write what is open without a decision to FILE (.xlsx)."""
    from transforms.register.worklist import export as write

    if file.suffix.lower() != ".xlsx":
        raise UsageError(f"{file}: end the name with .xlsx")
    with options.published() as night:
        night.refuse_unknown(entity=entity, area=area, pair=pair)
        made = write(night.con, file, load_bases(night.settings.decisions), pair=pair, area=area, entity=entity)
    if as_json:
        show.dump(made)
        return
    click.echo(
        f"{show.number(made.rows)} rows on {made.sheets} sheets in {show.path(file)}, {show.number(made.proposed)} of "
        "them with a proposal"
    )


@worklist.command(name="import")
@click.argument("file", type=options.FILE)
@click.option("--by", required=True, type=options.Role(), help="The role that hands it in.")
@click.option("--forum", default="Gemensam styrgrupp", show_default=True, help="Who ruled.")
@click.option("--date", "ruled_on", type=options.DAY, help="When; by default today.")
@options.as_json
def import_(file: Path, by: str, forum: str, ruled_on: datetime | None, as_json: bool) -> None:
    """Take a worklist back: all its rulings or, with a fault, none.

    Rows left empty are passed by.
    """
    from transforms.register.intake import take

    now = datetime.now(UTC)
    day, at = (ruled_on or now).date(), now.isoformat(timespec="seconds")
    with options.published() as night:
        catalogue, register = night.register
        taken = take(file, night.con, catalogue, register, by=by, forum=forum, ruled_on=day, at=at)
    if as_json:
        show.dump(taken)
    if taken.faults:
        for f in taken.faults if not as_json else ():
            click.echo(show.plain_line(f"{f.sheet}, row {f.row}, {f.column}: {f.message}"), err=True)
        raise DecisionError(
            f"{file}: {_many(len(taken.faults), 'fault')} in {_many(taken.touched, 'row')}, so nothing was taken; see "
            f"{taken.copy}"
        )
    if as_json:
        return
    if not taken.decisions:
        click.echo("No row has a ruling; nothing to take.")
    else:
        click.echo(
            f"{_many(len(taken.decisions), 'decision')} recorded in {show.path(taken.file or file)}; "
            "likare run applies them"
        )


def _many(n: int, what: str) -> str:
    return f"{show.number(n)} {what}{'' if n == 1 else 's'}"


COMMANDS = (worklist,)
