"""Land a delivery: its files, whole, as text, into the archive, or a reason why not.

A delivery is a folder of files that one domain delivered at one time. Each file is told apart by its content: one that
the domain delivered before is not read again. What a file is (encoding, delimiter, quoting) is read off the file and
recorded with it.
"""

from __future__ import annotations

import codecs
import contextlib
import csv
import fnmatch
import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import duckdb

from transforms.catalogue import Catalogue
from transforms.errors import ExtractError, WarehouseError
from transforms.warehouse import Session, ident

_CHUNK = 1 << 20
# DuckDB cuts the text of a refused row (reject_errors.csv_line) at so many bytes.
_CSV_LINE = 10_000
_DELIMITERS = ",\t;|"
_TIMES = ("%Y-%m-%dT%H%M%S", "%Y-%m-%dT%H%M", "%Y-%m-%d", "%Y-%m")
_CODECS = {"utf-8": "utf-8-sig", "utf-16": "utf-16", "cp1252": "cp1252"}


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


@dataclass(frozen=True)
class _Shape:
    """How a file is written: found by reading it, stored with the snapshot."""

    sha256: str
    encoding: str
    delimiter: str
    quoting: str
    columns: tuple[str, ...]


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


def deliveries(incoming: Path, domains: tuple[str, ...]) -> list[Delivery]:
    """Every delivery under ``incoming/<domain>/<time>/``, by time, then in the order of the domains.

    Raises ExtractError for a missing folder or a delivery whose name is no time.
    """
    if not incoming.is_dir():
        raise ExtractError(f"{incoming}: no such folder; put extracts in {incoming.name}/<domain>/<YYYY-MM-DD>/")
    found = []
    for domain in domains:
        folder = incoming / domain
        if not folder.is_dir():
            raise ExtractError(f"{folder}: no such folder; the domain {domain} has delivered nothing")
        for path in sorted(p for p in folder.iterdir() if p.is_dir() and not p.name.startswith(".")):
            try:
                found.append(Delivery(domain, parse_time(path.name), path))
            except ExtractError as fault:
                raise ExtractError(f"{path}: {fault}") from None
    return sorted(found, key=lambda d: (d.delivered_at, domains.index(d.domain)))


def snapshots(session: Session) -> dict[str, dict[datetime, int]]:
    """The id of every snapshot in the archive by domain and time of delivery."""
    found: dict[str, dict[datetime, int]] = {}
    for domain, delivered_at, snapshot_id in session.rows(
        "SELECT domain, delivered_at, snapshot_id FROM landed.snapshot ORDER BY snapshot_id"
    ):
        found.setdefault(domain, {})[delivered_at] = snapshot_id
    return found


def land(session: Session, catalogue: Catalogue, delivery: Delivery) -> Landed:
    """Land one delivery in one transaction: every file or none.

    ``session`` is on the archive. Files of tables that the catalogue does not describe are landed too and named in the
    result. Raises ExtractError for a folder that is missing, holds no described table, or holds a file that is empty
    or not text.
    """
    files = _files(delivery.path)
    tables = [(path, *_table_of(catalogue, delivery.path, path)) for path in files]
    if not any(described for _, _, described in tables):
        raise ExtractError(
            f"{delivery.path}: no file of a table that the catalogue '{catalogue.name}' describes; "
            f"expected files such as {', '.join(p[0] for p in list(catalogue.tables().values())[:3])}"
        )
    with session.transaction():
        snapshot_id = int(session.value("SELECT coalesce(max(snapshot_id), 0) + 1 FROM landed.snapshot"))
        session.execute(
            "INSERT INTO landed.snapshot VALUES (?, ?, ?, ?)",
            [snapshot_id, delivery.domain, delivery.delivered_at, delivery.path.name],
        )
        new_files = 0
        for path, table, _ in tables:
            file_id, is_new = _land_file(session, catalogue, delivery.domain, table, path)
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
    undescribed = tuple(sorted({table for _, table, described in tables if not described}))
    return Landed(
        snapshot_id,
        delivery.domain,
        delivery.delivered_at,
        len(files),
        new_files,
        int(accepted),
        int(quarantined),
        undescribed,
    )


