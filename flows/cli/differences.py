"""The commands on differences: which are open, what lies behind them, which to settle first."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from flows.cli import options, show
from flows.cli.options import Opened
from transforms.ask import lookup, settle
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
    reason = d.reason if d.kind == "changed" else None
    return (
        d.weight, titles.get(d.entity, d.entity), show.text(f"{owner}{d.label or ''}"),
        what(d.kind, d.attribute, d.pair_id), d.value_a, d.value_b, reason, d.because_label, d.opened_at,
        d.identity[:12],
    )  # fmt: skip


def table(found: Sequence[lookup.Difference], titles: dict[str, str]) -> Table:
    """Differences as a table."""
    if len({d.pair_id for d in found}) < 2:
        return show.table(columns(found), [row(d, titles) for d in found])
    return show.table(("pair", *columns(found)), [(d.pair_id, *row(d, titles)) for d in found])


@click.command()
@options.filters("entity", "area", "pair", "attribute", "text")
@click.option("--kind", type=click.Choice(lookup.KINDS), help="Only this kind.")
@click.option("--domain", help="Only items that this domain alone has.")
@click.option("--cause", help="Only what goes back to this cause (its id, or the beginning of it).")
@click.option("--direct", is_flag=True, help="Only those that no other explains.")
@click.option("--weight", "least_weight", type=click.FloatRange(0), help="Only those that weigh at least so much.")
@click.option("--open-nights", "least_nights", type=click.IntRange(1), help="Only those open so many nights or more.")
@click.option("--newer-than", "most_nights", type=click.IntRange(1), help="Only those open so many nights or fewer.")
@click.option("--reopened", is_flag=True, help="Only those that were gone and came back.")
@options.limit(50)
@options.out
@options.as_json
def differences(limit: int, out: Path | None, as_json: bool, **filters: str | int | float | bool | None) -> None:
    """List open differences, the heaviest first."""
    wanted = lookup.Filters(**filters)  # type: ignore[arg-type]
    with options.published() as night:
        night.refuse_unknown(
            entity=wanted.entity, area=wanted.area, domain=wanted.domain, pair=wanted.pair, attribute=wanted.attribute
        )
        if out is not None:
            from transforms.ask import export

            where, params = lookup.conditions(wanted)
            written = export.write(night.con, _EXPORTED.format(where), params, out, "differences")
            click.echo(f"{show.number(written)} differences in {show.path(out)}")
            return
        found, total = lookup.differences(night.con, wanted, limit)
        titles = night.titles
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
@options.filters("entity", "area", "pair")
@click.option("--show", "shown", metavar="CAUSE", help="What this cause explains: its id, or label, or part of it.")
@click.option("--reach", type=click.FloatRange(0, 1), help="What to settle to lift the total to this level, as 0.95.")
@options.limit(25)
@options.as_json
def causes(shown: str | None, reach: float | None, limit: int, as_json: bool, **filters: str | None) -> None:
    """Rank what lies behind the differences: settle these first.

    By what its settlement returns, weighted by risk.
    """
    console = show.console()
    with options.published() as night:
        night.refuse_unknown(**filters)
        if shown is not None:
            _show_one(console, night, shown, limit, as_json)
        elif reach is not None:
            plans = {p: settle.plan(night.con, p, reach, limit) for p in night.pairs if filters["pair"] in (None, p)}
            if as_json:
                show.dump([p for p in plans.values() if p])
                return
            for name, plan in plans.items():
                _print_plan(console, name, plan, night.titles)
        else:
            found, total = settle.causes(night.con, **filters, limit=limit)
            if as_json:
                show.dump({"total": total, "causes": found})
            else:
                _print_causes(console, found, total, night.titles)


def _points(value: float) -> str:
    """A part of the convergence in percentage points."""
    return f"{100 * value:.3f}"


def _print_causes(console: Console, found: list[settle.Cause], total: int, titles: dict[str, str]) -> None:
    if not found:
        console.print("No difference explains another.")
        return
    rows = [
        (c.pair_id, c.rank, titles.get(c.entity, c.entity), c.label, what(c.kind, c.attribute, c.pair_id), c.value_a,
         c.value_b, c.differences, c.items, c.areas, _points(c.leverage), f"{c.risk:.2f}", c.opened_at, c.cause_id[:8])
        for c in found
    ]  # fmt: skip
    names = ("pair", "rank", "entity type", "item", "what", *sides(c.pair_id for c in found), "differences", "items",
             "areas", "points", "risk", "since", "cause")  # fmt: skip
    first = 0 if len({c.pair_id for c in found}) > 1 else 1
    console.print(show.table(names[first:], [r[first:] for r in rows], right=("points", "risk")))
    console.print(
        f"{len(found)} of {show.number(total)} causes. Points: percentage points of convergence that its settlement "
        "returns. likare causes --show CAUSE lists what one explains, --reach 0.95 what to settle to get there."
    )


def _show_one(console: Console, night: Opened, wanted: str, limit: int, as_json: bool) -> None:
    titles = night.titles
    found = settle.find_cause(night.con, wanted)
    if not found:
        raise UsageError(f"no cause is called '{wanted}'; likare causes lists them")
    if len(found) > 1:
        if as_json:
            show.dump({"total": len(found), "causes": found[:limit]})
            return
        _print_causes(console, found[:limit], len(found), titles)
        return
    cause = found[0]
    rows, total = settle.explained(night.con, cause.cause_id, limit)
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
    console.print(show.table(("steps", *columns(rows)), [(d.steps, *row(d, titles)) for d in rows]))
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
        (i, titles.get(s.entity, s.entity), s.label, what(s.kind, s.attribute, pair), s.value_a, s.value_b,
         s.differences, _points(s.gain), show.share(s.reached, 2), s.cause_id[:8])
        for i, s in enumerate(plan.steps, 1)
    ]  # fmt: skip
    names = ("no", "entity type", "item", "what", *sides([pair]), "differences", "points", "reached", "cause")
    console.print(show.table(names, rows, right=("points", "reached")))
    more = f" (the first {len(rows)} shown)" if plan.number > len(rows) else ""
    sure = "no fewer can" if plan.least == plan.number else f"fewer than {show.number(plan.least)} cannot"
    console.print(
        f"{pair}: {show.number(plan.number)} settlements{more} lift convergence from {show.share(plan.now, 2)} to "
        f"{show.share(plan.wanted, 2)}; {sure}. With everything settled it would be {show.share(plan.reachable, 2)}."
    )


COMMANDS = (differences, causes)
