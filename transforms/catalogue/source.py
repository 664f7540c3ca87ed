"""Where the rows of an entity type come from: its table, those joined to it, and which rows are meant."""

from __future__ import annotations

from typing import Annotated

from pydantic import BeforeValidator, model_validator

from transforms.catalogue.words import Conditions, Name
from transforms.words.strict import Strict, as_tuple


class Climb(Strict):
    """The way up a tree whose links are a table's rows: ``parent`` is the column that leads upwards.

    At each step the name is the column ``name`` of the row of ``table`` whose ``key`` is the parent. A row with several
    parents gets the way that sorts first.
    """

    parent: str
    table: str
    key: str
    name: str


class Join(Strict):
    """A second source table, left-joined to add columns. ``on`` maps its columns to the first table's.

    Of several rows that fit, ``first`` keeps the one with the lowest number in that column. With ``climb`` it is
    followed upwards, and joined as one row per child with the column ``PATH``: the names from the root down to the
    parent.
    """

    table: str
    files: tuple[str, ...] = ()
    on: dict[str, str]
    where: Conditions = {}
    first: str | None = None
    climb: Climb | None = None

    @model_validator(mode="after")
    def _one_child(self) -> Join:
        if self.climb and len(self.on) != 1:
            raise ValueError("a table that is climbed is joined on one column, that of the child")
        return self


class Gather(Strict):
    """Rows that are one text cut into pieces: one row per ``per``, its ``column`` the pieces in the order of ``by``."""

    per: Annotated[tuple[str, ...], BeforeValidator(as_tuple)]
    by: str
    column: str


class Latest(Strict):
    """Keep one row per ``per``: the one with the highest number in ``by``."""

    per: Annotated[tuple[str, ...], BeforeValidator(as_tuple)]
    by: str


class Source(Strict):
    """Where the rows of an entity type come from.

    ``files`` are globs over the delivery's relative paths (default: the table's name with any ending).
    ``local_id`` is one column, or several that are joined. ``live`` and ``scope`` must all hold; ``distinct``
    collapses rows that are equal in every column used, for extracts that repeat a parent per child; ``latest``
    keeps the highest version of a thing; ``gather`` puts together a text that is cut into rows. With ``referenced``
    only rows that an item of another entity type refers to are items, for tables that hold a whole terminology.
    ``renamed`` maps a column to the name it had in earlier extracts.
    """

    table: str
    files: tuple[str, ...] = ()
    local_id: Annotated[tuple[str, ...], BeforeValidator(as_tuple)]
    live: Conditions = {}
    scope: Conditions = {}
    distinct: bool = False
    latest: Latest | None = None
    gather: Gather | None = None
    referenced: bool = False
    joins: dict[Name, Join] = {}
    renamed: dict[str, str] = {}