def _files(folder: Path) -> list[Path]:
    if folder.is_file():
        return [folder]
    if not folder.is_dir():
        raise ExtractError(f"{folder}: no such file or folder; name the folder of a delivery")
    found = [p for p in sorted(folder.rglob("*")) if p.is_file() and not p.name.startswith(".")]
    if not found:
        raise ExtractError(f"{folder}: the folder is empty; put the delivery's files in it")
    return found


def _table_of(catalogue: Catalogue, folder: Path, path: Path) -> tuple[str, bool]:
    """The source table that a file delivers, and whether the catalogue describes it."""
    relative = path.name if folder.is_file() else path.relative_to(folder).as_posix()
    for table, patterns in catalogue.tables().items():
        for pattern in patterns:
            # A leading **/ also means the delivery's own top folder, as in a shell.
            for each in (pattern, pattern.removeprefix("**/")):
                if fnmatch.fnmatch(relative.lower(), each.lower()):
                    return table, True
    stem = re.sub(r"[^A-Za-z0-9_]+", "_", relative.rsplit(".", 1)[0])
    return stem.upper(), False


def _land_file(session: Session, catalogue: Catalogue, domain: str, table: str, path: Path) -> tuple[int, bool]:
    with _readable(path, Path(str(session.value("SELECT current_setting('temp_directory')")))) as (shape, text_path):
        known = session.value(
            "SELECT file_id FROM landed.file WHERE domain = ? AND table_name = ? AND sha256 = ?",
            [domain, table, shape.sha256],
        )
        if known is not None:
            return int(known), False
        file_id = int(session.value("SELECT coalesce(max(file_id), 0) + 1 FROM landed.file"))
        dropped = tuple(c for c in shape.columns if catalogue.conventions.is_personal(c))
        kept = tuple(c for c in shape.columns if c not in dropped)
        _read(session, catalogue, path, table, file_id, shape, text_path, kept)
        if session.value("SELECT count(*) FROM reject_errors"):
            _refuse_endless_quote(session, path)
            session.run("land_quarantine.sql.j2", table=table, file_id=file_id, kept=kept)
        rejected = int(session.value("SELECT count(*) FROM landed.quarantine WHERE file_id = ?", [file_id]))
        accepted = int(session.value(f"SELECT count(*) FROM data.{ident(table)} WHERE _file_id = ?", [file_id]))
        session.execute(
            "INSERT INTO landed.file VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                file_id,
                domain,
                table,
                path.name,
                shape.sha256,
                shape.encoding,
                shape.delimiter,
                shape.quoting,
                list(kept),
                list(dropped),
                accepted + rejected,
                accepted,
                rejected,
            ],
        )
        return file_id, True


def _read(
    session: Session,
    catalogue: Catalogue,
    path: Path,
    table: str,
    file_id: int,
    shape: _Shape,
    text_path: Path,
    kept: tuple[str, ...],
) -> None:
    def attempt(padded: bool) -> None:
        try:
            session.run(
                "land.sql.j2",
                file_id=file_id,
                table=table,
                path=str(text_path),
                columns=shape.columns,
                kept=kept,
                delimiter=shape.delimiter,
                quote='"' if shape.quoting == "quoted" else "",
                padded=padded,
            )
        except duckdb.Error as fault:
            reason = str(fault).splitlines()[0]
            raise ExtractError(f"{path}: cannot be read as {_described(shape)}: {reason}") from None

    attempt(padded=False)
    missing = session.rows("SELECT DISTINCT error_type = 'MISSING COLUMNS', column_name FROM reject_errors")
    # A row that only lacks columns at its end which the catalogue ignores anyway is whole for our purposes.
    if missing and all(short and catalogue.conventions.is_ignored(name) for short, name in missing):
        session.execute(f"DELETE FROM data.{ident(table)} WHERE _file_id = ?", [file_id])
        attempt(padded=True)


def _refuse_endless_quote(session: Session, path: Path) -> None:
    """Refuse a file in which a quote runs on for longer than DuckDB tells: nobody knows how many rows it took along."""
    line = session.value(
        "SELECT min(line) FROM reject_errors WHERE error_type = 'UNQUOTED VALUE' AND strlen(csv_line) >= ?", [_CSV_LINE]
    )
    if line is not None:
        raise ExtractError(
            f"{path}: the quote opened in row {line} is not closed where its field ends; mend the row and deliver again"
        )


