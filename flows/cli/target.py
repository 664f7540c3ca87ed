"""``likare target …``: the Swedish version so far, how close each domain is to it, and what it must change."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any

import click

from flows.cli import show
from flows.settings import load_settings
from transforms.land import workbook
from transforms.register import targets
from transforms.warehouse import open_published
from transforms.words.errors import UsageError


@click.group(name="target", invoke_without_command=True)
@click.pass_context
def target(context: click.Context) -> None:
    """The target: the Swedish version as far as it is agreed or ruled."""
    if context.invoked_subcommand is None:
        context.invoke(adherence)


@target.command()
@show.as_json
def adherence(as_json: bool = False) -> None:
    """Say how close each domain is to the target, and how much of it is settled."""
    with contextlib.closing(open_published(load_settings().data)) as con:
        found = targets.adherence(con, targets.night_of(con, None))
        off = len(targets.off_rule(con))
    if as_json:
        show.dump(found)
        return
    cells = [
        (r["pair_id"], r["domain"], r["subject"], show.share(r["value"]), show.share(r["settled"])) for r in found
    ]  # fmt: skip
    right = ("adherence", "settled")
    show.console().print(show.table(("pair", "domain", "of", *right), cells, right=right))
    if off:
        click.echo(f"{show.number(off)} agreed or ruled values are no valid national code: likare target off-rule")


@target.command(name="off-rule")
@click.option("--out", type=click.Path(path_type=Path), help="Write them to this file (.csv, .parquet or .xlsx).")
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1), help="Show at most so many.")
@show.as_json
def off_rule(out: Path | None, limit: int, as_json: bool) -> None:
    """List what is agreed or ruled and yet off a national rule: a code that its list has not, or no longer."""
    with contextlib.closing(open_published(load_settings().data)) as con:
        found = targets.off_rule(con)
    if as_json:
        show.dump(found)
    elif out:
        workbook.write_table(out, list(found[0]) if found else ["entity"], [tuple(r.values()) for r in found])
        click.echo(f"{show.number(len(found))} values in {show.path(out)}")
    else:
        _print(found[:limit], ("entity", "label", "attribute", "value", "provenance", "decision_id", "list", "state"))
        click.echo(f"{min(limit, len(found))} of {show.number(len(found))} values.")


@target.command()
@click.option("--out", required=True, type=click.Path(path_type=Path), help="The folder that the tables go to.")
@click.option("--format", "kind", default="csv", show_default=True, type=click.Choice(workbook.FORMATS))
@click.option("--entity", multiple=True, help="Only these entity types.")
@click.option("--night", type=int, help="As it was in this night; by default the newest.")
def export(out: Path, kind: str, entity: tuple[str, ...], night: int | None) -> None:
    """Write the target as one table per entity type."""
    with contextlib.closing(open_published(load_settings().data)) as con:
        number = targets.night_of(con, night)
        known = [r[0] for r in con.execute("SELECT entity FROM published.entity_type").fetchall()]
        for name in entity:
            if name not in known:
                raise UsageError(f"--entity: there is no '{name}'; known here: {', '.join(known)}")
        written = rows_written = 0
        for name in entity or known:
            headings, rows = targets.table(con, name, number)
            if rows:
                workbook.write_table(out / f"{name}.{kind}", headings, rows)
                written, rows_written = written + 1, rows_written + len(rows)
    click.echo(
        f"The target of night {number}: {show.number(rows_written)} items in {written} tables in {show.path(out)}"
    )


@target.command()
@click.argument("domain")
@click.option("--out", type=click.Path(path_type=Path), help="Write them to this file (.csv, .parquet or .xlsx).")
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1), help="Show at most so many.")
@show.as_json
def changes(domain: str, out: Path | None, limit: int, as_json: bool) -> None:
    """List what DOMAIN must change to reach the target."""
    settings = load_settings()
    if domain not in settings.domain_names:
        raise UsageError(f"there is no domain '{domain}'; known here: {', '.join(settings.domain_names)}")
    with contextlib.closing(open_published(settings.data)) as con:
        found = targets.changes(con, domain)
    if as_json:
        show.dump(found)
    elif out:
        headings = ["area", "entity type", "item", "attribute", "action", "now", "wanted", "decision", "title", "owner",
                    "step", "due", "regressed"]  # fmt: skip
        workbook.write_table(out, headings, [tuple(r.values()) for r in found])
        click.echo(f"{show.number(len(found))} changes in {show.path(out)}")
    elif not found:
        click.echo(f"{domain} has nothing to change: its extract says all that was ruled.")
    else:
        _print(found[:limit], ("entity", "label", "attribute", "action", "now", "wanted", "decision_id", "step"))
        click.echo(f"{min(limit, len(found))} of {show.number(len(found))} changes.")


@target.command()
@click.option(
    "--provenance", type=click.Choice(["agreed", "decision", "local", "open", "conflict"]), help="List these."
)
@click.option("--out", type=click.Path(path_type=Path), help="Write the values to this file (.csv, .parquet or .xlsx).")
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1), help="Show at most so many.")
@show.as_json
def together(provenance: str | None, out: Path | None, limit: int, as_json: bool) -> None:
    """Say what the targets of all pairs of domains come to together: agreed by all, ruled, open, or in conflict."""
    listed = bool(provenance or out)
    with contextlib.closing(open_published(load_settings().data)) as con:
        found = targets.together(con, provenance) if listed else targets.together_counts(con)
    if as_json:
        show.dump(found)
    elif out:
        workbook.write_table(out, list(found[0]) if found else ["entity"], [tuple(r.values()) for r in found])
        click.echo(f"{show.number(len(found))} values in {show.path(out)}")
    elif listed:
        _print(found[:limit], ("entity", "label", "domains", "attribute", "value", "provenance", "decisions"))
        click.echo(f"{min(limit, len(found))} of {show.number(len(found))} values.")
    else:
        columns = tuple(found[0]) if found else ("domains",)
        cells = [[show.number(v) for v in r.values()] for r in found]
        show.console().print(show.table(columns, cells, right=columns))


@target.command()
@click.argument("first", type=int)
@click.argument("then", type=int, required=False)
@click.option("--out", type=click.Path(path_type=Path), help="Write it to this file (.csv, .parquet or .xlsx).")
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1), help="Show at most so many.")
@show.as_json
def diff(first: int, then: int | None, out: Path | None, limit: int, as_json: bool) -> None:
    """Say what changed in the target from night FIRST to night THEN (by default the newest)."""
    with contextlib.closing(open_published(load_settings().data)) as con:
        found = targets.between(con, targets.night_of(con, first), targets.night_of(con, then))
    if as_json:
        show.dump(found)
    elif out:
        workbook.write_table(out, list(found[0]) if found else ["entity"], [tuple(r.values()) for r in found])
        click.echo(f"{show.number(len(found))} values changed; in {show.path(out)}")
    else:
        _print(found[:limit], ("entity", "label", "attribute", "before", "after", "provenance_after", "decision_id"))
        click.echo(f"{min(limit, len(found))} of {show.number(len(found))} values that changed.")


def _print(found: list[dict[str, Any]], columns: tuple[str, ...]) -> None:
    cells = [[show.text(r[c], 32) for c in columns] for r in found]
    show.console().print(show.table([c.replace("_id", "").replace("_", " ") for c in columns], cells))
