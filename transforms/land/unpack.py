"""A delivery's files out of whatever they are packed in: folders, archives, compressed files, workbooks.

What a file is, is told by its first bytes, never by its name. What is unpacked lies in a folder of its own until the
landing is over.
"""

from __future__ import annotations

import bz2
import contextlib
import gzip
import hashlib
import lzma
import re
import shutil
import stat
import tarfile
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, Any

from transforms.land.shape import columns_of, digest_of
from transforms.words.errors import ExtractError, WarehouseError

_CHUNK = 1 << 20
ARCHIVES = (".zip", ".tar", ".tar.gz", ".tgz", ".tar.xz", ".txz", ".tar.bz2", ".tar.zst")
_ENDINGS = (".gz", ".zst", ".xz", ".bz2", ".tgz", ".txz")
_DEEPEST = 3
_HARMLESS = 64 << 20
# A sheet's header is looked for among so many rows.
_HEADER_WITHIN = 20
_NUMBER = re.compile(r"[-+]?[0-9][0-9 .,:/-]*")


@dataclass(frozen=True)
class Part:
    """One table's file. ``name`` is its path in the delivery, as if nothing were packed.

    ``path`` is where its bytes lie, ``form`` what they are (text, parquet, json), ``outer`` the delivered file it came
    from, ``shown`` how messages call it. ``sha256`` is set where the bytes were made here and not delivered,
    ``titles`` counts rows above the header that were passed over.
    """

    name: str
    path: Path
    form: str
    outer: str
    shown: str
    sha256: str | None = None
    otherwise: str | None = None
    titles: int = 0


def bare_name(name: str) -> str:
    """A file name without the endings of archives and compression: 2026-03-01.tar.gz is 2026-03-01."""
    for ending in sorted((*ARCHIVES, *_ENDINGS), key=len, reverse=True):
        if name.lower().endswith(ending):
            return name[: -len(ending)]
    return name


@dataclass
class Unpacking:
    """How far a delivery may unpack: to so many bytes in all, and to so many times the size of what is packed.

    A small file may unpack to ``_HARMLESS`` bytes whatever its ratio.
    """

    most: int = 100 * 10**9
    ratio: float = 300
    taken: int = 0

    def of(self, part: Part) -> Callable[[int], None]:
        """To be told of bytes as they are unpacked from a part. Raises ExtractError when they are too many."""
        packed = part.path.stat().st_size
        own = 0

        def take(count: int) -> None:
            nonlocal own
            own += count
            self.taken += count
            if self.taken > self.most:
                raise ExtractError(
                    f"{part.shown}: the delivery unpacks to more than {self.most / 10**9:g} GB, which likare.toml lets "
                    "through (landing.max_unpacked); deliver it in parts or raise the limit"
                )
            if own > max(self.ratio * packed, _HARMLESS):
                raise ExtractError(
                    f"{part.shown}: unpacks to more than {self.ratio:g} times its size, which likare.toml lets through "
                    "(landing.max_ratio); it is no extract, or raise the limit"
                )

        return take


@contextlib.contextmanager
def unpacked(delivery: Path, scratch: Path, limits: Unpacking | None = None) -> Iterator[list[Part]]:
    """Every file of a delivery (a folder, an archive, or a file), in the order of their names, within the ``limits``.

    Raises ExtractError for a delivery that is missing or holds nothing, or an archive that is broken, and
    WarehouseError where there is no room to unpack.
    """
    if not delivery.exists():
        raise ExtractError(f"{delivery}: no such file or folder; name the folder of a delivery")
    try:
        scratch.mkdir(parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(prefix="unpack-", dir=scratch))
    except OSError as fault:
        raise WarehouseError(f"{scratch}: cannot be written ({fault.strerror}); make room and run again") from None
    within = limits or Unpacking()
    try:
        if delivery.is_file():
            found = list(
                _opened(Part(delivery.name, delivery, "", delivery.name, str(delivery)), folder, 0, within, alone=True)
            )
        else:
            found = []
            for path in _files(delivery):
                name = path.relative_to(delivery).as_posix()
                found += _opened(Part(name, path, "", name, str(path)), folder, 0, within)
        if not found:
            raise ExtractError(f"{delivery}: the folder is empty; put the delivery's files in it")
        yield found
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _files(folder: Path) -> list[Path]:
    return [p for p in sorted(folder.rglob("*")) if p.is_file() and not _hidden(p.relative_to(folder))]


