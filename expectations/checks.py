"""The night's quality checks: measured in one scan per table, judged by Great Expectations, kept as a table."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, Literal, Protocol

from expectations.rules import Rules, Severity
from expectations.suites import LINK_KINDS, TABLE_KINDS, Check, derive
from transforms.catalogue.model import Catalogue, Entity
from transforms.errors import LikareError
from transforms.warehouse import render

Status = Literal["passed", "failed", "error", "not_applicable"]

_log = logging.getLogger(__name__)
_SQL = Path(__file__).parent / "sql"


class Connection(Protocol):
    """What is needed of a DuckDB connection or a warehouse session."""

    def execute(self, query: str, parameters: Any = ..., /) -> Any:
        """Run SQL and return what has ``fetchall()``."""


@dataclass(frozen=True)
class CheckResult:
    """One check in one domain. ``failed`` of ``total`` rows fail it; both are None where nothing was measured.

    ``threshold`` is the largest share that passes. ``note`` says what is checked, or why it was not; it never holds a
    value from an extract.
    """

    check_id: str
    entity: str
    domain: str
    column_name: str | None
    kind: str
    severity: Severity
    status: Status
    failed: int | None
    total: int | None
    threshold: float
    note: str

    @property
    def line(self) -> str:
        """The result as one line for a person."""
        if self.status in ("error", "not_applicable"):
            return f"{self.domain}: {self.check_id} ({self.severity}): {self.status}: {self.note}"
        allowed = f", {self.threshold:.3g} as a share is allowed" if self.threshold else ""
        counted = f"{self.failed} of {self.total} fail{allowed}"
        return f"{self.domain}: {self.check_id} ({self.severity}): {self.status}: {counted}. {self.note}"


class Results(list[CheckResult]):
    """The results, with the judge's document per entity type in ``documents``."""

    def __init__(self, results: Iterable[CheckResult] = (), documents: Mapping[str, Any] | None = None) -> None:
        super().__init__(results)
        self.documents: dict[str, Any] = dict(documents or {})


@dataclass(frozen=True)
class _Count:
    """What SQL said of one check in one domain: counts, a reason why it does not apply, or a fault."""

    failed: int = 0
    total: int = 0
    reason: str = ""
    fault: str = ""


def run(
    con: Connection,
    catalogue: Catalogue,
    domains: Sequence[str],
    previous: Mapping[tuple[str, str], int],
    *,
    snapshots: Mapping[str, int] | None = None,
    rules: Rules | None = None,
) -> Results:
    """Check the night's ``normalised`` tables. Grain of the results: check and domain, in the catalogue's order.

    ``previous`` maps (domain, entity type) to its live rows in the last published night, empty on the first.
    ``snapshots`` maps a domain to the snapshot that was normalised; by default it is read from the rows. SQL that
    cannot be run gives the status ``error`` and never an exception; run outside a transaction, since one failed
    statement would take the rest of it along.
    Raises CatalogueError for a wrong rules file, WarehouseError for a full disk or memory.
    """
    checks = derive(catalogue, rules)
    counts = _Measuring(con, catalogue, tuple(domains), previous, snapshots or {}).all(checks)
    # Great Expectations takes seconds to import: only a night pays for it.
    from expectations.judge import Row, judge

    rows = [_row(Row, check, domain, counts[check.check_id, domain]) for check in checks for domain in domains]
    verdicts, documents = judge(checks, rows)
    results = (
        _result(check, domain, counts[check.check_id, domain], verdicts.get((check.check_id, domain), "error"))
        for check in checks
        for domain in domains
    )
    return Results(results, documents)


def stopped(results: Iterable[CheckResult]) -> list[CheckResult]:
    """The critical checks that failed or could not be run: while there is one, the night must not be published."""
    return [r for r in results if r.severity == "critical" and r.status in ("failed", "error")]


