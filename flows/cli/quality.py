"""``likare quality``: the checks of the published night, and the rows that fail them."""

from __future__ import annotations

from pathlib import Path

import click

from expectations import asked
from expectations.asked import Asked, Failing
from expectations.rules import load_rules
from flows.cli import options, show
from flows.cli.options import Opened
from transforms.catalogue import load_catalogue
from transforms.land import national
from transforms.words.errors import UsageError


@click.command()
@click.argument("check_id", required=False)
@click.option("--rows", "with_rows", is_flag=True, help="The rows that fail CHECK_ID.")
@click.option("--status", type=click.Choice(asked.STATUSES), help="Only these; by default failed, error and resolved.")
@click.option("--state", type=click.Choice(asked.STATES), help="Only these, against the night before.")
@click.option("--severity", type=click.Choice(asked.SEVERITIES), help="Only these.")
@click.option("--entity", help="Only this entity type; delivery for checks of a delivery as a whole.")
@options.filters("domain")
@options.limit(100)
@options.out
@options.as_json
def quality(
    check_id: str | None, with_rows: bool, status: str | None, state: str | None, severity: str | None,
    entity: str | None, domain: str | None, limit: int, out: Path | None, as_json: bool,
) -> None:  # fmt: skip
    """List the quality checks, or the rows that fail one.

    CHECK_ID, or a glob such as '*.code_set.*', picks some. With --rows each row that fails one check, with its id, its
    name and what is wrong.
    """
    if with_rows and check_id is None:
        raise UsageError("--rows: of which check? likare quality lists them")
    with options.published() as night:
        night.refuse_unknown(domain=domain)
        # One check by its id is shown whatever its status.
        wide = check_id is not None or state is not None
        found = asked.checks(
            night.con, check_id, status=status, state=state, severity=severity, entity=entity, domain=domain, wide=wide
        )
        if check_id is not None and not found:
            raise UsageError(f"no check of that description is called '{check_id}'; likare quality lists them")
        if with_rows:
            _rows(night, found, limit, out, as_json)
            return
        counted = asked.counts(night.con)
    if as_json:
        show.dump({"counts": counted, "checks": found})
    elif out is not None:
        _write(out, _CHECK, [_check_row(c) for c in found])
    else:
        _print(found, counted, limit)


_CHECK = ("status", "against the night before", "since", "severity", "domain", "check", "failed", "of", "note")


def _check_row(c: Asked) -> tuple[object, ...]:
    since = show.moment(c.since) if c.since else ""
    return c.status, c.state or "", since, c.severity, c.domain, c.check_id, c.failed, c.total, c.note or ""


def _print(found: list[Asked], counted: dict[str, int], limit: int) -> None:
    out = show.console()
    if found:
        rows = [_check_row(c) for c in found[:limit]]
        out.print(show.table(_CHECK, [(*r[:5], show.text(r[5]), *r[6:8], show.text(r[8], 90)) for r in rows]))
    said = ", ".join(f"{show.number(n)} {status.replace('_', ' ')}" for status, n in counted.items())
    out.print(f"{min(len(found), limit)} of {len(found)} shown. Of all checks: {said}.")
    if any(c.status == "failed" for c in found):
        out.print("likare quality CHECK_ID --rows shows the rows that fail.")


def _rows(night: Opened, found: list[Asked], limit: int, out: Path | None, as_json: bool) -> None:
    ids = sorted({c.check_id for c in found})
    if len(ids) > 1:
        raise UsageError(f"--rows: '{ids[0]}' and {len(ids) - 1} more are meant; name one check")
    settings = night.settings
    own = settings.rules
    failing = asked.rows(
        night.con,
        load_catalogue(settings.catalogue),
        ids[0],
        [c.domain for c in found if c.status == "failed"],
        rules=load_rules().then(load_rules(own)) if own else None,
        lists=national.load_lists(settings.lists),
        limit=None if out is not None else limit,
    )
    if out is not None:
        _write(
            out, ("domain", "local id", "item", "value"), [(r.domain, r.local_id, r.label, r.value) for r in failing]
        )
        return
    if as_json:
        show.dump({"check_id": ids[0], "rows": failing})
        return
    _print_rows(ids[0], failing, {c.domain: c.failed or 0 for c in found if c.status == "failed"})


def _print_rows(check_id: str, failing: list[Failing], failed: dict[str, int]) -> None:
    out = show.console()
    if not failed:
        out.print(f"{check_id} has no failing rows.")
        return
    rows = [(r.domain, r.local_id, show.text(r.label, 60), show.text(r.value, 80)) for r in failing]
    if rows:
        out.print(show.table(("domain", "local id", "item", "value"), rows))
    told = ", ".join(f"{show.number(n)} in {domain}" for domain, n in failed.items())
    out.print(f"{len(failing)} rows shown; the check counts {told}. --out FILE writes all of them.")


def _write(path: Path, columns: tuple[str, ...], rows: list[tuple[object, ...]]) -> None:
    from transforms.land import workbook

    workbook.write_table(path, columns, rows)
    click.echo(f"{show.number(len(rows))} rows in {show.path(path)}")


COMMANDS = (quality,)
