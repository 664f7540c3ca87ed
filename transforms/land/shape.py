"""What a delimited file is: its encoding, line ends, delimiter, quoting and columns, read off the file itself.

Nothing here guesses from a file's name. How its lines are divided: dialect.py.
"""

from __future__ import annotations

import codecs
import csv
import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from transforms.land.dialect import (
    Stated,
    fields,
    has_header,
    leaves_off,
    otherwise,
    reading,
    refuse_aligned,
    refuse_other_kinds,
    titles_of,
)
from transforms.words.errors import ExtractError, WarehouseError

_CHUNK = 1 << 20
# A long text may be longer than Python's csv takes by itself; DuckDB is told the same limit.
csv.field_size_limit(1 << 24)
_SAMPLE = 500
_CODECS = {"utf-8": "utf-8-sig", "utf-16": "utf-16", "cp1252": "cp1252", "iso-8859-1": "iso-8859-1"}
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
# The letters 0x80 to 0x9F: print in Windows-1252, control characters that no table holds in ISO-8859-1.
_C1 = re.compile(rb"[\x80-\x9f]")
_NAMED = {",": "comma", "\t": "tab", ";": "semicolon", "|": "pipe"}
# What a value with a fault that findings.py names holds somewhere, in UTF-8.
SIGNS = ("\u00c3", "\u00c2", "\u00e2\u20ac", "\ufffd", "E+", "e+")
# With a byte that few texts hold: one byte is looked for many times faster than two.
_RARE = re.compile(rb"[\x82\x83\xef+]")
_SIGNS = [(_RARE.findall(sign)[0], sign) for sign in (each.encode() for each in SIGNS)]
_LONGEST_SIGN = max(len(sign) for _, sign in _SIGNS)


@dataclass(frozen=True)
class Shape:
    """How a file is written. ``lines`` counts the lines under the header, ``blank`` those of them that are empty.

    ``form`` is text, parquet or json; what concerns text alone is empty for the others, and ``lines`` is then their
    number of rows where the file itself tells it, else None. ``leaves_off``: rows whose last field is empty end
    before it. ``titles``: lines above the header that are passed over. ``signs``: the text
    holds one of SIGNS, or may (False: no value has such a fault).
    """

    sha256: str
    form: str
    encoding: str = ""
    delimiter: str = ""
    quoting: str = ""
    newline: str = ""
    header: bool = True
    columns: tuple[str, ...] = ()
    lines: int | None = None
    blank: int = 0
    quotes: bool = False
    leaves_off: bool = False
    signs: bool = True
    titles: int = 0

    @property
    def described(self) -> str:
        """The shape in a few words."""
        if self.form != "text":
            return self.form
        return f"{self.encoding} text with {_NAMED.get(self.delimiter, repr(self.delimiter))} between fields"

    @property
    def above(self) -> int:
        """Lines above the rows: titles and the header."""
        return self.titles + self.header if self.form == "text" else 0

    def with_columns(self, columns: tuple[str, ...]) -> Shape:
        """The same with these columns."""
        return replace(self, columns=columns)


@dataclass
class _Scan:
    """What one pass over the bytes of a file finds."""

    sha256: str = ""
    encoding: str = "utf-8"
    first: bytes = b""
    quoted: bytes = b""
    feeds: int = 0
    returns: int = 0
    pairs: int = 0
    blank: int = 0
    quotes: bool = False
    signs: bool = False
    last: bytes = b""
    broken: bool = field(default=False, repr=False)


def no_text(shown: str, why: str) -> ExtractError:
    """What is said of a file that is no text."""
    return ExtractError(f"{shown}: is not text ({why}); deliver it as delimited text")


