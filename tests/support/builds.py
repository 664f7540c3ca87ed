"""Run the core on drawn builds: tables as text in, published tables as text out.

A build is ``{"TABLE": rows}``; rows are a drawn table (see ``drawn``) or dicts of text.
A *house* is one data folder with a catalogue and its domains; each call of ``night`` delivers, lands and runs one
night, and gives what it published.
"""

from __future__ import annotations

import contextlib
import csv
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from textwrap import dedent
from typing import Any

import duckdb

from transforms.build import causes, compare, match, measure, moved, normalise, publish
from transforms.build.reviewed import Reviewed
from transforms.build.template import built_under, template
from transforms.catalogue import Catalogue, load_catalogue
from transforms.catalogue.tables import SIGNATURES, Rows
from transforms.land import landing, national
from transforms.land.national import CodeList
from transforms.register import Register, decide, load_register
from transforms.warehouse import Night, Warehouse, open_published

Row = Mapping[str, str | None]
Build = Mapping[str, Sequence[Row] | str]

# One folder for all houses: what a night starts as is alike for all catalogues in the most of it.
TEMPLATES = Path(__file__).parents[2] / ".pytest_cache" / "templates"
FIRST_NIGHT = datetime(2026, 3, 1)

HEAD = """
catalogue: drawn
title: Drawn builds
areas:
  one: {title: One, weight: 1}
  two: {title: Two, weight: 3}
conventions:
  none: ["", "0"]
  dates: ["%d-%b-%Y %H:%M:%S", "%d-%b-%Y", "%Y-%m-%d %H:%M:%S", "%Y-%m-%d"]
  personal: [UPDT_ID, "*PRSNL*"]
  ignore: ["UPDT_*"]
"""
# An entity type of which only the name is told.
UNIT = """
entity: unit
title: Unit
area: one
source: {table: UNIT, local_id: ID}
keys: [name]
attributes: {name: NAME}
"""


def drawn(text: str) -> list[dict[str, str]]:
    """The rows of a drawn table. Columns are divided by ``|``, a quoted cell keeps its blanks, an empty one is ''.

    Lines of dashes are decoration.
    """
    lines = [line for line in dedent(text).strip("\n").splitlines() if line.strip() and set(line.strip()) - set("-+| ")]
    cells = [[_cell(c) for c in line.split("|")] for line in lines]
    header = cells[0]
    for row in cells[1:]:
        assert len(row) == len(header), f"drawn with {len(row)} cells under {len(header)} headings: {row}"
    return [dict(zip(header, row, strict=True)) for row in cells[1:]]


def _cell(text: str) -> str:
    text = text.strip(" \t")
    return text[1:-1] if len(text) > 1 and text[0] == text[-1] == '"' else text