def store(con: Connection, results: Sequence[CheckResult]) -> None:
    """Replace ``measured.quality`` (grain: check, domain) and ``measured.quality_document`` (grain: entity type)."""
    con.execute("CREATE SCHEMA IF NOT EXISTS measured")
    types = {"failed": "BIGINT", "total": "BIGINT", "threshold": "DOUBLE"}
    columns = {f.name: types.get(f.name, "VARCHAR") for f in fields(CheckResult)}
    _replace(con, "quality", columns, [asdict(r) for r in results])
    documents = results.documents if isinstance(results, Results) else {}
    _replace(
        con,
        "quality_document",
        {"entity": "VARCHAR", "document": "VARCHAR"},
        [{"entity": e, "document": json.dumps(d, sort_keys=True)} for e, d in documents.items()],
    )


def _replace(con: Connection, table: str, columns: Mapping[str, str], rows: Sequence[Mapping[str, Any]]) -> None:
    con.execute(_render("store.sql.j2", table=table, columns=columns))
    lists = [[row[name] for row in rows] for name in columns]
    con.execute(_render("insert.sql.j2", table=table, columns=columns), lists)


def _row(make: Callable[..., Any], check: Check, domain: str, count: _Count) -> Any:
    if count.fault:
        return make(check.check_id, domain, "error")
    if count.reason:
        return make(check.check_id, domain, "not_applicable")
    share = 0.0 if count.failed < check.least else count.failed / count.total
    return make(check.check_id, domain, "measured", count.failed, count.total, share)


def _result(check: Check, domain: str, count: _Count, verdict: str) -> CheckResult:
    status: Status = verdict if verdict in ("passed", "failed", "not_applicable") else "error"  # type: ignore[assignment]
    measured = status in ("passed", "failed")
    return CheckResult(
        check_id=check.check_id,
        entity=check.entity,
        domain=domain,
        column_name=check.column,
        kind=check.kind,
        severity=check.severity,
        status=status,
        failed=count.failed if measured else None,
        total=count.total if measured else None,
        threshold=check.threshold,
        note=count.fault or ("the judge could not be run" if status == "error" else count.reason or check.note),
    )


def _render(template: str, **params: Any) -> str:
    return render(template, folder=_SQL, **params)


def _fault(fault: Exception) -> _Count:
    # The kind of fault only: the text of a DuckDB error may quote a value.
    return _Count(fault=f"the check could not be run ({type(fault).__name__})")


_NO_TABLE = _Count(reason="the table was not delivered")
_NO_COLUMN = _Count(reason="the column was not delivered")
_NO_ROWS = _Count(reason="there are no rows to check")


