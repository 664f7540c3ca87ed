"""The commands on differences: which are open, what lies behind them, which to settle first."""

from __future__ import annotations

import contextlib
import difflib
from collections.abc import Iterable, Sequence
from pathlib import Path

import click
import duckdb
from rich.console import Console
from rich.table import Table

from flows.cli import show
from flows.settings import Settings, load_settings
from transforms.ask import export, lookup, settle
from transforms.sample.planted import Beside, beside
from transforms.warehouse import open_published
from transforms.words.errors import UsageError

_EXPORTED = """
    SELECT d.pair_id AS pair, a.title_en AS area, t.title_en AS entity_type, coalesce(d.root_label, d.label) AS item,
           d.label AS part, d.kind, d.attribute, d.value_a, d.value_b, d.reason, d.reason_sv, d.weight,
           d.because_label AS because_of, d.steps,
           d.worth * 100 AS worth_points, d.opened_at AS open_since, d.nights_open, d.reopened, d.first_seen,
           d.expected_local, d.entity, d.identity, d.difference_id, d.cause_id
    FROM published.difference d JOIN published.pair p USING (pair_id)
    LEFT JOIN published.entity_type t ON t.entity = d.entity LEFT JOIN published.area a ON a.area = d.area
    WHERE {} ORDER BY coalesce(d.expected_local, false), d.weight DESC, d.entity, d.root_label, d.label, d.attribute,
        d.difference_id
"""


def sides(pairs: Iterable[str]) -> tuple[str, str]:
    """What the two sides of differences are called: by their domains where they are of one pair."""
    of = set(pairs)
    a, _, b = of.pop().partition("~") if len(of) == 1 else ("A", "", "B")
    return a, b


def what(kind: str, attribute: str | None, pair: str) -> str:
    """What differs: the attribute, or which domain alone has the item."""
    a, b = sides([pair])
    return {"only_a": f"only in {a}", "only_b": f"only in {b}"}.get(kind) or (
        attribute or "" if kind == "changed" else kind
    )


def columns(found: Sequence[lookup.Difference]) -> tuple[str, ...]:
    """The headings of ``row`` for these differences."""
    return ("weight", "entity type", "item", "what", *sides(d.pair_id for d in found), "why", "because of", "since",
            "identity")  # fmt: skip


def row(d: lookup.Difference, titles: dict[str, str]) -> tuple[object, ...]:
    """The cells of one difference."""
    owner = f"{d.root_label} › " if d.root_label and d.root_label != d.label else ""
    return (
        f"{d.weight:g}",
        show.text(titles.get(d.entity, d.entity), 30),
        show.text(f"{owner}{d.label or ''}", 60),
        show.text(what(d.kind, d.attribute, d.pair_id), 30),
        show.text(d.value_a, 40),
        show.text(d.value_b, 40),
        show.text(d.reason if d.kind == "changed" else "", 40),
        show.text(d.because_label, 30),
        show.moment(d.opened_at),
        d.identity[:12],
    )


def table(found: Sequence[lookup.Difference], titles: dict[str, str]) -> Table:
    """Differences as a table."""
    if len({d.pair_id for d in found}) < 2:
        return show.table(columns(found), [row(d, titles) for d in found], right=("weight",))
    return show.table(("pair", *columns(found)), [(d.pair_id, *row(d, titles)) for d in found], right=("weight",))


def refuse_unknown(con: duckdb.DuckDBPyConnection, settings: Settings, **given: str | None) -> None:
    """Raise UsageError where an option names an entity type, area, domain, pair or attribute that there is not."""
    _refuse_attribute(con, given.pop("attribute", None), given.get("entity"))
    known = {
        "pair": dict.fromkeys(
            (r[0] for r in con.execute("SELECT pair_id FROM published.pair ORDER BY 1").fetchall()), ""
        ),
        "entity": lookup.entity_types(con),
        "area": lookup.areas(con),
        "domain": dict.fromkeys(settings.domain_names, ""),
    }
    for option, value in given.items():
        if value is not None and value not in (names := known[option]):
            raise UsageError(f"--{option}: there is no '{value}'; known here: {', '.join(names)}")


def _refuse_attribute(con: duckdb.DuckDBPyConnection, attribute: str | None, entity: str | None) -> None:
    query = "SELECT DISTINCT attribute FROM published.attribute WHERE ? IS NULL OR entity = ? ORDER BY 1"
    known = ["parent", *(row[0] for row in con.execute(query, [entity, entity]).fetchall())]
    if attribute is None or attribute in known or len(known) == 1:
        return
    near = difflib.get_close_matches(attribute, known, n=1)
    hint = f"; did you mean '{near[0]}'?" if near else f"; known here: {', '.join(known)}" if entity else ""
    raise UsageError(f"--attribute: no {entity or 'entity type'} has '{attribute}'{hint}")


