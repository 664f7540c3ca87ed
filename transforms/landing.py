"""Land a delivery: its files, whole, as text, into the archive, or a reason why not.

A delivery is a folder, an archive or a file that one domain delivered at one time. Each file is told apart by its
content: one that the domain delivered before is not read again. What a file is (encoding, delimiter, quoting) is stated
by the delivery's manifest or read off the file, and recorded with it.
"""

from __future__ import annotations

import fnmatch
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from transforms import findings, history, manifest, screen
from transforms.catalogue import Catalogue
from transforms.errors import ExtractError
from transforms.manifest import Manifest, StatedFile
from transforms.reading import conserved, counts, read, shaped
from transforms.shape import Shape
from transforms.unpack import ARCHIVES, Part, bare_name, unpacked
from transforms.warehouse import Session, Sql

_TIMES = ("%Y-%m-%dT%H%M%S", "%Y-%m-%dT%H%M", "%Y-%m-%d", "%Y-%m")
_UNSTATED = StatedFile(file="")


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


def land(session: Session, catalogue: Catalogue, delivery: Delivery, *, described: bool = True) -> Landed:
    """Land one delivery in one transaction: every file or none.

    ``session`` is on the archive. Files of tables that the catalogue does not describe are landed too and named in the
    result; where it describes none, the delivery is refused unless ``described`` is False. Raises ExtractError for a
    delivery that is missing or empty, or holds a file that cannot be read or is not what the manifest states.
    """
    with unpacked(delivery.path, _scratch(session)) as found:
        stated, parts = _manifest_of(delivery, found)
        said = manifest.of_parts(stated, parts, "manifest") if stated else [None] * len(parts)
        tables = [(part, each or _UNSTATED, *_table_of(catalogue, part, each)) for part, each in _zip(parts, said)]
        if described and not any(known for *_, known in tables):
            raise ExtractError(
                f"{delivery.path}: no file of a table that the catalogue '{catalogue.name}' describes; "
                f"expected files such as {', '.join(p[0] for p in list(catalogue.tables().values())[:3])}"
            )
        with session.transaction():
            return _landed(session, catalogue, delivery, stated, tables)


_Tables = Sequence[tuple[Part, StatedFile, str, bool]]


def _landed(
    session: Session, catalogue: Catalogue, delivery: Delivery, stated: Manifest | None, tables: _Tables
) -> Landed:
    snapshot_id = int(session.value("SELECT coalesce(max(snapshot_id), 0) + 1 FROM landed.snapshot"))
    session.execute(
        "INSERT INTO landed.snapshot VALUES (?, ?, ?, ?)",
        [snapshot_id, delivery.domain, delivery.delivered_at, delivery.path.name],
    )
    if stated is not None:
        session.insert("landed.manifest", [(snapshot_id, stated.code_level, stated.model_dump_json(exclude_none=True))])
    new_files = 0
    places: Counter[str] = Counter()
    for part, each, table, _ in tables:
        places[table] += 1
        series = history.series_name(delivery.domain, table, places[table])
        file_id, is_new = _land_file(session, catalogue, delivery, table, series, part, each)
        new_files += is_new
        session.execute("INSERT OR IGNORE INTO landed.snapshot_file VALUES (?, ?)", [snapshot_id, file_id])
    accepted, quarantined = session.rows(
        "SELECT sum(rows_accepted), sum(rows_quarantined) FROM landed.file "
        "JOIN landed.snapshot_file USING (file_id) WHERE snapshot_id = ?",
        [snapshot_id],
    )[0]
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
        new_files,
        int(accepted),
        int(quarantined),
        tuple(sorted({table for *_, table, known in tables if not known})),
        findings.of_snapshot(session, snapshot_id),
    )


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


def _table_of(catalogue: Catalogue, part: Part, stated: StatedFile | None) -> tuple[str, bool]:
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
    stem = re.sub(r"[^\w]+", "_", (part.otherwise or part.name).rsplit(".", 1)[0])
    return stem.upper(), False


