"""Land a delivery: its files, whole, as text, into the archive, or a reason why not.

A delivery is a folder, an archive or a file that one domain delivered at one time. Each file is told apart by its
content: one that the domain delivered before is not read again. What a file is (encoding, delimiter, quoting) is stated
by the delivery's manifest or read off the file, and recorded with it.
"""

from __future__ import annotations

import dataclasses
import fnmatch
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from transforms.catalogue import Catalogue
from transforms.land import feed, findings, history, manifest, personal, quarantine, screen, written
from transforms.land.manifest import Manifest, StatedFile
from transforms.land.naming import tables_by_name
from transforms.land.personal import Door
from transforms.land.policy import LandingPolicy
from transforms.land.reading import Counts, Reading, conserved, counts, read, shaped
from transforms.land.shape import Shape, digest_of
from transforms.land.unpack import ARCHIVES, Part, Unpacking, bare_name, unpacked
from transforms.land.written import Written
from transforms.warehouse import Session, Sql
from transforms.words.errors import ExtractError

_TIMES = ("%Y-%m-%dT%H%M%S", "%Y-%m-%dT%H%M", "%Y-%m-%d", "%Y-%m")
_UNSTATED = StatedFile(file="")
# Where a FileReport's field is not landed.file's column of the same name.
_REPORTED = {
    "table": "table_name",
    "new": "list_contains($1::INTEGER[], file_id)",
    "stated": "coalesce(stated, false)",
    "date_pictures": "coalesce(date_pictures, [])",
    "pseudonyms": "coalesce(pseudonyms, [])",
}


@dataclass(frozen=True)
class Delivery:
    """The files of one domain at one time, not landed yet."""

    domain: str
    delivered_at: datetime
    path: Path


@dataclass(frozen=True)
class Landed:
    """What became of a delivery. ``new_files`` counts those whose content the domain had not delivered before."""

    snapshot_id: int
    domain: str
    delivered_at: datetime
    files: int
    new_files: int
    rows_accepted: int
    rows_quarantined: int
    undescribed: tuple[str, ...]
    findings: tuple[findings.Finding, ...] = ()
    rows_personal: int = 0
    rows_unreached: int = 0
    mended: quarantine.Mended = quarantine.Mended()
    written: tuple[FileReport, ...] = ()
    events: tuple[feed.Event, ...] = ()


@dataclass(frozen=True)
class FileReport:
    """How a file of a delivery is written and what became of its rows. ``new`` is False where it was landed before.

    ``stated`` tells that a manifest had a word on it, ``dropped`` and ``pseudonyms`` are columns of staff.
    """

    file_name: str
    table: str
    form: str
    encoding: str
    delimiter: str
    quoting: str
    newline: str
    header: bool
    decimal: str | None
    date_pictures: tuple[str, ...]
    time_zone: str | None
    stated: bool
    new: bool
    rows_in: int
    rows_accepted: int
    rows_quarantined: int
    rows_personal: int
    rows_unreached: int
    dropped: tuple[str, ...]
    pseudonyms: tuple[str, ...]


def parse_time(text: str) -> datetime:
    """A delivery's time from the name of its folder: YYYY-MM, YYYY-MM-DD or YYYY-MM-DDTHHMM[SS].

    Raises ExtractError for anything else.
    """
    for picture in _TIMES:
        try:
            found = datetime.strptime(text, picture)
        except ValueError:
            continue
        # strptime is generous: it reads 0130 as 01:03:00 by the picture with seconds.
        if found.strftime(picture) == text:
            return found
    raise ExtractError(f"'{text}' is not a time; name it YYYY-MM-DD, YYYY-MM or YYYY-MM-DDTHHMM")


def time_of(path: Path) -> datetime:
    """A delivery's time: what its manifest states, else the name of its folder or archive.

    Raises ExtractError where neither is a time.
    """
    for name in manifest.NAMES:
        if (path / name).is_file():
            stated = manifest.read_manifest(path / name, str(path / name)).time
            if stated is not None:
                return _stated_time(stated, str(path / name))
    return parse_time(bare_name(path.resolve().name))


def deliveries(incoming: Path, domains: tuple[str, ...]) -> list[Delivery]:
    """Every delivery ``incoming/<domain>/<time>``, a folder or an archive, by time, then in the order of the domains.

    Raises ExtractError for a missing folder or a delivery whose name is no time.
    """
    if not incoming.is_dir():
        raise ExtractError(f"{incoming}: no such folder; put extracts in {incoming.name}/<domain>/<YYYY-MM-DD>/")
    found = []
    for domain in domains:
        folder = incoming / domain
        if not folder.is_dir():
            raise ExtractError(f"{folder}: no such folder; the domain {domain} has delivered nothing")
        for path in sorted(p for p in folder.iterdir() if _is_delivery(p)):
            try:
                found.append(Delivery(domain, parse_time(bare_name(path.name)), path))
            except ExtractError as fault:
                raise ExtractError(f"{path}: {fault}") from None
    return sorted(found, key=lambda d: (d.delivered_at, domains.index(d.domain)))


