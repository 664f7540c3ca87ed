"""``likare decisions …``: the joint steering group's register, from the command line."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterator
from datetime import UTC, datetime

import click

from flows.cli import options, show
from flows.cli.options import Opened
from flows.settings import load_settings
from transforms.catalogue import load_catalogue
from transforms.register import audit, load_bases, load_register
from transforms.register.model import RegisterFile
from transforms.register.record import preview
from transforms.register.record import record as stamp
from transforms.warehouse import Warehouse
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
    # Short names of legal and national bases:
{bases}
    basis: []
    owner:
    # expires: 2027-12-31
    # supersedes: []"""


@click.group()
def decisions() -> None:
    """The register of what the joint steering group has ruled."""


@decisions.command()
def check() -> None:
    """Say whether the register, its log and the night hold together.

    Every decision is tried on the published night. The log must be whole, and every stamp what was recorded; the last
    hash that is printed, kept elsewhere, proves the log itself.
    """
    settings = load_settings()
    entries = audit.verify(settings.decisions)
    if Warehouse(settings.data).last_night:
        with options.published() as night:
            _, register = night.register
            faults = list(_faults(night))
    else:
        register = load_register(settings.decisions, load_catalogue(settings.catalogue), settings.domain_names)
        faults = []
    unrecorded = [d.id for d in register.decisions if not register.recorded(d)]
    for line in faults:
        click.echo(show.plain_line(line), err=True)
    if unrecorded:
        click.echo(f"Not recorded, so without effect: {', '.join(unrecorded)}")
    if faults:
        raise DecisionError(f"{len(faults)} fault{'s' if len(faults) > 1 else ''} in {show.path(settings.decisions)}")
    last = f"; the log's last hash is {entries[-1].hash}" if entries else ""
    click.echo(f"{len(register.decisions)} decisions, no fault found{last}.")


def _faults(night: Opened) -> Iterator[str]:
    """What does not hold of the decisions on the published night, a line each."""
    catalogue, register = night.register
    for d in register.decisions:
        if d.id in register.superseded_by:
            continue
        try:
            found = preview(night.con, catalogue, register, d)
        except DecisionError as fault:
            # What one that is recorded speaks of is settled by now.
            if not register.recorded(d):
                yield f"{register.places[d.id]}: {fault}"
            continue
        for other in found.overlaps:
            # Two that are recorded meet twice; once is enough to be told.
            if not register.recorded(d) or d.id < other.decision:
                yield (
                    f"{register.places[d.id]}: '{d.id}' and '{other.decision}' "
                    f"({register.places[other.decision]}) both cover {other.differences} of the same "
                    "differences; make one narrower, or let one supersede the other"
                )


@decisions.command()
@click.argument("decision", required=False)
@click.option("--all", "every", is_flag=True, help="Every decision that is not recorded yet.")
@click.option("--by", required=True, type=options.Role(), help="The role that records: who answers for the register.")
@options.as_json
def record(decision: str | None, every: bool, by: str, as_json: bool) -> None:
    """Record DECISION with what both builds say now.

    From the next night it holds while they say it.
    """
    if (decision is None) == (not every):
        raise UsageError("name one decision, or give --all")
    with options.published() as night:
        catalogue, register = night.register
        wanted = (
            [d for d in register.decisions if not register.recorded(d)] if every else [register.decision(str(decision))]
        )
        at = datetime.now(UTC).isoformat(timespec="seconds")
        made = stamp(night.con, catalogue, register, wanted, by=by, at=at)
    if as_json:
        show.dump(made)
        return
    for one in made:
        many = f"{show.number(one.covered)} difference{'' if one.covered == 1 else 's'}"
        click.echo(f"Recorded {one.decision} as of {one.as_of[:10]}: it covers {many}")
    if not made:
        click.echo("Every decision is recorded.")


@decisions.command()
@click.argument("decision")
def new(decision: str) -> None:
    """Print the YAML of a new decision, to be filled in.

    With the short names of the legal and national bases that it may name.
    """
    names = ", ".join(b.id for b in load_bases(load_settings().decisions))
    bases = textwrap.indent(textwrap.fill(names, 100, break_on_hyphens=False), "    #   ")
    click.echo(TEMPLATE.format(id=decision, date=datetime.now(UTC).date(), bases=bases))


@decisions.command()
def schema() -> None:
    """Print the JSON schema of the register's files, for an editor."""
    click.echo(json.dumps(RegisterFile.model_json_schema(), indent=2, ensure_ascii=False))


COMMANDS = (decisions,)
