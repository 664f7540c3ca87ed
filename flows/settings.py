"""The settings: ``likare.toml`` and a few environment variables, read once, frozen. Nothing else reads either.

============== ==========================================================================
LIKARE_CONFIG  the settings file (default: ``likare.toml`` here or in a folder above)
LIKARE_DATA    the data folder, in place of the file's ``data``
LIKARE_KEY     the file with the key of the pseudonyms, in place of the file's ``pseudonym_key``
============== ==========================================================================
"""

from __future__ import annotations

import difflib
import os
import re
import tomllib
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

from pydantic import Field, ValidationError, field_validator, model_validator

from transforms.catalogue import builtin_catalogues
from transforms.land.policy import LandingPolicy, Limits
from transforms.land.screen import Action
from transforms.words.errors import SettingsError
from transforms.words.strict import Strict

FILE = "likare.toml"
CATALOGUE = "millennium"  # the catalogue where none is named
_VARIABLES = ("LIKARE_CONFIG", "LIKARE_DATA", "LIKARE_KEY")
# A shorter key could be found by trying.
_SHORTEST_KEY = 16
_HINT = f"write one with [likare] and two [[domain]], or name it in {_VARIABLES[0]}"


class Domain(Strict):
    """One Millennium installation. ``name`` is also the name of its folder under ``incoming/``.

    ``frozen`` says that it delivers no more: its last delivery stands, whatever its age, and nothing newer is landed.
    ``vendor_model`` says that it holds the vendor's model content: what agrees with it is proposed.
    ``ended`` says the same of deliveries after that day. ``uri`` is what its local ids are appended to in an exported
    crosswalk (default: ``urn:likare:<name>:``).
    """

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=40)]
    title: str = ""
    programme: str = ""
    frozen: bool = False
    ended: date | None = None
    vendor_model: bool = False
    uri: Annotated[str, Field(pattern=r"^([a-z][a-z0-9+.-]*:[^\s<>\"{}|\\^`]+)?$")] = ""

    def delivers(self, at: datetime) -> bool:
        """Whether a delivery of that time is to be landed."""
        return not self.frozen and (self.ended is None or at.date() <= self.ended)

    def has_ended(self, at: datetime) -> bool:
        """Whether nothing more is expected of it at that time."""
        return self.frozen or (self.ended is not None and at.date() > self.ended)

    @property
    def shown(self) -> str:
        """The title, or the name where there is none."""
        return self.title or self.name


class History(Strict):
    """How long snapshots are kept (``"400 days"``; None for ever), and how many nights."""

    keep: Annotated[str, Field(pattern=r"^[1-9][0-9]{0,4} days?$")] | None = None
    nights: Annotated[int, Field(ge=1, le=1000)] = 3

    @property
    def kept_for(self) -> timedelta | None:
        """``keep`` as a duration."""
        return timedelta(days=int(self.keep.split()[0])) if self.keep else None


class Settings(Strict):
    """What is compared and where it lies. Paths are absolute.

    ``catalogue`` is a built-in name or a folder; ``decisions`` is the folder of the register;
    ``rules`` is a file of quality rules that follow the built-in ones;
    ``lists`` is a folder with declarations of national lists beside the built-in ones;
    ``memory_limit`` is DuckDB's (``"4GB"``), ``threads`` its number of threads. ``crosswalk`` is the folder of the
    reviewed rulings, best kept in version control; ``readers`` is how many readers must agree before one counts, and
    ``relations`` which of them make a match (equal, close, retired). A domain whose newest delivery is more than
    ``max_age_days`` old is warned of. ``landing`` are the rules of the door.
    """

    file: Path
    catalogue: str
    data: Path
    decisions: Path
    crosswalk: Path
    readers: Annotated[int, Field(ge=1, le=2)] = 1
    relations: tuple[Literal["equal", "close", "retired"], ...] = ("equal", "close", "retired")
    rules: Path | None = None
    lists: Path | None = None
    memory_limit: Annotated[str, Field(pattern=r"^[0-9]+(\.[0-9]+)? ?[KMGT]i?B$")] | None = None
    threads: Annotated[int, Field(ge=1, le=1024)] | None = None
    max_age_days: Annotated[int, Field(ge=1, le=3650)] = 3
    landing: LandingPolicy = LandingPolicy()
    history: History = History()
    domains: tuple[Domain, ...]

    @model_validator(mode="before")
    @classmethod
    def _beside_the_file(cls, fields: Any) -> Any:
        """The folders that people keep in version control lie beside the settings where nothing else is said."""
        if isinstance(fields, dict) and isinstance(fields.get("file"), Path):
            beside = fields["file"].parent
            return {"decisions": beside / "decisions", "crosswalk": beside / "crosswalk", **fields}
        return fields

    @field_validator("domains")
    @classmethod
    def _at_least_two(cls, found: tuple[Domain, ...]) -> tuple[Domain, ...]:
        names = [d.name for d in found]
        if len(names) < 2:
            raise ValueError("name at least two, or there is nothing to compare")
        twice = sorted({n for n in names if names.count(n) > 1})
        if twice:
            raise ValueError(f"'{twice[0]}' is named twice; give each domain a name of its own")
        return found

    @property
    def domain_names(self) -> tuple[str, ...]:
        """In the order of the file, which is also the order of the sides in a pair."""
        return tuple(d.name for d in self.domains)

    @property
    def incoming(self) -> Path:
        """Where deliveries are put: ``incoming/<domain>/<YYYY-MM-DD>/``."""
        return self.data / "incoming"

    @property
    def site(self) -> Path:
        """Where the dashboard is written."""
        return self.data / "site"

    @property
    def attempt(self) -> Path:
        """The outcome of the last night that was tried, published or not."""
        return self.data / "attempt.json"