@click.command()
@click.option("--entity", help="Only this entity type.")
@click.option("--area", help="Only this area.")
@click.option("--kind", type=click.Choice(lookup.KINDS), help="Only this kind.")
@click.option("--attribute", help="Only this attribute.")
@click.option("--pair", help="Only this pair of domains (a~b).")
@click.option("--domain", help="Only items that this domain alone has.")
@click.option("--text", help="Only where a label or value holds this text.")
@click.option("--cause", help="Only what goes back to this cause (its id, or the beginning of it).")
@click.option("--direct", is_flag=True, help="Only those that no other explains.")
@click.option("--weight", "least_weight", type=click.FloatRange(0), help="Only those that weigh at least so much.")
@click.option("--open-nights", "least_nights", type=click.IntRange(1), help="Only those open so many nights or more.")
@click.option("--newer-than", "most_nights", type=click.IntRange(1), help="Only those open so many nights or fewer.")
@click.option("--reopened", is_flag=True, help="Only those that were gone and came back.")
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1), help="At most so many.")
@click.option(
    "--out", type=click.Path(path_type=Path, dir_okay=False), help="All of them into a .xlsx, .csv or .parquet file."
)
@show.as_json
def differences(limit: int, out: Path | None, as_json: bool, **filters: str | int | float | bool | None) -> None:
    """List open differences, the heaviest first."""
    wanted = lookup.Filters(**filters)  # type: ignore[arg-type]
    settings = load_settings()
    with contextlib.closing(open_published(settings.data)) as con:
        refuse_unknown(
            con, settings, entity=wanted.entity, area=wanted.area, domain=wanted.domain, pair=wanted.pair,
            attribute=wanted.attribute,
        )  # fmt: skip
        if out is not None:
            where, params = lookup.conditions(wanted)
            written = export.write(con, _EXPORTED.format(where), params, out, "differences")
            click.echo(f"{show.number(written)} differences in {show.path(out)}")
            return
        found, total = lookup.differences(con, wanted, limit)
        titles = lookup.entity_types(con)
    if as_json:
        show.dump({"total": total, "differences": found})
        return
    console = show.console()
    if not found:
        console.print("No open difference of that description.")
        return
    console.print(table(found, titles))
    console.print(f"{len(found)} of {show.number(total)} differences. likare explain IDENTITY shows both sides of one.")


@click.command()
@click.option("--entity", help="Only causes of this entity type.")
@click.option("--area", help="Only causes in this area.")
@click.option("--pair", help="Only this pair of domains (a~b).")
@click.option(
    "--show", "shown", metavar="CAUSE", help="What this cause explains: its id, the beginning of it, or its label."
)
@click.option(
    "--reach", type=click.FloatRange(0, 1), help="The settlements that lift the total to this level, as 0.95."
)
@click.option("--planted", is_flag=True, help="Beside what was planted in the sample (data/truth).")
@click.option("--limit", default=25, show_default=True, type=click.IntRange(1), help="At most so many.")
@show.as_json
def causes(
    entity: str | None, area: str | None, pair: str | None, shown: str | None, reach: float | None, planted: bool,
    limit: int, as_json: bool,
) -> None:  # fmt: skip
    """Rank what lies behind the differences by what its settlement returns, weighted by risk."""
    settings = load_settings()
    console = show.console()
    with contextlib.closing(open_published(settings.data)) as con:
        refuse_unknown(con, settings, entity=entity, area=area, pair=pair)
        pairs = [r[0] for r in con.execute("SELECT pair_id FROM published.pair ORDER BY pair_id").fetchall()]
        titles = lookup.entity_types(con)
        if planted:
            both = beside(con, settings.data / "truth", limit)
            if as_json:
                show.dump(both)
            else:
                _print_beside(console, both, titles)
        elif shown is not None:
            _show_one(console, con, shown, limit, titles, as_json)
        elif reach is not None:
            plans = [settle.plan(con, one, reach, limit) for one in ([pair] if pair else pairs)]
            if as_json:
                show.dump([p for p in plans if p])
            for name, plan in zip([pair] if pair else pairs, plans, strict=True):
                if not as_json:
                    _print_plan(console, name, plan, titles)
        else:
            found, total = settle.causes(con, pair=pair, entity=entity, area=area, limit=limit)
            if as_json:
                show.dump({"total": total, "causes": found})
                return
            _print_causes(console, found, total, titles)


def _points(value: float) -> str:
    """A part of the convergence in percentage points."""
    return f"{100 * value:.3f}"


