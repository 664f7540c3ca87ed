"""How a national list is declared: one YAML file per list, read strictly."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, field_validator

from transforms.catalogue.words import Name, Title
from transforms.words.errors import CatalogueError
from transforms.words.strict import Strict
from transforms.words.yamlfile import YamlFile

_BUILTIN = Path(__file__).parent / "lists"
Place = Annotated[int, Field(ge=1, le=200)] | Annotated[str, Field(min_length=1)]


class CodeList(Strict):
    """One list of codes. All but ``list`` and ``title`` may be left out.

    ``pattern`` is the form of a code, whole, after ``drop`` (characters that it may be written with or without) is
    taken out and it is in upper case. ``check_digit`` names the algorithm of the code's last digit. ``files`` are globs
    over what a delivery of the list holds; a single file is taken whatever its name. ``columns`` maps ``code``,
    ``text``, ``valid_from``, ``valid_to`` and any further detail worth keeping to a column's place (from 1) or name.
    """

    list: Name
    title: Title
    publisher: str = ""
    pattern: str = ".+"
    check_digit: Literal["verhoeff"] | None = None
    drop: str = ""
    files: tuple[str, ...] = ()
    header: bool | None = None
    columns: dict[Name, Place] = {"code": 1, "text": 2}

    @field_validator("pattern")
    @classmethod
    def _whole_pattern(cls, value: str) -> str:
        try:
            re.compile(value)
        except re.error as fault:
            raise ValueError(f"is no pattern ({fault})") from None
        return value

    @field_validator("columns")
    @classmethod
    def _names_the_code(cls, value: dict[str, Any]) -> dict[str, Any]:
        if "code" not in value:
            raise ValueError("names no 'code'")
        return value

    @property
    def details(self) -> tuple[str, ...]:
        """What is kept of a row beside its code, text and validity."""
        return tuple(c for c in self.columns if c not in ("code", "text", "valid_from", "valid_to"))


def load_lists(own: Path | None = None) -> dict[str, CodeList]:
    """The built-in lists, followed by those declared in the folder ``own``, which win.

    Raises CatalogueError, one line with file and field, for a declaration that is none.
    """
    found = {}
    if own is not None and not own.is_dir():
        raise CatalogueError(
            f"{own}: no such folder; put the declarations of your lists there or leave the setting out"
        )
    for folder in (_BUILTIN, own):
        for path in sorted(folder.glob("*.yaml")) if folder else ():
            declared = _read(path)
            found[declared.list] = declared
    return found


def _read(path: Path) -> CodeList:
    source = YamlFile(path)
    declared: CodeList = source.parse(CodeList)
    if declared.list != path.stem:
        raise source.error(("list",), f"is '{declared.list}' but the file is named {path.name}; make them equal")
    return declared
