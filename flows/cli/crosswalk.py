"""``likare crosswalk``: the crosswalk goes out to other systems, and theirs comes in."""

from __future__ import annotations

import contextlib
import csv
import io
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import click

from flows.cli import show
from flows.opened import read_reviewed
from flows.published import published_catalogue
from flows.settings import Settings, load_settings
from transforms.build import reviewed
from transforms.review.exchange import Domain, Line, conceptmap, domain, lines, rdds, readings, sssom
from transforms.review.exchange import json_of_keys as keys_json
from transforms.warehouse import Session, open_published
from transforms.words.errors import ReviewError, UsageError
from transforms.words.files import read_text, write_text

_FORMATS = ("sssom", "conceptmap", "csv")


@click.group()
def crosswalk() -> None:
    """Which items are the same, as a file for other systems: SSSOM, FHIR ConceptMap or CSV."""


@crosswalk.command(name="export")
@click.option("--format", "kind", type=click.Choice(_FORMATS), required=True, help="What to write.")
@click.option("--out", type=click.Path(path_type=Path), required=True, help="The file; replaced where it is there.")
@click.option("--entity", help="Only this entity type.")
@click.option("--pair", help="The pair of domains, A~B (needed with more than two domains).")
@show.as_json
def export(kind: str, out: Path, entity: str | None, pair: str | None, as_json: bool) -> None:
    """Write the published crosswalk of a pair of domains, rulings included."""
    settings = load_settings()
    with contextlib.closing(open_published(settings.data)) as con:
        session = Session(con)
        catalogue = published_catalogue(settings, session)
        if entity is not None and entity not in catalogue.entities:
            raise UsageError(f"--entity: there is no '{entity}'; known here: {', '.join(catalogue.entities)}")
        pair = _pair(session, pair)
        found = lines(session, catalogue, pair, entity)
        as_of = session.value("SELECT max(as_of) FROM published.night")
    domains = {d.name: d for d in _domains(settings)}
    a, b = (domains[name] for name in pair.split("~"))
    if kind == "sssom":
        text = sssom.write(found, a, b, as_of, version("likare"))
    elif kind == "conceptmap":
        text = conceptmap.write(found, a, b, as_of)
    else:
        text = _csv(found)
    if not out.parent.is_dir():
        raise UsageError(f"--out: {out.parent} is not a folder; make it first")
    write_text(out, text)
    if as_json:
        show.dump({"path": out, "pair": pair, "lines": len(found)})
    else:
        click.echo(f"{show.number(len(found))} lines of {pair} in {show.path(out)}")


