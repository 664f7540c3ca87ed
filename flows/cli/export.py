"""``likare export``: any published view, narrowed, in the terminal or as a file."""

from __future__ import annotations

from pathlib import Path

import click

from flows.cli import options, show
from flows.cli.options import published
from transforms.ask import export as exports
from transforms.register.asked import records


@click.command()
@click.argument("view", required=False)
@options.filters("entity", "area", "pair", "domain")
@click.option("--night", help="Only this night: its number, or newest.")
@click.option("--where", multiple=True, metavar="COLUMN=VALUE", help="Only rows whose column says so; may be repeated.")
@options.limit(50)
@options.out
@options.as_json
def export(
    view: str | None, where: tuple[str, ...], limit: int, out: Path | None, as_json: bool, **filters: str | None
) -> None:
    """Show or write a published view; without VIEW, list them.

    docs/reference/published.md says what each column holds. A file and --json get all rows, whatever --limit says.
    """
    with published() as night:
        if view is None:
            found = exports.views(night.con)
            if as_json:
                show.dump(found)
            else:
                show.console().print(
                    show.table(("view", "holds"), [(v["view"], show.text(v["holds"], 100)) for v in found])
                )
            return
        night.refuse_unknown(**{name: filters[name] for name in ("entity", "area", "pair", "domain")})
        query, params = exports.query(night.con, view, filters, where)
        if out is not None:
            written = exports.write(night.con, query, params, out, view)
            click.echo(f"{show.number(written)} rows in {show.path(out)}")
            return
        rows = records(night.con, query if as_json else f"{query} LIMIT {limit}", params)
        [(total,)] = night.con.execute(f"SELECT count(*) FROM ({query})", params).fetchall()
    show.records(rows, "rows", limit=limit, total=total, as_json=as_json)


COMMANDS = (export,)
