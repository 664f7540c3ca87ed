"""Land a delivery: its files, whole, as text, into the archive, or a reason why not.

A delivery is a folder, an archive or a file that one domain delivered at one time. Each file is told apart by its
content: one that the domain delivered before is not read again. What a file is (encoding, delimiter, quoting) is stated
by the delivery's manifest or read off the file, and recorded with it.
"""

from __future__ import annotations

import dataclasses
import fnmatch
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from transforms.catalogue import Catalogue
from transforms.land import feed, findings, history, manifest, personal, quarantine, screen
from transforms.land.intake import Intake
from transforms.land.manifest import Manifest, StatedFile
from transforms.land.naming import tables_by_name
from transforms.land.policy import LandingPolicy
from transforms.land.reading import Arrival
from transforms.land.shape import digest_of
from transforms.land.unpack import ARCHIVES, Part, Unpacking, bare_name, unpacked
from transforms.warehouse import Session
from transforms.words.errors import ExtractError

_TIMES = ("%Y-%m-%dT%H%M%S", "%Y-%m-%dT%H%M", "%Y-%m-%d", "%Y-%m")
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
    scratch = _scratch(session)
    with unpacked(delivery.path, scratch, limits) as found:
        stated, parts = _manifest_of(delivery, found)
        said = manifest.of_parts(stated, parts, "manifest") if stated else [None] * len(parts)
        named = tables_by_name(parts, catalogue.conventions)
        patterns = _patterns(catalogue)
        arrivals: list[Arrival] = []
        places: Counter[str] = Counter()
        for part, each in zip(parts, said, strict=True):
            table, is_described = _table_of(patterns, part, each, named)
            places[table] += 1
            series = history.series_name(delivery.domain, table, places[table])
            outer = delivery.path / part.outer if delivery.path.is_dir() else delivery.path
            arrivals.append(Arrival(part, each or manifest.UNSTATED, table, is_described, series, outer))
        if described and all(not a.is_described and catalogue.undescribed.is_skipped(a.table) for a in arrivals):
            raise ExtractError(
                f"{delivery.path}: no file of a table that the catalogue '{catalogue.name}' describes; "
                f"expected files such as {', '.join(p[0] for p in list(catalogue.tables().values())[:3])}"
            )
        quarantine.prepare(session, policy.screening(screen.load_policy()))
        with personal.key_of(session, policy.pseudonym_key), session.transaction():
            return _landed(session, catalogue, delivery, stated, arrivals, policy, scratch)


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


def _landed(
    session: Session,
    catalogue: Catalogue,
    delivery: Delivery,
    stated: Manifest | None,
    arrivals: Sequence[Arrival],
    policy: LandingPolicy,
    scratch: Path,
) -> Landed:
    snapshot_id = int(session.value("SELECT coalesce(max(snapshot_id), 0) + 1 FROM landed.snapshot"))
    session.execute(
        "INSERT INTO landed.snapshot VALUES (?, ?, ?, ?)",
        [snapshot_id, delivery.domain, delivery.delivered_at, delivery.path.name],
    )
    if stated is not None:
        session.insert("landed.manifest", [(snapshot_id, stated.code_level, stated.model_dump_json(exclude_none=True))])
    intake = Intake(session, catalogue, delivery.domain, delivery.delivered_at.date(), policy, scratch)
    # What is read through its parents is read after them.
    texts = [one for one in arrivals if personal.through_parents(catalogue, one.table) is not None]
    intake.land([one for one in arrivals if one not in texts], {})
    if texts:
        intake.land(texts, personal.reach(session, catalogue, {one.table for one in texts}, intake.files))
    held = dict.fromkeys(file_id for files in intake.files.values() for file_id in files)
    session.insert("landed.snapshot_file", [(snapshot_id, file_id) for file_id in held])
    files = _written_files(session, snapshot_id, intake.new)
    filled = {one.table for one in files if one.rows_in}
    empty = min(
        (one.file_name for one in files if one.table in catalogue.tables() and one.table not in filled), default=None
    )
    if empty is not None:
        raise ExtractError(
            f"{delivery.path}/{empty}: a header and no rows; deliver the table with its rows, or leave it out"
        )
    return Landed(
        snapshot_id,
        delivery.domain,
        delivery.delivered_at,
        len(arrivals),
        len(intake.new),
        sum(one.rows_accepted for one in files),
        sum(one.rows_quarantined for one in files),
        tuple(
            sorted({a.table for a in arrivals if not a.is_described and not catalogue.undescribed.is_usage(a.table)})
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


def _patterns(catalogue: Catalogue) -> dict[str, re.Pattern[str]]:
    """By source table that the catalogue describes, what its files are called, in lower case."""
    # A leading **/ also means the delivery's own top folder, as in a shell.
    return {
        table: re.compile(
            "|".join(fnmatch.translate(p) for each in names for p in (each.lower(), each.lower().removeprefix("**/")))
        )
        for table, names in catalogue.tables().items()
    }


def _table_of(
    patterns: Mapping[str, re.Pattern[str]], part: Part, stated: StatedFile | None, named: Mapping[str, str]
) -> tuple[str, bool]:
    """The source table that a file delivers, and whether the catalogue describes it."""
    if stated is not None and stated.table is not None:
        return stated.table.upper(), stated.table.upper() in patterns
    # A workbook's only sheet is called after the workbook where its own name says nothing.
    for name in (part.name, part.otherwise):
        for table, pattern in patterns.items() if name else ():
            if name and pattern.match(name.lower()):
                return table, True
    return named[part.name], False