def _is_delivery(path: Path) -> bool:
    return not path.name.startswith(".") and (path.is_dir() or path.name.lower().endswith(ARCHIVES))


def snapshots(session: Session) -> dict[str, dict[datetime, int]]:
    """The id of every snapshot in the archive by domain and time of delivery."""
    found: dict[str, dict[datetime, int]] = {}
    for domain, delivered_at, snapshot_id in session.rows(
        "SELECT domain, delivered_at, snapshot_id FROM landed.snapshot ORDER BY snapshot_id"
    ):
        found.setdefault(domain, {})[delivered_at] = snapshot_id
    return found


def land(
    session: Session,
    catalogue: Catalogue,
    delivery: Delivery,
    *,
    described: bool = True,
    policy: LandingPolicy | None = None,
) -> Landed:
    """Land one delivery in one transaction: every file or none.

    ``session`` is on the archive; ``policy`` are the rules of the door (by default the safe ones). Files of tables that
    the catalogue does not describe are landed too and named in the result; where they are all of such as it skips, the
    delivery is refused unless ``described`` is False. Raises ExtractError for a delivery that is missing or empty, or
    holds a file that cannot be read, is spoilt, or is not what the manifest states.
    """
    policy = policy or LandingPolicy()
    limits = Unpacking(policy.unpacked_bytes, policy.max_ratio)
    with unpacked(delivery.path, _scratch(session), limits) as found:
        stated, parts = _manifest_of(delivery, found)
        said = manifest.of_parts(stated, parts, "manifest") if stated else [None] * len(parts)
        named = tables_by_name(parts, catalogue.conventions)
        tables = [
            (part, each or _UNSTATED, *_table_of(catalogue, part, each, named)) for part, each in _zip(parts, said)
        ]
        if described and all(not known and catalogue.undescribed.is_skipped(table) for *_, table, known in tables):
            raise ExtractError(
                f"{delivery.path}: no file of a table that the catalogue '{catalogue.name}' describes; "
                f"expected files such as {', '.join(p[0] for p in list(catalogue.tables().values())[:3])}"
            )
        # What is read through its parents is read after them.
        tables.sort(key=lambda each: personal.through_parents(catalogue, each[2]) is not None)
        quarantine.prepare(session, policy.screening(screen.load_policy()))
        personal.set_key(session, policy.pseudonym_key)
        try:
            with session.transaction():
                return _landed(session, catalogue, delivery, stated, tables, policy)
        finally:
            personal.set_key(session, None)


def again(session: Session, delivery: Delivery, snapshot_id: int) -> Landed | None:
    """What became of a delivery that was landed before as that snapshot, None where its files are not the same.

    ``session`` is on the archive; nothing is written.
    """
    with unpacked(delivery.path, _scratch(session)) as found:
        hashes = sorted(p.sha256 or digest_of(p.path) for p in found if p.name.lower() not in manifest.NAMES)
    landed = session.rows(
        "SELECT f.sha256 FROM landed.file f JOIN landed.snapshot_file USING (file_id) WHERE snapshot_id = ?",
        [snapshot_id],
    )
    if sorted({*hashes}) != sorted({row[0] for row in landed}):
        return None
    return Landed(snapshot_id, delivery.domain, delivery.delivered_at, 0, 0, 0, 0, ())


_Tables = Sequence[tuple[Part, StatedFile, str, bool]]


