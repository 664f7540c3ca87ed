"""What SQL says of every check in every domain: counts, a reason why it does not apply, or a fault.

Counts of an entity type's rows are taken over from the night before where neither its rows nor those that its
references lead to changed (transforms/build/parts.py).
"""

from __future__ import annotations

import hashlib
import logging
import math
import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Protocol

from expectations.suites import DELIVERY_KINDS, LINK_KINDS, TABLE_KINDS, Check
from transforms.build.parts import Parts
from transforms.catalogue import Catalogue, Entity, Reference
from transforms.land.national import CodeList, tested
from transforms.warehouse import Sql, render
from transforms.words.errors import LikareError
from transforms.words.hashes import digest

_log = logging.getLogger(__name__)
_SQL = Path(__file__).parent / "sql"

# A band needs so many nights; it reaches over so many median deviations, within these shares of the median.
_LEAST_NIGHTS = 4
_DEVIATIONS, _NARROWEST, _WIDEST, _LEAST_ROWS = 4.5, 0.10, 0.25, 20


class Connection(Protocol):
    """What is needed of a DuckDB connection or a warehouse session."""

    def execute(self, query: str, parameters: Any = ..., /) -> Any:
        """Run SQL and return what has ``fetchall()``."""


@dataclass(frozen=True)
class Count:
    """What was measured of one check in one domain."""

    failed: int = 0
    total: int = 0
    reason: str = ""
    fault: str = ""


@dataclass(frozen=True)
class Told:
    """What else is known of the night's deliveries. Every part may be left out; its checks then do not apply.

    ``history`` holds the live rows by (domain, entity type) of the last nights, the oldest first. ``columns`` holds by
    the same how many of the columns that were compared or in a key the night before are gone, and how many there were.
    ``rolled_back`` names (domain, table) that went back to an older delivery's content, for domains in ``compared``.
    ``again`` names the domains whose newest delivery is the one before over again. ``age`` is the newest delivery's in
    days, ``max_age`` what is allowed; ``ended`` names domains that deliver no more.
    """

    history: Mapping[tuple[str, str], Sequence[int]] = field(default_factory=dict)
    columns: Mapping[tuple[str, str], tuple[int, int]] = field(default_factory=dict)
    rolled_back: frozenset[tuple[str, str]] = frozenset()
    compared: frozenset[str] = frozenset()
    again: Mapping[str, bool] = field(default_factory=dict)
    age: Mapping[str, float] = field(default_factory=dict)
    max_age: int | None = None
    ended: frozenset[str] = frozenset()


def band(history: Sequence[int]) -> tuple[float, float]:
    """The lowest and the highest number of rows that is near those of the nights before."""
    middle = statistics.median(history)
    spread = statistics.median(abs(n - middle) for n in history)
    reach = min(max(_DEVIATIONS * spread, _NARROWEST * middle), _WIDEST * middle)
    reach = max(reach, _LEAST_ROWS)
    return middle - reach, middle + reach


def _render(template: str, **params: Any) -> str:
    return render(template, folder=_SQL, **params)


def _fault(fault: Exception) -> Count:
    # The kind of fault only: the text of a DuckDB error may quote a value.
    return Count(fault=f"the check could not be run ({type(fault).__name__})")


_NO_TABLE = Count(reason="the table was not delivered")
_NO_COLUMN = Count(reason="the column was not delivered")
_NO_ROWS = Count(reason="there are no rows to check")


