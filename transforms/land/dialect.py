"""How the lines of a delimited text are divided into fields: which sign, whether quotes enclose, where the header is.

The first hundred lines decide, by which reading of them gives every line the same number of fields; what a manifest
states is taken instead.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from dataclasses import dataclass

from transforms.words.errors import ExtractError

_DELIMITERS = ",\t;|^~\x1f"
_QUOTED = re.compile(r'"(?:[^"]|"")*"')
# Titles above a header are looked for so far down.
_TITLES = 20


@dataclass(frozen=True)
class Stated:
    """What a manifest says of a file. None means: find it out."""

    encoding: str | None = None
    delimiter: str | None = None
    quoting: str | None = None
    header: bool | None = None
    columns: tuple[str, ...] = ()


def fields(line: str, delimiter: str, quoting: str) -> list[str]:
    """The fields of one line."""
    if quoting == "quoted":
        return next(csv.reader([line], delimiter=delimiter), [""])
    return line.split(delimiter)


def reading(lines: list[str], stated: Stated) -> tuple[str, str]:
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


def leaves_off(columns: int, lines: list[str], delimiter: str, quoting: str) -> bool:
    """Whether the writer leaves off an empty last field: many rows lack just that, and no row has an empty one."""
    counts = Counter(len(fields(line, delimiter, quoting)) for line in lines)
    short = counts[columns - 1]
    return (
        short >= 10
        and 10 * short >= len(lines)
        and set(counts) <= {columns, columns - 1}
        and not any(line.endswith(delimiter) for line in lines)
    )


def titles_of(sample: list[str]) -> tuple[int, str | None]:
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


def otherwise(lines: list[str]) -> list[str]:
    """The fields of the first line as they would be found out."""
    delimiter, quoting = reading(lines, Stated())
    return fields(lines[0], delimiter, quoting)


def refuse_aligned(lines: list[str], names: list[str], shown: str) -> None:
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


def refuse_other_kinds(first: str, shown: str) -> None:
    start = first.lstrip().lower()
    for sign, kind in _OTHER_KINDS:
        if start.startswith(sign.lower()):
            raise ExtractError(f"{shown}: is {kind} and no table; deliver it as delimited text")


def _pattern(value: str) -> str:
    return re.sub(r"[0-9]", "9", re.sub(r"[^\W\d_]", "A", value.strip()))


def has_header(names: list[str], rows: list[list[str]]) -> bool:
    """Whether the first line names columns. It does not where it begins as the rows under it do: A00, A01, A02."""
    first = _pattern(names[0])
    if "9" not in first or len(rows) < 3:
        return True
    alike = sum(_pattern(row[0]) == first for row in rows)
    return alike < 0.8 * len(rows)