@crosswalk.command(name="import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--from", "domain_from", help="RDDS only: the domain that FROM_VALUE is of.")
@click.option("--to", "domain_to", help="RDDS only: the domain that TO_VALUE is of.")
@click.option("--environments", default="", help="RDDS only: SOURCE:TARGET, where the file holds several pairs.")
@click.option("--dry-run", is_flag=True, help="Say what would be taken in, and take nothing in.")
@show.as_json
def take_in(
    file: Path, domain_from: str | None, domain_to: str | None, environments: str, dry_run: bool, as_json: bool
) -> None:
    """Take a crosswalk in as imported rulings: SSSOM TSV, FHIR ConceptMap or an extract of DM_MERGE_TRANSLATE.

    All of it or nothing. An answer of a person stands before an imported one.
    """
    settings = load_settings()
    if not file.is_file():
        raise UsageError(f"{file}: no such file; name the crosswalk to take in")
    text = read_text(file, ReviewError)
    domains = _domains(settings)
    unknown = 0
    with contextlib.closing(open_published(settings.data)) as con:
        session = Session(con)
        catalogue = published_catalogue(settings, session)
        given = read_reviewed(settings, catalogue)
        found: list[Line]
        head = next((t for t in text.splitlines() if t.strip() and not t.startswith("#")), "")
        if text.lstrip().startswith("{"):
            found = conceptmap.read(text, str(file), domains)
        elif "subject_id" in head:
            found = sssom.read(text, str(file), domains)
        elif "FROM_VALUE" in head.upper():
            for option, value in (("--from", domain_from), ("--to", domain_to)):
                if value not in settings.domain_names:
                    raise UsageError(f"{option}: name one of {', '.join(settings.domain_names)}")
            if domain_from == domain_to:
                raise UsageError("--to: is the same domain as --from")
            found, unknown = rdds.read(
                session, catalogue, text, str(file), str(domain_from), str(domain_to), environments
            )
        else:
            raise ReviewError(
                f"{file}:1: neither SSSOM (subject_id …), a ConceptMap nor DM_MERGE_TRANSLATE (FROM_VALUE …)"
            )
        now = datetime.now(UTC).replace(tzinfo=None, microsecond=0)
        taken = readings(session, catalogue, found, source=f"import of {file.name}", at=now)
    if unknown:
        taken.passed["its table or ids are not in the published night"] = unknown
    # When it was read is no news: a line that states no date is read anew each time.
    before = {(r.subject, r.ruling, r.reader, r.role) for r in given.readings}
    fresh = [r for r in taken.readings if (r.subject, r.ruling, r.reader, r.role) not in before]
    if not dry_run:
        for entity in dict.fromkeys(r.entity for r in fresh):
            new = {(r.subject, r.reader): r for r in fresh if r.entity == entity}
            kept = [r for r in given.readings if r.entity == entity and (r.subject, r.reader) not in new]
            reviewed.write(settings.crosswalk, entity, [*kept, *new.values()])
    if as_json:
        show.dump({"taken": len(fresh), "known": len(taken.readings) - len(fresh), "passed": taken.passed})
        return
    verb = "would be taken in" if dry_run else "taken in"
    known = len(taken.readings) - len(fresh)
    click.echo(f"{show.number(len(fresh))} rulings {verb} from {show.path(file)}; {show.number(known)} were known")
    for reason, number in taken.passed.items():
        at = f" (first: {taken.examples[reason]})" if reason in taken.examples else ""
        click.echo(f"{show.number(number)} lines passed over: {reason}{show.plain_line(at)}")
    if fresh and not dry_run:
        click.echo("likare run applies them; likare review --status tells what does not count.")


@crosswalk.command(name="ids")
@click.option("--entity", help="Only this entity type.")
@show.as_json
def equal_ids(entity: str | None, as_json: bool) -> None:
    """How often matched items have equal local ids, per entity type: a check, for no rule looks at them.

    Ids that both domains use should mostly be matched to each other where the vendor shipped the rows, and stand for
    different things where each domain numbers its own.
    """
    settings = load_settings()
    with contextlib.closing(open_published(settings.data)) as con:
        rows = con.execute(
            "SELECT pair_id, entity, matched, equal_ids, share, on_both_sides, matched_together "
            "FROM published.equal_id "
            "WHERE ($1 IS NULL OR entity = $1) AND matched > 0 ORDER BY pair_id, equal_ids DESC, matched DESC, entity",
            [entity],
        ).fetchall()
    names = ("pair_id", "entity", "matched", "equal_ids", "share", "on_both_sides", "matched_together")
    if as_json:
        show.dump([dict(zip(names, row, strict=True)) for row in rows])
        return
    cells = [
        (pair, show.text(of, 40), show.number(matched), show.number(equal), show.share(share), show.number(both),
         show.number(together))
        for pair, of, matched, equal, share, both, together in rows
    ]  # fmt: skip
    columns = ("pair", "entity type", "matched", "equal ids", "share", "ids on both sides", "matched together")
    show.console().print(show.table(columns, cells, right=columns[2:]))
    matched, equal = sum(r[2] for r in rows), sum(r[3] for r in rows)
    share = show.share(equal / matched) if matched else "not measurable"
    click.echo(f"{show.number(equal)} of {show.number(matched)} matches have equal ids ({share}).")


def _domains(settings: Settings) -> list[Domain]:
    return [domain(d.name, d.shown, d.uri) for d in settings.domains]


def _pair(session: Session, wanted: str | None) -> str:
    known = [r[0] for r in session.rows("SELECT pair_id FROM published.pair ORDER BY pair_id")]
    if wanted is None and len(known) == 1:
        return str(known[0])
    if wanted not in known:
        raise UsageError(f"--pair: name one of {', '.join(known)}")
    return str(wanted)


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
        writer.writerow([_harmless(c) for c in cells])
    return out.getvalue()


def _harmless(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{cell}" if cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell


COMMANDS = (crosswalk,)
