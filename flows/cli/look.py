"""The commands that read what is published: status, quarantine, catalogue."""

from __future__ import annotations

import contextlib
from dataclasses import asdict
from pathlib import Path

import click
from rich.console import Console
from rich.text import Text

from flows.attempt import read_attempt
from flows.cli import show
from flows.cli.reviewing import counted
from flows.settings import Settings, load_settings
from flows.summary import PairSummary, Summary, summarise
from transforms.ask import lookup
from transforms.build import rulings
from transforms.catalogue import load_catalogue
from transforms.land.findings import TOLD
from transforms.warehouse import open_published
from transforms.words.errors import UsageError


@click.command()
@show.as_json
def status(as_json: bool) -> None:
    """Say how alike the builds are, what the figures stand on, and how the last run went."""
    settings = load_settings()
    attempt = read_attempt(settings)
    with contextlib.closing(open_published(settings.data)) as con:
        summary = summarise(con)
        found = lookup.findings(con)
        ruled = rulings.rulings(con)
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
        click.echo(f"\nReviewed rulings: {told} (likare review --status)")
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
        (
            show.text(a.title),
            show.share(a.convergence),
            "" if a.change is None else f"{100 * a.change:+.2f}",
            show.number(a.matched),
            show.number(a.only_a),
            show.number(a.only_b),
            show.number(a.differences),
        )
        for a in pair.areas
    ]
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


@click.command()
@click.option("--domain", help="Only this domain's.")
@click.option("--table", help="Only rows of this source table.")
@click.option("--reason", help="Only where the reason holds this text.")
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1), help="At most so many.")
@click.option("--csv", "csv_file", type=click.Path(path_type=Path), help="Write all of them to this file instead.")
@show.as_json
def quarantine(
    domain: str | None, table: str | None, reason: str | None, limit: int, csv_file: Path | None, as_json: bool
) -> None:
    """List the rows that the night stands without: file, line, column, why, and what they say.

    Personal data in them is masked (•). A row returns by itself when a later delivery mends it.
    """
    settings = load_settings()
    if domain is not None and domain not in settings.domain_names:
        raise UsageError(f"--domain: there is no '{domain}'; known here: {', '.join(settings.domain_names)}")
    most = None if csv_file is not None else limit
    with contextlib.closing(open_published(settings.data)) as con:
        found, total = lookup.quarantine(con, domain, most, table=table, reason=reason)
    if csv_file is not None:
        fields = ("domain", "table_name", "file_name", "line", "column_name", "reason", "local_id", "text")
        show.write_csv(csv_file, fields, [[getattr(q, name) for name in fields] for q in found])
        click.echo(f"Wrote {show.number(total)} rows to {show.path(csv_file)}")
        return
    if as_json:
        show.dump({"total": total, "rows": found})
        return
    out = show.console()
    if not found:
        out.print("No row is quarantined." if domain is table is reason is None else "No such row is quarantined.")
        return
    columns = ("domain", "file", "line", "column", "why", "what it says")
    rows = [
        (q.domain, show.text(q.file_name, 40), q.line, show.text(q.column_name, 30), show.text(q.reason, 40),
         show.text(q.text, 60))
        for q in found
    ]  # fmt: skip
    out.print(show.table(columns, rows, right=("line",)))
    out.print(f"{len(found)} of {show.number(total)} quarantined rows.")


@click.group(invoke_without_command=True)
@click.pass_context
def catalogue(context: click.Context) -> None:
    """What a build consists of."""
    if context.invoked_subcommand is None:
        context.invoke(list_catalogue)


@catalogue.command(name="list")
@show.as_json
def list_catalogue(as_json: bool) -> None:
    """List the entity types."""
    found = load_catalogue(load_settings().catalogue)
    rows = [
        {
            "entity": e.entity,
            "title": e.title.en,
            "area": e.area,
            "role": e.role,
            "table": e.source.table,
            "attributes": len(e.attributes),
            "keys": [k.name for k in e.keys],
        }
        for e in found.ordered
    ]
    if as_json:
        show.dump({"catalogue": found.name, "fingerprint": found.fingerprint, "entity_types": rows})
        return
    out = show.console()
    columns = ("entity type", "area", "role", "table", "attributes", "keys")
    cells = [
        (e.entity, e.area, e.role, e.source.table, len(e.attributes), show.text(", ".join(k.name for k in e.keys), 70))
        for e in found.ordered
    ]
    out.print(show.table(columns, cells, right=("attributes",)))


