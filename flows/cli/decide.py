"""``likare decisions …``: the joint steering group's register, from the command line."""

from __future__ import annotations

import contextlib
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
from rich.text import Text

from flows.cli import show
from flows.cli.figures import codes, figures
from flows.cli.forecast import forecast
from flows.cli.target import target
from flows.cli.worklist import worklist
from flows.settings import Settings, load_settings
from transforms.catalogue import Catalogue, load_catalogue
from transforms.land import workbook
from transforms.register import Register, asked, audit, load_bases, load_register
from transforms.register.model import RegisterFile
from transforms.register.record import preview
from transforms.register.record import record as stamp
from transforms.warehouse import Warehouse, open_published
from transforms.words.errors import DecisionError, UsageError

TEMPLATE = """decisions:
  - id: {id}
    title:
    forum: Styrgrupp FVM/SDV
    date: {date}
    # One of: item, difference, cause, rule (docs/decide.md)
    covers:
      rule: {{entity: , attribute: }}
    # adopt (with adopt: DOMAIN), standard (with value: TEXT), keep_local, retire, defer (with expires: DATE)
    ruling: keep_local
    reason:
    # Short names: likare decisions bases
    basis: []
    owner:
    # expires: 2027-12-31
    # supersedes: []"""
_STYLE = {"holds": "green", "stale": "red", "conflict": "red", "altered": "red", "not recorded": "yellow"}


def _opened() -> tuple[Settings, Catalogue, Register]:
    settings = load_settings()
    catalogue = load_catalogue(settings.catalogue)
    return settings, catalogue, load_register(settings.decisions, catalogue, settings.domain_names)


@click.group(name="decisions", invoke_without_command=True)
@click.pass_context
def decisions(context: click.Context) -> None:
    """The register of what the joint steering group has ruled."""
    if context.invoked_subcommand is None:
        context.invoke(list_decisions)


@decisions.command(name="list")
@click.option("--basis", help="Only those that rest on this legal or national basis.")
@click.option("--state", help="Only those in this state: holds, stale, expired, …")
@show.as_json
def list_decisions(basis: str | None = None, state: str | None = None, as_json: bool = False) -> None:
    """List the decisions with their state in the published night."""
    settings, _, register = _opened()
    known = [b.id for b in register.bases]
    if basis is not None and basis not in known:
        raise UsageError(f"--basis: there is no '{basis}'; known here: {', '.join(known)}")
    with contextlib.closing(open_published(settings.data)) as con:
        found = asked.decisions(con)
    in_night = {d["decision_id"]: d for d in found}
    rows: list[dict[str, Any]] = []
    for d in register.decisions:
        now = in_night.get(d.id)
        told = now["state"] if now else "new"
        if (basis and basis not in d.basis) or (state and told != state):
            continue
        rows.append(
            {
                "decision": d.id,
                "date": d.date,
                "ruling": d.ruling + (f" {d.adopt or d.value}" if d.adopt or d.value else ""),
                "covers": d.covers.told,
                "state": told,
                "now": now["covers_now"] if now else None,
                "title": d.title,
                "note": now["note"] if now else "the night does not know it yet: likare run",
            }
        )
    if as_json:
        show.dump(rows)
        return
    out = show.console()
    if not rows:
        out.print(f"No decision{' of that kind' if basis or state else ''} in {show.path(settings.decisions)}.")
        return
    cells = [
        (r["decision"], str(r["date"]), show.text(r["ruling"], 24), show.text(r["covers"], 50),
         Text(str(r["state"]), style=_STYLE.get(str(r["state"]), "")), show.number(r["now"]), show.text(r["title"], 50))
        for r in rows
    ]  # fmt: skip
    out.print(show.table(("decision", "date", "ruling", "covers", "state", "now", "title"), cells, right=("now",)))
    for r in rows:
        if r["note"]:
            out.print(f"{r['decision']}: {show.plain_line(r['note'])}")


