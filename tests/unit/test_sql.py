"""The statements as they stand in files: plain, in the dialect that runs them, and not about one entity type."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import sqlglot

ROOT = Path(__file__).parents[2]
PLAIN = sorted(p for room in ("transforms", "expectations") for p in (ROOT / room).rglob("*.sql"))
# What the parser does not know of the dialect.
UNKNOWN = " USING COMPRESSION uncompressed"


@pytest.mark.parametrize("path", PLAIN, ids=lambda p: p.relative_to(ROOT).as_posix())
def test_a_statement_is_plain_and_can_be_parsed(path: Path) -> None:
    text = path.read_text(encoding="utf-8").replace(UNKNOWN, "")
    assert not re.search(r"\{\{|\{%", text), "a statement that is generated is a template: name it .sql.j2"
    assert sqlglot.parse(text, read="duckdb")


def test_no_step_of_a_night_goes_through_entity_types_one_by_one() -> None:
    # Gathering, what is recognised by what it says, and the views of the template are made per type; all else in sets.
    per_type = {"normalise.py", "probable.py", "template.py"}
    carried_out = re.compile(
        r"^ *for (?:e|entity|name|domain|pair|side) in [^\n]*(?:ordered|entities|domains|pairs)\b[^\n]*:\n"
        r"(?:[^\n]*\n){0,4}?[^\n]*\.(?:execute|run)\(",
        re.MULTILINE,
    )
    found = [
        p.name
        for p in sorted((ROOT / "transforms" / "build").glob("*.py"))
        if p.name not in per_type and carried_out.search(p.read_text(encoding="utf-8"))
    ]
    assert found == []