def _hidden(relative: Path) -> bool:
    return relative.name.startswith(".") or "__MACOSX" in relative.parts


def _opened(part: Part, folder: Path, depth: int, within: Unpacking, alone: bool = False) -> Iterator[Part]:
    """The tables' files in one file: itself, or what is packed in it. ``alone``: the archive is the delivery."""
    head = _head(part)
    if depth > _DEEPEST:
        raise ExtractError(f"{part.shown}: is packed more than {_DEEPEST} times; unpack it")
    if head[:4] == b"PAR1":
        yield replace(part, form="parquet")
    elif head[:4] == b"PK\x03\x04" and zipfile.is_zipfile(part.path):
        with _reading(part), zipfile.ZipFile(part.path) as archive:
            names = archive.namelist()
        if "xl/workbook.xml" in names or "xl/workbook.bin" in names:
            with _reading(part), zipfile.ZipFile(part.path) as archive:
                # The sheets are read whole; what they claim to unpack to is checked before.
                within.of(part)(sum(entry.file_size for entry in archive.infolist()))
            yield from _sheets(part, folder)
        else:
            yield from _members(part, folder, depth, within, alone, _unzip)
    elif head[257:262] == b"ustar":
        yield from _members(part, folder, depth, within, alone, _untar)
    elif (opener := _decompressor(head)) is not None:
        out = folder / f"{_count(folder)}.plain"
        with _reading(part), opener(part.path) as source:
            _copy(source, out, within.of(part))
        name = part.name[: -len(Path(part.name).suffix)] if part.name.lower().endswith(_ENDINGS) else part.name
        yield from _opened(replace(part, name=name, path=out), folder, depth + 1, within, alone)
    else:
        text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
        json = text[:1] in (b"{", b"[") and part.name.lower().endswith((".json", ".jsonl", ".ndjson"))
        yield replace(part, form="json" if json else "text")


_Unpack = Callable[[Path, Path, Callable[[int], None]], None]


def _members(part: Part, folder: Path, depth: int, within: Unpacking, alone: bool, unpack: _Unpack) -> Iterator[Part]:
    inside = folder / f"{_count(folder)}.files"
    inside.mkdir()
    with _reading(part):
        unpack(part.path, inside, within.of(part))
    paths = _files(inside)
    if not paths:
        raise ExtractError(f"{part.shown}: the archive is empty; put the delivery's files in it")
    # A file packed alone stands for its archive's place in the delivery; several are files beside it.
    parent = Path(part.name).parent.as_posix()
    prefix = "" if alone or parent == "." else f"{parent}/"
    for path in paths:
        member = path.relative_to(inside).as_posix()
        packed = Part(f"{prefix}{member}", path, "", part.outer, f"{part.shown}/{member}")
        yield from _opened(packed, folder, depth + 1, within)


def _unzip(path: Path, into: Path, take: Callable[[int], None]) -> None:
    with zipfile.ZipFile(path) as archive:
        for entry in archive.infolist():
            if entry.flag_bits & 1:
                raise ExtractError(f"{path}: {entry.filename} is encrypted; deliver it without a password")
            target = _inside(into, entry.filename, path)
            if entry.is_dir():
                target.mkdir(parents=True, exist_ok=True)
            elif not stat.S_ISLNK(entry.external_attr >> 16):
                target.parent.mkdir(parents=True, exist_ok=True)
                with archive.open(entry) as source:
                    _copy(source, target, take)


def _untar(path: Path, into: Path, take: Callable[[int], None]) -> None:
    with tarfile.open(path) as archive:
        for entry in archive:
            target = _inside(into, entry.name, path)
            source = archive.extractfile(entry) if entry.isfile() else None
            # Links and devices are no tables.
            if source is not None:
                target.parent.mkdir(parents=True, exist_ok=True)
                with source:
                    _copy(source, target, take)


def _inside(folder: Path, name: str, archive: Path) -> Path:
    """Where a member is unpacked. Raises ExtractError for one that would lie outside the archive's folder."""
    parts = Path(name.replace("\\", "/")).parts
    if name.startswith(("/", "\\")) or ".." in parts or any(":" in p for p in parts[:1]):
        raise ExtractError(f"{archive}: a member is called {name[:80]!r}, outside of the archive; pack it anew")
    return folder.joinpath(*parts)


_ZSTD, _XZ, _BZ2, _GZIP = b"\x28\xb5\x2f\xfd", b"\xfd7zXZ\x00", b"BZh", b"\x1f\x8b"