def _landed(
    session: Session,
    catalogue: Catalogue,
    delivery: Delivery,
    stated: Manifest | None,
    tables: _Tables,
    policy: LandingPolicy,
) -> Landed:
    snapshot_id = int(session.value("SELECT coalesce(max(snapshot_id), 0) + 1 FROM landed.snapshot"))
    session.execute(
        "INSERT INTO landed.snapshot VALUES (?, ?, ?, ?)",
        [snapshot_id, delivery.domain, delivery.delivered_at, delivery.path.name],
    )
    if stated is not None:
        session.insert("landed.manifest", [(snapshot_id, stated.code_level, stated.model_dump_json(exclude_none=True))])
    scratch = _scratch(session)
    new_files: set[int] = set()
    places: Counter[str] = Counter()
    delivered: dict[str, list[int]] = {}
    for part, each, table, _ in tables:
        places[table] += 1
        series = history.series_name(delivery.domain, table, places[table])
        file_id, is_new = _land_file(
            session, catalogue, delivery, table, series, part, each, policy, delivered, scratch
        )
        new_files |= {file_id} if is_new else set()
        delivered.setdefault(table, []).append(file_id)
    held = dict.fromkeys(file_id for files in delivered.values() for file_id in files)
    session.insert("landed.snapshot_file", [(snapshot_id, file_id) for file_id in held])
    files = _written_files(session, snapshot_id, new_files)
    empty = session.value(
        "SELECT min(f.file_name) FROM landed.file f JOIN landed.snapshot_file USING (file_id) "
        "WHERE snapshot_id = ? AND list_contains(?, table_name) GROUP BY table_name HAVING sum(rows_in) = 0",
        [snapshot_id, sorted(catalogue.tables())],
    )
    if empty is not None:
        raise ExtractError(
            f"{delivery.path}/{empty}: a header and no rows; deliver the table with its rows, or leave it out"
        )
    return Landed(
        snapshot_id,
        delivery.domain,
        delivery.delivered_at,
        len(tables),
        len(new_files),
        sum(one.rows_accepted for one in files),
        sum(one.rows_quarantined for one in files),
        tuple(
            sorted({table for *_, table, known in tables if not known and not catalogue.undescribed.is_usage(table)})
        ),
        findings.of_snapshot(session, snapshot_id),
        sum(one.rows_personal for one in files),
        sum(one.rows_unreached for one in files),
        quarantine.mended(session, catalogue, snapshot_id),
        files,
        feed.note(session, catalogue, snapshot_id),
    )


def _written_files(session: Session, snapshot_id: int, new: set[int]) -> tuple[FileReport, ...]:
    names = [f.name for f in dataclasses.fields(FileReport)]
    rows = session.rows(
        "SELECT " + ", ".join(_REPORTED.get(n, n) for n in names) + " "
        "FROM landed.file JOIN landed.snapshot_file USING (file_id) WHERE snapshot_id = $2 "
        "ORDER BY table_name, file_name, file_id",
        [sorted(new), snapshot_id],
    )
    values: list[list[Any]] = [[tuple(v) if isinstance(v, list) else v for v in row] for row in rows]
    return tuple(FileReport(*row) for row in values)


def _scratch(session: Session) -> Path:
    return Path(str(session.value("SELECT current_setting('temp_directory')")))


def _zip(parts: Sequence[Part], said: Sequence[StatedFile | None]) -> list[tuple[Part, StatedFile | None]]:
    return list(zip(parts, said, strict=True))


def _stated_time(text: str, shown: str) -> datetime:
    try:
        return parse_time(text)
    except ExtractError as fault:
        raise ExtractError(f"{shown}: time: {fault}") from None


def _manifest_of(delivery: Delivery, parts: Sequence[Part]) -> tuple[Manifest | None, list[Part]]:
    """The delivery's manifest, held against the delivery, and the files that are none."""
    own = [p for p in parts if p.name.lower() in manifest.NAMES]
    rest = [p for p in parts if p not in own]
    if not own:
        return None, rest
    if len(own) > 1 or not rest:
        raise ExtractError(f"{delivery.path}: {'two manifests' if len(own) > 1 else 'a manifest and no files'}")
    found = manifest.read_manifest(own[0].path, own[0].shown)
    if found.domain is not None and found.domain != delivery.domain:
        raise ExtractError(f"{own[0].shown}: domain: is '{found.domain}', and '{delivery.domain}' delivered it")
    if found.time is not None and _stated_time(found.time, own[0].shown) != delivery.delivered_at:
        raise ExtractError(f"{own[0].shown}: time: is {found.time}, and the delivery is of {delivery.delivered_at}")
    return found, rest


def _table_of(
    catalogue: Catalogue, part: Part, stated: StatedFile | None, named: Mapping[str, str]
) -> tuple[str, bool]:
    """The source table that a file delivers, and whether the catalogue describes it."""
    known = catalogue.tables()
    if stated is not None and stated.table is not None:
        return stated.table.upper(), stated.table.upper() in known
    # A workbook's only sheet is called after the workbook where its own name says nothing.
    for name in (part.name, part.otherwise):
        for table, patterns in known.items() if name else ():
            for pattern in patterns:
                # A leading **/ also means the delivery's own top folder, as in a shell.
                for each in (pattern, pattern.removeprefix("**/")):
                    if name and fnmatch.fnmatch(name.lower(), each.lower()):
                        return table, True
    return named[part.name], False