def _described(shape: _Shape) -> str:
    names = {",": "comma", "\t": "tab", ";": "semicolon", "|": "pipe"}
    return f"{shape.encoding} text with {names[shape.delimiter]} between fields"


@contextlib.contextmanager
def _readable(path: Path, scratch: Path) -> Iterator[tuple[_Shape, Path]]:
    """A file's shape and a path at which DuckDB can read it as UTF-8 (a transcoded copy where it is not)."""
    digest, encoding, first = _scan(path)
    codec = _CODECS[encoding]
    header = next(iter(first.decode(codec, errors="ignore").splitlines()), "")
    if not header.strip():
        raise ExtractError(f"{path}: the file is empty; deliver it with a header line")
    delimiter = max(_DELIMITERS, key=header.count)
    quoted = delimiter in ",;" or header.lstrip().startswith('"')
    if quoted:
        names = next(csv.reader([header], delimiter=delimiter))
    else:
        names = header.split(delimiter)
    columns = _columns(path, names)
    shape = _Shape(digest, encoding, delimiter, "quoted" if quoted else "unquoted", columns)
    if encoding == "utf-8":
        yield shape, path
        return
    copy = scratch / f"{digest}.utf8"
    try:
        _transcode(path, codec, copy)
        yield shape, copy
    finally:
        copy.unlink(missing_ok=True)


def _transcode(path: Path, codec: str, copy: Path) -> None:
    try:
        copy.parent.mkdir(parents=True, exist_ok=True)
        with path.open("r", encoding=codec, newline="") as source, copy.open("w", encoding="utf-8", newline="") as out:
            while chunk := source.read(_CHUNK):
                if "\0" in chunk:
                    raise _no_text(path, "it holds NUL characters")
                out.write(chunk)
    except UnicodeDecodeError:
        raise _no_text(path, f"its {codec} is broken") from None
    except OSError as fault:
        raise WarehouseError(f"{copy}: cannot be written ({fault.strerror}); make room and run again") from None


def _columns(path: Path, names: list[str]) -> tuple[str, ...]:
    """Column names of a header, upper case; a nameless one (a trailing delimiter) is named by its place."""
    columns = tuple(n.strip().upper() or f"COLUMN_{i}" for i, n in enumerate(names, 1))
    twice = sorted({c for c in columns if columns.count(c) > 1})
    if twice:
        raise ExtractError(f"{path}: the header names {', '.join(twice)} twice; name every column once")
    return columns


def _no_text(path: Path, why: str) -> ExtractError:
    return ExtractError(f"{path}: is not text ({why}); deliver it as delimited text")


def _scan(path: Path) -> tuple[str, str, bytes]:
    """The file's hash, its encoding, and its first bytes. Raises ExtractError where it is not text."""
    digest = hashlib.sha256()
    decoder = codecs.getincrementaldecoder("utf-8")()
    encoding, first = "utf-8", b""
    try:
        with path.open("rb") as handle:
            while chunk := handle.read(_CHUNK):
                digest.update(chunk)
                if not first:
                    first = chunk
                    if first[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
                        encoding = "utf-16"
                if encoding != "utf-16" and b"\0" in chunk:
                    raise _no_text(path, "it holds NUL bytes")
                if encoding == "utf-8":
                    try:
                        decoder.decode(chunk)
                    except UnicodeDecodeError:
                        encoding = "cp1252"
            if encoding == "utf-8":
                try:
                    decoder.decode(b"", final=True)
                except UnicodeDecodeError:
                    encoding = "cp1252"
    except OSError as fault:
        raise ExtractError(f"{path}: cannot be read ({fault.strerror}); check the file and its permissions") from None
    if encoding == "cp1252":
        _check_cp1252(path)
    return digest.hexdigest(), encoding, first


def _check_cp1252(path: Path) -> None:
    try:
        with path.open("r", encoding="cp1252", newline="") as handle:
            while handle.read(_CHUNK):
                pass
    except UnicodeDecodeError as fault:
        raise ExtractError(
            f"{path}: is not text in UTF-8, UTF-16 or Windows-1252 (byte {fault.start}); deliver it in one of them"
        ) from None
