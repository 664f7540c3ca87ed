"""The only room that opens DuckDB: where the databases lie, how they are locked, built beside and swapped in.

Layout of the data folder::

    archive.duckdb                 landed extracts, one transaction per delivery
    templates/….duckdb             what a night from nothing starts as: every table, empty, and the published views
    nights/likare-000007.duckdb    one whole night: normalised … published, with the history carried forward
    published.duckdb               symbolic link to the newest whole night
    lock                           held while anything is written

A night is built under a name of its own and moved into place when it is closed and complete, so a reader sees the
night before or the night after, never half of one.
"""

from transforms.warehouse.nights import Warehouse, open_night, open_published
from transforms.warehouse.session import Night, Session, scratch
from transforms.warehouse.sql import Sql, ident, lit, render
from transforms.warehouse.template import Template

__all__ = [
    "Night", "Session", "Sql", "Template", "Warehouse", "ident", "lit", "open_night", "open_published", "render",
    "scratch",
]  # fmt: skip