def _land_file(
    session: Session,
    catalogue: Catalogue,
    delivery: Delivery,
    table: str,
    series: str,
    part: Part,
    stated: StatedFile,
    policy: LandingPolicy,
    delivered: Mapping[str, Sequence[int]],
    scratch: Path,
) -> tuple[int, bool]:
    copy = scratch / f"{part.path.stem}-{len(part.name)}.utf8"
    try:
        parents = personal.reach(session, catalogue, table, delivered)

        def landed_before(sha256: str) -> list[tuple[Any, ...]]:
            return session.rows(
                "SELECT file_id, rows_in FROM landed.file "
                "WHERE domain = ? AND table_name = ? AND sha256 = ? AND parents = ? AND said = ?",
                [delivery.domain, table, sha256, parents, stated.fingerprint],
            )

        if part.form == "text" and stated is _UNSTATED and history.exists(session, series):
            # Its bytes tell enough where nothing is stated that they must be held against.
            known = landed_before(digest_of(part.path))
            if known:
                return int(known[0][0]), False
        shape, path = shaped(session, part, stated.stated, copy)
        known = landed_before(shape.sha256)
        outer = delivery.path / part.outer if delivery.path.is_dir() else delivery.path
        if known:
            manifest.check(stated, part, shape, outer, int(known[0][1]))
            return int(known[0][0]), False
        file_id = int(session.value("SELECT coalesce(max(file_id), 0) + 1 FROM landed.file"))
        has_key = policy.pseudonym_key is not None
        door = personal.door(catalogue, table, shape.columns, has_key=has_key, parents=parents)
        telling = quarantine.telling(catalogue, table, shape, door)
        screening = policy.screening(screen.load_policy())
        rows = history.begin(session, series, door.kept, part.shown)
        read(session, Reading(catalogue, part, rows, file_id, shape, path, door, telling, screening))
        rows_in = conserved(session, part, rows, file_id, shape, door)
        manifest.check(stated, part, shape, outer, rows_in)
        lines: dict[str, Any] = {
            "header": shape.above,
            "multiline": shape.quoting == "quoted" and shape.quotes,
        }
        told = written.found(session, rows, door.kept)
        written.check(session, catalogue, table, rows, door.kept, stated, part.shown)
        doubts = () if stated.picture else told.doubts
        findings.note(
            session, rows, file_id, door.kept, part.shown, **lines,
            signs=shape.signs, telling=telling.params, doubts=doubts,
        )  # fmt: skip
        if shape.titles or part.titles:
            session.insert("landed.finding", [(file_id, "", "title", 0, 1)])
        screen.move_out(session, rows, file_id, door.kept, **lines)
    finally:
        copy.unlink(missing_ok=True)
    quarantine.refuse_spoilt(session, policy, table, part.shown, file_id, rows_in)
    _register(session, delivery.domain, table, series, rows, file_id, part, shape, stated, door, told, rows_in)
    return file_id, True


def _register(
    session: Session,
    domain: str,
    table: str,
    series: str,
    rows: Sql,
    file_id: int,
    part: Part,
    shape: Shape,
    stated: StatedFile,
    door: Door,
    told: Written,
    rows_in: int,
) -> None:
    found: Counts = counts(session, rows, file_id)
    if found.total != rows_in:
        raise ExtractError(
            f"{part.shown}: {rows_in} rows came in, {found.accepted} were accepted, {found.quarantined} quarantined "
            f"and {found.personal + found.unreached} left at the door; the delivery is not landed"
        )
    content = history.settle(session, series, rows, file_id, door.kept)
    fields = {
        "file_id": file_id,
        "domain": domain,
        "table_name": table,
        "file_name": Path(part.name).name,
        "sha256": shape.sha256,
        "series": series,
        "content": content,
        "encoding": shape.encoding,
        "delimiter": shape.delimiter,
        "quoting": shape.quoting,
        "columns": list(door.kept),
        "dropped": list(door.dropped),
        "rows_in": rows_in,
        "rows_accepted": found.accepted,
        "rows_quarantined": found.quarantined,
        "form": shape.form,
        "newline": shape.newline,
        "header": shape.header,
        "decimal": stated.decimal or told.decimal,
        "date_pictures": [stated.picture] if stated.picture else list(told.pictures),
        "time_zone": stated.time_zone,
        "query": stated.query,
        "stated": stated is not _UNSTATED,
        "rows_personal": found.personal,
        "rows_unreached": found.unreached,
        "pseudonyms": list(door.pseudonyms),
        "parents": door.parents,
        "said": stated.fingerprint,
    }
    columns = ", ".join(f"? AS {name}" for name in fields)
    session.execute(f"INSERT INTO landed.file BY NAME SELECT {columns}", list(fields.values()))
