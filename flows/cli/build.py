"""The commands that make something: the sample, a landing, the nights, the dashboard."""

from __future__ import annotations

import contextlib
import sys
import traceback
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from flows import night
from flows import release as releases
from flows import serve as serving
from flows.archive import land_one
from flows.cli import show
from flows.cli.look import print_summary
from flows.environment import prepare
from flows.published import build_dashboard, waiting_for_release
from flows.settings import Settings, load_settings
from flows.summary import summarise
from transforms import sample
from transforms.land import landing
from transforms.land.findings import TOLD, Finding
from transforms.warehouse import open_published
from transforms.words.errors import ExtractError, UsageError


class Moment(click.ParamType[datetime]):
    """A time as deliveries are named by it."""

    name = "time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """Raises what click shows as a usage error."""
        if isinstance(value, datetime):
            return value
        try:
            return landing.parse_time(str(value))
        except ExtractError as fault:
            self.fail(str(fault), param, ctx)


@click.command(name="sample")
@click.option("--scale", default="demo", show_default=True, help=f"{', '.join(sample.SCALES)}, or rows per domain.")
@click.option("--seed", default=1, show_default=True, help="The same seed gives the same files.")
@click.option("--nights", default=5, show_default=True, type=click.IntRange(1, 400), help="How many deliveries each.")
@click.option("--out", type=click.Path(path_type=Path), help="Another folder than the data folder.")
@click.option("--if-empty", is_flag=True, help="Do nothing where something has been delivered already.")
@show.as_json
def make_sample(scale: str, seed: int, nights: int, out: Path | None, if_empty: bool, as_json: bool) -> None:
    """Make two domains' extracts from a seed, in incoming/, and the truth about them, in truth/."""
    settings = load_settings()
    folder = out or settings.data
    if if_empty and any(p.is_dir() for p in folder.glob("incoming/*/*")):
        click.echo(f"Extracts have been delivered in {show.path(folder / 'incoming')} already; no sample is made.")
        return
    with show.progress() as watcher:
        watcher.started("sample", None)
        made = sample.generate(
            folder,
            rows=scale,
            seed=seed,
            nights=nights,
            domains=settings.domain_names,
            progress=watcher.detail,
        )
    if as_json:
        show.dump(made)
        return
    click.echo(
        f"Sample of {' and '.join(made.domains)}: {len(made.nights)} nights from {made.nights[0]:%Y-%m-%d}, "
        f"{show.number(sum(made.rows.values()) / len(made.rows))} rows a domain and night, "
        f"{show.number(made.deviations)} planted deviations; the truth is in {show.path(made.out / 'truth')}"
    )


@click.command()
@click.argument("domain")
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--at", type=Moment(), help="When it was delivered (default: what its manifest or name says).")
@show.as_json
def land(domain: str, path: Path, at: datetime | None, as_json: bool) -> None:
    """Land one delivery of DOMAIN: the folder, archive or file at PATH.

    `likare run` lands what lies under incoming/ by itself. docs/extract.md tells what a delivery may be.
    """
    with show.progress() as watcher:
        watcher.started("land", None)
        landed = land_one(load_settings(), domain, path, at)
    if as_json:
        show.dump(landed)
    else:
        _print_landings([landed])
        _print_files(landed)


@contextlib.contextmanager
def _let_go() -> Iterator[None]:
    """Take the local variables out of a fault's frames.

    Prefect keeps the fault of a failed run to the end of the process, and with it the database connections in the
    frames that it came through; DuckDB's binding then ends the process with pages of warnings about leaks.
    """
    try:
        yield
    except BaseException as fault:
        one: BaseException | None = fault
        while one is not None:
            traceback.clear_frames(one.__traceback__)
            one = one.__cause__ or one.__context__
        raise


