"""``likare worklist …``: what a workgroup is to rule on, as a workbook, out and in again."""

from __future__ import annotations

import contextlib
from datetime import UTC, date, datetime
from pathlib import Path

import click

from flows.cli import show
from flows.settings import load_settings
from transforms.catalogue import load_catalogue
from transforms.register import load_bases, load_register
from transforms.warehouse import open_published
from transforms.words.errors import DecisionError, UsageError


@click.group(name="worklist")
def worklist() -> None:
    """A workbook of what is open, for a workgroup to rule in."""


@worklist.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--area", help="Only this area.")
@click.option("--entity", help="Only this entity type.")
@click.option("--pair", help="The pair of domains, where there are several.")
@show.as_json
def export(file: Path, area: str | None, entity: str | None, pair: str | None, as_json: bool) -> None:
    """Write what is open without a decision to FILE (.xlsx), one sheet per entity type."""
    from transforms.register.worklist import export as write

    if file.suffix.lower() != ".xlsx":
        raise UsageError(f"{file}: end the name with .xlsx")
    settings = load_settings()
    with contextlib.closing(open_published(settings.data)) as con:
        made = write(con, file, load_bases(settings.decisions), pair=pair, area=area, entity=entity)
    if as_json:
        show.dump(made)
        return
    click.echo(
        f"{show.number(made.rows)} rows on {made.sheets} sheets in {show.path(file)}, {show.number(made.proposed)} of "
        "them with a proposal"
    )


@worklist.command(name="import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--by", required=True, help="The role that hands it in.")
@click.option("--forum", default="Gemensam styrgrupp", show_default=True, help="Who ruled.")
@click.option("--date", "ruled_on", help="When, as 2026-11-03; by default today.")
@show.as_json
def import_(file: Path, by: str, forum: str, ruled_on: str | None, as_json: bool) -> None:
    """Take a worklist back: all its rulings or, where a row has a fault, none. Rows left empty are passed by."""
    from transforms.register.intake import take

    settings = load_settings()
    catalogue = load_catalogue(settings.catalogue)
    register = load_register(settings.decisions, catalogue, settings.domain_names)
    now = datetime.now(UTC)
    if not by.strip():
        raise UsageError("--by: a role is expected, such as 'Arbetsgrupp läkemedel'")
    try:
        day = date.fromisoformat(ruled_on) if ruled_on else now.date()
    except ValueError:
        raise UsageError(f"--date: '{ruled_on}' is no date; write it as 2026-11-03") from None
    with contextlib.closing(open_published(settings.data)) as con:
        taken = take(
            file,
            con,
            catalogue,
            register,
            by=by.strip(),
            forum=forum,
            ruled_on=day,
            at=now.isoformat(timespec="seconds"),
        )
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
