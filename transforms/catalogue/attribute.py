"""What an item says of itself, and its links to others."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from transforms.catalogue.words import Conditions, Name, Title, as_texts
from transforms.words.strict import Strict, as_tuple

Comparison = Literal[
    "exact", "text", "number", "flag", "date", "set", "list", "mask", "quantity", "long", "xml", "json"
]


class Reference(Strict):
    """A link to another item.

    ``to`` names the entity types it may lead to. With ``type_column`` the link is polymorphic: that column's text
    chooses the entity type by ``types``. ``by`` is the target's attribute whose value is stored, where it is not the
    target's local id. ``every`` are values that mean all targets there are: a value of its own, equal in every domain.
    """

    to: Annotated[tuple[str, ...], BeforeValidator(as_tuple)]
    by: str | None = None
    type_column: str | None = None
    types: dict[str, str] = {}
    every: Annotated[tuple[str, ...], BeforeValidator(as_texts)] = ()

    @model_validator(mode="before")
    @classmethod
    def _short_forms(cls, value: Any) -> Any:
        if isinstance(value, str | list):
            return {"to": value}
        if isinstance(value, dict) and "types" in value and "to" not in value and isinstance(value["types"], dict):
            return {**value, "to": sorted(set(value["types"].values()))}
        return value

    @model_validator(mode="after")
    def _whole(self) -> Reference:
        if bool(self.type_column) != bool(self.types):
            raise ValueError("'type_column' and 'types' belong together")
        return self


class Embedded(Strict):
    """Local ids inside a text: a number that follows ``before`` is the id of an item of one of the types ``to``.

    ``before`` is a regular expression. Where it is not given, any number of at least ``digits`` digits that stands by
    itself is looked up, and one that leads nowhere is taken for a plain number; after ``before`` it is reported. An id
    that is found is compared by what it leads to.
    """

    to: Annotated[tuple[str, ...], BeforeValidator(as_tuple)]
    before: str = ""
    digits: Annotated[int, Field(ge=1, le=30)] = 5

    @model_validator(mode="before")
    @classmethod
    def _short_forms(cls, value: Any) -> Any:
        return {"to": value} if isinstance(value, str | list) else value

    @model_validator(mode="after")
    def _sound(self) -> Embedded:
        try:
            pattern = re.compile(self.before)
        except re.error as fault:
            raise ValueError(f"'before' is no regular expression ({fault})") from None
        if pattern.groups or "(?" in self.before:
            raise ValueError("'before' may hold no group; write alternatives as entries of their own")
        return self


def _as_embedded(value: Any) -> Any:
    return [value] if isinstance(value, str | dict) else value


class National(Strict):
    """A national list that an attribute's values are codes of: those that begin with ``prefix``, no part of the code.

    ``list`` is the name of a declared list (`likare reference list`). Written as its name alone, every value is meant.
    """

    list: Name
    prefix: str = ""


def _as_national(value: Any) -> Any:
    found = value if isinstance(value, list) else [value]
    return [{"list": one} if isinstance(one, str) else one for one in found]


class Attribute(Strict):
    """A property of an item. ``weight`` 0 keeps it for keys and labels and leaves it out of the comparison.

    ``column`` may be ``alias.COLUMN`` for a joined table. ``when`` makes the value NULL on rows where it does not
    hold. ``required``, ``allowed``, ``code_set`` and ``national`` are checked, not enforced. ``embedded`` tells of
    local ids inside the text.

    Kinds of comparison: ``exact`` and ``text`` (blanks folded), ``number``, ``flag``, ``date``, ``set`` and ``list``
    (cut at ``separator``; a list counts its order), ``mask`` (a number of bits), ``quantity`` (a number with its
    unit in one text), ``long`` (lines), ``xml`` and ``json`` (what they say, not how they are laid out). ``unit`` names
    the attribute that gives a number's unit: then 0.5 in g is 500 in mg.
    """

    column: str
    title: Title | None = None
    compare: Comparison = "exact"
    weight: Annotated[float, Field(ge=0, le=1000)] = 1.0
    references: Reference | None = None
    none: tuple[str, ...] | None = None
    when: Conditions = {}
    separator: str = ";"
    required: bool = False
    allowed: tuple[str, ...] = ()
    code_set: int | None = None
    embedded: Annotated[tuple[Embedded, ...], BeforeValidator(_as_embedded)] = ()
    national: Annotated[tuple[National, ...], BeforeValidator(_as_national)] = ()
    unit: str | None = None
    personal: bool = False

    @model_validator(mode="before")
    @classmethod
    def _short_forms(cls, value: Any) -> Any:
        if isinstance(value, str):
            return {"column": value}
        if isinstance(value, dict):
            value = dict(value)
            for key in ("allowed", "none"):
                if isinstance(value.get(key), list):
                    value[key] = [str(v) for v in value[key]]
        return value


class Parent(Strict):
    """The item that owns this one."""

    column: str
    references: Reference
    weight: Annotated[float, Field(ge=0, le=1000)] = 1.0
    none: tuple[str, ...] | None = None

    @model_validator(mode="before")
    @classmethod
    def _short_forms(cls, value: Any) -> Any:
        if isinstance(value, dict) and "entity" in value:
            value = dict(value)
            value["references"] = value.pop("entity")
            if "via" in value:
                value["column"] = value.pop("via")
        return value


class Follow(Strict):
    """Another item without which this one has no place, though no reference leads to it.

    ``on`` maps references of that entity type to references of this one, or of its parent (``parent.format``): a
    detail of an order sentence follows the field of the sentence's format.
    """

    entity: Name
    on: dict[str, str] = Field(min_length=1)