@click.command()
@click.option("--latest", is_flag=True, help="Only the newest of the nights that are due.")
@click.option("--at", type=Moment(), help="One night as of this time.")
@click.option("--plain", is_flag=True, help="Without Prefect: the same steps, no record of the run.")
@show.as_json
def run(latest: bool, at: datetime | None, plain: bool, as_json: bool) -> None:
    """Land what is new, then compare and publish: one night per time of delivery since the last.

    Carried out as a Prefect flow, on the server that PREFECT_API_URL names or else one of its own for this run.
    """
    settings = load_settings()
    with show.progress() as watcher:
        if plain:
            outcome = night.run_nights(settings, latest=latest, at=at, watcher=watcher)
        else:
            watcher.detail("starting Prefect")
            prepare(settings)
            from flows.nightly import nightly, watched_by

            with watched_by(watcher), _let_go():
                outcome = nightly(latest=latest, at=at)
    with contextlib.closing(open_published(settings.data)) as con:
        summary = summarise(con)
    if as_json:
        show.dump({"outcome": outcome, "summary": summary})
        return
    _print_landings(outcome.landed)
    if outcome.nights:
        first, last = outcome.nights[0], outcome.nights[-1]
        seconds = sum(step.seconds for one in outcome.nights for step in one.steps)
        several = f"s {first.number} to" if first is not last else ""
        since = f" {show.moment(first.as_of)} to" if first is not last else ""
        click.echo(
            f"Published night{several} {last.number}, as of{since} {show.moment(last.as_of)}, in {seconds:.1f} s"
        )
    for line in outcome.stopped:
        click.echo(f"Passed over: {show.plain_line(line)}")
    for passed in outcome.ignored:
        click.echo(
            f"Not landed: {passed.domain} {show.moment(passed.delivered_at)}; by the settings the domain has ended"
        )
    for late in outcome.late:
        click.echo(f"Landed, but too late for a night of its own: {show.moment(late)}")
    if not outcome.nights:
        click.echo(f"Nothing new: the night of {show.moment(summary.as_of)} stands.")
    click.echo()
    print_summary(settings, summary)


@click.command()
@click.option("--by", required=True, help="Who releases it.")
@click.option("--reason", required=True, help="Why it may be published.")
@show.as_json
def release(by: str, reason: str, as_json: bool) -> None:
    """Let the night through that a quality check stopped: the next run publishes it.

    The release covers the checks that failed, with the counts they had, and is kept with who gave it and why.
    """
    settings = load_settings()
    waiting = waiting_for_release(settings)
    if waiting is None:
        raise UsageError("no night is waiting for a release; likare status says what is published")
    given = releases.release(settings, waiting, by=by, reason=reason)
    if as_json:
        show.dump(given)
        return
    click.echo(f"Released the night of {show.moment(given.as_of)}:")
    for one in given.findings:
        click.echo(f"  {one.domain}: {one.check_id}, {one.failed} of {one.total} fail")
    click.echo("likare run publishes it.")


@click.command()
@click.option("--open", "opened", is_flag=True, help="Open it in the browser.")
@click.option("--serve", is_flag=True, help="Serve it on this machine alone (127.0.0.1) until stopped.")
@click.option("--port", default=8737, show_default=True, help="The port for --serve; 0 takes a free one.")
@show.as_json
def dashboard(opened: bool, serve: bool, port: int, as_json: bool) -> None:
    """Write the dashboard of the published night again and say where it lies."""
    settings: Settings = load_settings()
    with show.progress() as watcher:
        watcher.started("dashboard", None)
        pages = build_dashboard(settings)
    index = settings.site / "index.html"
    server = serving.server(settings.site, port) if serve else None
    address = f"http://127.0.0.1:{server.server_port}/" if server else index.resolve().as_uri()
    if as_json:
        show.dump({"path": index, "pages": pages, "address": address})
    else:
        click.echo(f"{address} (Ctrl-C stops it)" if server else show.path(index))
    if opened:
        click.launch(address)
    if server:
        sys.stdout.flush()
        with server, contextlib.suppress(KeyboardInterrupt):
            server.serve_forever()


def _print_landings(landings: Sequence[landing.Landed]) -> None:
    """One line a domain, and what concerns all."""
    for domain in dict.fromkeys(one.domain for one in landings):
        own = [one for one in landings if one.domain == domain]
        if not any(one.files for one in own):
            click.echo(
                f"{domain} {show.moment(own[0].delivered_at)} was landed before, file by file the same: no effect"
            )
            continue
        files, unchanged = sum(one.files for one in own), sum(one.files - one.new_files for one in own)
        rows, refused = sum(one.rows_accepted for one in own), sum(one.rows_quarantined for one in own)
        when = f" {show.moment(own[0].delivered_at)}"
        if len(own) > 1:
            when = f", {len(own)} deliveries from{when} to {show.moment(own[-1].delivered_at)}"
        click.echo(
            f"Landed {domain}{when}: {show.number(rows)} rows in {files} files"
            + (f" ({unchanged} unchanged)" if unchanged else "")
            + (f", {show.number(refused)} rows quarantined" if refused else "")
        )
        _print_events(own)
        _print_left(own)
    _print_findings(landings)
    undescribed = sorted({table for one in landings for table in one.undescribed})
    if undescribed:
        named = ", ".join(show.plain_line(t) for t in undescribed[:5])
        more = f" and {len(undescribed) - 5} more" if len(undescribed) > 5 else ""
        click.echo(f"Landed but not compared, since the catalogue does not describe them: {named}{more}")


