"""What a night from nothing starts as a copy of: its schemas, tables and views, made once and kept in a file."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import duckdb

from transforms.warehouse.sql import Sql
from transforms.words.hashes import digest

LAYERS = ("normalised", "matched", "compared", "measured", "decided", "published")


@dataclass(frozen=True)
class Template:
    """The statements that make it, carried out on top of those of another where there is a ``base``."""

    sql: Sql
    base: Template | None = None

    @cached_property
    def name(self) -> str:
        """A hash of all that it is made of."""
        return digest(str(self.sql), self.base.name if self.base else "", duckdb.__version__)[:32]


EMPTY = Template(Sql(";\n".join(f"CREATE SCHEMA {layer}" for layer in LAYERS)))
"""The schemas of a night with nothing in them."""
