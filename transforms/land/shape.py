"""What a delimited file is: its encoding, line ends, delimiter, quoting and columns, read off the file itself.

Nothing here guesses from a file's name. The first hundred lines decide, by which reading of them gives every line the
same number of fields; what a manifest states is taken instead.
"""

from __future__ import annotations

import codecs
import csv
import hashlib
import json
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from transforms.words.errors import ExtractError, WarehouseError

_CHUNK = 1 << 20
# A long text may be longer than Python's csv takes by itself; DuckDB is told the same limit.
csv.field_size_limit(1 << 24)
_DELIMITERS = ",\t;|^~\x1f"
# Titles above a header are looked for so far down.
_TITLES = 20
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
_QUOTED = re.compile(r'"(?:[^"]|"")*"')


@dataclass(frozen=True)
class Stated:
    """What a manifest says of a file. None means: find it out."""

    encoding: str | None = None
    delimiter: str | None = None
    quoting: str | None = None
    header: bool | None = None
    columns: tuple[str, ...] = ()


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
    _refuse_other_kinds(sample[0], shown)
    titles, alone = (0, None) if stated.delimiter or stated.header is False else _titles(sample)
    sample = sample[titles:]
    if alone is not None:
        stated = replace(stated, delimiter=alone)
    lines = [line for line in sample if line]
    if own.quoted and not any('"' in line for line in lines):
        further = own.quoted.decode("utf-8", errors="ignore").replace("\r\n", "\n").split("\n")[1:-1]
        with_quotes = [line for line in further if '"' in line][:_SAMPLE]
        delimiter, quoting = _reading([lines[0], *with_quotes, *lines[1:50]], stated)
    else:
        delimiter, quoting = _reading(lines, stated)
    names = fields(lines[0], delimiter, quoting)
    _refuse_aligned(lines, names, shown)
    if stated.delimiter is not None and alone is None and len(names) < 2 and len(_otherwise(lines)) > 1:
        other = _NAMED.get(_reading(lines, Stated())[0], "another sign")
        raise ExtractError(
            f"{shown}: line 1 is not divided by '{stated.delimiter}', which its manifest states, but by a {other}; "
            "mend the manifest"
        )
    rows = [fields(line, delimiter, quoting) for line in lines[1:50]]
    header = _has_header(names, rows) if stated.header is None else stated.header
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
            leaves_off=_leaves_off(len(columns), lines[1:], delimiter, quoting),
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


def fields(line: str, delimiter: str, quoting: str) -> list[str]:
    """The fields of one line."""
    if quoting == "quoted":
        return next(csv.reader([line], delimiter=delimiter), [""])
    return line.split(delimiter)