class Measuring:
    """One run over one database: the answers that several checks share, and the counts of each."""

    def __init__(
        self,
        con: Connection,
        catalogue: Catalogue,
        domains: tuple[str, ...],
        previous: Mapping[tuple[str, str], int],
        snapshots: Mapping[str, int],
        told: Told | None = None,
        lists: Mapping[str, CodeList] | None = None,
        parts: Parts | None = None,
    ) -> None:
        self.con = con
        self.catalogue = catalogue
        self.domains = domains
        self.previous = previous
        self.snapshots = dict(snapshots)
        self.told = told or Told()
        self.lists = lists or {}
        self.present: dict[str, bool] | None = None
        self.kept = Kept(con, parts) if parts is not None else None
        self.seen_snapshots: dict[str, int] = {}
        self.delivered: dict[tuple[str, str, str], bool] = {}
        self.counts: dict[tuple[str, str], Count] = {}

    def all(self, checks: Sequence[Check]) -> dict[tuple[str, str], Count]:
        """The count of every check in every domain."""
        if not checks or not self.domains:
            return {}
        sql = _render("extracted.sql.j2")
        try:
            self.delivered = {(d, e, a or ""): bool(x) for d, e, a, x in self._rows(sql)}
        except LikareError:  # a full disk or a lock is the user's to mend and ends the night
            raise
        except Exception as fault:  # any other fault of the engine is the status 'error', never an aborted night
            self._logged(fault, "normalised.extracted")
            return {(c.check_id, d): _fault(fault) for c in checks for d in self.domains}
        by_entity: dict[str, list[Check]] = {}
        for check in checks:
            by_entity.setdefault(check.entity, []).append(check)
        for name, own in by_entity.items():
            rest = [c for c in own if c.kind not in DELIVERY_KINDS]
            if rest:
                self._entity(self.catalogue.entities[name], rest)
        self._quarantined([c for c in checks if c.kind == "rows_quarantined"])
        for check in checks:
            if check.kind in DELIVERY_KINDS:
                self._set(check, {d: self._delivery(check, d) for d in self.domains})
        if self.kept is not None:
            self.kept.write()
        return self.counts

    def _delivery(self, check: Check, domain: str) -> Count:
        if domain in self.told.ended:
            return Count(reason="the domain has ended")
        if check.kind == "delivery_new":
            if domain not in self.told.again:
                return Count(reason="no night before to compare with")
            return Count(failed=int(self.told.again[domain]), total=1)
        if self.told.max_age is None:
            return Count(reason="the settings name no max_age_days")
        return Count(failed=int(self.told.age.get(domain, 0.0) > self.told.max_age), total=1)

    def _rows(self, sql: str) -> list[tuple[Any, ...]]:
        found: list[tuple[Any, ...]] = self.con.execute(sql).fetchall()
        return found

    def _logged(self, fault: Exception, subject: str) -> None:
        kind = type(fault).__name__
        # A statement that cannot be understood is told in full; any other fault may quote a value of the extract.
        told = (
            str(fault).splitlines()[0] if kind in ("BinderException", "CatalogException", "ParserException") else kind
        )
        _log.warning("quality check of %s could not be run: %s", subject, told)

    def _has(self, domain: str, entity: str, column: str = "") -> bool:
        """Whether the column was delivered; a column without a word of its own shares its table's fate."""
        return self.delivered.get((domain, entity, ""), False) and self.delivered.get((domain, entity, column), True)

    def _entity(self, entity: Entity, checks: Sequence[Check]) -> None:
        name = entity.entity
        for check in checks:
            for domain in self.domains:
                if check.never:
                    self.counts[check.check_id, domain] = Count(reason=check.never)
                elif check.kind == "table_delivered":
                    missing = not self._has(domain, name)
                    self.counts[check.check_id, domain] = Count(failed=int(missing), total=1)
                elif not self._has(domain, name):
                    # A table that is gone is a table that lost its rows.
                    gone = check.kind == "rows_kept" and self.previous.get((domain, name), 0)
                    self.counts[check.check_id, domain] = Count(failed=1, total=1) if gone else _NO_TABLE
                elif check.kind not in TABLE_KINDS and not all(self._has(domain, name, c) for c in check.columns):
                    self.counts[check.check_id, domain] = _NO_COLUMN
        of_table = [c for c in checks if c.kind in TABLE_KINDS]
        of_rows = [c for c in checks if c.kind not in TABLE_KINDS]
        fresh, live = [], {}
        for domain in self.domains:
            open_ = [c for c in checks if (c.check_id, domain) not in self.counts]
            if not open_:
                continue
            known = self.kept.take(entity, domain, of_rows, self._standing(entity, domain)) if self.kept else None
            if known is None:
                fresh.append(domain)
                continue
            live[domain], counts = known
            for check_id, count in counts.items():
                self.counts.setdefault((check_id, domain), count)
        faults: dict[str, Exception] = {}
        if fresh:
            rows, fault = self._scan(name, [c for c in of_rows if _is_scanned(c)], fresh)
            faults = dict.fromkeys(fresh, fault) if fault else {}
            live |= {d: int(rows[d][1]) if d in rows else 0 for d in fresh}
            self._linked(entity, [c for c in of_rows if c.kind in LINK_KINDS], fresh)
            for check in of_rows:
                if check.kind == "national_code":
                    self._national(check, [d for d in fresh if (check.check_id, d) not in self.counts])
            if self.kept is not None and not faults:
                for domain in fresh:
                    counted = {c.check_id: self.counts[c.check_id, domain] for c in of_rows}
                    self.kept.note(name, domain, live[domain], counted)
        for check in of_table:
            if check.kind != "rows_quarantined":
                for domain, n in live.items():
                    count = _fault(faults[domain]) if domain in faults else self._change(check, domain, n)
                    self.counts.setdefault((check.check_id, domain), count)

    def _standing(self, entity: Entity, domain: str) -> list[object]:
        """What the counts depend on besides the entity type's own rows and those it refers to."""
        delivered = sorted(k for k, there in self.delivered.items() if k[0] == domain and there)
        here = {k[1:] for k in delivered}
        targets = {t for reference in entity.references.values() for t in reference.to}
        codes = {one.list for a in entity.attributes.values() for one in a.national}
        return [
            sorted(k for k in here if k[0] == entity.entity or k[0] in targets),
            [(name, self.lists[name].model_dump_json(), self.has_list(name)) for name in sorted(codes)],
        ]

    def has_list(self, name: str) -> bool:
        """Whether the night has a national list, and not only the form of its codes."""
        if self.present is None:
            rows = self._rows("SELECT list, state <> 'absent' FROM measured.reference_list")
            self.present = {r[0]: bool(r[1]) for r in rows}
        return self.present.get(name, False)

    def _linked(self, entity: Entity, checks: Sequence[Check], domains: Sequence[str]) -> None:
        links: dict[str, list[Check]] = {}
        for check in checks:
            if check.column and any((check.check_id, d) not in self.counts for d in domains):
                links.setdefault(check.column, []).append(check)
        for column, own in links.items():
            self._link(entity, column, own, domains)

    def _national(self, check: Check, domains: Sequence[str]) -> None:
        def query(_: Sequence[Check]) -> str:
            values = _render(
                "national_values.sql.j2",
                entity=check.entity,
                column=check.columns[0],
                prefix=check.prefix,
                domains=domains,
            )
            source = tested(self.lists[check.national], Sql(values), self.has_list(check.national))
            return _render("national.sql.j2", tested=source)

        if domains:
            self._together([check], query, domains)

    def _together(
        self, checks: Sequence[Check], query: Callable[[Sequence[Check]], str], domains: Sequence[str]
    ) -> tuple[dict[str, tuple[Any, ...]], Exception | None]:
        """Set the counts of these checks in these domains by one query; when it fails, the checks are asked alone.

        Returns the query's rows by domain (each ends with failed and total per check) and the fault if there was one.
        """
        sql = query(checks)
        try:
            rows = {r[0]: r for r in self._rows(sql)}
        except LikareError:
            raise
        except Exception as fault:
            if len(checks) == 1:
                self._logged(fault, checks[0].check_id)
                self._set(checks[0], dict.fromkeys(domains, _fault(fault)))
            else:
                for check in checks:
                    self._together([check], query, domains)
            return {}, fault
        for i, check in enumerate(checks):
            first = 2 * (i - len(checks))
            self._set(check, {d: _counted(rows.get(d), first) for d in domains})
        return rows, None

    def _set(self, check: Check, counts: Mapping[str, Count]) -> None:
        for domain, count in counts.items():
            self.counts.setdefault((check.check_id, domain), count)

    def _scan(
        self, entity: str, checks: Sequence[Check], domains: Sequence[str]
    ) -> tuple[dict[str, tuple[Any, ...]], Exception | None]:
        def query(some: Sequence[Check]) -> str:
            return _render("scan.sql.j2", entity=entity, checks=some, domains=domains)

        rows, fault = self._together(checks, query, domains)
        if fault is not None:
            rows, fault = self._together([], query, domains)
        for domain, row in rows.items():
            if row[2] is not None:
                self.seen_snapshots[domain] = max(int(row[2]), self.seen_snapshots.get(domain, 0))
        return rows, fault

    def _change(self, check: Check, domain: str, now: int) -> Count:
        before = self.previous.get((domain, check.entity), 0)
        if check.kind == "rows_in_band":
            history = self.told.history.get((domain, check.entity), ())
            if len(history) < _LEAST_NIGHTS:
                return Count(reason="fewer than 4 nights to compare with")
            lowest, highest = band(history)
            outside = max(lowest - now, now - highest, 0.0)
            return Count(failed=math.ceil(outside), total=max(round(statistics.median(history)), 1))
        if check.kind == "columns_kept":
            gone = self.told.columns.get((domain, check.entity))
            return Count(*gone) if gone else Count(reason="no night before to compare with")
        if check.kind == "not_rolled_back":
            if domain not in self.told.compared:
                return Count(reason="no night before to compare with")
            tables = _tables_of(self.catalogue.entities[check.entity])
            back = [t for t in tables if (domain, t) in self.told.rolled_back]
            return Count(failed=len(back) if now >= _LEAST_ROWS else 0, total=len(tables))
        if check.kind == "rows_present":
            if before:
                return Count(reason="the table had rows the night before; rows_kept tells whether it still has")
            return Count(failed=int(now == 0), total=1)
        if not before:
            return Count(reason="no rows the night before to compare with")
        if check.kind == "rows_kept":
            return Count(failed=int(now == 0), total=1)
        lost = before - now if check.kind == "rows_collapse" else now - before
        return Count(failed=max(0, lost), total=before)

    def _link(self, entity: Entity, column: str, checks: Sequence[Check], domains: Sequence[str]) -> None:
        reference = entity.references[column]
        polymorphic = bool(reference.type_column)
        # Which targets each domain delivered decides what can be said there; domains that agree are asked together.
        groups: dict[tuple[str, ...], list[str]] = {}
        for domain in domains:
            there = tuple(t for t in reference.to if self._has(domain, t) and self._has(domain, t, reference.by or ""))
            # Without a type a missing target cannot be told from a broken link.
            usable = bool(there) if polymorphic else len(there) == len(reference.to)
            if usable:
                groups.setdefault(there, []).append(domain)
            for check in checks:
                if not usable:
                    self.counts.setdefault((check.check_id, domain), Count(reason="the target was not delivered"))
                elif check.kind == "code_set" and not any(self._knows_code_set(domain, t) for t in there):
                    reason = "the code set of the target was not delivered"
                    self.counts.setdefault((check.check_id, domain), Count(reason=reason))
        for there, some in groups.items():
            targets = targets_of(self.catalogue, reference, there)

            def query(
                own: Sequence[Check], some: list[str] = some, targets: list[dict[str, str | None]] = targets
            ) -> str:
                return _render(
                    "links.sql.j2",
                    entity=entity.entity,
                    column=column,
                    polymorphic=polymorphic,
                    type_column=f"{column}__type",
                    every=bool(reference.every),
                    domains=some,
                    targets=targets,
                    code_set=next((c.code_set for c in own if c.code_set is not None), None),
                    checks=own,
                )

            waiting = [c for c in checks if any((c.check_id, d) not in self.counts for d in some)]
            if waiting:
                self._together(waiting, query, some)

    def _knows_code_set(self, domain: str, target: str) -> bool:
        return "code_set" in self.catalogue.entities[target].attributes and self._has(domain, target, "code_set")

    def _quarantined(self, checks: Sequence[Check]) -> None:
        chosen = [(d, self.snapshots.get(d, self.seen_snapshots.get(d))) for d in self.domains]
        sql = _render("quarantined.sql.j2", snapshots=chosen)
        try:
            found = self._rows(sql)
        except LikareError:
            raise
        except Exception as fault:
            self._logged(fault, "rows_quarantined")
            for check in checks:
                self._set(check, dict.fromkeys(self.domains, _fault(fault)))
            return
        worst = {(domain, table): (int(failed), int(total)) for domain, table, failed, total in found}
        for check in checks:
            tables = _tables_of(self.catalogue.entities[check.entity])
            for domain in self.domains:
                files = [worst[domain, t] for t in tables if (domain, t) in worst]
                failed, total = max(files, key=lambda f: f[0] / f[1], default=(0, 0))
                self.counts.setdefault(
                    (check.check_id, domain), Count(failed=failed, total=total) if total else _NO_ROWS
                )