def _decompressor(head: bytes) -> Callable[[Path], Any] | None:
    if head.startswith(_GZIP):
        return gzip.open
    if head.startswith(_ZSTD):
        import pyarrow as pa

        return lambda path: pa.input_stream(str(path), compression="zstd")
    if head.startswith(_XZ):
        return lzma.open
    return bz2.open if head.startswith(_BZ2) else None


def _copy(source: IO[bytes], out: Path, take: Callable[[int], None]) -> None:
    with out.open("wb") as target:
        while chunk := source.read(_CHUNK):
            take(len(chunk))
            target.write(chunk)


def _head(part: Part) -> bytes:
    try:
        with part.path.open("rb") as handle:
            return handle.read(512)
    except OSError as fault:
        raise ExtractError(
            f"{part.shown}: cannot be read ({fault.strerror}); check the file and its permissions"
        ) from None


def _count(folder: Path) -> int:
    return sum(1 for _ in folder.iterdir())


@contextlib.contextmanager
def _reading(part: Part) -> Iterator[None]:
    """Tell a broken archive from a full disk."""
    try:
        yield
    # zipfile raises NotImplementedError for a compression it does not know.
    except (tarfile.TarError, zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, gzip.BadGzipFile,
            NotImplementedError) as fault:  # fmt: skip
        why = str(fault).splitlines()[0] if str(fault) else "it ends too early"
        raise ExtractError(f"{part.shown}: cannot be unpacked ({why}); deliver it again") from None
    except OSError as fault:
        # Arrow and bz2 tell of broken content by an OSError without a number.
        if fault.errno is None:
            why = str(fault).splitlines()[0]
            raise ExtractError(f"{part.shown}: cannot be unpacked ({why}); deliver it again") from None
        raise WarehouseError(f"{part.shown}: cannot be unpacked ({fault.strerror}); make room and run again") from None


def _sheets(part: Part, folder: Path) -> Iterator[Part]:
    """A workbook's sheets that hold anything, each as text in a Parquet file. Formulas count as their values."""
    import fastexcel
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        book = fastexcel.read_excel(str(part.path))
        sheets = [(name, book.load_sheet(name, header_row=None, dtypes="string")) for name in book.sheet_names]
    except fastexcel.FastExcelError as fault:
        why = str(fault).splitlines()[0]
        raise ExtractError(f"{part.shown}: the workbook cannot be read ({why}); deliver it again") from None
    whole = digest_of(part.path)
    filled = [(name, pa.table(sheet.to_arrow())) for name, sheet in sheets if sheet.total_height]
    parent = Path(part.name).parent
    for name, table in filled:
        shown = f"{part.shown}/{name}"
        top = [[_cell(v) for v in row.values()] for row in table.slice(0, _HEADER_WITHIN).to_pylist()]
        at = _header_row(top)
        columns = columns_of(shown, top[at])
        rows = pa.table([c.cast(pa.string()) for c in table.slice(at + 1).columns], names=list(columns))
        out = folder / f"{_count(folder)}.parquet"
        pq.write_table(rows, out)
        yield Part(
            (parent / f"{name}.xlsx").as_posix(),
            out,
            "parquet",
            part.outer,
            shown,
            sha256=hashlib.sha256(f"{whole} {name}".encode()).hexdigest(),
            otherwise=part.name if len(filled) == 1 else None,
            titles=at,
        )


def _cell(value: Any) -> str:
    return "" if value is None else str(value)


def _header_row(top: list[list[str]]) -> int:
    """The place of a sheet's header among its first rows: below titles, and below headings of several columns.

    A row is a title where less than half of the width is filled, and a heading over others where a row of names that
    fills more of it follows, and numbers below that.
    """
    filled = [sum(bool(cell.strip()) for cell in row) for row in top]
    width = max(filled, default=0)
    at = next((i for i, n in enumerate(filled) if n > 0.5 * width), 0)
    below = top[at + 1] if at + 1 < len(top) else []
    names = [cell for cell in below if cell.strip()]
    numeric = any(_NUMBER.fullmatch(cell.strip()) for row in top[at + 2 :] for cell in row)
    if filled[at] < width and sum(map(bool, names)) == width and numeric and len(set(names)) == len(names):
        if not any(_NUMBER.fullmatch(cell.strip()) for cell in names):
            return at + 1
    return at
