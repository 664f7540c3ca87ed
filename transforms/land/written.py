"""How a file writes its dates and numbers, found out when it is landed and used when it is read: see canonical.sql.j2.

What a file states (or, where nothing is stated, what its values tell) holds for that file alone. Dates become ISO form
on the catalogue's clock, numbers lose their thousands; the archive keeps them as they were delivered.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from transforms.catalogue import Catalogue, Entity
from transforms.land.manifest import StatedFile
from transforms.warehouse import Session, Sql, ident, lit
from transforms.words.errors import ExtractError

# A date of numbers alone, with the year last.
_ORDERED = (
    r"^([0-9]{1,2})([/-])([0-9]{1,2})[/-]([0-9]{4}|[0-9]{2})"
    r"(?:[ T]([0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?(?: ?[AaPp][Mm])?))?$"
)
_CLOCKS = {"": "", "HM": " %H:%M", "HMS": " %H:%M:%S", "HMp": " %I:%M %p", "HMSp": " %I:%M:%S %p"}
_RULE, _TOTAL = r"^\s*[-=+]{3,}\s*$", r"(?i)^\W*(grand total|totals?|totalt|summa|gesamt(summe)?|somme)\W*$"
AMBIGUOUS, MIXED = "ambiguous date", "dates of two orders"


@dataclass(frozen=True)
class Written:
    """What a file's values tell: its decimal sign, its date pictures, and columns whose dates cannot be told (kind)."""

    decimal: str | None = None
    pictures: tuple[str, ...] = ()
    doubts: tuple[tuple[str, str, str], ...] = ()


def found(session: Session, rows: Sql, kept: Sequence[str]) -> Written:
    """Read a landed file's decimal sign and date pictures off its values."""
    if not kept:
        return Written()
    row = session.run("land_properties.sql.j2", rows=rows, kept=tuple(kept), ordered=_ORDERED).fetchone()
    if row is None:
        return Written()
    decimal, pictures, columns = row[0], list(row[1]), list(row[2])
    doubts = _no_rows(session, rows, kept)
    if columns:
        forms = session.run("land_orders.sql.j2", rows=rows, columns=columns, ordered=_ORDERED).fetchall()
        for sign in sorted({form[1] for form in forms}):
            own = [form for form in forms if form[1] == sign]
            day_first, month_first = sum(f[5] for f in own), sum(f[6] for f in own)
            if bool(day_first) == bool(month_first):
                kind = MIXED if day_first else AMBIGUOUS
                doubts += [(c, kind, _ORDERED) for c in sorted({form[0] for form in own})]
                continue
            order = ("%d", "%m") if day_first else ("%m", "%d")
            for _, _, year, clock, *_ in sorted(own, key=lambda f: -f[4]):
                picture = sign.join((*order, "%Y" if year == 4 else "%y")) + _CLOCKS[clock]
                pictures += [picture] if picture not in pictures else []
    return Written(decimal, tuple(pictures), tuple(doubts))


def _no_rows(session: Session, rows: Sql, kept: Sequence[str]) -> list[tuple[str, str, str]]:
    """A report's lines among its rows: dashes under the header, and totals at the end with fields left empty."""
    edges = session.rows(
        f"SELECT {', '.join(f'trim({ident(c)})' for c in kept)} FROM {rows} "
        f"WHERE _row = 1 OR _row = (SELECT max(_row) FROM {rows}) ORDER BY _row"
    )
    if len(edges) < 2:
        return []
    told = []
    first = [(c, v) for c, v in zip(kept, edges[0], strict=True) if v]
    if first and all(re.fullmatch(_RULE, v) for _, v in first):
        told.append((first[0][0], "ruled line", _RULE))
    last = [(c, v) for c, v in zip(kept, edges[-1], strict=True) if v]
    if last and len(last) < len(kept) and re.fullmatch(_TOTAL, last[0][1]):
        told.append((last[0][0], "totals", _TOTAL))
    return told


def check(
    session: Session, catalogue: Catalogue, table: str, rows: Sql, kept: Sequence[str], stated: StatedFile, shown: str
) -> None:
    """Hold a file's values against the picture and the decimal sign that its manifest states.

    Raises ExtractError where most dates have another picture, or all decimals the other sign.
    """
    uses = [uses_of(e) for e in catalogue.ordered if e.source.table.upper() == table.upper()]
    dates = [c for c in kept if c.endswith(("_DT_TM", "_DATE")) or any(c in u.dates for u in uses)]
    numbers = [c for c in kept if any(c in u.numbers for u in uses)]
    if not (stated.date_picture and dates or stated.decimal and numbers):
        return
    session.define("months.sql.j2")
    row = session.run(
        "land_contradicted.sql.j2",
        rows=rows,
        dates=dates if stated.date_picture else [],
        pictures=forms_of([stated.picture or "%Y-%m-%d"]),
        numbers=numbers if stated.decimal else [],
        decimal=stated.decimal or ".",
        other="," if stated.decimal == "." else ".",
    ).fetchone()
    assert row is not None
    seen, fit, first_date, own, other, first_number = row
    if stated.date_picture and seen and fit < 0.5 * seen:
        raise ExtractError(
            f"{shown}: {seen - fit} of {seen} dates are not written as its manifest states ('{stated.date_picture}'), "
            f"first in row {first_date}; mend the manifest or leave it out there"
        )
    if stated.decimal and other and not own:
        raise ExtractError(
            f"{shown}: {other} numbers have '{',' if stated.decimal == '.' else '.'}' as decimal sign and none has "
            f"'{stated.decimal}', which its manifest states, first in row {first_number}; mend the manifest"
        )