def shape_of(path: Path, shown: str, stated: Stated, copy: Path) -> tuple[Shape, Path]:
    """A delimited file's shape and a path at which DuckDB can read it: its own, or that of ``copy``.

    ``copy`` is written where the file is not UTF-8 or mixes line ends, with what DuckDB reads; the caller removes it.
    Raises ExtractError, naming the file as ``shown``, for one that is empty, not text or not as stated, and
    WarehouseError where there is no room for the copy.
    """
    scan = _scan(path, shown, stated.encoding)
    codec = _CODECS.get(scan.encoding, scan.encoding)
    readable = path
    own = scan
    if scan.encoding not in ("utf-8", "utf-8-sig", "ascii"):
        _rewrite(path, codec, copy, shown, newline="")
        readable, own = copy, _scan(copy, shown, "utf-8")
    newline = _newline(own)
    if newline == "mixed":
        beside = copy.with_suffix(".lines")
        try:
            _rewrite(readable, "utf-8-sig", beside, shown, newline="\n")
            beside.replace(copy)
        finally:
            beside.unlink(missing_ok=True)
        readable, own = copy, _scan(copy, shown, "utf-8")
    first = own.first.decode("utf-8-sig", errors="ignore")
    # All but the last line, which the reading block may have cut.
    whole = first if len(own.first) < _CHUNK else first[: max(first.rfind("\n"), first.rfind("\r")) + 1] or first
    sample = whole.replace("\r\n", "\n").replace("\r", "\n").split("\n")[: _SAMPLE + 1]
    if not sample[0].strip():
        raise ExtractError(f"{shown}: the file is empty; deliver it with a header line")
    refuse_other_kinds(sample[0], shown)
    titles, alone = (0, None) if stated.delimiter or stated.header is False else titles_of(sample)
    sample = sample[titles:]
    if alone is not None:
        stated = replace(stated, delimiter=alone)
    lines = [line for line in sample if line]
    if own.quoted and not any('"' in line for line in lines):
        further = own.quoted.decode("utf-8", errors="ignore").replace("\r\n", "\n").split("\n")[1:-1]
        with_quotes = [line for line in further if '"' in line][:_SAMPLE]
        delimiter, quoting = reading([lines[0], *with_quotes, *lines[1:50]], stated)
    else:
        delimiter, quoting = reading(lines, stated)
    names = fields(lines[0], delimiter, quoting)
    refuse_aligned(lines, names, shown)
    if stated.delimiter is not None and alone is None and len(names) < 2 and len(otherwise(lines)) > 1:
        other = _NAMED.get(reading(lines, Stated())[0], "another sign")
        raise ExtractError(
            f"{shown}: line 1 is not divided by '{stated.delimiter}', which its manifest states, but by a {other}; "
            "mend the manifest"
        )
    rows = [fields(line, delimiter, quoting) for line in lines[1:50]]
    header = has_header(names, rows) if stated.header is None else stated.header
    if stated.columns:
        if len(stated.columns) < len(names):
            raise ExtractError(f"{shown}: the manifest names {len(stated.columns)} columns, the file has {len(names)}")
        columns = columns_of(shown, stated.columns)
    else:
        columns = columns_of(shown, names if header else [""] * len(names))
    ends = own.returns if newline == "cr" else own.feeds
    total = ends + (own.last not in (b"\n", b"\r")) - header - titles
    return (
        Shape(
            sha256=scan.sha256,
            form="text",
            encoding=scan.encoding,
            delimiter=delimiter,
            quoting=quoting,
            newline=newline,
            header=header,
            columns=columns,
            lines=total,
            blank=own.blank,
            quotes=own.quotes,
            signs=own.signs,
            titles=titles,
            leaves_off=leaves_off(len(columns), lines[1:], delimiter, quoting),
        ),
        readable,
    )


def json_shape(path: Path, shown: str, stated: Stated, copy: Path) -> tuple[Shape, Path, str]:
    """A JSON file's shape (its columns still to be found), where DuckDB can read it, and its form in DuckDB's words."""
    scan = _scan(path, shown, stated.encoding)
    readable = path
    if scan.encoding != "utf-8" or scan.first.startswith(codecs.BOM_UTF8):
        _rewrite(path, _CODECS.get(scan.encoding, scan.encoding), copy, shown, newline="")
        readable = copy
    own = _scan(readable, shown, "utf-8") if readable == copy else scan
    text = own.first.decode("utf-8", errors="ignore").lstrip()
    form = "array" if text.startswith("[") else "unstructured"
    lines = None
    if form != "array" and _is_json(text.splitlines()[0]):
        form = "newline_delimited"
        lines = own.feeds + (own.last != b"\n") - own.blank
    return Shape(sha256=scan.sha256, form="json", encoding=scan.encoding, lines=lines), readable, form


def _is_json(line: str) -> bool:
    try:
        json.loads(line)
    except ValueError:
        return False
    return True


def columns_of(shown: str, names: Sequence[str]) -> tuple[str, ...]:
    """Column names of a header, upper case; a nameless one (a trailing delimiter) is named by its place."""
    columns = tuple(n.strip().upper() or f"COLUMN_{i}" for i, n in enumerate(names, 1))
    twice = sorted({c for c in columns if columns.count(c) > 1})
    if twice:
        raise ExtractError(f"{shown}: the header names {', '.join(twice)} twice; name every column once")
    return columns


