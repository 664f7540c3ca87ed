"""``likare catalogue``: whether it holds, what to extract for it, and a start for what it does not describe."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from flows.cli import options, show
from flows.settings import load_settings
from transforms.catalogue import load_catalogue
from transforms.words.errors import UsageError


@click.group()
def catalogue() -> None:
    """What a build consists of, and what to extract of it."""


@catalogue.command(name="check")
@click.argument("folder", required=False, type=options.FOLDER)
@options.as_json
def check_catalogue(folder: Path | None, as_json: bool) -> None:
    """Say whether the catalogue, or the one in FOLDER, holds."""
    found = load_catalogue(folder if folder is not None else load_settings().catalogue)
    if as_json:
        show.dump({"catalogue": found.name, "fingerprint": found.fingerprint, "entity_types": len(found.entities)})
    else:
        click.echo(
            f"{found.name}: {len(found.entities)} entity types in {len(found.areas)} areas, no fault found "
            f"(fingerprint {found.fingerprint})"
        )


@catalogue.command(name="columns")
@click.argument("table", required=False)
@options.as_json
def catalogue_columns(table: str | None, as_json: bool) -> None:
    """Print the columns to extract, of TABLE with a SELECT for Oracle."""
    from transforms.land.extract import oracle, tables_of

    found = tables_of(load_catalogue(load_settings().catalogue))
    if table is not None and table.upper() not in found:
        raise UsageError(f"the catalogue describes no table '{table}'; it describes {', '.join(found)}")
    wanted = [found[table.upper()]] if table is not None else list(found.values())
    if as_json:
        show.dump([{"table": t.name, "columns": t.columns, "needed": t.needed, "query": oracle(t)} for t in wanted])
        return
    for each in wanted:
        click.echo(oracle(each) if table is not None else f"{each.name}: {', '.join(each.columns)}")


@catalogue.command(name="draft")
@click.argument("table", required=False)
@click.option("--out", type=options.FILE, help="Write the draft to a file.")
@options.as_json
def draft_entity(table: str | None, out: Path | None, as_json: bool) -> None:
    """List tables that nothing describes, or begin a file for TABLE."""
    from flows.archive import undescribed
    from transforms.land.derive import draft, needed

    settings = load_settings()
    found = {d.table: d for d in undescribed(settings)}
    if table is None:
        if as_json:
            show.dump([{"table": d.table, **dict(d.fields)} for d in found.values()])
            return
        cells = [
            (d.table, ", ".join(d.entity.source.local_id), show.text(d.entity.keys[0].name, 50),
             len(d.entity.attributes), f"{min((e.confidence for e in d.evidence if e.role == 'key'), default=0):.2f}")
            for d in found.values()
        ]  # fmt: skip
        columns = ("table", "local id", "first key", "attributes", "least sure key")
        show.console().print(show.table(columns, cells, right=("least sure key",)))
        return
    if table.upper() not in found:
        described = table.upper() in load_catalogue(settings.catalogue).tables()
        reason = (
            "the catalogue describes it already" if described else "it was not delivered, or holds nothing to compare"
        )
        raise UsageError(f"{table}: {reason}; undescribed are {', '.join(found) or 'none'}")
    one = found[table.upper()]
    if as_json:
        show.dump({"table": one.table, **dict(one.fields), "evidence": [asdict(e) for e in one.evidence]})
        return
    text = draft(one, list(settings.domain_names))
    others = needed(one, load_catalogue(settings.catalogue).entities)
    of = {d.entity.entity: d.table for d in found.values()}
    more = f" It refers to what no file describes: {', '.join(of.get(o, o) for o in others)}." if others else ""
    if out is None:
        click.echo(text, nl=False)
        if more:
            click.echo(f"#{more}")
    elif out.exists():
        raise UsageError(f"{out}: is there already; name a new file")
    else:
        out.write_text(text, encoding="utf-8")
        click.echo(f"{out}: a draft for {one.table}; give it an area, then likare catalogue check.{more}")


COMMANDS = (catalogue,)