def digest_of(path: Path) -> str:
    """The SHA-256 of a file's bytes, in hexadecimal."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


# --- how lines are divided -------------------------------------------------------------------------------------------


def _reading(lines: list[str], stated: Stated) -> tuple[str, str]:
    """Delimiter and quoting: the reading by which the lines agree with the header and with each other."""
    if stated.delimiter is not None:
        return stated.delimiter, stated.quoting or _quoting(lines, stated.delimiter)[0]
    best: tuple[tuple[bool, float, int, int], str, str] | None = None
    for place, delimiter in enumerate(_DELIMITERS):
        if not any(delimiter in line for line in lines):
            continue
        quoting, counts = _quoting(lines, delimiter, stated.quoting)
        mode, times = Counter(counts).most_common(1)[0]
        if max(mode, counts[0]) < 2:
            continue
        # One field more or less than the header is a delimiter at the end of the lines.
        score = (counts[0] > 1 and abs(mode - counts[0]) <= 1, round(times / len(counts), 2), mode, -place)
        if best is None or score > best[0]:
            best = score, delimiter, quoting
    if best is not None and (best[0][0] or any(d in lines[0] for d in _DELIMITERS)):
        return best[1], best[2]
    # One column: divided by a character that no line holds.
    alone = next((d for d in _DELIMITERS if not any(d in line for line in lines)), "\t")
    return alone, stated.quoting or _quoting(lines, alone)[0]


def _quoting(lines: list[str], delimiter: str, stated: str | None = None) -> tuple[str, list[int]]:
    """Whether quotes enclose fields or are text, and the number of fields of each record read so."""
    plain = [line.count(delimiter) + 1 for line in lines]
    with_quotes = [line for line in lines if '"' in line]
    if stated == "unquoted" or (not with_quotes and stated is None):
        return ("quoted" if stated is None and delimiter in ",;" else "unquoted"), plain
    enclosed = literal = 0
    for line in with_quotes:
        opened = closed = 0
        for value in line.split(delimiter):
            if '"' in value:
                bare = value.strip()
                if (bare[0] == bare[-1] == '"' and bare.count('"') == 2) or _QUOTED.fullmatch(bare):
                    enclosed += 1
                elif not bare.startswith('"') and not bare.endswith('"'):
                    literal += 1
                else:
                    opened, closed = opened + bare.startswith('"'), closed + bare.endswith('"')
        # Enclosed with a delimiter inside.
        enclosed += min(opened, closed)
    quoted, whole = _records(lines, delimiter)
    if stated == "quoted":
        return "quoted", quoted
    even_plain, even_quoted = _evenness(plain), _evenness(quoted)
    if whole:
        # Who encloses fields also encloses those that hold a quote: a bare one speaks for text.
        is_quoted = even_quoted > even_plain or (even_quoted == even_plain and enclosed > 0 and not literal)
        return ("quoted", quoted) if is_quoted else ("unquoted", plain)
    is_quoted = enclosed > literal or (even_plain < 1 and enclosed > 0)
    return ("quoted", quoted) if is_quoted else ("unquoted", plain)


def _records(lines: list[str], delimiter: str) -> tuple[list[int], bool]:
    """Fields per record where quotes enclose, and whether every quote is closed where its field ends."""
    whole = True
    try:
        for _ in csv.reader((line + "\n" for line in lines), delimiter=delimiter, strict=True):
            pass
    except csv.Error:
        whole = False
    return [len(record) for record in csv.reader((line + "\n" for line in lines), delimiter=delimiter)] or [1], whole


def _evenness(counts: list[int]) -> float:
    return Counter(counts).most_common(1)[0][1] / len(counts)


def _leaves_off(columns: int, lines: list[str], delimiter: str, quoting: str) -> bool:
    """Whether the writer leaves off an empty last field: many rows lack just that, and no row has an empty one."""
    counts = Counter(len(fields(line, delimiter, quoting)) for line in lines)
    short = counts[columns - 1]
    return (
        short >= 10
        and 10 * short >= len(lines)
        and set(counts) <= {columns, columns - 1}
        and not any(line.endswith(delimiter) for line in lines)
    )


def _titles(sample: list[str]) -> tuple[int, str | None]:
    """Lines above the header (a report's title, a comment, ``sep=;``), and the delimiter where only they tell of it.

    There are none where some delimiter makes the first line one of the others.
    """
    if match := re.fullmatch(r"sep=(.)", sample[0].strip("\ufeff"), flags=re.IGNORECASE):
        return 1, match.group(1)
    best = 0, 0.0
    for delimiter in _DELIMITERS:
        counts = [len(fields(line, delimiter, "quoted" if '"' in line else "unquoted")) for line in sample if line]
        width, times = Counter(counts).most_common(1)[0]
        if counts[0] > 1 and abs(width - counts[0]) <= 1 and times >= 0.5 * len(counts):
            return 0, None
        at = next((i for i, line in enumerate(sample) if line and len(line.split(delimiter)) >= width), 0)
        above, below = sample[:at], counts[sum(bool(line) for line in sample[:at]) :]
        names = sample[at].split(delimiter)
        told = at > 0 and (width > 2 or not all(above) or above[0].startswith("#"))
        if (
            0 < at <= _TITLES
            and width > 1
            and told
            and len(below) > 1
            and below.count(width) >= 0.6 * len(below)
            and all(name.strip() and not re.fullmatch(r"[-+\d.,: ]+", name.strip()) for name in names)
            and below.count(width) / len(below) + width > best[1]
        ):
            best = at, below.count(width) / len(below) + width
    return best[0], None


def _otherwise(lines: list[str]) -> list[str]:
    """The fields of the first line as they would be found out."""
    delimiter, quoting = _reading(lines, Stated())
    return fields(lines[0], delimiter, quoting)


def _refuse_aligned(lines: list[str], names: list[str], shown: str) -> None:
    if len(names) > 1 or len(lines) < 2:
        return
    ruled = bool(re.fullmatch(r"-{2,}( +-{2,})+", lines[1].strip()))
    if (
        ruled
        or re.search(r"\S {2,}\S", lines[0])
        and sum(bool(re.search(r"\S {2,}\S", x)) for x in lines) > 0.5 * len(lines)
    ):
        raise ExtractError(
            f"{shown}: its columns are aligned with blanks and divided by nothing; deliver it as delimited text"
        )


_OTHER_KINDS = (("%PDF", "a PDF"), ("<!doctype", "a web page"), ("<html", "a web page"), ("<?xml", "XML"),
                ("{\\rtf", "a formatted document"))  # fmt: skip


def _refuse_other_kinds(first: str, shown: str) -> None:
    start = first.lstrip().lower()
    for sign, kind in _OTHER_KINDS:
        if start.startswith(sign.lower()):
            raise ExtractError(f"{shown}: is {kind} and no table; deliver it as delimited text")


def _pattern(value: str) -> str:
    return re.sub(r"[0-9]", "9", re.sub(r"[^\W\d_]", "A", value.strip()))


def _has_header(names: list[str], rows: list[list[str]]) -> bool:
    """Whether the first line names columns. It does not where it begins as the rows under it do: A00, A01, A02."""
    first = _pattern(names[0])
    if "9" not in first or len(rows) < 3:
        return True
    alike = sum(_pattern(row[0]) == first for row in rows)
    return alike < 0.8 * len(rows)


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
