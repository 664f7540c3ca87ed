"""The command that says who moved since a baseline: an earlier night, another domain, or the target."""

from __future__ import annotations

import contextlib
from pathlib import Path

import click
from rich.console import Console

from flows.cli import show
from flows.cli.differ import refuse_unknown
from flows.settings import load_settings
from transforms.ask import export, lookup, moves
from transforms.warehouse import open_published
from transforms.words.errors import UsageError

_EXPORTED = """
    SELECT m.baseline, m.baseline_name, m.pair_id AS pair, a.title_en AS area, t.title_en AS entity_type,
           coalesce(m.root_label, m.label) AS item, m.label AS part, m.kind, m.attribute,
           CASE m.who WHEN 'a' THEN p.domain_a WHEN 'b' THEN p.domain_b ELSE m.who END AS who, m.outcome,
           m.base_a, m.base_b, m.value_a, m.value_b, m.weight, m.expected_local, m.entity, m.identity, m.difference_id
    FROM published.moved m JOIN published.pair p USING (pair_id)
    LEFT JOIN published.entity_type t ON t.entity = m.entity LEFT JOIN published.area a ON a.area = m.area
    WHERE {} ORDER BY coalesce(m.expected_local, false), m.difference_id IS NULL, m.weight DESC, m.entity, m.root_label,
        m.label, m.attribute, m.identity
"""


@click.command()
@click.option("--since", metavar="NIGHT", help="Since this night: its number or its day. Default: the night before.")
@click.option("--baseline", metavar="DOMAIN", help="Away from what this domain says, as the vendor's content.")
@click.option("--target", is_flag=True, help="Away from the target, where it is ruled.")
@click.option("--who", type=click.Choice(moves.WHO), help="a or b alone, both alike, or both apart.")
@click.option("--outcome", type=click.Choice(moves.OUTCOMES), help="What came of it for the two.")
@click.option("--entity", help="Only this entity type.")
@click.option("--area", help="Only this area.")
@click.option("--pair", help="Only this pair of domains (a~b).")
@click.option("--kind", type=click.Choice(moves.KINDS), help="Only this kind.")
@click.option("--attribute", help="Only this attribute.")
@click.option("--text", help="Only where a label or value holds this text.")
@click.option("--weight", "least_weight", type=click.FloatRange(0), help="Only those that weigh at least so much.")
@click.option(
    "--limit", default=25, show_default=True, type=click.IntRange(0), help="At most so many; 0: counts alone."
)
@click.option(
    "--out", type=click.Path(path_type=Path, dir_okay=False), help="All of them into a .xlsx, .csv or .parquet file."
)
@show.as_json
def moved(
    since: str | None, baseline: str | None, target: bool, limit: int, out: Path | None, as_json: bool,
    **filters: str | float | None,
) -> None:  # fmt: skip
    """Say who moved away from a baseline: one domain alone, both alike, or both apart; and whether they came closer.

    The baseline is an earlier night (--since), a third domain (--baseline), or what was ruled (--target).
    """
    if sum((since is not None, baseline is not None, target)) > 1:
        raise UsageError("--since, --baseline and --target name different baselines; give one of them")
    wanted = moves.Filters(**filters)  # type: ignore[arg-type]
    settings = load_settings()
    console = show.console()
    with contextlib.closing(open_published(settings.data)) as con:
        refuse_unknown(con, settings, entity=wanted.entity, area=wanted.area)
        if target:
            base = moves.Baseline("target", "target")
        else:
            base = moves.domain(con, baseline) if baseline is not None else moves.night(con, since)
        if out is not None:
            where, params = moves.conditions(base, wanted)
            written = export.write(con, _EXPORTED.format(where), params, out, "moved")
            click.echo(f"{show.number(written)} moves in {show.path(out)}")
            return
        by = "entity" if wanted.area or wanted.entity else "area"
        counted = moves.tallies(con, base, wanted, by)
        found, total = moves.moves(con, base, wanted, max(limit, 1))
        titles = lookup.entity_types(con)
        names = titles if by == "entity" else lookup.areas(con)
        sides = dict(con.execute("SELECT pair_id, (domain_a, domain_b) FROM published.pair").fetchall())
    if as_json:
        show.dump({"baseline": base, "counts": counted, "total": total, "moves": found[:limit]})
        return
    _print(console, base, counted, names, sides, by)
    if found and limit:
        _print_moves(console, found, titles, sides)
        console.print(f"{len(found)} of {show.number(total)}. likare explain IDENTITY shows both sides of one.")


def _print(
    console: Console, base: moves.Baseline, counted: list[moves.Tally], names: dict[str, str],
    sides: dict[str, tuple[str, str]], by: str,
) -> None:  # fmt: skip
    said = {"night": f"since the night of {base.name}", "domain": f"away from {base.name}", "target": "off the target"}
    if not counted:
        console.print(f"Nothing moved {said[base.kind]}.")
        return
    for pair in dict.fromkeys(t.pair_id for t in counted):
        a, b = sides[pair]
        rows = [
            (show.text(names.get(t.subject, t.subject), 30), t.a, t.b, t.alike, t.apart, t.closer, t.further, t.still)
            for t in counted
            if t.pair_id == pair
        ]
        console.print(f"{a} and {b}: who moved {said[base.kind]}", style="bold")
        columns = (by.replace("entity", "entity type"), f"{a} alone", f"{b} alone", "both alike", "both apart",
                   "closer", "further", "still apart")  # fmt: skip
        console.print(show.table(columns, rows, right=columns[1:]))


def _print_moves(
    console: Console, found: list[moves.Move], titles: dict[str, str], sides: dict[str, tuple[str, str]]
) -> None:
    columns = ("who", "entity type", "item", "what", "A was", "A is", "B was", "B is", "outcome", "identity")
    rows = []
    for m in found:
        a, b = sides[m.pair_id]
        owner = f"{m.root_label} › " if m.root_label and m.root_label != m.label else ""
        rows.append(
            (
                {"a": a, "b": b}.get(m.who, m.who),
                show.text(titles.get(m.entity, m.entity), 25),
                show.text(f"{owner}{m.label or ''}", 50),
                show.text(m.attribute if m.kind == "changed" else m.kind, 25),
                show.text(m.base_a, 25),
                show.text(m.value_a, 25),
                show.text(m.base_b, 25),
                show.text(m.value_b, 25),
                m.outcome,
                m.identity[:12],
            )
        )
    console.print(show.table(columns, rows))


COMMANDS = (moved,)
