"""The pieces of Markdown that every reference page is made of."""

from __future__ import annotations

import re
from collections.abc import Sequence

NOTE = "<!-- Written by `make docs` from {}. Change that, not this page. -->"


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table; ``rows`` are as wide as its header."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(cell(c) for c in line) + " |" for line in lines)


def cell(text: str) -> str:
    """Text that keeps to one cell."""
    return re.sub(r"\s+", " ", text).replace("|", "\\|")


def link(name: str) -> str:
    """A link to the heading of that name on the same page."""
    return f"[{name}](#{name.lower()})"


def page(parts: Sequence[str]) -> str:
    """A page of parts, an empty line between them."""
    return "\n\n".join(parts) + "\n"