_MOST_EVENTS = 12


def _print_events(landings: Sequence[landing.Landed]) -> None:
    """What was peculiar about a domain's deliveries, the gravest first."""
    order = ("critical", "warning", "info")
    events = [(one, event) for one in landings for event in one.events]
    events.sort(key=lambda e: order.index(e[1].severity))
    for one, event in events[:_MOST_EVENTS]:
        mark = "" if event.severity == "info" else f"{event.severity}: "
        click.echo(f"  {show.moment(one.delivered_at)}: {mark}{show.plain_line(event.detail)}")
    if len(events) > _MOST_EVENTS:
        click.echo(f"  and {len(events) - _MOST_EVENTS} more; published.feed_event and the quality page have all")


def _print_left(own: Sequence[landing.Landed]) -> None:
    """What of a domain's deliveries was left at the door, and what came back."""
    personal, unreached = sum(one.rows_personal for one in own), sum(one.rows_unreached for one in own)
    if personal:
        click.echo(f"  {show.number(personal)} rows are one person's own and were left at the door")
    if unreached:
        click.echo(f"  {show.number(unreached)} texts belong to no item that was delivered and were left at the door")
    mended, gone = sum(one.mended.mended for one in own), sum(one.mended.gone for one in own)
    if mended:
        click.echo(f"  {show.number(mended)} rows mended that were quarantined in the delivery before")
    if gone:
        click.echo(f"  {show.number(gone)} rows that were quarantined in the delivery before are no longer in it")
    pseudonyms = sorted({c for one in own for f in one.written for c in f.pseudonyms})
    dropped = sorted({c for one in own for f in one.written for c in f.dropped} - set(pseudonyms))
    if dropped:
        click.echo(f"  Columns of staff that were not taken in: {_some(dropped)}")
    if pseudonyms:
        click.echo(f"  Columns of staff that are pseudonyms now: {_some(pseudonyms)}")


def _some(names: Sequence[str], most: int = 6) -> str:
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(map(show.plain_line, names[:most])) + more


_SIGNS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "pipe"}


def _print_files(landed: landing.Landed) -> None:
    """How each file is written, as found or stated, and what became of its rows."""
    rows = [
        (
            show.text(f.file_name, 40),
            " ".join(x for x in (f.form if f.form != "text" else f.encoding, f.newline) if x),
            " ".join(x for x in (_SIGNS.get(f.delimiter, repr(f.delimiter)) if f.delimiter else "", f.quoting) if x),
            f.decimal or "",
            show.text(", ".join(f.date_pictures), 40),
            (f.time_zone or "") + (" stated" if f.stated else ""),
            show.number(f.rows_in),
            show.number(f.rows_accepted),
            show.number(f.rows_quarantined),
            show.number(f.rows_personal + f.rows_unreached),
        )
        for f in landed.written
    ]
    counts = ("rows", "taken in", "quarantined", "left")
    columns = ("file", "written in", "divided by", "decimal", "dates", "zone", *counts)
    show.console().print(show.table(columns, rows, right=counts))


def _print_findings(landings: Sequence[landing.Landed]) -> None:
    """One line a kind of fault, with the first columns that have it."""
    found: dict[str, list[Finding]] = {}
    for one in landings:
        for finding in one.findings:
            found.setdefault(finding.kind, []).append(finding)
    for kind, each in found.items():
        places = list(dict.fromkeys(f"{f.file_name} {f.column} from line {f.first_line}" for f in each))
        more = f" and {len(places) - 3} more" if len(places) > 3 else ""
        rows = sum(f.rows for f in each)
        many = f"{show.number(rows)} rows" if rows else f"{len(places)} columns"
        click.echo(f"Found {TOLD[kind]}: {many} ({', '.join(map(show.plain_line, places[:3]))}{more})")


COMMANDS = (make_sample, land, run, release, dashboard)