def write_catalogue(folder: Path, *entities: str, head: str = HEAD) -> Path:
    """Write a catalogue of YAML texts, each beginning with ``entity: name``. Returns the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "catalogue.yaml").write_text(dedent(head), encoding="utf-8")
    for text in map(dedent, entities):
        name = text.split("entity:", 1)[1].split("\n", 1)[0].strip()
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    return folder


def write_delivery(folder: Path, build: Build) -> Path:
    """Write the tables of a build as CSV files. An empty list of rows writes no file; '' text writes a header alone."""
    folder.mkdir(parents=True, exist_ok=True)
    for table, rows in build.items():
        if isinstance(rows, str):
            lines = [line for line in dedent(rows).strip("\n").splitlines() if line.strip()]
            header, rows = [c.strip() for c in lines[0].split("|")], drawn(rows)
        elif rows:
            header = list(dict.fromkeys(c for row in rows for c in row))
        else:
            continue
        with (folder / f"{table}.csv").open("w", encoding="utf-8", newline="") as handle:
            writer = csv.writer(handle, lineterminator="\n")
            writer.writerow(header)
            writer.writerows([row.get(c) or "" for c in header] for row in rows)
    return folder


class Answer:
    """What one night published."""

    def __init__(self, con: duckdb.DuckDBPyConnection, number: int) -> None:
        self.con, self.number = con, number

    def rows(self, view: str, columns: str, where: str = "true") -> list[tuple[Any, ...]]:
        """The view's rows in an order of their own values."""
        found = self.con.execute(f"SELECT {columns} FROM {view} WHERE {where}").fetchall()
        return sorted(found, key=lambda row: tuple((v is not None, str(v)) for v in row))

    def shows(self, view: str, expected: str, where: str = "true") -> None:
        """Assert that the view holds exactly the drawn rows, in any order; the heading picks the columns."""
        lines = [line for line in dedent(expected).strip("\n").splitlines() if line.strip()]
        header = [c.strip() for c in lines[0].split("|")]
        wanted = sorted(tuple(row[c] for c in header) for row in drawn(expected))
        columns = ", ".join(f'"{c}"' for c in header)
        found = sorted(tuple(_shown(v) for v in row) for row in self.rows(view, columns, where))
        assert found == wanted, f"{view} shows\n{_draw(header, found)}\nand not\n{_draw(header, wanted)}"

    def matches(self, entity: str) -> set[tuple[str, str]]:
        """(local id in a, local id in b) of every match."""
        return set(self.rows("crosswalk", "local_id_a, local_id_b", f"entity = '{entity}'"))

    def figure(self, subject: str, metric: str = "convergence", level: str = "entity") -> float | None:
        """One figure of this night; None where it is not measurable (or has no row)."""
        where = f"level = '{level}' AND subject = '{subject}' AND metric = '{metric}' AND night_id = {self.number}"
        found = self.rows("measure", "value", where)
        assert len(found) <= 1
        return found[0][0] if found else None


def _shown(value: Any) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case float():
            return f"{value:.4g}"
        case _:
            return str(value)


def _draw(header: list[str], rows: Sequence[Sequence[str]]) -> str:
    widths = [max(len(r[i]) for r in [header, *rows]) for i in range(len(header))]
    return "\n".join("  " + " | ".join(c.ljust(w) for c, w in zip(r, widths, strict=True)) for r in [header, *rows])


def wide(catalogue: Catalogue, entity: str) -> str:
    """A query of one entity type's normalised items with a column per attribute; of a link also its target's type."""
    rows = Rows(catalogue, (), ())
    columns = []
    for name, place in rows.place[entity].items():
        if name in catalogue.entities[entity].references:
            link = f"FROM normalised.reference r WHERE r.item_no = i.item_no AND r.place = {place}"
            columns.append(f'(SELECT written {link}) AS "{name}"')
            of_type = "(SELECT entity FROM catalogue.entity e WHERE e.entity_no = r.target_entity_no)"
            columns.append(f"(SELECT coalesce('*' || type_text, {of_type}) {link}) AS \"{name}__type\"")
        elif place < SIGNATURES:
            cell = f"(SELECT value FROM normalised.cell c WHERE c.item_no = i.item_no AND c.place = {place})"
            columns.append(f'{cell} AS "{name}"')
    return (
        f"SELECT d.domain, i.local_id, i.label, i.snapshot_id, i.row_number, {', '.join(columns)} "
        "FROM normalised.item i JOIN catalogue.domain d USING (domain_no) JOIN catalogue.entity e USING (entity_no) "
        f"WHERE e.entity = '{entity}'"
    )


