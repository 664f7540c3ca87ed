"""Statements: safe text, and the templates that lie beside the modules which run them."""

from __future__ import annotations

import functools
from datetime import datetime
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup

# A template stands beside the module that runs it; its name is its own in all rooms.
_ROOMS = Path(__file__).parents[1]


class Sql(str):
    """Text that is safe to place in a statement: rendered by a filter below or written in this project."""

    def __html__(self) -> str:
        """What Jinja's escaping leaves as it is: see _environment."""
        return str(self)


def ident(name: str) -> Sql:
    """The name as a quoted SQL identifier."""
    return Sql('"' + _without_nul(str(name)).replace('"', '""') + '"')


def lit(value: Any) -> Sql:
    """The value as an SQL literal: NULL, number, boolean, timestamp, text or a list of these."""
    match value:
        case None:
            return Sql("NULL")
        case bool():
            return Sql("true" if value else "false")
        case int() | float():
            return Sql(repr(value))
        case datetime():
            return Sql(f"TIMESTAMP '{value:%Y-%m-%d %H:%M:%S.%f}'")
        case list() | tuple():
            return Sql("[" + ", ".join(lit(v) for v in value) + "]")
        case _:
            return Sql("'" + _without_nul(str(value)).replace("'", "''") + "'")


def _without_nul(text: str) -> str:
    if "\0" in text:
        raise ValueError("a NUL character cannot be written in a statement")
    return text


def _refuse_plain_text(value: Any) -> Any:
    if isinstance(value, Sql | Markup | int | float | jinja2.Undefined):
        return value
    raise TypeError(f"a template would place {type(value).__name__} in a statement; use the filter ident or lit")


@functools.cache
def _environment(folder: Path) -> jinja2.Environment:
    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader([folder, *(p for p in sorted(_ROOMS.iterdir()) if p.is_dir())]),
        undefined=jinja2.StrictUndefined,
        finalize=_refuse_plain_text,
        # Not for HTML: with it on, what a macro returns is marked (Markup) and so told apart from plain text.
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.filters.update(ident=ident, lit=lit, sql=Sql)
    return made


def render(template: str, *, folder: Path = _ROOMS, **params: Any) -> Sql:
    """The SQL template (a file name in ``folder``) with its parameters. Plain text is refused: see ident and lit."""
    return Sql(_environment(folder).get_template(template).render(params))
