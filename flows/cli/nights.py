"""The commands that make something: the sample, a landing, the nights, the dashboard."""

from __future__ import annotations

import contextlib
import sys
import traceback
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import click

from flows import night
from flows import release as releases
from flows import serve as serving
from flows.archive import land_one
from flows.cli import options, show
from flows.cli.landings import print_files, print_landings
from flows.cli.status import print_summary
from flows.environment import prepare
from flows.published import build_dashboard, waiting_for_release
from flows.settings import load_settings
from flows.summary import summarise
from transforms import sample
from transforms.words.errors import UsageError


@click.command(name="sample")
@click.option("--scale", default="demo", show_default=True, help=f"{', '.join(sample.SCALES)}, or rows per domain.")
@click.option("--seed", default=1, show_default=True, help="The same seed gives the same files.")
@click.option("--nights", default=5, show_default=True, type=click.IntRange(1, 400), help="How many deliveries each.")
@click.option("--out", type=options.PATH, help="Another folder than the data folder.")
@click.option("--if-empty", is_flag=True, help="Do nothing where something has been delivered already.")
@options.as_json
def make_sample(scale: str, seed: int, nights: int, out: Path | None, if_empty: bool, as_json: bool) -> None:
    """Make the extracts of two domains from a seed.

    In incoming/, with the truth about them in truth/.
    """
    settings = load_settings()
    folder = out or settings.data
    if if_empty and any(p.is_dir() for p in folder.glob("incoming/*/*")):
        click.echo(f"Extracts have been delivered in {show.path(folder / 'incoming')} already; no sample is made.")
        return
    with show.progress() as watcher:
        watcher.started("sample", None)
        domains, detail = settings.domain_names, watcher.detail
        made = sample.generate(folder, rows=scale, seed=seed, nights=nights, domains=domains, progress=detail)
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
@click.argument("path", type=options.PATH)
@click.option("--at", type=options.Moment(), help="When it was delivered (default: what its manifest or name says).")
@options.as_json
def land(domain: str, path: Path, at: datetime | None, as_json: bool) -> None:
    """Land one delivery: the folder, archive or file at PATH.

    `likare run` lands what lies under incoming/ by itself. docs/extract.md tells what a delivery may be.
    """
    with show.progress() as watcher:
        watcher.started("land", None)
        landed = land_one(load_settings(), domain, path, at)
    if as_json:
        show.dump(landed)
    else:
        print_landings([landed])
        print_files(landed)


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
@click.option("--at", type=options.Moment(), help="One night as of this time.")
@click.option("--plain", is_flag=True, help="Without Prefect: the same steps, no record of the run.")
@options.as_json
def run(latest: bool, at: datetime | None, plain: bool, as_json: bool) -> None:
    """Land what is new, compare and publish: the nights that are due.

    One night per time of delivery since the last. Carried out as a Prefect flow, on the server that PREFECT_API_URL
    names or else one of its own for this run.
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
    with options.published() as opened:
        summary = summarise(opened.con)
    if as_json:
        show.dump({"outcome": outcome, "summary": summary})
        return
    print_landings(outcome.landed)
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
@options.as_json
def release(by: str, reason: str, as_json: bool) -> None:
    """Let the night through that a quality check stopped.

    The next run publishes it. The release covers the checks that failed, with the counts they had, and is kept with
    who gave it and why.
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
@options.as_json
def dashboard(opened: bool, serve: bool, port: int, as_json: bool) -> None:
    """Write the dashboard anew and say where it lies."""
    settings = load_settings()
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


COMMANDS = (make_sample, land, run, release, dashboard)
