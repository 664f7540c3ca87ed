"""``likare target …``: the Swedish version so far, what a domain must change to reach it, and what changed in it."""

from __future__ import annotations

from pathlib import Path

import click

from flows.cli import options, show
from transforms.register import targets


@click.group(name="target")
def target() -> None:
    """The target: the Swedish version as far as it is settled."""


@target.command()
@click.argument("folder", type=options.FOLDER)
@click.option("--format", "kind", default="csv", show_default=True, type=click.Choice(("csv", "parquet", "xlsx")))
@click.option("--entity", multiple=True, help="Only these entity types.")
@click.option("--night", type=int, help="As it was in this night; by default the newest.")
def export(folder: Path, kind: str, entity: tuple[str, ...], night: int | None) -> None:
    """Write the target to FOLDER, a table per entity type."""
    from transforms.land import workbook

    with options.published() as opened:
        number = targets.night_of(opened.con, night)
        for name in entity:
            opened.refuse_unknown(entity=name)
        written = rows_written = 0
        for name in entity or opened.titles:
            headings, rows = targets.table(opened.con, name, number)
            if rows:
                workbook.write_table(folder / f"{name}.{kind}", headings, rows)
                written, rows_written = written + 1, rows_written + len(rows)
    click.echo(
        f"The target of night {number}: {show.number(rows_written)} items in {written} tables in {show.path(folder)}"
    )


@target.command()
@click.argument("domain")
@options.limit(50)
@options.out
@options.as_json
def changes(domain: str, limit: int, out: Path | None, as_json: bool) -> None:
    """List what DOMAIN must change to reach the target."""
    with options.published() as night:
        night.refuse_unknown(domain=domain)
        found = targets.changes(night.con, domain)
    columns = ("entity", "label", "attribute", "action", "now", "wanted", "decision_id", "step")
    show.records(found, "changes", columns=columns, limit=limit, out=out, as_json=as_json)


@target.command()
@click.argument("first", type=int)
@click.argument("then", type=int, required=False)
@options.limit(50)
@options.out
@options.as_json
def diff(first: int, then: int | None, limit: int, out: Path | None, as_json: bool) -> None:
    """List what changed in it from night FIRST to THEN or the newest."""
    with options.published() as night:
        found = targets.between(night.con, targets.night_of(night.con, first), targets.night_of(night.con, then))
    columns = ("entity", "label", "attribute", "before", "after", "provenance_after", "decision_id")
    show.records(found, "values that changed", columns=columns, limit=limit, out=out, as_json=as_json)


COMMANDS = (target,)