@catalogue.command(name="check")
@click.argument("folder", required=False, type=click.Path(path_type=Path))
@show.as_json
def check_catalogue(folder: Path | None, as_json: bool) -> None:
    """Read the catalogue (or the one in FOLDER) and say whether it holds."""
    found = load_catalogue(folder if folder is not None else load_settings().catalogue)
    if as_json:
        show.dump({"catalogue": found.name, "fingerprint": found.fingerprint, "entity_types": len(found.entities)})
    else:
        click.echo(
            f"{found.name}: {len(found.entities)} entity types in {len(found.areas)} areas, no fault found "
            f"(fingerprint {found.fingerprint})"
        )


@catalogue.command(name="columns")
@click.argument("table", required=False)
@show.as_json
def catalogue_columns(table: str | None, as_json: bool) -> None:
    """Print what to extract: every source table's columns, or those of TABLE with a SELECT for Oracle."""
    from transforms.land.extract import oracle, tables_of

    found = tables_of(load_catalogue(load_settings().catalogue))
    if table is not None and table.upper() not in found:
        raise UsageError(f"the catalogue describes no table '{table}'; it describes {', '.join(found)}")
    wanted = [found[table.upper()]] if table is not None else list(found.values())
    if as_json:
        show.dump([{"table": t.name, "columns": t.columns, "needed": t.needed, "query": oracle(t)} for t in wanted])
        return
    for each in wanted:
        click.echo(oracle(each) if table is not None else f"{each.name}: {', '.join(each.columns)}")


@catalogue.command(name="draft")
@click.argument("table", required=False)
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="Write the draft to a file.")
@show.as_json
def draft_entity(table: str | None, out: Path | None, as_json: bool) -> None:
    """Tables that no file of the catalogue describes: what was told of them, or of TABLE as a file to start from."""
    from flows.archive import undescribed
    from transforms.land.derive import draft, needed

    settings = load_settings()
    found = {d.table: d for d in undescribed(settings)}
    if table is None:
        if as_json:
            show.dump([{"table": d.table, **dict(d.fields)} for d in found.values()])
            return
        cells = [
            (d.table, show.text(", ".join(d.entity.source.local_id), 40), show.text(d.entity.keys[0].name, 50),
             len(d.entity.attributes), f"{min((e.confidence for e in d.evidence if e.role == 'key'), default=0):.2f}")
            for d in found.values()
        ]  # fmt: skip
        columns = ("table", "local id", "first key", "attributes", "least sure key")
        show.console().print(show.table(columns, cells, right=("attributes", "least sure key")))
        return
    if table.upper() not in found:
        described = table.upper() in load_catalogue(settings.catalogue).tables()
        reason = (
            "the catalogue describes it already" if described else "it was not delivered, or holds nothing to compare"
        )
        raise UsageError(f"{table}: {reason}; undescribed are {', '.join(found) or 'none'}")
    one = found[table.upper()]
    if as_json:
        show.dump({"table": one.table, **dict(one.fields), "evidence": [asdict(e) for e in one.evidence]})
        return
    text = draft(one, list(settings.domain_names))
    others = needed(one, load_catalogue(settings.catalogue).entities)
    of = {d.entity.entity: d.table for d in found.values()}
    more = f" It refers to what no file describes: {', '.join(of.get(o, o) for o in others)}." if others else ""
    if out is None:
        click.echo(text, nl=False)
        if more:
            click.echo(f"#{more}")
    elif out.exists():
        raise UsageError(f"{out}: is there already; name a new file")
    else:
        out.write_text(text, encoding="utf-8")
        click.echo(f"{out}: a draft for {one.table}; give it an area, then likare catalogue check.{more}")


COMMANDS = (status, quarantine, catalogue)
