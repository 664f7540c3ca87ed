"""The commands about what has been kept: compare, verify, compact."""

from __future__ import annotations

from pathlib import Path

import click

from flows import history
from flows.cli import show
from flows.cli.differ import table
from flows.cli.look import print_summary_of
from flows.settings import load_settings
from flows.summary import summarise
from transforms.ask import lookup
from transforms.land.verify import Verdict
from transforms.words.errors import UsageError, VerifyError


@click.command()
@click.argument("first")
@click.argument("second")
@click.option("--entity", help="Only this entity type.")
@click.option("--area", help="Only this area.")
@click.option("--kind", type=click.Choice(lookup.KINDS), help="Only this kind.")
@click.option("--text", "wanted", help="Only where a label or value holds this text.")
@click.option("--limit", default=20, show_default=True, type=click.IntRange(0), help="At most so many differences.")
@click.option("--out", type=click.Path(path_type=Path), help="Keep the comparison in this DuckDB file.")
@show.as_json
def compare(
    first: str, second: str, entity: str | None, area: str | None, kind: str | None, wanted: str | None, limit: int,
    out: Path | None, as_json: bool,
) -> None:  # fmt: skip
    """Compare any two nights of any two domains, or of one domain with itself.

    FIRST and SECOND are DOMAIN@TIME (vgr@2026-11-01): the domain's newest snapshot not later than that; DOMAIN alone is
    its newest. Nothing is published.
    """
    settings = load_settings()
    with show.progress() as watcher, history.compared(settings, first, second, out, watcher) as made:
        known = {"--entity": (entity, lookup.entity_types(made.con)), "--area": (area, lookup.areas(made.con))}
        for option, (value, names) in known.items():
            if value is not None and value not in names:
                raise UsageError(f"{option}: there is no '{value}'; known here: {', '.join(names)}")
        summary = summarise(made.con)
        filters = lookup.Filters(entity=entity, area=area, kind=kind, text=wanted)
        found, total = lookup.differences(made.con, filters, max(limit, 1))
        counted = lookup.difference_counts(made.con)
        titles = lookup.entity_types(made.con)
    if as_json:
        sides = {"a": made.a, "b": made.b}
        show.dump({**sides, "summary": summary, "counts": counted, "total": total, "differences": found[:limit]})
        return
    click.echo(f"A: {made.a.domain}, snapshot of {show.moment(made.a.delivered_at)}")
    click.echo(f"B: {made.b.domain}, snapshot of {show.moment(made.b.delivered_at)}")
    print_summary_of(summary)
    out_ = show.console()
    if counted:
        columns = ("entity type", "only A", "only B", "changed", "other")
        rows = [(show.text(titles.get(c.entity, c.entity)), c.only_a, c.only_b, c.changed, c.other) for c in counted]
        out_.print(show.table(columns, rows, right=columns[1:]))
    if found and limit:
        out_.print(table(found, titles))
        out_.print(f"{min(limit, len(found))} of {show.number(total)} differences.")
    if out is not None:
        click.echo(f"Kept in {show.path(out)}")


@click.command()
@click.argument("asked", required=False, metavar="[DOMAIN[@TIME]]")
@click.option("--files", type=click.Path(path_type=Path), help="Where the deliveries lie, if no longer in incoming/.")
@show.as_json
def verify(asked: str | None, files: Path | None, as_json: bool) -> None:
    """Prove that what is stored of the deliveries is what their files hold.

    The stored rows must give the number and the hash that were noted when each file was read; files that are still
    there are landed again, aside, and compared row by row. Ends with an error where anything differs.
    """
    found: list[Verdict] = []
    with show.progress() as watcher:
        watcher.started("verify", None)
        for verdict in history.verified(load_settings(), asked, files):
            watcher.detail(verdict.file_name)
            found.append(verdict)
    differing = [v for v in found if v.state == "differs"]
    if as_json:
        show.dump(found)
    else:
        _print_verdicts(found, each=asked is not None and "@" in asked)
    if differing:
        raise VerifyError(f"{len(differing)} of {len(found)} stored files are not what was delivered; see above")


def _print_verdicts(found: list[Verdict], each: bool) -> None:
    if not found:
        click.echo("Nothing has been landed yet.")
    out = show.console()
    snapshots: dict[int, list[Verdict]] = {}
    for verdict in found:
        snapshots.setdefault(verdict.snapshot_id, []).append(verdict)
    for verdicts in snapshots.values():
        one = verdicts[0]
        states = {s: sum(v.state == s for v in verdicts) for s in ("equal", "gone", "differs")}
        told = [f"{states['equal']} files equal, row by row"] if states["equal"] else []
        told += [f"{states['gone']} no longer there, proved by their hash"] if states["gone"] else []
        told += [f"{states['differs']} differ"] if states["differs"] else []
        rows = sum(v.rows for v in verdicts)
        out.print(f"{one.domain} {show.moment(one.delivered_at)}: {show.number(rows)} rows; {', '.join(told)}")
        listed = [v for v in verdicts if each or v.why]
        for v in listed:
            word = {"equal": "equal", "gone": "no longer there", "differs": "differs"}[v.state]
            out.print(
                "  ",
                show.text(v.file_name, 80),
                f"{show.number(v.rows)} rows: {word}",
                show.text(v.why, 300) if v.why else "",
            )


@click.command()
@show.as_json
def compact(as_json: bool) -> None:
    """Drop the snapshots older than [history] keep, and give the archive's unused room back.

    What a kept night stands on stays, and so does each domain's newest snapshot.
    """
    done = history.compact(load_settings())
    if as_json:
        show.dump(done)
        return
    d = done.dropped
    click.echo(
        f"Dropped {show.number(d.snapshots)} snapshots with {show.number(d.files)} files and "
        f"{show.number(d.versions)} row versions; the archive was {done.before / 1e6:,.1f} MB and is "
        f"{done.after / 1e6:,.1f} MB".replace(",", " ")
    )


COMMANDS = (compare, verify, compact)