@dataclass(frozen=True)
class Uses:
    """The columns of an entity type's source, or of one of its joins, that are read as dates and as numbers."""

    dates: frozenset[str]
    numbers: frozenset[str]


def uses_of(e: Entity, alias: str = "") -> Uses:
    """What an entity type reads of its table (``alias`` '') or of a joined one."""
    dates: set[str] = set()
    numbers: set[str] = set()
    conditions = [*e.source.live.items(), *e.source.scope.items()]
    conditions += [(f"{name}.{c}", test) for name, join in e.source.joins.items() for c, test in join.where.items()]
    conditions += [one for a in e.attributes.values() for one in a.when.items()]
    dates |= {c for c, test in conditions if test.after_snapshot or test.not_after_snapshot}
    dates |= {a.column for a in e.attributes.values() if a.compare == "date"}
    numbers |= {a.column for a in e.attributes.values() if a.compare == "number"}
    numbers |= {e.source.latest.by} if e.source.latest else set()

    def own(columns: Iterable[str]) -> frozenset[str]:
        parts = [c.rpartition(".") for c in columns]
        return frozenset(c.upper() for prefix, _, c in parts if prefix == alias)

    return Uses(own(dates), own(numbers))


class File(Protocol):
    """What was found out of a landed file when it was landed."""

    @property
    def file_id(self) -> int:
        """Its number in the archive."""

    @property
    def columns(self) -> Sequence[str]:
        """The columns that it was delivered with."""

    @property
    def decimal(self) -> str | None:
        """Its decimal sign, None where it does not tell."""

    @property
    def date_pictures(self) -> Sequence[str]:
        """The pictures of its dates (strptime)."""

    @property
    def time_zone(self) -> str | None:
        """The zone of its times, None where none is stated."""


def as_read(catalogue: Catalogue, uses: Uses, files: Sequence[File], rows: Sql) -> Sql:
    """The rows of landed files (with _file_id) with dates and numbers as canonical.sql.j2 reads them.

    The rows as they are where no file needs it.
    """
    changes: dict[str, list[str]] = {}
    for file in files:
        for column in file.columns:
            if column in uses.dates:
                how = _date(catalogue, column, file.date_pictures, file.time_zone)
            elif column in uses.numbers:
                how = _number(column, file.decimal)
            else:
                continue
            if how is not None:
                changes.setdefault(column, []).append(f"WHEN _file_id = {lit(file.file_id)} THEN {how}")
    if not changes:
        return rows
    replaced = ", ".join(f"CASE {' '.join(how)} ELSE {ident(c)} END AS {ident(c)}" for c, how in changes.items())
    return Sql(f"SELECT * REPLACE ({replaced}) FROM ({rows})")


def _date(catalogue: Catalogue, column: str, pictures: Sequence[str], zone: str | None) -> Sql | None:
    conventions = catalogue.conventions
    own = forms_of(pictures)
    moved = zone is not None and zone != conventions.clock
    if not moved and set(own) <= set(forms_of(conventions.dates)):
        return None
    value = ident(column)
    moment = f"canon_moment({value})"
    if own:
        moment = f"coalesce(try_strptime(month_names({value}), {lit(own)}), {moment})"
    if zone is not None and moved:
        # A day without a time is a day everywhere, and "open" is open. A value that names its own zone is left.
        day = f"regexp_matches(trim({value}), '[0-9]:[0-9]{{2}}|^[0-9]{{12,14}}$')"
        own_zone = f"regexp_matches(trim({value}), '[0-9](Z|[+-][0-9]{{2}}:?[0-9]{{2}})$')"
        shifted = f"timezone({lit(conventions.clock)}, timezone({lit(zone)}, m))"
        moment = (
            f"list_transform([{moment}], lambda m: CASE WHEN {day} AND NOT {own_zone} "
            f"AND year(m) < {lit(conventions.open_year)} THEN {shifted} ELSE m END)[1]"
        )
    # The last day of a year of two zeros is the open date 31-DEC-2100, written with two digits.
    is_open = f"regexp_matches(trim({value}), '^(12[/-]31|31[/-]12|31-DEC)[/-]00( |$)')"
    short = any("%y" in p for p in own)
    said = f"strftime({moment}, '%Y-%m-%d %H:%M:%S')"
    opened = f"WHEN {is_open} THEN '2100-12-31' " if short else ""
    return Sql(f"CASE {opened}WHEN {value} IS NULL THEN NULL ELSE coalesce({said}, {value}) END")


def _number(column: str, decimal: str | None) -> Sql | None:
    """Thousands are taken out where the file says which sign is the decimal one."""
    if decimal is None:
        return None
    value = f"trim({ident(column)})"
    thousands = "[.]" if decimal == "," else ","
    pattern = rf"[+-]?[1-9][0-9]{{0,2}}(?:{thousands}[0-9]{{3}})+(?:{re.escape(decimal)}[0-9]+)?"
    return Sql(
        f"CASE WHEN contains({ident(column)}, {lit(thousands.strip('[]'))}) AND regexp_full_match({value}, {lit(pattern)}) "
        f"THEN regexp_replace({value}, {lit(thousands)}, '', 'g') "
        f"ELSE {ident(column)} END"
    )


def forms_of(pictures: Iterable[str]) -> list[str]:
    """Pictures with those of their dates alone: what has a time now and then lacks it."""
    forms: list[str] = []
    for picture in pictures:
        for form in (
            picture,
            f"{picture}.%g" if picture.endswith("%S") else picture,
            re.split(r"[ T]%[HI]", picture)[0],
        ):
            forms += [form] if form not in forms else []
    return forms


__all__ = ["AMBIGUOUS", "MIXED", "File", "Uses", "Written", "as_read", "check", "forms_of", "found", "uses_of"]
