"""``likare crosswalk``: the crosswalk goes out to other systems, and theirs comes in."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import click

from flows.cli import options, show
from flows.opened import read_reviewed
from flows.settings import Settings
from transforms.land import workbook
from transforms.review import answers
from transforms.review.exchange import Domain, Line, conceptmap, domain, lines, readings, sssom
from transforms.review.exchange import json_of_keys as keys_json
from transforms.words.errors import ReviewError, UsageError
from transforms.words.files import read_text, write_text

_FORMATS = (".tsv", ".json", ".csv")


@click.group()
def crosswalk() -> None:
    """Which items are the same, for and from other systems."""


@crosswalk.command(name="export")
@click.argument("file", type=options.FILE)
@options.filters("entity", "pair")
@options.as_json
def export(file: Path, entity: str | None, pair: str | None, as_json: bool) -> None:
    """Write the crosswalk to FILE: SSSOM, FHIR ConceptMap or CSV.

    By the ending of its name: .tsv, .json or .csv. Rulings are in it. With more than two domains --pair names the pair.
    """
    kind = file.suffix.lower()
    if kind not in _FORMATS:
        raise UsageError(f"{file}: end the name with .tsv (SSSOM), .json (ConceptMap) or .csv")
    if not file.parent.is_dir():
        raise UsageError(f"{file.parent}: there is no such folder; make it first")
    with options.published() as night:
        if entity is not None:
            options.refuse_other("entity", entity, night.catalogue.entities)
        pair = night.one_pair(pair)
        found = lines(night.session, night.catalogue, pair, entity)
        as_of = night.session.value("SELECT max(as_of) FROM published.night")
    domains = {d.name: d for d in _domains(night.settings)}
    a, b = (domains[name] for name in pair.split("~"))
    if kind == ".tsv":
        text = sssom.write(found, a, b, as_of, version("likare"))
    elif kind == ".json":
        text = conceptmap.write(found, a, b, as_of)
    else:
        text = _csv(found)
    write_text(file, text)
    if as_json:
        show.dump({"path": file, "pair": pair, "lines": len(found)})
    else:
        click.echo(f"{show.number(len(found))} lines of {pair} in {show.path(file)}")


@crosswalk.command(name="import")
@click.argument("file", type=options.FILE)
@click.option("--dry-run", is_flag=True, help="Say what would be taken in, and take nothing in.")
@options.as_json
def take_in(file: Path, dry_run: bool, as_json: bool) -> None:
    """Take a crosswalk in as rulings: SSSOM TSV or FHIR ConceptMap.

    All of it or nothing. An answer of a person stands before an imported one.
    """
    if not file.is_file():
        raise UsageError(f"{file}: no such file; name the crosswalk to take in")
    text = read_text(file, ReviewError)
    with options.published() as night:
        settings = night.settings
        given = read_reviewed(settings, night.catalogue).readings
        head = next((t for t in text.splitlines() if t.strip() and not t.startswith("#")), "")
        if text.lstrip().startswith("{"):
            found = conceptmap.read(text, str(file), _domains(settings))
        elif "subject_id" in head:
            found = sssom.read(text, str(file), _domains(settings))
        else:
            raise ReviewError(f"{file}:1: neither SSSOM (subject_id …) nor a ConceptMap")
        now = datetime.now(UTC).replace(tzinfo=None, microsecond=0)
        taken = readings(night.session, night.catalogue, found, source=f"import of {file.name}", at=now)
    # When it was read is no news: a line that states no date is read anew each time.
    before = {(r.subject, r.ruling, r.reader, r.role) for r in given}
    fresh = [r for r in taken.readings if (r.subject, r.ruling, r.reader, r.role) not in before]
    known = len(taken.readings) - len(fresh)
    if not dry_run:
        answers.save(settings.crosswalk, given, fresh)
    if as_json:
        show.dump({"taken": len(fresh), "known": known, "passed": taken.passed})
        return
    verb = "would be taken in" if dry_run else "taken in"
    click.echo(f"{show.number(len(fresh))} rulings {verb} from {show.path(file)}; {show.number(known)} were known")
    for reason, number in taken.passed.items():
        at = f" (first: {taken.examples[reason]})" if reason in taken.examples else ""
        click.echo(f"{show.number(number)} lines passed over: {reason}{show.plain_line(at)}")
    if fresh and not dry_run:
        click.echo("likare run applies them; likare review status tells what does not count.")


def _domains(settings: Settings) -> list[Domain]:
    return [domain(d.name, d.shown, d.uri) for d in settings.domains]


_COLUMNS = (
    "entity", "domain_a", "local_id_a", "label_a", "domain_b", "local_id_b", "label_b", "relation", "rule", "key_name",
    "score", "readers", "read_at", "note", "keys_a", "keys_b",
)  # fmt: skip


def _csv(found: list[Line]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(_COLUMNS)
    for x in found:
        cells = (
            x.entity, x.domain_a, x.local_id_a, x.label_a, x.domain_b, x.local_id_b, x.label_b, x.relation, x.rule,
            x.key_name, "" if x.score is None else f"{x.score:.4f}", x.readers, f"{x.at:%Y-%m-%d}" if x.at else "",
            x.note, keys_json(x.keys_a), keys_json(x.keys_b),
        )  # fmt: skip
        writer.writerow([workbook.harmless(c) for c in cells])
    return out.getvalue()


COMMANDS = (crosswalk,)
