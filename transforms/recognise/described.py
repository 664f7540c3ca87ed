"""What a catalogue's file of one entity type tells of two tables: their id, what to compare and how, what forbids."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

from transforms.recognise.engine import Cardinality
from transforms.recognise.frame import Table
from transforms.recognise.profile import Aligned, Kind
from transforms.words.errors import CatalogueError, UsageError
from transforms.words.yamlfile import YamlFile

_KINDS: dict[str, Kind] = {
    "text": "text",
    "set": "text",
    "number": "number",
    "exact": "code",
    "flag": "category",
    "date": "category",
}


@dataclass(frozen=True)
class Described:
    """``columns``: kind by column name. ``veto``: columns in which two rows of one thing never differ."""

    name: str
    local_id: str | None
    columns: dict[str, Kind]
    veto: tuple[str, ...]
    cardinality: Cardinality | None = None

    def aligned(self, a: Table, b: Table) -> list[Aligned]:
        """The described columns that both tables have. Raises UsageError where there is none."""
        own, other = ({n.casefold(): n for n in t.columns} for t in (a, b))
        made = [
            Aligned(own[n.casefold()], other[n.casefold()], kind)
            for n, kind in self.columns.items()
            if n.casefold() in own and n.casefold() in other
        ]
        if not made:
            raise UsageError(
                f"{self.name}: none of its columns is in both {a.name} and {b.name}; check its 'column' names"
            )
        return made


def read(path: Path) -> Described:
    """An entity type's YAML: ``source.local_id``, ``attributes`` (column, compare) and ``fuzzy.veto``.

    Only what concerns matching is read, so that a file for this alone may leave out the rest.
    """
    if not path.is_file():
        raise UsageError(f"--catalogue: {path}: no such file")
    loaded: Any = YamlFile(path).mapping
    attributes = loaded.get("attributes") if isinstance(loaded, dict) else None
    if not isinstance(attributes, dict) or not attributes:
        raise CatalogueError(f"{path.name}: has no 'attributes'; name at least one column, as in an entity type's file")
    columns: dict[str, Kind] = {}
    column_of: dict[str, str] = {}
    for name, told in attributes.items():
        told = {"column": told} if isinstance(told, str) else told
        if not isinstance(told, dict) or "column" not in told:
            raise CatalogueError(f"{path.name}: attribute '{name}' names no column; write {name}: {{column: NAME}}")
        compare = str(told.get("compare", "exact"))
        if compare not in _KINDS:
            raise CatalogueError(
                f"{path.name}: attribute '{name}': compare is one of {', '.join(_KINDS)}, not '{compare}'"
            )
        column_of[str(name)] = str(told["column"])
        columns[str(told["column"])] = _KINDS[compare]
    fuzzy = loaded.get("fuzzy") or {}
    veto = [column_of.get(str(v), str(v)) for v in fuzzy.get("veto", ())] if isinstance(fuzzy, dict) else []
    source = loaded.get("source")
    local_id = source.get("local_id") if isinstance(source, dict) else None
    cardinality = fuzzy.get("cardinality") if isinstance(fuzzy, dict) else None
    if cardinality is not None and cardinality not in get_args(Cardinality):
        raise CatalogueError(
            f"{path.name}: fuzzy.cardinality is one of {', '.join(get_args(Cardinality))}, not '{cardinality}'"
        )
    return Described(path.name, local_id if isinstance(local_id, str) else None, columns, tuple(veto), cardinality)