@decisions.command()
def check() -> None:
    """Read the register, try every decision on the published night and say whether all holds together."""
    settings, catalogue, register = _opened()
    faults: list[str] = []
    if register.decisions and Warehouse(settings.data).last_night:
        with contextlib.closing(open_published(settings.data)) as con:
            for d in register.decisions:
                if d.id in register.superseded_by:
                    continue
                try:
                    found = preview(con, catalogue, register, d)
                except DecisionError as fault:
                    if register.recorded(d):
                        # What it speaks of is settled by now.
                        continue
                    faults.append(f"{register.places[d.id]}: {fault}")
                    continue
                for other in found.overlaps:
                    # Two that are recorded meet twice; once is enough to be told.
                    if not register.recorded(d) or d.id < other.decision:
                        faults.append(
                            f"{register.places[d.id]}: '{d.id}' and '{other.decision}' "
                            f"({register.places[other.decision]}) both cover {other.differences} of the same "
                            "differences; make one narrower, or let one supersede the other"
                        )
    unrecorded = [d.id for d in register.decisions if not register.recorded(d)]
    for line in faults:
        click.echo(show.plain_line(line), err=True)
    if unrecorded:
        click.echo(f"Not recorded, so without effect: {', '.join(unrecorded)}")
    if faults:
        raise DecisionError(f"{len(faults)} fault{'s' if len(faults) > 1 else ''} in {show.path(settings.decisions)}")
    click.echo(f"{len(register.decisions)} decisions, no fault found.")


@decisions.command()
@click.argument("decision", required=False)
@click.option("--all", "every", is_flag=True, help="Every decision that is not recorded yet.")
@click.option("--by", required=True, help="The role that records: who answers for the register.")
@show.as_json
def record(decision: str | None, every: bool, by: str, as_json: bool) -> None:
    """Record DECISION with what both builds say now: from the next night it holds while they say it."""
    settings, catalogue, register = _opened()
    if (decision is None) == (not every):
        raise UsageError("name one decision, or give --all")
    wanted = (
        [d for d in register.decisions if not register.recorded(d)] if every else [register.decision(str(decision))]
    )
    if not by.strip():
        raise UsageError("--by: a role is expected, such as 'Sekreterare styrgruppen'")
    with contextlib.closing(open_published(settings.data)) as con:
        at = datetime.now(UTC).isoformat(timespec="seconds")
        made = stamp(con, catalogue, register, wanted, by=by.strip(), at=at)
    if as_json:
        show.dump(made)
        return
    for one in made:
        many = f"{show.number(one.covered)} difference{'' if one.covered == 1 else 's'}"
        click.echo(f"Recorded {one.decision} as of {one.as_of[:10]}: it covers {many}")
    if not made:
        click.echo("Every decision is recorded.")


@decisions.command()
@click.argument("item")
@show.as_json
def explain(item: str, as_json: bool) -> None:
    """Say which decision governs ITEM (a label, an identity or a difference's id), and why that one."""
    settings = load_settings()
    with contextlib.closing(open_published(settings.data)) as con:
        found = asked.governed(con, item)
    if as_json:
        show.dump(found)
        return
    if not found:
        raise UsageError(f"no open difference answers to '{show.plain_line(item)}'; see likare differences")
    out = show.console()
    cells = [
        (show.text(r["entity"]), show.text(r["label"], 40), show.text(r["attribute"] or r["kind"]),
         show.text(r["value_a"], 24), show.text(r["value_b"], 24), show.text(r["decision_id"]), show.text(r["ruling"]),
         show.text(r["why"], 80))
        for r in found
    ]  # fmt: skip
    out.print(show.table(("entity type", "item", "what", "a", "b", "decision", "ruling", "why"), cells))


@decisions.command()
@show.as_json
def bases(as_json: bool) -> None:
    """List the legal and national bases that a decision may name."""
    found = load_bases(load_settings().decisions)
    if as_json:
        show.dump(found)
        return
    show.console().print(show.table(("basis", "kind", "title"), [(b.id, b.kind, b.title) for b in found]))


