"""What commands share: the published night opened, and the options that narrow, limit and write what they show."""

from __future__ import annotations

import contextlib
import difflib
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import duckdb

from flows.settings import Settings, load_settings
from transforms.ask import lookup
from transforms.catalogue import Catalogue, load_catalogue
from transforms.warehouse import Session, open_published
from transforms.words.errors import ExtractError, UsageError, WarehouseError

if TYPE_CHECKING:
    from transforms.register import Register

Command = Callable[..., Any]

FILE = click.Path(path_type=Path, dir_okay=False)
FOLDER = click.Path(path_type=Path, file_okay=False)
PATH = click.Path(path_type=Path)
DAY = click.DateTime(["%Y-%m-%d"])

as_json = click.option("--json", "as_json", is_flag=True, help="The same for machines.")
out = click.option("--out", type=FILE, help="All of them into a .xlsx, .csv or .parquet file.")

_FILTERS = {
    "entity": "Only this entity type.",
    "area": "Only this area.",
    "pair": "Only this pair of domains (a~b).",
    "domain": "Only this domain.",
    "attribute": "Only this attribute.",
    "text": "Only where a label or value holds this text.",
}


def filters(*names: str) -> Callable[[Command], Command]:
    """The options of these names, in this order, each narrowing what a command shows."""

    def with_options(command: Command) -> Command:
        for name in reversed(names):
            command = click.option(f"--{name}", help=_FILTERS[name])(command)
        return command

    return with_options


def limit(default: int, least: int = 1) -> Callable[[Command], Command]:
    """``--limit``: how many are shown."""
    kind = click.IntRange(least)
    return click.option("--limit", default=default, show_default=True, type=kind, help="At most so many.")


class Moment(click.ParamType[Any]):
    """A time as deliveries are named by it."""

    name = "time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Raises what click shows as a usage error."""
        from transforms.land.landing import parse_time

        try:
            return parse_time(value) if isinstance(value, str) else value
        except ExtractError as fault:
            self.fail(str(fault), param, ctx)


class Role(click.ParamType[Any]):
    """Who does something, never empty."""

    name = "role"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Raises what click shows as a usage error."""
        if not value.strip():
            self.fail("a role is expected, such as 'Sekreterare styrgruppen'", param, ctx)
        return value.strip()


class Opened:
    """A published night and the settings that name it."""

    def __init__(self, settings: Settings, con: duckdb.DuckDBPyConnection) -> None:
        self.settings, self.con = settings, con

    @cached_property
    def session(self) -> Session:
        """The night for what reads its items. Raises WarehouseError for a night of version 0.1: it has other tables."""
        from transforms.build.template import is_of_today

        session = Session(self.con)
        if not is_of_today(session):
            raise WarehouseError("the published night was built by an earlier version; likare run builds it again")
        return session

    @cached_property
    def catalogue(self) -> Catalogue:
        """The catalogue with the night's derived entity types."""
        from flows.published import published_catalogue

        return published_catalogue(self.settings, self.session)

    @cached_property
    def register(self) -> tuple[Catalogue, Register]:
        """The register of decisions, with the catalogue that it was read by. Raises DecisionError."""
        from transforms.register import load_register

        catalogue = load_catalogue(self.settings.catalogue)
        return catalogue, load_register(self.settings.decisions, catalogue, self.settings.domain_names)

    @cached_property
    def titles(self) -> dict[str, str]:
        """Title by entity type."""
        return lookup.entity_types(self.con)

    @cached_property
    def pairs(self) -> list[str]:
        """The pairs of domains."""
        return [r[0] for r in self.con.execute("SELECT pair_id FROM published.pair ORDER BY pair_id").fetchall()]

    def refuse_unknown(self, **given: str | None) -> None:
        """Raise UsageError where an option names an entity type, area, domain, pair or attribute that there is not."""
        known: dict[str, Callable[[], Iterable[str]]] = {
            "entity": lambda: self.titles,
            "area": lambda: lookup.areas(self.con),
            "domain": lambda: self.settings.domain_names,
            "pair": lambda: self.pairs,
        }
        self._refuse_attribute(given.pop("attribute", None), given.get("entity"))
        for option, value in given.items():
            if value is not None:
                refuse_other(option, value, known[option]())

    def _refuse_attribute(self, attribute: str | None, entity: str | None) -> None:
        query = "SELECT DISTINCT attribute FROM published.attribute WHERE ? IS NULL OR entity = ? ORDER BY 1"
        if attribute is None:
            return
        known = ["parent", *(row[0] for row in self.con.execute(query, [entity, entity]).fetchall())]
        if attribute in known or len(known) == 1:
            return
        near = difflib.get_close_matches(attribute, known, n=1)
        hint = f"; did you mean '{near[0]}'?" if near else f"; known here: {', '.join(known)}" if entity else ""
        raise UsageError(f"--attribute: no {entity or 'entity type'} has '{attribute}'{hint}")

    def one_pair(self, wanted: str | None) -> str:
        """The pair asked for, which need not be named where there is one. Raises UsageError."""
        if wanted is None and len(self.pairs) == 1:
            return self.pairs[0]
        if wanted not in self.pairs:
            raise UsageError(f"--pair: name one of {', '.join(self.pairs)}")
        return wanted


def refuse_other(option: str, value: str, known: Iterable[str]) -> None:
    """Raise UsageError where the value of an option is none of those that are known."""
    names = list(known)
    if value not in names:
        raise UsageError(f"--{option}: there is no '{value}'; known here: {', '.join(names)}")


@contextlib.contextmanager
def published() -> Iterator[Opened]:
    """The published night, closed again. Raises WarehouseError where nothing is published."""
    settings = load_settings()
    with contextlib.closing(open_published(settings.data)) as con:
        yield Opened(settings, con)
