"""Generate the sample: master tables, then night by night the extracts of both domains and what is true of them."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb

from transforms.catalogue import load_catalogue
from transforms.sample import plan
from transforms.sample import vocabulary as words
from transforms.sample.derived import Made, derive
from transforms.sample.truth import TRUTH
from transforms.warehouse import Sql, ident, lit, render, scratch
from transforms.words.errors import UsageError, WarehouseError

Progress = Callable[[str], None]

# How each table is written: separator and quote. Plans come as aligned reports, the rest as PCFORMAT does.
_TAB, _PIPE, _SEMICOLON = ("\t", ""), ("|", ""), (";", '"')
_FORMATS = {
    "PATHWAY_CATALOG": _TAB,
    "PW_CAT_RELTN": _TAB,
    "PATHWAY_COMP": _TAB,
    "ORDER_TASK": _PIPE,
    "LOCATION": _SEMICOLON,
}
_MASTER = ("master_reference", "master_orders", "master_documentation")
_NIGHT = ("night_reference", "night_documentation", "night_orders", "derived_night")
_EXTRACT = ("extract_reference", "extract_orders", "derived_extract")

# Which types' ids follow upon each other: one sequence of numbers for all tables.
_ID_ORDER = (
    "code_value",
    "event_code",
    "dta",
    "orderable",
    "position",
    "order_synonym",
    "order_sentence",
    "oe_field",
    "order_entry_format",
    "oe_format_field",
    "reference_range",
    "powerplan",
    "plan_phase",
    "old_plan",
    "favourite",
    "plan_component",
)


@dataclass(frozen=True)
class SampleReport:
    """What was written. ``rows`` are those of one domain on the first night; ``deviations`` those of all nights."""

    out: Path
    domains: tuple[str, ...]
    nights: tuple[date, ...]
    files: int
    rows: dict[str, int]
    pairs: int
    deviations: int
    causes: int


def rows_of_scale(scale: str | int) -> int:
    """Rows per domain for a scale's name or a number. Raises UsageError for anything else."""
    text = str(scale).replace("_", "").replace(" ", "")
    if text in plan.SCALES:
        return plan.SCALES[text]
    if text.isdecimal() and plan.LEAST_ROWS <= int(text) <= 50_000_000:
        return int(text)
    raise UsageError(
        f"'{scale}' is no scale; use {', '.join(plan.SCALES)} or a number of rows from {plan.LEAST_ROWS} to 50000000"
    )


def generate(
    out: Path,
    *,
    rows: int | str = "demo",
    seed: int = 1,
    nights: int = 5,
    domains: Sequence[str] = ("vgr", "skane"),
    start: date = date(2026, 11, 2),
    con: duckdb.DuckDBPyConnection | None = None,
    progress: Progress | None = None,
) -> SampleReport:
    """Write ``out/incoming/<domain>/<YYYY-MM-DD>/<TABLE>.csv`` and ``out/truth/*.csv``.

    ``rows`` is a scale's name or the rows of one domain over all tables (met within a tenth). The first delivery is
    that of ``start``, then one each day. Everything is written beside and moved into place at the end. ``con`` is a
    DuckDB connection to work in (its schema ``sample`` is replaced); by default one in memory.

    The truth, with nights counted from 1 and one column of local ids per domain: ``same.csv`` (an item live in both;
    ``identifiable`` where a declared key can tell; ``last_night`` empty if it stays so), ``deviations.csv`` (what the
    comparison must find, and nothing else; ``attribute`` empty for a whole item; ``closed_night`` is the first night
    without it, empty for never), ``causes.csv`` (planted deviations that explain more than themselves).

    Raises UsageError where
    there is a delivery already, for other than two domains, and for a scale out of range; WarehouseError for a full
    disk.
    """
    target = rows_of_scale(rows)
    if len(domains) != 2 or domains[0] == domains[1]:
        raise UsageError("the sample has two domains; name two different ones")
    if nights < 1:
        raise UsageError("the sample needs at least one night")
    for name in ("incoming", "truth"):
        if (out / name).exists() and (not (out / name).is_dir() or any((out / name).iterdir())):
            raise UsageError(f"{out / name}: there is something already; name another folder or empty it")
    building = out / ".sample"
    try:
        shutil.rmtree(building, ignore_errors=True)
        building.mkdir(parents=True)
        with _connection(con, building) as used:
            made = _Making(used, building, target, seed, nights, (domains[0], domains[1]), start, progress)
            report = made.run(out)
        for name in ("incoming", "truth"):
            if (out / name).exists():
                (out / name).rmdir()
            (building / name).replace(out / name)
    except OSError as fault:
        raise WarehouseError(
            f"{out}: the sample cannot be written ({fault.strerror or fault}); nothing is left of it"
        ) from fault
    except (duckdb.IOException, duckdb.OutOfMemoryException) as fault:
        reason = str(fault).splitlines()[0]
        raise WarehouseError(f"{out}: the sample cannot be written ({reason}); nothing is left of it") from fault
    finally:
        shutil.rmtree(building, ignore_errors=True)
    return report