def load_settings(environ: Mapping[str, str] | None = None, start: Path | None = None) -> Settings:
    """The settings that hold for the folder ``start`` (default: the current one) and the environment.

    Raises SettingsError, with file and field, for a file that is missing, is not TOML, or holds an unknown key, a wrong
    value or fewer than two domains; and for a misspelt LIKARE_ variable, which would else be passed over in silence.
    """
    environ = os.environ if environ is None else environ
    for name in sorted(environ):
        near = difflib.get_close_matches(name, _VARIABLES, n=1, cutoff=0.8)
        if near and name not in _VARIABLES:
            raise SettingsError(f"{name}: unknown environment variable; did you mean '{near[0]}'?")
    here = (start or Path.cwd()).absolute()
    named = environ.get("LIKARE_CONFIG", "")
    path = here / Path(named).expanduser() if named else _search(here)
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise SettingsError(f"{path}: no such settings file; {_HINT}") from None
    except (OSError, UnicodeDecodeError) as fault:
        reason = fault.strerror if isinstance(fault, OSError) else "it is not UTF-8 text"
        raise SettingsError(f"{path}: cannot be read ({reason}); {_HINT}") from None
    try:
        loaded = tomllib.loads(text)
    except tomllib.TOMLDecodeError as fault:
        raise SettingsError(f"{path}: not valid TOML: {fault}") from None
    return _settings(path, text, loaded, environ, here)


def _settings(path: Path, text: str, loaded: dict[str, Any], environ: Mapping[str, str], here: Path) -> Settings:
    data = environ.get("LIKARE_DATA", "")

    def error(field: str, message: str) -> SettingsError:
        return SettingsError(f"{path}:{_line(text, field)}: {field}: {message}")

    for key in loaded:
        if key not in ("likare", "domain", "landing", "history"):
            raise error(key, f"unknown key{_nearest(key, ('likare', 'domain', 'landing', 'history'))}")
    head = loaded.get("likare", {})
    if not isinstance(head, dict):
        raise error("likare", "is a table; write it as [likare]")
    keys = (
        "catalogue", "data", "decisions", "rules", "lists", "memory_limit", "threads", "crosswalk", "readers",
        "relations", "max_age_days",
    )  # fmt: skip
    for key in head:
        if key not in keys:
            raise error(key, f"unknown key{_nearest(key, keys)}")
    for key, default in (
        ("catalogue", CATALOGUE), ("data", "data"), ("crosswalk", "crosswalk"), ("decisions", "decisions"),
    ):  # fmt: skip
        if not isinstance(head.get(key, default), str) or not head.get(key, default):
            raise error(key, "is a text in quotes")
    for key in ("rules", "lists"):
        if key in head and (not isinstance(head[key], str) or not head[key]):
            raise error(key, "is a text in quotes")
    catalogue = head.get("catalogue", CATALOGUE)
    fields = {
        **head,
        **{key: _below(path.parent, head[key]) for key in ("rules", "lists") if key in head},
        "file": path,
        "catalogue": catalogue if catalogue in builtin_catalogues() else str(_below(path.parent, catalogue)),
        "crosswalk": _below(path.parent, head.get("crosswalk", "crosswalk")),
        "data": _below(here, data) if data else _below(path.parent, head.get("data", "data")),
        "decisions": _below(path.parent, head.get("decisions", "decisions")),
        "domains": loaded.get("domain", []),
        "landing": _landing(path, text, loaded.get("landing", {}), environ.get("LIKARE_KEY", ""), here),
        **({"history": loaded["history"]} if "history" in loaded else {}),
    }
    try:
        return Settings.model_validate(fields)
    except ValidationError as fault:
        first = fault.errors()[0]
        field = ".".join(str(p) for p in first["loc"]).replace("domains", "domain")
        message = first["msg"].removeprefix("Value error, ")
        if first["type"] == "extra_forbidden":
            message = "unknown key" + _nearest(
                str(first["loc"][-1]), tuple((History if first["loc"][0] == "history" else Domain).model_fields)
            )
        elif first["type"] == "missing":
            message = "is missing; add it"
        elif first["loc"] == ("history", "keep"):
            message = 'is a number of days, as in "400 days"'
        elif first["loc"][-1] == "name" and first["type"] == "string_pattern_mismatch":
            message = "is also a folder and a column's value: small letters, digits and _ only, a letter first"
        raise error(field, message[:1].lower() + message[1:]) from None


