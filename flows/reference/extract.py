"""The page on what to extract."""

from __future__ import annotations

from flows.reference.markdown import NOTE, page
from transforms.catalogue import Catalogue
from transforms.land.extract import oracle, tables_of


def extract_page(catalogue: Catalogue) -> str:
    """The columns to extract of every source table, each with a query for Oracle."""
    tables = tables_of(catalogue)
    parts = [
        NOTE.format("the catalogue's files"),
        "# What to extract",
        f"The {len(tables)} source tables that the catalogue `{catalogue.name}` reads, and of each the columns to "
        "extract; more columns do no harm and are not compared. A column that is not extracted is reported as not "
        "comparable, "
        "never as different; without a **bold** one the items of the table cannot be told apart or counted. "
        "`likare catalogue columns TABLE` prints the same of any catalogue. How to write the files: "
        "[the extract contract](../extract.md).",
    ]
    for table in tables.values():
        names = ", ".join(f"**{c}**" if c in table.needed else c for c in table.columns)
        parts += [f"## {table.name}", names.replace("_", "\\_"), f"```sql\n{oracle(table)}\n```"]
    return page(parts)