@contextmanager
def _connection(given: duckdb.DuckDBPyConnection | None, building: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    if given is not None:
        try:
            yield given
        finally:
            given.execute("DROP SCHEMA IF EXISTS sample CASCADE")
        return
    con = scratch(temp_directory=str(building / "tmp"))
    try:
        yield con
    finally:
        con.close()


def _referred(derived: Sequence[Made]) -> list[str]:
    """The types with templates of their own that a derived one refers to."""
    links = {t for m in derived for link in m.links for _, t in link.targets}
    return sorted((links | {text.target for m in derived for text in m.texts}) & TRUTH.keys())


def _tables_of(derived: Sequence[Made]) -> dict[str, set[str]]:
    """The tables that hold derived types alone, with the types whose rows or ids stand in them."""
    found: dict[str, set[str]] = {}
    for m in derived:
        if m.printed:
            found.setdefault(m.table, set()).add(m.entity)
    # Beside its own types, what a form's inputs ask for, and what places are called.
    found["NAME_VALUE_PREFS"].add("form_input")
    found["CODE_VALUE_ALIAS"].add("location")
    return found


class _Making:
    """One run: what the templates are given, and the order in which they are carried out."""

    def __init__(
        self,
        con: duckdb.DuckDBPyConnection,
        building: Path,
        rows: int,
        seed: int,
        nights: int,
        domains: tuple[str, str],
        start: date,
        progress: Progress | None,
    ) -> None:
        self.con = con
        self.building = building
        self.seed = seed
        self.nights = nights
        self.domains = domains
        self.dates = tuple(start + timedelta(days=n) for n in range(nights))
        self.progress = progress or (lambda _: None)
        self.counts = plan.sizes(rows).counts
        self.words = {**words.WORDS, "format_name": words.FORMATS, "local_set": words.LOCAL_SETS, "one": ("",)}
        self.sizes = {name: len(list_) for name, list_ in self.words.items()}
        own = {e: self._highest(e) for e in _ID_ORDER}
        self.derived = derive(load_catalogue("millennium"), self.counts | own, self._salt)
        self.highest = own | {m.entity: m.highest for m in self.derived}
        self.made_of = _tables_of(self.derived)
        self.truth = TRUTH | {m.entity: m.truth for m in self.derived}

    def run(self, out: Path) -> SampleReport:
        """Write everything below the folder being built."""
        self.progress("master")
        self._render("setup", words=self.words, fields=words.FIELDS)
        for template in _MASTER:
            self._render(template)
        self._render("picks", wanted=_referred(self.derived))
        for made in self.derived:
            self._render("derived_master", made=made)
        self._render("deviations")
        files, rows = 0, dict.fromkeys(self.domains, 0)
        prints: dict[str, str] = {}
        for night, day in enumerate(self.dates, 1):
            self.progress(f"night {night} of {self.nights}")
            for template in _NIGHT:
                self._render(template, night=night)
            prints, before = self._prints(), prints
            unchanged = sorted(e for e, number in prints.items() if before.get(e) == number)
            self._render("truth_night", night=night, unchanged=unchanged)
            if night == 1:
                for template in _EXTRACT:
                    self._render(template)
            for side, domain in enumerate(self.domains):
                folder = self.building / "incoming" / domain / day.isoformat()
                folder.mkdir(parents=True)
                earlier = folder.with_name(self.dates[night - 2].isoformat()) if night > 1 else None
                for table in self._tables():
                    if earlier and self.made_of.get(table, {""}) <= {*unchanged}:
                        shutil.copyfile(earlier / f"{table}.csv", folder / f"{table}.csv")
                    else:
                        written = self._copy(table, side, folder / f"{table}.csv")
                        rows[domain] += written if night == 1 else 0
                    files += 1
        self.progress("truth")
        self._render("truth")
        counted = self._write_truth()
        return SampleReport(out, self.domains, self.dates, files, rows, *counted)

    # --- what the templates are given ---------------------------------------------------------------------------------

    def _render(self, template: str, **params: Any) -> None:
        text = render(
            f"sql/{template}.sql.j2",
            salt=self._salt,
            id=self._id,
            junk=self._junk,
            code=plan.first_value,
            codes=plan.value_count,
            counts=self.counts,
            sizes=self.sizes,
            code_sets=words.CODE_SETS,
            fixed=plan.fixed_values(),
            local_values=self.counts["code_value"] - plan.fixed_values(),
            formats_used=self.counts["order_entry_format"] - max(4, self.counts["orderable"] // 300),
            drugs=self.counts["orderable"] // 5 * 2 + min(self.counts["orderable"] % 5, 2),
            dose_units=words.DOSE_UNITS,
            first_result_unit=words.FIRST_RESULT_UNIT,
            result_units=words.RESULT_UNITS,
            first_time_unit=words.FIRST_TIME_UNIT,
            planned=plan.RATES,
            causes=plan.CAUSES,
            dropped=plan.DROPPED_FIELD,
            drifting=plan.DRIFTING,
            nights=self.nights,
            later=max(self.nights - 1, 1),
            later0=self.nights - 1,
            truth=self.truth,
            derived={m.entity for m in self.derived},
            derived_types=self.derived,
            lids={entity: t.lid for entity, t in self.truth.items()},
            domains=list(self.domains),
            **params,
        )
        try:
            self.con.execute(text)
        except duckdb.Error as fault:
            fault.add_note(f"in {template}.sql.j2")
            raise

    def _salt(self, name: str) -> int:
        """A number of the seed and a name: what makes two random choices independent."""
        return int.from_bytes(hashlib.sha256(f"{self.seed}:{name}".encode()).digest()[:4])

    def _junk(self, entity: str) -> int:
        """How many items are inactive in both domains."""
        return max(2, self.counts[entity] // 33)

    def _id(self, entity: str, side: str, i: str) -> Sql:
        """SQL for an item's local id: a range of numbers per type, shuffled differently in each domain.

        Both domains draw from the same range, so an equal number on both sides nearly always means two different items.
        """
        arms = []
        for domain in range(2):
            # Ranges are cut to powers of two, so that an odd multiplier shuffles without two ids being equal.
            order = [*self.highest]
            base = 100_000_000 + sum(self._range(e) for e in order[: order.index(entity)])
            size = self._range(entity)
            factor = self._salt(f"factor.{domain}.{entity}") % size | 1
            shift = self._salt(f"shift.{domain}.{entity}") % size
            arms.append(f"{base} + ({i} * {factor} + {shift}) % {size}")
        return Sql(f"CASE WHEN {side} = 0 THEN {arms[0]} ELSE {arms[1]} END")

    def _range(self, entity: str) -> int:
        """A power of two above every number of the type's items."""
        return 1 << (self.highest[entity] + 64).bit_length()

    def _highest(self, entity: str) -> int:
        n = self.counts["orderable"]
        return {
            "order_sentence": n * 4,
            "oe_format_field": (self.counts["order_entry_format"] + 1) * 128,
            "reference_range": n * 4,
            "plan_phase": self.counts["powerplan"] * 3,
            "old_plan": self.counts["powerplan"] * 2,
            "favourite": self.counts["powerplan"] * 2,
            "plan_component": self.counts["powerplan"] * 24,
        }.get(entity, self.counts.get(entity, n) * 2)

    def _prints(self) -> dict[str, str]:
        return dict(self.con.execute(render("sql/prints.sql.j2", truth=self.truth)).fetchall())

    # --- files --------------------------------------------------------------------------------------------------------

    def _tables(self) -> list[str]:
        found = self.con.execute(
            "SELECT view_name FROM duckdb_views() WHERE schema_name = 'sample' "
            "AND starts_with(view_name, 'x_') ORDER BY 1"
        ).fetchall()
        return [row[0].removeprefix("x_") for row in found]

    def _copy(self, table: str, side: int, path: Path) -> int:
        delimiter, quote = _FORMATS.get(table, (",", '"'))
        quoting = f"QUOTE {lit(quote)}, ESCAPE {lit(quote)}" + (", FORCE_QUOTE *" if quote else "")
        order = f"u(ord, {self._salt(f'order.{side}')}), ord"
        query = f"SELECT * EXCLUDE (d, ord) FROM sample.{ident('x_' + table)} WHERE d = {side} ORDER BY {order}"
        written = self.con.execute(
            f"COPY ({query}) TO {lit(str(path))} (FORMAT csv, HEADER, DELIMITER {lit(delimiter)}, {quoting})"
        )
        return int(written.fetchall()[0][0])

    def _write_truth(self) -> tuple[int, int, int]:
        folder = self.building / "truth"
        folder.mkdir()
        a, b = (ident(f"local_id_{d}") for d in self.domains)
        columns = {
            "same": f"entity, lid_a AS {a}, lid_b AS {b}, identifiable, first_night, last_night",
            "deviations": f"* RENAME (lid_a AS {a}, lid_b AS {b})",
            "causes": f"cause_id, description, kind, entity, lid_a AS {a}, lid_b AS {b}, explains",
        }
        tables = {"same": "same_spans"}
        orders = {"same": "entity, i, first_night", "deviations": "deviation_id", "causes": "cause_id"}
        counts = []
        for name, chosen in columns.items():
            query = f"SELECT {chosen} FROM sample.{tables.get(name, name)} ORDER BY {orders[name]}"
            made = self.con.execute(f"COPY ({query}) TO {lit(str(folder / f'{name}.csv'))} (FORMAT csv, HEADER)")
            counts.append(int(made.fetchall()[0][0]))
        return counts[0], counts[1], counts[2]
