"""The command for several domains together: how alike all are, and who stands alone against a majority."""

from __future__ import annotations

import contextlib
from pathlib import Path

import click
from rich.console import Console

from flows.cli import show
from flows.cli.differ import refuse_unknown
from flows.settings import load_settings
from transforms.ask import export, lookup, stand
from transforms.warehouse import open_published
from transforms.words.errors import UsageError

_EXPORTED = """
    SELECT a.title_en AS area, t.title_en AS entity_type, s.root_label AS item, s.label AS part, s.attribute,
           s."domain", s.has, s."value", s.same, s.of, s.state, s.majority_value, s.weight, s.expected_local, s.entity,
           s.thing_id, s.local_id
    FROM published.standing s LEFT JOIN published.entity_type t ON t.entity = s.entity
    LEFT JOIN published.area a ON a.area = s.area
    WHERE {} ORDER BY s.expected_local, s.weight DESC, s.entity, s.root_label, s.label, s.thing_id,
        s.attribute, s.says, s."domain"
"""


@click.command()
@click.option("--entity", help="Only this entity type.")
@click.option("--area", help="Only this area.")
@click.option("--attribute", help="Only this attribute.")
@click.option("--domain", help="Only where this domain stands alone against a majority.")
@click.option("--state", type=click.Choice(stand.STATES), help="Where one stands alone, or where there is no majority.")
@click.option("--text", help="Only where a label or value holds this text.")
@click.option(
    "--limit", default=25, show_default=True, type=click.IntRange(0), help="At most so many; 0: figures alone."
)
@click.option(
    "--out", type=click.Path(path_type=Path, dir_okay=False), help="All of them into a .xlsx, .csv or .parquet file."
)
@show.as_json
def standing(limit: int, out: Path | None, as_json: bool, **filters: str | None) -> None:
    """Say how alike three domains or more are together, and where one stands alone against the majority."""
    wanted = stand.Filters(**filters)
    settings = load_settings()
    console = show.console()
    with contextlib.closing(open_published(settings.data)) as con:
        names = [r[0] for r in con.execute('SELECT "domain" FROM published.domain ORDER BY ordinal').fetchall()]
        if len(names) < 3:
            raise UsageError(
                f"there is no majority of two ({' and '.join(names)}); a third domain in likare.toml makes one. "
                "likare differences lists where the two differ"
            )
        refuse_unknown(con, settings, entity=wanted.entity, area=wanted.area, domain=wanted.domain)
        if out is not None:
            where, params = stand.conditions(wanted)
            written = export.write(con, _EXPORTED.format(where), params, out, "standing")
            click.echo(f"{show.number(written)} rows in {show.path(out)}")
            return
        figures, alone = stand.together(con), stand.alone(con)
        found, total = stand.places(con, wanted, max(limit, 1))
        titles = lookup.entity_types(con)
    if as_json:
        show.dump({"together": figures, "alone": alone, "total": total, "places": found[:limit]})
        return
    _print_figures(console, figures, names)
    columns = ("domain", "says otherwise than the majority", "lacks what it has", "has what it lacks")
    rows = [(show.text(a.title, 40), show.number(a.values), show.number(a.lacks), show.number(a.has)) for a in alone]
    console.print(show.table(columns, rows, right=columns[1:]))
    if found and limit:
        _print_places(console, found, titles)
        console.print(f"{len(found)} of {show.number(total)}.")


def _share(value: float | None) -> str:
    return show.share(value) if value is not None else "not measurable"


def _print_figures(console: Console, figures: stand.Together, names: list[str]) -> None:
    console.print(
        f"All {len(names)} together: convergence {_share(figures.convergence)} (between {_share(figures.lower)} and "
        f"{_share(figures.upper)}), coverage {_share(figures.coverage)}, identical in all {_share(figures.strict)}",
        style="bold",
    )
    of = {(a, b): value for a, b, value in figures.pairs} | {(b, a): value for a, b, value in figures.pairs}
    rows = [(one, *(_share(of[one, other]) if one != other else "" for other in names)) for one in names]
    console.print(show.table(("convergence", *names), rows, right=tuple(names)))
    areas = [(show.text(title, 40), *map(_share, values)) for title, *values in figures.areas]
    columns = ("area", "convergence of all", "coverage", "identical in all")
    console.print(show.table(columns, areas, right=columns[1:]))


def _print_places(console: Console, found: list[stand.Place], titles: dict[str, str]) -> None:
    rows = []
    for p in found:
        said = [f"{show.plain_line(v if v is not None else '(nothing)')[:40]} ({', '.join(d)})" for v, d in p.said]
        owner = f"{p.root_label} › " if p.root_label and p.root_label != p.label else ""
        split = p.state == "split"
        rows.append(
            (
                f"{p.weight:g}",
                show.text(titles.get(p.entity, p.entity), 25),
                show.text(f"{owner}{p.label or ''}", 60),
                show.text(p.attribute or "the item", 25),
                show.text("no majority" if split else said[0], 70),
                show.text("; ".join(said if split else said[1:]), 90),
            )
        )
    columns = ("weight", "entity type", "item", "what", "most say", "others say")
    console.print(show.table(columns, rows, right=("weight",)))


COMMANDS = (standing,)
