"""The commands about what has been kept: compare any nights, prove what is stored, drop what is old."""

from __future__ import annotations

from pathlib import Path

import click

from flows import history
from flows.cli import options, show
from flows.cli.differences import table
from flows.cli.options import Opened
from flows.cli.status import print_summary_of
from flows.settings import load_settings
from flows.summary import summarise
from transforms.ask import lookup
from transforms.land.verify import Verdict
from transforms.words.errors import VerifyError


@click.command()
@click.argument("first")
@click.argument("second")
@options.filters("entity", "area", "text")
@click.option("--kind", type=click.Choice(lookup.KINDS), help="Only this kind.")
@options.limit(20, 0)
@click.option("--out", type=options.FILE, help="Keep the comparison in this DuckDB file.")
@options.as_json
def compare(first: str, second: str, limit: int, out: Path | None, as_json: bool, **filters: str | None) -> None:
    """Compare any two nights of any two domains.

    FIRST and SECOND are DOMAIN@TIME (vgr@2026-11-01): the domain's newest snapshot not later than that; DOMAIN alone is
    its newest. A domain may be compared with itself. Nothing is published.
    """
    settings = load_settings()
    wanted = lookup.Filters(**filters)  # type: ignore[arg-type]
    with show.progress() as watcher, history.compared(settings, first, second, out, watcher) as made:
        night = Opened(settings, made.con)
        night.refuse_unknown(entity=wanted.entity, area=wanted.area)
        summary = summarise(made.con)
        found, total = lookup.differences(made.con, wanted, max(limit, 1))
        counted = lookup.difference_counts(made.con)
        titles = night.titles
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
        rows = [(titles.get(c.entity, c.entity), c.only_a, c.only_b, c.changed, c.other) for c in counted]
        out_.print(show.table(columns, rows))
    if found and limit:
        out_.print(table(found, titles))
        out_.print(f"{min(limit, len(found))} of {show.number(total)} differences.")
    if out is not None:
        click.echo(f"Kept in {show.path(out)}")


@click.group(name="history")
def kept() -> None:
    """What is stored of the deliveries: prove it, drop the old."""


@kept.command()
@click.argument("asked", required=False, metavar="[DOMAIN[@TIME]]")
@click.option("--files", type=options.PATH, help="Where the deliveries lie, if no longer in incoming/.")
@options.as_json
def verify(asked: str | None, files: Path | None, as_json: bool) -> None:
    """Prove that what is stored is what was delivered.

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


@kept.command()
@options.as_json
def compact(as_json: bool) -> None:
    """Drop snapshots older than the settings keep, and their room.

    [history] keep in likare.toml says how old. What a kept night stands on stays, and so does each domain's newest
    snapshot.
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


COMMANDS = (compare, kept)
