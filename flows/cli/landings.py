"""What landing a delivery did, in the terminal: rows and files, what was peculiar, what was left at the door."""

from __future__ import annotations

from collections.abc import Sequence

import click

from flows.cli import show
from transforms.land import landing
from transforms.land.findings import TOLD, Finding


def print_landings(landings: Sequence[landing.Landed]) -> None:
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


def print_files(landed: landing.Landed) -> None:
    """How each file is written, as found or stated, and what became of its rows."""
    rows = [
        (f.file_name, _joined(f.form if f.form != "text" else f.encoding, f.newline),
         _joined(_SIGNS.get(f.delimiter, repr(f.delimiter)) if f.delimiter else "", f.quoting), f.decimal or "",
         ", ".join(f.date_pictures), _joined(f.time_zone, "stated" if f.stated else ""), f.rows_in, f.rows_accepted,
         f.rows_quarantined, f.rows_personal + f.rows_unreached)
        for f in landed.written
    ]  # fmt: skip
    columns = (
        "file",
        "written in",
        "divided by",
        "decimal",
        "dates",
        "zone",
        "rows",
        "taken in",
        "quarantined",
        "left",
    )
    show.console().print(show.table(columns, rows))


def _joined(*parts: str | None) -> str:
    return " ".join(p for p in parts if p)


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