@decisions.command()
@click.option("--domain", help="Only this domain's.")
@click.option("--days", default=0, show_default=True, type=click.IntRange(0), help="Only what has waited so long.")
@show.as_json
def waiting(domain: str | None, days: int, as_json: bool) -> None:
    """List how far each domain has come with each decision, the longest waiting first; regressions before all."""
    settings = load_settings()
    if domain is not None and domain not in settings.domain_names:
        raise UsageError(f"--domain: there is no '{domain}'; known here: {', '.join(settings.domain_names)}")
    with contextlib.closing(open_published(settings.data)) as con:
        found = asked.waiting(con, domain, days)
    if as_json:
        show.dump(found)
        return
    out = show.console()
    if not found:
        out.print("Nothing is waiting.")
        return
    cells = [
        (r["domain"], r["decision_id"], Text(r["step"], style="red" if r["step"] == "regressed" else ""),
         str(r["step_date"] or "–"), show.number(r["days"]), show.text(r["by_role"], 24),
         f"{r['due'] or '–'}{' overdue' if r['overdue'] else ''}", f"{r['done']} of {r['tasks']}",
         show.text(r["title"], 40))
        for r in found
    ]  # fmt: skip
    columns = ("domain", "decision", "step", "since", "days", "by", "due", "seen", "title")
    out.print(show.table(columns, cells, right=("days",)))
    for r in found:
        if r["note"]:
            out.print(f"{r['domain']} {r['decision_id']}: {r['note']}")


@decisions.command(name="audit")
@click.option("--verify", is_flag=True, help="Check the chain, and every stamp against it.")
@click.option("--out", type=click.Path(path_type=Path), help="Write the log to this file (.csv, .parquet or .xlsx).")
@show.as_json
def audit_log(verify: bool, out: Path | None, as_json: bool) -> None:
    """Show the register's log: who recorded what, when and on which extracts."""
    folder = load_settings().decisions
    entries = audit.verify(folder) if verify else audit.read(folder)
    rows = [
        (e.number, e.at, e.by, e.event, e.decision, e.ruling, e.covers, e.as_of[:10],
         ", ".join(f"{d} {n}" for d, n in e.snapshots.items()), e.covered, e.hash)
        for e in entries
    ]  # fmt: skip
    columns = ("line", "at", "by", "event", "decision", "ruling", "covers", "as of", "extracts", "covered", "hash")
    if as_json:
        show.dump(entries)
    elif out:
        workbook.write_table(out, columns, rows)
        click.echo(f"{len(rows)} lines in {show.path(out)}")
    elif not verify:
        shown = [(*r[:3], *(show.text(v, 40) for v in r[3:-1])) for r in rows]
        show.console().print(show.table(columns[:-1], shown, right=("line", "covered")))
    if verify and not as_json:
        last = f"; the last hash is {entries[-1].hash}" if entries else ""
        click.echo(f"{len(entries)} lines hold together, and so does every stamp{last}")


@decisions.command()
@click.option("--out", type=click.Path(path_type=Path), help="Write them to this file (.csv, .parquet or .xlsx).")
@click.option("--all", "every", is_flag=True, help="Also those that are settled.")
@show.as_json
def vendor(out: Path | None, every: bool, as_json: bool) -> None:
    """List the joint requests to the vendor: what differs in items that bear its own identifier."""
    with contextlib.closing(open_published(load_settings().data)) as con:
        found = asked.vendor(con, every)
    columns = ("request_id", "entity", "label", "attribute", "value_a", "value_b", "explains", "status", "status_date",
               "reference", "note")  # fmt: skip
    if as_json:
        show.dump(found)
    elif out:
        workbook.write_table(out, columns, [tuple(r[c] for c in columns) for r in found])
        click.echo(f"{len(found)} requests in {show.path(out)}")
    else:
        shown = columns[:8]
        cells = [[show.text(r[c], 34) for c in shown] for r in found]
        show.console().print(show.table([c.replace("_", " ") for c in shown], cells, right=("explains",)))
        click.echo(f"{len(found)} joint requests.")


@decisions.command()
def schema() -> None:
    """Print the JSON schema of a register's files, for an editor to complete and check by."""
    click.echo(json.dumps(RegisterFile.model_json_schema(), indent=2, ensure_ascii=False))


@decisions.command()
@click.argument("decision")
def new(decision: str) -> None:
    """Print the YAML of a new decision, to be filled in."""
    click.echo(TEMPLATE.format(id=decision, date=datetime.now(UTC).date()))


decisions.add_command(figures)
decisions.add_command(codes)
COMMANDS = (decisions, target, worklist, forecast)
