"""``likare status``: what a night found, what it stands on, and how the last run went."""

from __future__ import annotations

import click
from rich.console import Console
from rich.text import Text

from flows.attempt import read_attempt
from flows.cli import options, show
from flows.cli.question import counted
from flows.settings import Settings
from flows.summary import PairSummary, Summary, summarise
from transforms.ask import lookup
from transforms.build import rulings
from transforms.land.findings import TOLD


@click.command()
@options.as_json
def status(as_json: bool) -> None:
    """Say how alike the builds are, on which extracts."""
    with options.published() as night:
        settings = night.settings
        summary = summarise(night.con)
        found = lookup.findings(night.con)
        ruled = rulings.rulings(night.con)
    attempt = read_attempt(settings)
    if as_json:
        show.dump(
            {
                "summary": summary,
                "findings": found,
                "reviewed": counted(ruled),
                "last_run": attempt,
                "dashboard": settings.site / "index.html",
            }
        )
        return
    print_summary(settings, summary)
    click.echo("\nExtracts the night stands on:")
    for s in summary.snapshots:
        refused = f", {show.number(s.rows_quarantined)} quarantined" if s.rows_quarantined else ""
        click.echo(
            f"  {show.plain_line(s.title)}: {show.moment(s.delivered_at)}{_age(s.age_days, s.state)}, {s.files} files, "
            f"{show.number(s.rows_accepted)} rows{refused}"
        )
    if ruled:
        told = ", ".join(f"{show.number(n)} {effect}" for effect, n in sorted(counted(ruled).items()))
        click.echo(f"\nReviewed rulings: {told} (likare review status)")
    news = [e for e in summary.events if e.severity != "info"]
    if news:
        click.echo("\nAbout the deliveries:")
    for e in news[:20]:
        click.echo(f"  {show.plain_line(e.title)} {show.moment(e.delivered_at)}: {show.plain_line(e.detail)}")
    if len(news) > 20:
        click.echo(f"  and {len(news) - 20} more on the quality page")
    if found:
        click.echo("\nFound in them:")
    for one in found:
        many = f"{show.number(one.rows)} rows in " if one.rows else ""
        files = f"{one.files} {'files' if one.files > 1 else 'file'}"
        click.echo(f"  {one.domain}: {TOLD.get(one.kind, one.kind)}: {many}{files}")
    if attempt:
        line = f"Last run: {attempt.get('outcome')}, {attempt.get('ended_at') or attempt.get('started_at')}"
        if attempt.get("outcome") == "running":
            line = f"A run started {attempt.get('started_at')} and has not ended, or was killed"
        click.echo(f"\n{line}" + (f": {show.plain_line(attempt['error'])}" if attempt.get("error") else ""))


def _age(days: int | None, state: str | None) -> str:
    """How old a delivery is, where that is worth a word."""
    if state == "ended":
        return " (the domain has ended; its last delivery stands)"
    if state == "redelivered":
        return " (the delivery before over again)"
    if state != "earlier" or days is None:
        return ""
    return f" ({days} day{'' if days == 1 else 's'} old)" if days else " (earlier that day)"


def print_summary(settings: Settings, summary: Summary) -> None:
    """Print what a night found and where to look."""
    out = show.console()
    print_summary_of(summary)
    for s in summary.snapshots:
        if s.state in ("earlier", "redelivered", "ended"):
            out.print(f"{show.plain_line(s.title)} stands on {show.moment(s.delivered_at)}{_age(s.age_days, s.state)}")
    failed = {k: n for k, n in summary.checks.items() if k in ("failed", "error")}
    for line in summary.alarms:
        out.print(Text(f"Decisions: {show.plain_line(line)}", style="red"))
    told = ", ".join(f"{n} {k}" for k, n in sorted(failed.items())) or "all passed"
    out.print(f"Quality: {sum(summary.checks.values())} checks, {told}")
    out.print(f"Look at: {show.path(settings.site / 'index.html')}   or: likare differences, likare explain ITEM")


def print_summary_of(summary: Summary) -> None:
    """Print the figures of each pair."""
    for pair in summary.pairs:
        _print_pair(show.console(), summary, pair)


def _print_pair(out: Console, summary: Summary, pair: PairSummary) -> None:
    say = out.print
    say(
        Text(f"{show.plain_line(pair.title_a)} and {show.plain_line(pair.title_b)}", style="bold"),
        f"as of {show.moment(summary.as_of)} (night {summary.night_id})",
    )
    total = pair.convergence
    if total is None or total.value is None:
        say("Convergence: not measurable; no area could be compared")
    else:
        change = "" if pair.change is None else f", {100 * pair.change:+.2f} points since the night before"
        say(
            f"Convergence {show.share(total.value)} (between {show.share(pair.lower)} and {show.share(pair.upper)})"
            f"{change}"
        )
        say(
            f"  = {total.numerator:.2f} of {total.denominator:g} area weights; coverage {show.share(pair.coverage)}, "
            f"identical {show.share(pair.strict)}"
        )
        if pair.decided or pair.implemented is not None:
            say(
                f"Justified {show.share(pair.justified)}: accepted deviations counted as equal; decided "
                f"{show.share(pair.decided)} of what differs, implemented {show.share(pair.implemented)} of what "
                "was ruled"
            )
    rows = [
        (a.title, show.share(a.convergence), "" if a.change is None else f"{100 * a.change:+.2f}", a.matched, a.only_a,
         a.only_b, a.differences)
        for a in pair.areas
    ]  # fmt: skip
    columns = ("area", "convergence", "change", "matched", "only A", "only B", "differences")
    say(show.table(columns, rows, right=columns[1:]))
    moved = "" if pair.opened is None else f"; {show.number(pair.opened)} opened and {show.number(pair.closed)} closed"
    local = f" (and {show.number(pair.expected_local)} expected local)" if pair.expected_local else ""
    say(
        f"Differences: {show.number(pair.differences)} open{local}, {show.number(pair.explained)} of them explained "
        f"by another{moved}"
    )
    for cause in pair.causes:
        title = cause.entity_en or cause.entity
        say(f"  {show.number(cause.differences)} because of one {title}:", show.text(cause.label))
    for watched in pair.watched:
        if watched.denominator:
            counts = f"{watched.numerator or 0:g} of {watched.denominator:g}"
            say(f"{show.plain_line(watched.title_en)}: {counts} ({show.share(watched.value)})")


COMMANDS = (status,)