class House:
    """A data folder with a catalogue and its domains (the first two are sides a and b of the pair).

    ``carries`` False builds every night from nothing.
    """

    def __init__(
        self, folder: Path, catalogue: Catalogue, domains: Sequence[str] = ("a", "b"), carries: bool = True
    ) -> None:
        self.carries = carries
        self.folder, self.catalogue, self.domains = folder, catalogue, tuple(domains)
        self.warehouse = Warehouse(folder / "data", threads=1, templates=TEMPLATES)
        self.pairs = match.pairs_of(self.domains)
        self.snapshots: dict[str, int] = {}
        # What checks a night, where a test is about that.
        self.checking: Callable[[Night], None] | None = None
        self.deliveries = 0
        self.reviewed = Reviewed()
        # The domains that hold the vendor's model content.
        self.vendors: set[str] = set()
        # The national lists that a night carries.
        self.lists: Mapping[str, CodeList] = {}
        self._open: list[duckdb.DuckDBPyConnection] = []

    def land(self, domain: str, build: Build, at: datetime | None = None) -> landing.Landed:
        """Deliver and land one build. ``at`` is by default the day after the last delivery."""
        return self.land_all({domain: build}, at)[0]

    def land_all(self, builds: Mapping[str, Build], at: datetime | None = None) -> list[landing.Landed]:
        """Deliver and land a build of each of these domains, a day after the other where ``at`` is not said."""
        landed = []
        with self.warehouse.archive() if builds else contextlib.nullcontext() as session:
            for domain, build in builds.items():
                self.deliveries += 1
                time = at or FIRST_NIGHT + timedelta(days=self.deliveries)
                path = write_delivery(self.folder / "incoming" / domain / f"{self.deliveries:04d}", build)
                landed.append(landing.land(session, self.catalogue, landing.Delivery(domain, time, path)))
                self.snapshots[domain] = landed[-1].snapshot_id
        return landed

    @contextlib.contextmanager
    def building(self, as_of: datetime | None = None) -> Iterator[Night]:
        """A night with everything done but the swap: it is swapped in on leaving if ``complete`` is set."""
        under = built_under(self.catalogue, self.domains) if self.carries else ""
        with self.warehouse.night(template(self.catalogue), under) as night:
            normalise.run(night, self.catalogue, self.snapshots)
            if self.checking:
                self.checking(night)
            match.run(night, self.catalogue, self.pairs, reviewed=self.reviewed)
            compare.run(night, self.catalogue, self.pairs)
            domains = [measure.DomainInfo(d, d, vendor_model=d in self.vendors) for d in self.domains]
            moment = as_of or FIRST_NIGHT + timedelta(days=self.deliveries)
            if self.lists:
                national.carry(night, self.lists, moment)
            measure.run(night, self.catalogue, self.pairs, domains, self.snapshots, moment)
            causes.run(night, self.catalogue, self.pairs)
            moved.run(night, self.catalogue, self.pairs)
            decide.run(night, self.catalogue, self.pairs, self.register(), moment)
            publish.run(night, self.catalogue, self.pairs)
            yield night

    def night(self, at: datetime | None = None, **builds: Build) -> Answer:
        """Land the builds by domain and run a night. A domain that delivers nothing keeps its last snapshot."""
        self.land_all(builds, at)
        with self.building(at) as night:
            night.complete = True
        con = open_published(self.warehouse.folder, threads=1)
        self._open.append(con)
        return Answer(con, night.number)

    def items(self, entity: str, columns: str, **builds: Build) -> list[tuple[Any, ...]]:
        """Land the builds and give the normalised items (no night is published): rows in order of their values."""
        self.land_all(builds)
        with self.warehouse.night(template(self.catalogue)) as night:
            normalise.run(night, self.catalogue, self.snapshots)
            found = night.rows(f"SELECT {columns} FROM ({wide(self.catalogue, entity)})")
        return sorted(found, key=lambda row: tuple((v is not None, str(v)) for v in row))

    def register(self) -> Register:
        """What the folder ``decisions`` of the house says."""
        return load_register(self.folder / "decisions", self.catalogue, self.domains)

    @property
    def newest(self) -> duckdb.DuckDBPyConnection:
        """The night published last."""
        return self._open[-1]

    def close(self) -> None:
        """Close every connection that was handed out."""
        for con in self._open:
            con.close()


def house(folder: Path, *entities: str, head: str = HEAD, domains: Sequence[str] = ("a", "b")) -> House:
    """A house in the folder, with a catalogue of YAML texts."""
    return House(folder, load_catalogue(write_catalogue(folder / "catalogue", *entities, head=head)), domains)