def digest_of(path: Path) -> str:
    """The SHA-256 of a file's bytes, in hexadecimal."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


# --- bytes -----------------------------------------------------------------------------------------------------------


def _newline(scan: _Scan) -> str:
    lone_feeds, lone_returns = scan.feeds - scan.pairs, scan.returns - scan.pairs
    if not lone_returns:
        return "mixed" if scan.pairs and lone_feeds else "crlf" if scan.pairs else "lf"
    return "mixed" if scan.feeds else "cr"


def _scan(path: Path, shown: str, stated: str | None) -> _Scan:
    """One pass over the bytes. Raises ExtractError where they are no text."""
    found = _Scan()
    digest = hashlib.sha256()
    decoder = codecs.getincrementaldecoder("utf-8")()
    tail = b""
    try:
        with path.open("rb") as handle:
            while chunk := handle.read(_CHUNK):
                digest.update(chunk)
                if not found.first:
                    found.first = chunk
                    if stated:
                        found.encoding = stated
                    elif chunk.startswith(_OLE):
                        raise ExtractError(f"{shown}: is a document of an old Office program; save it as .xlsx or text")
                    elif chunk[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
                        found.encoding = "utf-16"
                    else:
                        found.encoding = _wide(chunk) or found.encoding
                wide = found.encoding.startswith("utf-16")
                if not wide and b"\0" in chunk:
                    raise no_text(shown, "it holds NUL bytes")
                if found.encoding == "utf-8" and not found.broken and not _decodes(decoder, chunk):
                    found.broken = True
                if b'"' in chunk and not found.quotes:
                    found.quotes, found.quoted = True, chunk
                found.feeds += chunk.count(b"\n")
                joined = tail + chunk
                if b"\r" in chunk or tail.endswith(b"\r"):
                    found.returns += chunk.count(b"\r")
                    found.pairs += joined.count(b"\r\n") - tail.count(b"\r\n")
                found.signs = found.signs or _has_sign(joined)
                if b"\n\n" in joined or (found.returns and b"\n\r\n" in joined):
                    found.blank += sum(m.end() > len(tail) for m in re.finditer(rb"(?<=\n)\r?\n", joined))
                tail = joined[-_LONGEST_SIGN:]
        found.last = tail[-1:]
        found.broken = found.broken or (found.encoding == "utf-8" and not _decodes(decoder, b"", final=True))
    except OSError as fault:
        raise ExtractError(f"{shown}: cannot be read ({fault.strerror}); check the file and its permissions") from None
    found.sha256 = digest.hexdigest()
    if found.broken and stated:
        raise no_text(shown, f"its {stated} is broken, which the manifest states")
    if found.broken:
        found.encoding = "cp1252" if _has_c1(path) else "iso-8859-1"
        if found.encoding == "cp1252":
            _check_cp1252(path, shown)
    return found


def _wide(chunk: bytes) -> str | None:
    """UTF-16 that does not say so: of the Latin letters every other byte is NUL, and always the same one."""
    even, odd = chunk[::2].count(0), chunk[1::2].count(0)
    if max(even, odd) < 0.3 * len(chunk) / 2 or min(even, odd) > 0.01 * len(chunk):
        return None
    return "utf-16-le" if odd > even else "utf-16-be"


def _has_sign(text: bytes) -> bool:
    return any(rare in text and sign in text for rare, sign in _SIGNS)


def _has_c1(path: Path) -> bool:
    with path.open("rb") as handle:
        return any(_C1.search(chunk) for chunk in iter(lambda: handle.read(_CHUNK), b""))


def _decodes(decoder: codecs.IncrementalDecoder, chunk: bytes, final: bool = False) -> bool:
    try:
        decoder.decode(chunk, final)
    except UnicodeDecodeError:
        return False
    return True


def _check_cp1252(path: Path, shown: str) -> None:
    try:
        with path.open("r", encoding="cp1252", newline="") as handle:
            while handle.read(_CHUNK):
                pass
    except UnicodeDecodeError as fault:
        raise ExtractError(
            f"{shown}: is not text in UTF-8, UTF-16 or Windows-1252 (byte {fault.start}); deliver it in one of them"
        ) from None


def _rewrite(path: Path, codec: str, copy: Path, shown: str, newline: str) -> None:
    """Copy a text as UTF-8; ``newline`` a line feed also makes every line end one (read so by universal newlines)."""
    try:
        copy.parent.mkdir(parents=True, exist_ok=True)
        reading = None if newline else ""
        with (
            path.open("r", encoding=codec, newline=reading) as source,
            copy.open("w", encoding="utf-8", newline="") as out,
        ):
            while chunk := source.read(_CHUNK):
                if "\0" in chunk:
                    raise no_text(shown, "it holds NUL characters")
                out.write(chunk)
    except UnicodeError:
        raise no_text(shown, f"its {codec} is broken") from None
    except OSError as fault:
        raise WarehouseError(f"{copy}: cannot be written ({fault.strerror}); make room and run again") from None
