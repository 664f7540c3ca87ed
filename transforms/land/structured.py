"""XML and JSON as canonical lines, in which another layout is no difference; and what does differ, readably."""

from __future__ import annotations

import difflib
import json
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

# Deeper than this nothing is meant to be read; a file that is made to exhaust a parser stays as it came.
_DEEPEST = 200


def canonical_json(text: str | None) -> str | None:
    """JSON with keys in order and one value a line, None for no text; what is no JSON stays as it came."""
    if text is None or not text.strip():
        return None
    try:
        found = json.loads(text, parse_float=str, parse_int=str)
        return json.dumps(found, sort_keys=True, indent=1, ensure_ascii=False)
    except (ValueError, RecursionError):
        return text.strip()


def canonical_xml(text: str | None) -> str | None:
    """XML with attributes in order, one element a line and no blanks between; what is no XML stays as it came.

    A text with a document type is not parsed: what its entities stand for is not part of it.
    """
    if text is None or not text.strip():
        return None
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        return text.strip()
    try:
        return "\n".join(_lines(ElementTree.fromstring(text.strip()), 0))
    except (ElementTree.ParseError, RecursionError):
        return text.strip()


def _lines(element: ElementTree.Element, depth: int) -> Iterator[str]:
    if depth > _DEEPEST:
        raise RecursionError
    attributes = "".join(f' {k}="{v}"' for k, v in sorted(element.attrib.items()))
    said = " ".join((element.text or "").split())
    yield f"{' ' * depth}<{element.tag}{attributes}>{said}"
    for child in element:
        yield from _lines(child, depth + 1)
        if tail := " ".join((child.tail or "").split()):
            yield f"{' ' * depth} {tail}"


@dataclass(frozen=True)
class Line:
    """One line of a readable diff. ``sign`` is - (only in a), + (only in b), blank (in both) or @ (left out here)."""

    sign: str
    text: str


KINDS_WITH_A_DIFF = ("long", "xml", "json", "list", "set", "mask", "text")
"""The kinds of comparison for which ``diff`` says more than the two values side by side."""


def diff(kind: str, a: str | None, b: str | None, around: int = 2) -> list[Line]:
    """What differs between two canonical values of one kind of comparison, as lines for a person to read.

    Long text, XML and JSON by line with ``around`` lines of what is alike; lists and sets by member (divided by "; " as
    they are kept); masks by bit; other text by word. Empty where the values are equal.
    """
    if a == b:
        return []
    if kind in ("long", "xml", "json"):
        return _by_line((a or "").splitlines(), (b or "").splitlines(), around)
    if kind in ("list", "set"):
        return _by_line(_members(a), _members(b), around)
    if kind == "mask":
        return _by_bit(a, b)
    if kind == "text" and a and b:
        return _by_word(a, b)
    return [Line(sign, value) for sign, value in (("-", a), ("+", b)) if value is not None]


def _members(value: str | None) -> list[str]:
    return value.split("; ") if value else []


def _by_line(a: Sequence[str], b: Sequence[str], around: int) -> list[Line]:
    found: list[Line] = []
    groups = difflib.SequenceMatcher(None, a, b).get_grouped_opcodes(around)
    for i, group in enumerate(groups):
        if i or group[0][1]:
            found.append(Line("@", f"line {group[0][1] + 1} | {group[0][3] + 1}"))
        for what, a1, a2, b1, b2 in group:
            if what == "equal":
                found += [Line(" ", text) for text in a[a1:a2]]
            else:
                found += [Line("-", text) for text in a[a1:a2]] + [Line("+", text) for text in b[b1:b2]]
    return found


def _by_bit(a: str | None, b: str | None) -> list[Line]:
    try:
        ours, theirs = int(a or "0"), int(b or "0")
    except ValueError:
        return [Line(sign, value) for sign, value in (("-", a), ("+", b)) if value is not None]
    bits = range(max(ours.bit_length(), theirs.bit_length()))
    return [Line("-" if ours >> i & 1 else "+", f"bit {i} ({1 << i})") for i in bits if (ours ^ theirs) >> i & 1]


def _by_word(a: str, b: str) -> list[Line]:
    """Runs of words: what is in both stands by itself, so that it can be shown as one running line."""
    ours, theirs = a.split(), b.split()
    found: list[Line] = []
    for what, a1, a2, b1, b2 in difflib.SequenceMatcher(None, ours, theirs, autojunk=False).get_opcodes():
        if what == "equal":
            found.append(Line(" ", " ".join(ours[a1:a2])))
            continue
        found += [Line("-", " ".join(ours[a1:a2]))] if a2 > a1 else []
        found += [Line("+", " ".join(theirs[b1:b2]))] if b2 > b1 else []
    # Blanks alone differ: both are shown as they are.
    return found if any(line.sign != " " for line in found) else [Line("-", a), Line("+", b)]