def _landing(path: Path, text: str, found: Any, key: str, here: Path) -> LandingPolicy:
    """The rules of the door with the key of the pseudonyms, which is in a file of its own."""

    def error(field: str, message: str) -> SettingsError:
        return SettingsError(f"{path}:{_line(text, field)}: {field}: {message}")

    if not isinstance(found, dict):
        raise error("landing", "is a table; write it as [landing]")
    named = found.get("pseudonym_key")
    if named is not None and (not isinstance(named, str) or not named):
        raise error("landing.pseudonym_key", "is the name of a file, in quotes; the key itself stands in the file")
    fields = {name: value for name, value in found.items() if name != "pseudonym_key"}
    try:
        policy = LandingPolicy.model_validate(fields)
    except ValidationError as fault:
        first = fault.errors()[0]
        where = [str(p) for p in first["loc"]]
        message = first["msg"].removeprefix("Value error, ")
        if first["type"] == "extra_forbidden":
            known = tuple(Limits.model_fields) if where[0] == "tables" else (*LandingPolicy.model_fields,)
            message = "unknown key" + _nearest(where[-1], known)
        elif first["type"] == "literal_error":
            message = f"is one of {', '.join(get_args(Action))}"
        raise error(".".join(["landing", *where]), message[:1].lower() + message[1:]) from None
    file = here / Path(key).expanduser() if key else _below(path.parent, named) if named else None
    if file is None:
        return policy
    field = "LIKARE_KEY" if key else "landing.pseudonym_key"
    try:
        secret = file.read_bytes().strip()
    except OSError as fault:
        why = f"{file} cannot be read ({fault.strerror}); put the key in it or leave it out, then staff ids are dropped"
        raise SettingsError(f"{field}: {why}") if key else error(field, why) from None
    if len(secret) < _SHORTEST_KEY:
        why = f"{file} holds {len(secret)} bytes; a key has at least {_SHORTEST_KEY}"
        raise SettingsError(f"{field}: {why}") if key else error(field, why)
    return policy.model_copy(update={"pseudonym_key": secret})


def _below(folder: Path, path: str) -> Path:
    # Not resolved: a data folder that is a link stays the name its owner gave it.
    return folder / Path(path).expanduser()


def _search(here: Path) -> Path:
    return next((p / FILE for p in (here, *here.parents) if (p / FILE).is_file()), here / FILE)


def _line(text: str, field: str) -> int:
    """The line of a field such as ``data`` or ``domain.1.name``: of its table where it is not written itself."""
    parts = field.split(".")
    lines = text.splitlines()
    start, end = 0, len(lines)
    if parts[0] == "domain" and len(parts) > 1:
        heads = [i for i, line in enumerate(lines) if re.match(r"\s*\[\[\s*domain\s*\]\]", line)]
        # A list written in one line, domain = [{…}], has no heading per entry.
        if int(parts[1]) < len(heads):
            start, end = [*heads, len(lines)][int(parts[1]) :][:2]
    if parts[0] == "landing":
        found = ((i, re.match(r"\s*\[+\s*([^\]]+?)\s*\]+", line)) for i, line in enumerate(lines))
        headings = {i: re.sub(r'["\s]', "", m.group(1)) for i, m in found if m}
        for depth in range(len(parts), 0, -1):
            at = next((i for i, name in headings.items() if name == ".".join(parts[:depth])), None)
            if at is not None:
                start, end = at, min((i for i in headings if i > at), default=len(lines))
                break
    for i in range(start, end):
        if re.match(rf"\s*\[*\s*{re.escape(parts[-1])}\b", lines[i]):
            return i + 1
    return start + 1


def _nearest(word: str, known: tuple[str, ...]) -> str:
    near = difflib.get_close_matches(word, known, n=1)
    return f"; did you mean '{near[0]}'?" if near else f"; known here: {', '.join(known)}"
