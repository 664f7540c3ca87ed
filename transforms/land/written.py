"""How a file writes its dates and numbers, found out when it is landed and used when it is read: see canonical.sql.j2.

What a file states (or, where nothing is stated, what its values tell) holds for that file alone. Dates become ISO form
on the catalogue's clock, numbers lose their thousands; the archive keeps them as they were delivered.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from transforms.catalogue import Catalogue, Entity
from transforms.land.reading import NewFile
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
class Doubt:
    """A column of a file (its place in landing_row.cells) some values of which are a fault: the kind, the pattern."""

    file_id: int
    place: int
    kind: str
    pattern: str


@dataclass(frozen=True)
class Written:
    """What a file's values tell: its decimal sign, its date pictures, and what they leave in doubt."""

    decimal: str | None = None
    pictures: tuple[str, ...] = ()
    doubts: tuple[Doubt, ...] = ()


def found(session: Session, files: Sequence[NewFile]) -> dict[int, Written]:
    """Read each file's decimal sign and date pictures off its values in landing_row, and see lines that are no rows."""
    told = {
        file_id: (decimal, list(pictures), places)
        for file_id, decimal, pictures, places in session.run("land_properties.sql.j2", ordered=_ORDERED).fetchall()
    }
    columns = [(file_id, place) for file_id, (*_, places) in sorted(told.items()) for place in places]
    forms = session.run("land_orders.sql.j2", columns=columns, ordered=_ORDERED).fetchall() if columns else []
    edges: dict[int, list[list[str | None]]] = {}
    for file_id, cells in session.run("land_edges.sql").fetchall():
        edges.setdefault(file_id, []).append(cells)
    result = {}
    for file in files:
        decimal, pictures, _ = told.get(file.file_id, (None, [], []))
        more, doubts = _orders([form for form in forms if form[0] == file.file_id])
        doubts = [*_no_rows(file, edges.get(file.file_id, [])), *doubts]
        pictures += [p for p in more if p not in pictures]
        result[file.file_id] = Written(decimal, tuple(pictures), tuple(doubts))
    return result


def _orders(forms: Sequence[tuple[Any, ...]]) -> tuple[list[str], list[Doubt]]:
    """The pictures of one file's dates of numbers alone (see land_orders.sql.j2), and columns in which none is sure."""
    pictures: list[str] = []
    doubts: list[Doubt] = []
    for sign in sorted({form[2] for form in forms}):
        own = [form for form in forms if form[2] == sign]
        day_first, month_first = sum(f[6] for f in own), sum(f[7] for f in own)
        if bool(day_first) == bool(month_first):
            kind = MIXED if day_first else AMBIGUOUS
            doubts += [Doubt(file_id, place, kind, _ORDERED) for file_id, place in sorted({form[:2] for form in own})]
            continue
        order = ("%d", "%m") if day_first else ("%m", "%d")
        for _, _, _, year, clock, *_ in sorted(own, key=lambda f: -f[5]):
            picture = sign.join((*order, "%Y" if year == 4 else "%y")) + _CLOCKS[clock]
            pictures += [picture] if picture not in pictures else []
    return pictures, doubts


def _no_rows(file: NewFile, edges: Sequence[Sequence[str | None]]) -> list[Doubt]:
    """A report's lines among its rows: dashes under the header, and totals at the end with fields left empty."""
    if not edges:
        return []
    told = []
    places = [file.places[c] for c in file.door.kept]
    first, last = ([(p, v) for p in places if (v := cells[p - 1])] for cells in edges)
    if first and all(re.fullmatch(_RULE, v) for _, v in first):
        told.append(Doubt(file.file_id, first[0][0], "ruled line", _RULE))
    if last and len(last) < len(places) and re.fullmatch(_TOTAL, last[0][1]):
        told.append(Doubt(file.file_id, last[0][0], "totals", _TOTAL))
    return told


def check(session: Session, catalogue: Catalogue, file: NewFile) -> None:
    """Hold a file's values against the picture and the decimal sign that its manifest states.

    Raises ExtractError where most dates have another picture, or all decimals the other sign.
    """
    stated, shown = file.stated, file.part.shown
    if not (stated.date_picture or stated.decimal):
        return
    uses = [uses_of(e) for e in catalogue.ordered if e.source.table.upper() == file.table.upper()]
    dates = [c for c in file.columns if c.endswith(("_DT_TM", "_DATE")) or any(c in u.dates for u in uses)]
    numbers = [c for c in file.columns if any(c in u.numbers for u in uses)]
    if not (stated.date_picture and dates or stated.decimal and numbers):
        return
    session.define("months.sql.j2")
    row = session.run(
        "land_contradicted.sql.j2",
        file_id=file.file_id,
        dates=[file.places[c] for c in dates] if stated.date_picture else [],
        pictures=forms_of([stated.picture or "%Y-%m-%d"]),
        numbers=[file.places[c] for c in numbers] if stated.decimal else [],
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
        f"CASE WHEN contains({ident(column)}, {lit(thousands.strip('[]'))}) "
        f"AND regexp_full_match({value}, {lit(pattern)}) "
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


__all__ = ["AMBIGUOUS", "MIXED", "Doubt", "File", "Uses", "Written", "as_read", "check", "forms_of", "found", "uses_of"]