def _print_causes(console: Console, found: list[settle.Cause], total: int, titles: dict[str, str]) -> None:
    if not found:
        console.print("No difference explains another.")
        return
    several = len({c.pair_id for c in found}) > 1
    rows = [
        (
            *((c.pair_id,) if several else ()),
            c.rank,
            show.text(titles.get(c.entity, c.entity), 25),
            show.text(c.label, 40),
            show.text(what(c.kind, c.attribute, c.pair_id), 25),
            show.text(c.value_a, 25),
            show.text(c.value_b, 25),
            show.number(c.differences),
            show.number(c.items),
            c.areas,
            _points(c.leverage),
            f"{c.risk:.2f}",
            show.moment(c.opened_at),
            c.cause_id[:8],
        )
        for c in found
    ]
    right = ("rank", "differences", "items", "areas", "points", "risk")
    names = ("rank", "entity type", "item", "what", *sides(c.pair_id for c in found), *right[1:], "since", "cause")
    console.print(show.table(("pair", *names) if several else names, rows, right=right))
    console.print(
        f"{len(found)} of {show.number(total)} causes. Points: percentage points of convergence that its settlement "
        "returns. likare causes --show CAUSE lists what one explains, --reach 0.95 what to settle to get there."
    )


def _print_beside(console: Console, both: list[Beside], titles: dict[str, str]) -> None:
    rows = [
        (
            b.rank,
            show.text(titles.get(b.entity, b.entity), 25),
            show.text(b.label, 40),
            show.text(what(b.kind, b.attribute, b.pair_id), 25),
            show.number(b.differences),
            show.number(b.explains),
            show.text(b.planted, 70),
        )
        for b in both
    ]
    right = ("rank", "found", "planted")
    console.print(
        show.table(("rank", "entity type", "item", "what", "found", "planted", "what was planted"), rows, right=right)
    )
    hit = sum(b.planted is not None for b in both)
    alike = sum(b.explains == b.differences for b in both)
    console.print(f"{hit} of {len(both)} were planted, {alike} of them with as many differences as found.")


def _show_one(
    console: Console, con: duckdb.DuckDBPyConnection, wanted: str, limit: int, titles: dict[str, str], as_json: bool
) -> None:
    found = settle.find_cause(con, wanted)
    if not found:
        raise UsageError(f"no cause is called '{wanted}'; likare causes lists them")
    if len(found) > 1:
        if as_json:
            show.dump({"total": len(found), "causes": found[:limit]})
            return
        _print_causes(console, found[:limit], len(found), titles)
        return
    cause = found[0]
    rows, total = settle.explained(con, cause.cause_id, limit)
    if as_json:
        show.dump({"cause": cause, "total": total, "differences": rows})
        return
    console.print(
        show.text(cause.label, 100, "bold"),
        f"({titles.get(cause.entity, cause.entity)}, {what(cause.kind, cause.attribute, cause.pair_id)})",
    )
    console.print(
        f"explains {show.number(cause.differences)} differences in {show.number(cause.items)} items; settled, it "
        f"returns {_points(cause.leverage)} percentage points of convergence"
        + (f" and has a part in {_points(cause.shared)} more that have other causes too" if cause.shared else "")
    )
    console.print(
        show.table(("steps", *columns(rows)), [(d.steps, *row(d, titles)) for d in rows], right=("steps", "weight"))
    )
    console.print(f"{len(rows)} of {show.number(total)} differences.")


def _print_plan(console: Console, pair: str, plan: settle.Plan | None, titles: dict[str, str]) -> None:
    if plan is None:
        console.print(f"{pair}: the convergence of the total is not measurable.")
        return
    if plan.wanted <= plan.now:
        console.print(f"{pair}: convergence is {show.share(plan.now)} already.")
        return
    if not plan.number:
        console.print(f"{pair}: with everything settled convergence would be {show.share(plan.reachable)}, not more.")
        return
    rows = [
        (
            i,
            show.text(titles.get(s.entity, s.entity), 25),
            show.text(s.label, 45),
            show.text(what(s.kind, s.attribute, pair), 25),
            show.text(s.value_a, 25),
            show.text(s.value_b, 25),
            show.number(s.differences),
            _points(s.gain),
            show.share(s.reached, 2),
            s.cause_id[:8],
        )
        for i, s in enumerate(plan.steps, 1)
    ]
    names = ("no", "entity type", "item", "what", *sides([pair]), "differences", "points", "reached", "cause")
    console.print(show.table(names, rows, right=("no", "differences", "points", "reached")))
    more = f" (the first {len(rows)} shown)" if plan.number > len(rows) else ""
    sure = "no fewer can" if plan.least == plan.number else f"fewer than {show.number(plan.least)} cannot"
    console.print(
        f"{pair}: {show.number(plan.number)} settlements{more} lift convergence from {show.share(plan.now, 2)} to "
        f"{show.share(plan.wanted, 2)}; {sure}. With everything settled it would be {show.share(plan.reachable, 2)}."
    )


COMMANDS = (differences, causes)