def _land_file(
    session: Session,
    catalogue: Catalogue,
    delivery: Delivery,
    table: str,
    series: str,
    part: Part,
    stated: StatedFile,
) -> tuple[int, bool]:
    copy = _scratch(session) / f"{part.path.stem}-{len(part.name)}.utf8"
    try:
        shape, path = shaped(session, part, stated.stated, copy)
        known = session.rows(
            "SELECT file_id, rows_in FROM landed.file WHERE domain = ? AND table_name = ? AND sha256 = ?",
            [delivery.domain, table, shape.sha256],
        )
        delivered = delivery.path / part.outer if delivery.path.is_dir() else delivery.path
        if known:
            manifest.check(stated, part, shape, delivered, int(known[0][1]))
            return int(known[0][0]), False
        file_id = int(session.value("SELECT coalesce(max(file_id), 0) + 1 FROM landed.file"))
        dropped = tuple(c for c in shape.columns if catalogue.conventions.is_personal(c))
        kept = tuple(c for c in shape.columns if c not in dropped)
        rows = history.begin(session, series, kept, part.shown)
        read(session, catalogue, part, rows, file_id, shape, path, kept)
        rows_in = conserved(session, part, rows, file_id, shape, kept, whole=not dropped)
        manifest.check(stated, part, shape, delivered, rows_in)
        findings.note(
            session, rows, file_id, kept, part.shown,
            header=shape.header and shape.form == "text", multiline=shape.quoting == "quoted" and shape.quotes,
        )  # fmt: skip
        screen.move_out(
            session, rows, file_id, kept,
            header=shape.header and shape.form == "text", multiline=shape.quoting == "quoted" and shape.quotes,
        )  # fmt: skip
    finally:
        copy.unlink(missing_ok=True)
    _register(session, delivery.domain, table, series, rows, file_id, part, shape, stated, kept, dropped, rows_in)
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
    kept: Sequence[str],
    dropped: Sequence[str],
    rows_in: int,
) -> None:
    accepted, rejected = counts(session, rows, file_id)
    if accepted + rejected != rows_in:
        raise ExtractError(
            f"{part.shown}: {rows_in} rows came in, {accepted} were accepted and {rejected} quarantined; "
            "the delivery is not landed"
        )
    decimal, pictures = _written(session, rows, kept)
    content = history.settle(session, series, rows, file_id, kept)
    session.execute(
        "INSERT INTO landed.file BY NAME SELECT ? AS file_id, ? AS domain, ? AS table_name, ? AS file_name, "
        "? AS sha256, ? AS series, ? AS content, ? AS encoding, ? AS delimiter, ? AS quoting, ? AS columns, "
        "? AS dropped, ? AS rows_in, ? AS rows_accepted, ? AS rows_quarantined, ? AS form, ? AS newline, ? AS header, "
        "? AS decimal, ? AS date_pictures, ? AS time_zone, ? AS query, ? AS stated",
        [
            file_id,
            domain,
            table,
            Path(part.name).name,
            shape.sha256,
            series,
            content,
            shape.encoding,
            shape.delimiter,
            shape.quoting,
            list(kept),
            list(dropped),
            rows_in,
            accepted,
            rejected,
            shape.form,
            shape.newline,
            shape.header,
            stated.decimal or decimal,
            [stated.date_picture] if stated.date_picture else pictures,
            stated.time_zone,
            stated.query,
            stated is not _UNSTATED,
        ],
    )


def _written(session: Session, rows: Sql, kept: Sequence[str]) -> tuple[str | None, list[str]]:
    """The decimal sign and the date pictures of a file's first rows, as far as they tell."""
    if not kept:
        return None, []
    found = session.run("land_properties.sql.j2", rows=rows, kept=tuple(kept)).fetchone()
    return (found[0], list(found[1])) if found else (None, [])
