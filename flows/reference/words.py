"""How a pydantic model reads in words: the type and the default of a field, the text of a docstring."""

from __future__ import annotations

import inspect
import re
import types
import typing
from datetime import date
from pathlib import Path
from typing import Any

from annotated_types import Ge, Gt, Le
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from flows.reference.markdown import link
from transforms.catalogue.words import Bilingual


def field_type(field: FieldInfo) -> str:
    """The type of a field with its bounds, as people write it."""
    shown = type_words(field.annotation)
    low = next((m for m in field.metadata if isinstance(m, Ge | Gt)), None)
    high = next((m for m in field.metadata if isinstance(m, Le)), None)
    if low is not None and high is not None:
        above = f"above {low.gt}" if isinstance(low, Gt) else f"from {low.ge}"
        shown += f", {above} to {high.le}"
    return shown


def type_words(annotation: Any) -> str:
    """A type as people write it."""
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is typing.Annotated:
        return type_words(arguments[0])
    if origin in (typing.Union, types.UnionType):
        return " or ".join(type_words(a) for a in arguments if a is not type(None))
    if origin is typing.Literal:
        return ", ".join(f"`{a}`" for a in arguments)
    if origin is tuple:
        return f"list of {type_words(arguments[0])}"
    if origin is dict:
        return f"mapping of {type_words(arguments[0])} to {type_words(arguments[1])}"
    if annotation is Bilingual:
        return "text, or `{sv: …, en: …}`"
    if inspect.isclass(annotation) and issubclass(annotation, BaseModel):
        return link(annotation.__name__)
    return {str: "text", bool: "true or false", int: "whole number", float: "number", Path: "path", date: "date"}[
        annotation
    ]


def default(field: FieldInfo) -> str:
    """The default of a field as it is written in a file, ``required`` where there is none."""
    if field.is_required():
        return "required"
    value = field.default
    if isinstance(value, BaseModel):
        return "as below"
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    if isinstance(value, tuple) and value:
        return ", ".join(f'`"{v}"`' for v in value)
    return f"`{value:g}`" if isinstance(value, float) else f"`{value}`" if value or value == 0 else ""


def docstring(of: object) -> str:
    """The docstring of a thing as Markdown."""
    return re.sub(r"``", "`", inspect.cleandoc(getattr(of, "__doc__", None) or ""))
