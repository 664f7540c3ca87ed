"""``likare reference``: the national lists that codes are checked against."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from flows import archive
from flows.cli import options, show
from flows.settings import load_settings
from transforms.land.national import Added, Version


@click.group()
def reference() -> None:
    """National lists that codes are checked against."""


@reference.command(name="add")
@click.argument("name", metavar="LIST")
@click.argument("path", type=options.PATH)
@click.option("--version", "version", required=True, help="What its publisher calls this version, such as 2026.")
@click.option("--from", "valid_from", type=options.DAY, help="The first day it holds.")
@click.option("--to", "valid_to", type=options.DAY, help="The last day it holds.")
@options.as_json
def add_list(
    name: str, path: Path, version: str, valid_from: datetime | None, valid_to: datetime | None, as_json: bool
) -> None:
    """Take a version of LIST in from PATH: a file, folder or archive.

    Earlier versions stay; the next night uses the newest that holds by then. docs/reference-lists.md tells how lists
    are declared.
    """
    begins, ends = valid_from and valid_from.date(), valid_to and valid_to.date()
    added = archive.add_list(load_settings(), name, path, version, begins, ends)
    if as_json:
        show.dump(added)
    else:
        _print_added(added)


def _print_added(added: Added) -> None:
    v = added.version
    if not added.is_new:
        click.echo(f"{v.list} {show.plain_line(v.version)} is here already, with the same content; nothing was added.")
        return
    click.echo(f"Added {v.list} {show.plain_line(v.version)}: {show.number(v.rows_accepted)} codes{_holds(v)}")
    if added.appeared < v.rows_accepted or added.disappeared:
        click.echo(
            f"  against the version before: {show.number(added.appeared)} new, {show.number(added.disappeared)} gone, "
            f"{show.number(added.rewritten)} rewritten"
        )
    for reason, rows, file, row in added.rejected:
        many = "1 row" if rows == 1 else f"{show.number(rows)} rows"
        click.echo(f"  {many} not taken in: {reason} (first {show.plain_line(file)} row {row})")


def _holds(v: Version) -> str:
    since = f" from {v.valid_from}" if v.valid_from else ""
    until = f" to {v.valid_to}" if v.valid_to else ""
    return f", holds{since}{until}" if since or until else ""


@reference.command(name="list")
@options.as_json
def list_lists(as_json: bool) -> None:
    """List the lists, and what has been added of each."""
    found = archive.lists_of(load_settings())
    if as_json:
        show.dump(
            [
                {"list": d.list, "title": d.title.en, "publisher": d.publisher, "pattern": d.pattern, "versions": own}
                for d, own in found
            ]
        )
        return
    rows = [
        (d.list, show.text(d.title.en), own[-1].version if own else "only the form of a code is tested",
         own[-1].rows_accepted if own else "", _holds(own[-1]).removeprefix(", holds ") if own else "", len(own) or "")
        for d, own in found
    ]  # fmt: skip
    show.console().print(show.table(("list", "title", "newest version", "codes", "holds", "versions"), rows))


COMMANDS = (reference,)
