"""A delivery's manifest: what its maker states of the files in it, checked against them and taken instead of detection.

``manifest.json`` or ``manifest.yaml`` lies at the top of a delivery. It is read strictly.
"""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

import yaml
from pydantic import Field, ValidationError, field_validator

from transforms.land.dialect import Stated
from transforms.land.pictures import strptime_picture
from transforms.land.shape import digest_of
from transforms.land.unpack import Part
from transforms.words.errors import ExtractError
from transforms.words.hashes import digest
from transforms.words.strict import Strict

NAMES = ("manifest.json", "manifest.yaml", "manifest.yml")


class StatedFile(Strict):
    """What is stated of one file. Only ``file`` must be there; what is left out is found by reading the file.

    ``file`` is the path in the delivery, packed or unpacked; a workbook's sheet is ``SHEET.xlsx``. ``rows`` leaves the
    header out. ``columns`` names the columns of a file whose ``header`` is false.
    """

    file: str
    table: Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_$#]*$", max_length=128)] | None = None
    rows: Annotated[int, Field(ge=0)] | None = None
    sha256: Annotated[str, Field(pattern=r"^[0-9A-Fa-f]{64}$")] | None = None
    query: str | None = None
    delimiter: Annotated[str, Field(min_length=1, max_length=1)] | None = None
    quoting: Literal["quoted", "unquoted"] | None = None
    encoding: str | None = None
    header: bool | None = None
    columns: tuple[str, ...] = ()
    decimal: Literal[".", ","] | None = None
    date_picture: str | None = None
    time_zone: str | None = None

    @field_validator("encoding")
    @classmethod
    def _known_encoding(cls, value: str | None) -> str | None:
        if value is None:
            return None
        try:
            found = codecs.lookup(value).name
        except LookupError:
            raise ValueError(f"'{value}' is no known encoding") from None
        return {"iso8859-1": "iso-8859-1", "utf-8-sig": "utf-8"}.get(found, found)

    @field_validator("date_picture")
    @classmethod
    def _known_picture(cls, value: str | None) -> str | None:
        if value is not None:
            strptime_picture(value)
        return value

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, value: str | None) -> str | None:
        try:
            return value and ZoneInfo(value).key
        except (ValueError, OSError, KeyError):
            raise ValueError(f"'{value}' is no known time zone, such as Europe/Stockholm") from None

    @property
    def picture(self) -> str | None:
        """The date picture as strptime writes it."""
        return strptime_picture(self.date_picture) if self.date_picture is not None else None

    @property
    def fingerprint(self) -> str:
        """Stands for all that is stated of how the file's content is to be read."""
        how = (
            self.decimal,
            self.date_picture,
            self.time_zone,
            self.delimiter,
            self.quoting,
            self.encoding,
            self.header,
        )
        return digest(*how, *self.columns) if any(how) or self.header is not None or self.columns else ""

    @property
    def stated(self) -> Stated:
        """What is stated of how the file is written."""
        return Stated(self.encoding, self.delimiter, self.quoting, self.header, self.columns)


# Of a file that no manifest speaks of.
UNSTATED = StatedFile(file="")


class Manifest(Strict):
    """What is stated of a delivery. ``time`` is written as a folder of deliveries is named."""

    domain: str | None = None
    time: str | None = None
    code_level: str | None = None
    files: tuple[StatedFile, ...] = ()


def read_manifest(path: Path, shown: str) -> Manifest:
    """The manifest at ``path``. Raises ExtractError, in one line with file and field, where it is not one."""
    try:
        text = path.read_text(encoding="utf-8-sig")
        raw = json.loads(text) if path.suffix == ".json" else yaml.safe_load(text)
    except (OSError, ValueError, yaml.YAMLError) as fault:
        why = re.sub(r"\s+", " ", str(fault))
        raise ExtractError(f"{shown}: cannot be read ({why}); mend it or leave it out") from None
    if isinstance(raw, dict) and isinstance(raw.get("time"), datetime):
        raw["time"] = f"{raw['time']:%Y-%m-%dT%H%M%S}"
    elif isinstance(raw, dict) and raw.get("time") is not None:
        raw["time"] = str(raw["time"])
    try:
        return Manifest.model_validate(raw)
    except ValidationError as fault:
        first = fault.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "the whole"
        raise ExtractError(f"{shown}: {where}: {_plain(first['type'], first['msg'])}") from None


def _plain(kind: str, message: str) -> str:
    if kind == "extra_forbidden":
        return "is no field of a manifest; docs/extract.md lists them"
    return message.removeprefix("Value error, ")


def of_parts(manifest: Manifest, parts: Sequence[Part], shown: str) -> list[StatedFile | None]:
    """What is stated of each part, in order. Raises ExtractError where files and manifest do not name the same."""
    if not manifest.files:
        return [None] * len(parts)
    left = {each.file: each for each in manifest.files}
    if len(left) < len(manifest.files):
        raise ExtractError(f"{shown}: files: a file is named twice")
    found: list[StatedFile | None] = []
    used = set()
    for part in parts:
        name = next((n for n in (part.name, part.outer, part.otherwise) if n in left), None)
        if name is None:
            raise ExtractError(f"{part.shown}: is not in {shown}; name it there or leave it out")
        used.add(name)
        found.append(left[name])
    missing = sorted(set(left) - used)
    if missing:
        raise ExtractError(f"{shown}: {missing[0]} is stated and was not delivered")
    return found


def check(stated: StatedFile, part: Part, sha256: str, delivered: Path, rows_in: int) -> None:
    """Hold a file against what is stated of its rows and its hash. Raises ExtractError where they differ.

    ``delivered`` is the file as it was delivered, perhaps packed; its hash may be stated as well.
    """
    if stated.rows is not None and stated.rows != rows_in:
        raise ExtractError(
            f"{part.shown}: holds {rows_in} rows, and its manifest states {stated.rows}; deliver it again"
        )
    if stated.sha256 is None or stated.sha256.lower() == sha256:
        return
    if digest_of(delivered) != stated.sha256.lower():
        raise ExtractError(f"{part.shown}: is not the file that its manifest states (sha256); deliver it again")