class _Measuring:
    """One run over one database: the answers that several checks share, and the counts of each."""

    def __init__(
        self,
        con: Connection,
        catalogue: Catalogue,
        domains: tuple[str, ...],
        previous: Mapping[tuple[str, str], int],
        snapshots: Mapping[str, int],
    ) -> None:
        self.con = con
        self.catalogue = catalogue
        self.domains = domains
        self.previous = previous
        self.snapshots = dict(snapshots)
        self.seen_snapshots: dict[str, int] = {}
        self.delivered: dict[tuple[str, str, str], bool] = {}
        self.counts: dict[tuple[str, str], _Count] = {}

    def all(self, checks: Sequence[Check]) -> dict[tuple[str, str], _Count]:
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
            self._entity(self.catalogue.entities[name], own)
        self._quarantined([c for c in checks if c.kind == "rows_quarantined"])
        return self.counts

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
                    self.counts[check.check_id, domain] = _Count(reason=check.never)
                elif check.kind == "table_delivered":
                    missing = not self._has(domain, name)
                    self.counts[check.check_id, domain] = _Count(failed=int(missing), total=1)
                elif not self._has(domain, name):
                    # A table that is gone is a table that lost its rows.
                    gone = check.kind == "rows_kept" and self.previous.get((domain, name), 0)
                    self.counts[check.check_id, domain] = _Count(failed=1, total=1) if gone else _NO_TABLE
                elif check.kind not in TABLE_KINDS and not all(self._has(domain, name, c) for c in check.columns):
                    self.counts[check.check_id, domain] = _NO_COLUMN
        open_ = [c for c in checks if any((c.check_id, d) not in self.counts for d in self.domains)]
        if not open_:
            return
        self._scan(name, [c for c in open_ if c.kind not in TABLE_KINDS | LINK_KINDS], open_)
        links: dict[str, list[Check]] = {}
        for check in open_:
            if check.kind in LINK_KINDS and check.column:
                links.setdefault(check.column, []).append(check)
        for column, own in links.items():
            self._link(entity, column, own)

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

    def _set(self, check: Check, counts: Mapping[str, _Count]) -> None:
        for domain, count in counts.items():
            self.counts.setdefault((check.check_id, domain), count)

    def _scan(self, entity: str, scanned: Sequence[Check], checks: Sequence[Check]) -> None:
        def query(some: Sequence[Check]) -> str:
            return _render("scan.sql.j2", entity=entity, checks=some)

        rows, fault = self._together(scanned, query, self.domains)
        if fault is not None:
            rows, fault = self._together([], query, self.domains)
        for domain, row in rows.items():
            if row[2] is not None:
                self.seen_snapshots[domain] = max(int(row[2]), self.seen_snapshots.get(domain, 0))
        for check in checks:
            if check.kind in TABLE_KINDS and check.kind != "rows_quarantined":
                live = {d: int(rows[d][1]) if d in rows else 0 for d in self.domains}
                self._set(check, {d: _fault(fault) if fault else self._change(check, d, n) for d, n in live.items()})

    def _change(self, check: Check, domain: str, now: int) -> _Count:
        before = self.previous.get((domain, check.entity), 0)
        if check.kind == "rows_present":
            if before:
                return _Count(reason="the table had rows the night before; rows_kept tells whether it still has")
            return _Count(failed=int(now == 0), total=1)
        if not before:
            return _Count(reason="no rows the night before to compare with")
        if check.kind == "rows_kept":
            return _Count(failed=int(now == 0), total=1)
        lost = before - now if check.kind == "rows_collapse" else now - before
        return _Count(failed=max(0, lost), total=before)

    def _link(self, entity: Entity, column: str, checks: Sequence[Check]) -> None:
        reference = entity.references[column]
        polymorphic = bool(reference.type_column)
        # Which targets each domain delivered decides what can be said there; domains that agree are asked together.
        groups: dict[tuple[str, ...], list[str]] = {}
        for domain in self.domains:
            there = tuple(t for t in reference.to if self._has(domain, t) and self._has(domain, t, reference.by or ""))
            # Without a type a missing target cannot be told from a broken link.
            usable = bool(there) if polymorphic else len(there) == len(reference.to)
            if usable:
                groups.setdefault(there, []).append(domain)
            for check in checks:
                if not usable:
                    self.counts.setdefault((check.check_id, domain), _Count(reason="the target was not delivered"))
                elif check.kind == "code_set" and not any(self._knows_code_set(domain, t) for t in there):
                    reason = "the code set of the target was not delivered"
                    self.counts.setdefault((check.check_id, domain), _Count(reason=reason))
        for there, some in groups.items():
            targets = [
                {
                    "entity": t,
                    "by": reference.by or "local_id",
                    "code_set_column": "code_set" if "code_set" in self.catalogue.entities[t].attributes else None,
                }
                for t in there
            ]

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
            source = self.catalogue.entities[check.entity].source
            tables = {t.upper() for t in (source.table, *(j.table for j in source.joins.values()))}
            for domain in self.domains:
                files = [worst[domain, t] for t in sorted(tables) if (domain, t) in worst]
                failed, total = max(files, key=lambda f: f[0] / f[1], default=(0, 0))
                self.counts.setdefault(
                    (check.check_id, domain), _Count(failed=failed, total=total) if total else _NO_ROWS
                )


def _counted(row: tuple[Any, ...] | None, first: int) -> _Count:
    if row is None or not row[first + 1]:
        return _NO_ROWS
    return _Count(failed=int(row[first]), total=int(row[first + 1]))
