"""A YAML file that a person writes, read strictly: every fault is one line with file, line and field."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, get_args

import yaml
from pydantic import ValidationError

from transforms.words.errors import CatalogueError, LikareError
from transforms.words.files import read_text

FieldPath = tuple[str | int, ...]
# The safe loader, by the library in C where it is there: a tenth of the time.
LOADER: Final[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Loader(LOADER):  # type: ignore[misc]
    """YAML in which only true and false are booleans: ``on`` is a field of a key here, ``no`` a Norwegian."""

    yaml_implicit_resolvers = {
        first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:bool"]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }


_Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"^(?:true|false)$"), list("tf"))


class YamlFile:
    """One YAML file with the line of every field. ``kind`` is the error it raises, ``see`` the page on its fields."""

    def __init__(
        self, path: Path, kind: type[LikareError] = CatalogueError, see: str = "docs/reference/catalogue.md"
    ) -> None:
        self.path, self._fault = path, kind
        try:
            self.text = read_text(path, kind)
            loader = _Loader(self.text)
            node = loader.get_single_node()
            self.lines = dict(_lines(node, ())) if node is not None else {}
            loaded = loader.construct_document(node) if node is not None else None
        except _BadKey as fault:
            field = ".".join(str(p) for p in fault.path)
            raise self._fault(f"{path}:{fault.line}: {field}: {fault.message}") from None
        except yaml.MarkedYAMLError as fault:
            line = fault.problem_mark.line + 1 if fault.problem_mark else 1
            raise self._fault(f"{path}:{line}: not valid YAML: {fault.problem}; mend the file") from None
        except yaml.reader.ReaderError as fault:
            line = self.text.count("\n", 0, fault.position) + 1
            raise self._fault(f"{path}:{line}: not valid YAML: {fault.reason}; mend the file") from None
        if not isinstance(loaded, dict):
            raise self._fault(f"{path}:1: a mapping of fields is expected; see {see}")
        self.mapping: dict[str, Any] = loaded

    def error(self, path: FieldPath, message: str) -> LikareError:
        """The fault of a field, at its line or at that of what holds it."""
        line = next((self.lines[path[:n]] for n in range(len(path), 0, -1) if path[:n] in self.lines), 1)
        field = ".".join(str(p) for p in path)
        return self._fault(f"{self.path}:{line}: {field}: {message}")

    def parse(self, model: Any, mapping: dict[str, Any] | None = None) -> Any:
        """The file (or a part of it) as the pydantic model. Raises its first fault."""
        try:
            return model.model_validate(self.mapping if mapping is None else mapping)
        except ValidationError as fault:
            # A misspelt field is also a missing one; the spelling is what to mend.
            first = min(fault.errors(), key=lambda error: error["type"] != "extra_forbidden")
            path: FieldPath = tuple(p for p in first["loc"] if p != "[key]")
            message = first["msg"].removeprefix("Value error, ")
            message = message[:1].lower() + message[1:]
            if first["type"] == "extra_forbidden":
                message = "unknown key" + nearest(str(path[-1]), _fields_at(model, path[:-1]))
            elif first["type"] == "missing":
                message = "is missing; add it"
            raise self.error(path, message) from None


def nearest(word: str, known: list[str]) -> str:
    """The end of a message on an unknown word: what it may have meant, or what is known."""
    near = difflib.get_close_matches(word, known, n=1)
    return f"; did you mean '{near[0]}'?" if near else f"; known here: {', '.join(known)}" if known else ""


def _fields_at(model: Any, path: FieldPath) -> list[str]:
    """The field names of the model that a path leads to, as far as that can be told."""
    here: Any = model
    for step in path:
        options = [here, *get_args(here)]
        field = next(
            (m.model_fields[str(step)].annotation for m in options if str(step) in getattr(m, "model_fields", {})), None
        )
        if field is None:
            inner = [a for o in options for a in get_args(o) if hasattr(a, "model_fields")]
            field = inner[-1] if inner else None
        here = field
    found = [m for m in [here, *get_args(here)] if hasattr(m, "model_fields")] if here is not None else []
    return sorted(found[0].model_fields) if found else []


class _BadKey(Exception):
    def __init__(self, path: FieldPath, line: int, message: str) -> None:
        self.path, self.line, self.message = path, line, message


def _lines(node: yaml.Node, path: FieldPath) -> Iterator[tuple[FieldPath, int]]:
    """Every field's path with its line, refusing a key given twice (plain YAML loading keeps the last in silence)."""
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            line = key.start_mark.line + 1
            if key.tag != "tag:yaml.org,2002:str":
                raise _BadKey(path or ("field",), line, "the name of a field is no text; put it in quotes")
            here = (*path, key.value)
            if key.value in seen:
                raise _BadKey(here, line, "is given twice; keep one")
            seen.add(key.value)
            yield here, line
            yield from _lines(value, here)
    elif isinstance(node, yaml.SequenceNode):
        for i, value in enumerate(node.value):
            yield (*path, i), value.start_mark.line + 1
            yield from _lines(value, (*path, i))