def _counted(row: tuple[Any, ...] | None, first: int) -> Count:
    if row is None or not row[first + 1]:
        return _NO_ROWS
    return Count(failed=int(row[first]), total=int(row[first + 1]))


def _is_scanned(check: Check) -> bool:
    return check.kind not in LINK_KINDS and check.kind != "national_code"


def _tables_of(entity: Entity) -> list[str]:
    """The source tables of an entity type, upper case."""
    return sorted({t.upper() for t in (entity.source.table, *(j.table for j in entity.source.joins.values()))})


def targets_of(catalogue: Catalogue, reference: Reference, there: Sequence[str]) -> list[dict[str, str | None]]:
    """What a reference leads to, for the templates: entity type, the column it refers by, the column of code sets."""
    return [
        {
            "entity": t,
            "by": reference.by or "local_id",
            "code_set_column": "code_set" if "code_set" in catalogue.entities[t].attributes else None,
        }
        for t in there
    ]


class Kept:
    """Counts of the night before, for entity types whose rows, and those they lead to, are the same."""

    def __init__(self, con: Connection, parts: Parts) -> None:
        self.con, self.parts = con, parts
        con.execute(_render("kept.sql.j2"))
        self.known: dict[tuple[str, str], dict[str, Count]] = {}
        for entity, domain, check_id, failed, total, reason in con.execute(
            "SELECT entity, domain, check_id, failed, total, reason FROM measured.check_count"
        ).fetchall():
            self.known.setdefault((entity, domain), {})[check_id] = Count(failed, total, reason)
        self.repeats = {
            (r[0], r[1]): int(r[2])
            for r in con.execute(
                "SELECT domain, entity, sum(surplus) FROM normalised.duplicate GROUP BY ALL"
            ).fetchall()
        }
        self.inputs: dict[tuple[str, str], str] = {}
        self.noted: list[tuple[str, str, str, int, int, str]] = []
        self.reused: set[tuple[str, str]] = set()

    def take(
        self, entity: Entity, domain: str, checks: Sequence[Check], standing: Sequence[object]
    ) -> tuple[int, dict[str, Count]] | None:
        """The live rows and the counts, None where they must be measured anew."""
        name = entity.entity
        targets = sorted({t for reference in entity.references.values() for t in reference.to} | {name})
        contents = [self.parts.content("normalise", t, domain) for t in targets]
        if not contents or not self.parts.content("normalise", name, domain):
            return None
        lists = self.parts.inputs("reference", "", "") if self.parts.holds("reference", "", "") else ""
        codes = lists if any(a.national for a in entity.attributes.values()) else ""
        inputs = digest(
            made_by(), [repr(c) for c in checks], contents, self.repeats.get((domain, name), 0), list(standing), codes
        )
        self.inputs[name, domain] = inputs
        counts = self.known.get((name, domain), {})
        if not self.parts.same("check", name, domain, inputs) or "" not in counts:
            return None
        self.reused.add((name, domain))
        return counts[""].total, {k: v for k, v in counts.items() if k}

    def note(self, entity: str, domain: str, live: int, counts: Mapping[str, Count]) -> None:
        """Keep what was measured, where all of it could be."""
        inputs = self.inputs.get((entity, domain))
        if inputs is None or any(c.fault for c in counts.values()):
            return
        self.parts.note("check", entity, domain, inputs)
        self.noted.append((entity, domain, "", 0, live, ""))
        self.noted += [(entity, domain, k, c.failed, c.total, c.reason) for k, c in counts.items()]

    def write(self) -> None:
        """Write down what was noted."""
        if self.noted:
            self.con.execute(_render("kept_noted.sql.j2"), [list(c) for c in zip(*self.noted, strict=True)])
            self.con.execute(_render("kept_write.sql.j2"))
            self.parts.keep()


@cache
def made_by() -> str:
    """A hash of what counts and verdicts are made by."""
    files = sorted(p for p in _SQL.parent.rglob("*") if p.suffix in (".py", ".j2"))
    return hashlib.sha256(b"".join(p.read_bytes() for p in files)).hexdigest()
