"""XML and JSON as canonical lines: what is laid out otherwise but says the same is the same."""

from __future__ import annotations

import difflib
import json
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator

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


def readable(a: str | None, b: str | None, around: int = 1) -> list[str]:
    """The lines in which two texts differ, marked - (only in a) and + (only in b), with some lines around them."""
    found = difflib.unified_diff((a or "").splitlines(), (b or "").splitlines(), lineterm="", n=around)
    return [line for line in found if not line.startswith(("---", "+++"))]
