"""What holds for every table of one product, described by a file or not."""

from __future__ import annotations

from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import AfterValidator

from transforms.catalogue.words import Bilingual, Conditions, Title, fits
from transforms.words.strict import Strict


def _time_zone(value: str) -> str:
    try:
        return ZoneInfo(value).key
    except (ValueError, OSError, KeyError):
        raise ValueError(f"'{value}' is no known time zone; write it as Europe/Stockholm") from None


class ThroughParents(Strict):
    """A table of texts that may hold anything: a row comes in only if a row of a described table refers to it.

    ``id``: its id. ``columns``: patterns of the columns that refer to it. ``typed``: columns that refer to it where
    another one holds a name of the table (``names``, by default its own).
    """

    id: str
    columns: tuple[str, ...] = ()
    typed: dict[str, str] = {}
    names: tuple[str, ...] = ()

    def refers(self, column: str) -> bool:
        """Whether a column of that name refers to the table, whatever its row says."""
        return fits(column, self.columns)


class Conventions(Strict):
    """What holds for every table of one product unless an attribute says otherwise.

    ``none``: reference values that mean "no reference". ``dates``: strptime pictures tried in order. ``open_year``:
    a date in or after it is open. ``clock``: the time zone in which times are compared. ``personal``: column patterns
    dropped at the landing; ``pseudonym``: those of them that are replaced by a keyed pseudonym where the installation
    has a key. ``personal_rows``: column patterns; a row with another value than 0 there is one person's own and is left
    at the door. ``through_parents``: by table, texts that come in only with an item they belong to. ``ignore``: column
    patterns that are never attributes.
    """

    none: tuple[str, ...] = ("", "0")
    dates: tuple[str, ...] = ("%Y-%m-%d %H:%M:%S", "%Y-%m-%d")
    open_year: int = 2100
    clock: Annotated[str, AfterValidator(_time_zone)] = "Europe/Stockholm"
    personal: tuple[str, ...] = ()
    pseudonym: tuple[str, ...] = ()
    personal_rows: tuple[str, ...] = ()
    through_parents: dict[str, ThroughParents] = {}
    ignore: tuple[str, ...] = ()

    def is_pseudonym(self, column: str) -> bool:
        """Whether the column is replaced by a pseudonym where there is a key."""
        return fits(column, self.pseudonym)

    def is_owner(self, column: str) -> bool:
        """Whether a value in the column makes a row one person's own."""
        return fits(column, self.personal_rows)

    def is_personal(self, column: str) -> bool:
        """Whether the column is known to hold personal data."""
        return fits(column, self.personal) or self.is_pseudonym(column)

    def is_ignored(self, column: str) -> bool:
        """Whether the column is never an attribute."""
        return fits(column, self.ignore)


class Metadata(Strict):
    """The table in which a domain itself tells of its columns: one row per table and column.

    ``in_key`` is 1 where the column is part of the natural key; ``target_table`` and ``target_column`` tell what it
    refers to, ``code_set`` which set its codes are of.
    """

    table: str
    of_table: str
    of_column: str
    in_key: str
    target_table: str
    target_column: str
    code_set: str


class Usage(Strict):
    """The table that tells how often items are used: one row per item, a count over any span, no person in it.

    ``of_table`` names the source table of the item's entity type, ``local_id`` the item there, ``uses`` the count.
    """

    table: str
    of_table: str
    local_id: str
    uses: str


# The area of derived entity types: never scored, and declared by no catalogue.
UNDESCRIBED = "undescribed"


class Undescribed(Strict):
    """How a delivered table that no file describes is understood (transforms/land/derive).

    ``ids``: patterns of columns that hold local ids. ``live``: conditions that hold for live rows of any table that
    has the column. ``typed``: pairs of patterns, a column that names a table and the one with an id of it; what ``*``
    stands for is the same in both. ``codes``: where codes are kept, entity type and its attribute that names the set.
    ``skip``: tables that are no configuration; ``usage``: the one that counts how often items are used.
    """

    title: Title = Bilingual(sv="Övriga tabeller", en="Other tables")
    ids: tuple[str, ...] = ("*_ID", "*_CD", "*UUID", "ID", "*_UID")
    live: Conditions = {}
    typed: tuple[tuple[str, str], ...] = (("*_ENTITY_NAME", "*_ENTITY_ID"),)
    codes: tuple[str, str] | None = None
    metadata: Metadata | None = None
    usage: Usage | None = None
    skip: tuple[str, ...] = ()

    def is_id(self, column: str) -> bool:
        """Whether a column of this name holds ids."""
        return fits(column, self.ids)

    def is_usage(self, table: str) -> bool:
        """Whether a table of this name counts how often items are used."""
        return self.usage is not None and table.upper() == self.usage.table.upper()

    def is_skipped(self, table: str) -> bool:
        """Whether a table of this name is no configuration."""
        metadata = self.metadata is not None and table.upper() == self.metadata.table.upper()
        return fits(table, self.skip) or metadata or self.is_usage(table)
