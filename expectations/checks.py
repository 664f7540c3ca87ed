"""The night's quality checks: measured in sets, judged by Great Expectations, kept as tables."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any, Literal

from expectations.failing import Connection
from expectations.figures import figure, verdicts_of
from expectations.measuring import Count, Measuring, Told
from expectations.rules import Rules, Severity
from expectations.suites import Check, derive
from expectations.swedish import swedish
from transforms.catalogue import Catalogue
from transforms.land.national import CodeList, load_lists
from transforms.warehouse import Night

Status = Literal["passed", "failed", "error", "not_applicable"]
# Against the night before: failing for the first time, still failing, no longer failing, or failing when last measured.
State = Literal["new", "persisting", "resolved", "unseen"]

_FAILURES = Path(__file__).with_name("check_failures.sql").read_text(encoding="utf-8")


@dataclass(frozen=True)
class CheckResult:
    """One check in one domain. ``failed`` of ``total`` rows fail it; both are None where nothing was measured.

    ``threshold`` is the largest share that passes. ``note`` says what is checked, or why it was not; it never holds a
    value from an extract. ``state`` compares with the night before, None where there is nothing to tell;
    ``since_night`` is the night from which the check has failed, also of one that is resolved.
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
    note_sv: str = ""
    state: State | None = None
    since_night: int | None = None

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

    def of(self, results: Iterable[CheckResult]) -> Results:
        """Other results under the same documents."""
        return Results(results, self.documents)


def run(
    con: Connection,
    catalogue: Catalogue,
    domains: Sequence[str],
    previous: Mapping[tuple[str, str], int],
    *,
    snapshots: Mapping[str, int] | None = None,
    rules: Rules | None = None,
    lists: Mapping[str, CodeList] | None = None,
    told: Told | None = None,
) -> Results:
    """Check the night's items. Grain of the results: check and domain, in the catalogue's order.

    ``previous`` maps (domain, entity type) to its live rows in the last published night, empty on the first.
    ``snapshots`` maps a domain to the snapshot that was normalised; by default it is read from the items. ``told`` is
    what is known of the deliveries. SQL that cannot be run gives the status ``error`` and never an exception; run
    outside a transaction, since one failed statement would take the rest of it along.
    Raises CatalogueError for a wrong rules file, WarehouseError for a full disk or memory.
    """
    lists = load_lists() if lists is None else lists
    checks = derive(catalogue, rules, lists)
    measuring = Measuring(con, catalogue, tuple(domains), previous, snapshots or {}, told, lists)
    counts = measuring.all(checks)
    rows = [figure(check, domain, counts[check.check_id, domain]) for check in checks for domain in domains]
    documents = _documents(con) if isinstance(con, Night) and con.carried else {}
    verdicts = verdicts_of(checks, rows, documents)
    if verdicts is None:
        # Great Expectations takes seconds to import: only a night on which something changed pays for it.
        from expectations.judge import judge

        verdicts, documents = judge(checks, rows)
    results = [
        _result(check, domain, counts[check.check_id, domain], verdicts, measuring.present)
        for check in checks
        for domain in domains
    ]
    return Results(results, documents)


def stopped(results: Iterable[CheckResult]) -> list[CheckResult]:
    """The critical checks that failed or could not be run: while there is one, the night must not be published."""
    return [r for r in results if r.severity == "critical" and r.status in ("failed", "error")]


def compared(results: Results, night: Night) -> Results:
    """The results with ``state`` and ``since_night``, held against the published night."""
    before = _before(night)

    def one(r: CheckResult) -> CheckResult:
        # The night of which the check was last failing, since when, and whether it was seen failing then.
        since = before.get((r.check_id, r.domain))
        if r.status in ("failed", "error"):
            return replace(r, state="persisting" if since else "new", since_night=since or night.number)
        if since and r.status == "passed":
            return replace(r, state="resolved", since_night=since)
        return replace(r, state="unseen", since_night=since) if since else r

    return results.of(map(one, results))


def _before(night: Night) -> dict[tuple[str, str], int]:
    """The night since when each check that the published night left failing had failed."""
    if not night.previous:
        return {}
    columns = {
        row[0]
        for row in night.rows(
            "SELECT column_name FROM duckdb_columns() "
            "WHERE database_name = 'previous' AND schema_name = 'measured' AND table_name = 'quality'"
        )
    }
    if "since_night" not in columns:
        # A night of an earlier version says no more than that it failed.
        number = night.value("SELECT max(night_id) FROM previous.measured.night") if columns else None
        rows = night.rows(
            "SELECT check_id, domain, ?::INTEGER FROM previous.measured.quality WHERE status IN ('failed', 'error')",
            [number],
        ) if columns else []  # fmt: skip
    else:
        rows = night.rows(
            "SELECT check_id, domain, since_night FROM previous.measured.quality "
            "WHERE since_night IS NOT NULL AND state <> 'resolved'"
        )
    return {(check_id, domain): int(since) for check_id, domain, since in rows}


def store(con: Connection, results: Sequence[CheckResult]) -> None:
    """Replace ``measured.quality`` (grain: check, domain) and ``measured.quality_document`` (grain: entity type)."""
    types = {"failed": "BIGINT", "total": "BIGINT", "threshold": "DOUBLE", "since_night": "INTEGER"}
    columns = {f.name: types.get(f.name, "VARCHAR") for f in fields(CheckResult)}
    documents = results.documents if isinstance(results, Results) else {}
    con.execute("CREATE SCHEMA IF NOT EXISTS measured")
    _replace(con, "quality", columns, [[getattr(r, name) for name in columns] for r in results])
    texts = [[entity, json.dumps(document, sort_keys=True)] for entity, document in documents.items()]
    _replace(con, "quality_document", {"entity": "VARCHAR", "document": "VARCHAR"}, texts)


def store_failures(night: Night) -> None:
    """Keep the first failing rows of every failed check in ``measured.quality_failure``: see check_failures.sql.

    Grain: check, domain, failing row. ``run`` and ``store`` come before it in the same session.
    """
    night.execute(_FAILURES)


def _documents(night: Night) -> dict[str, Any]:
    """What the judge wrote the night before."""
    rows = night.rows("SELECT entity, document FROM measured.quality_document ORDER BY rowid")
    return {entity: json.loads(document) for entity, document in rows}


def _replace(con: Connection, table: str, columns: Mapping[str, str], rows: Sequence[Sequence[Any]]) -> None:
    """Make a table of rows that the program itself made: one list per column, since a row would cost a statement."""
    lists = [list(column) for column in zip(*rows, strict=True)] or [[]] * len(columns)
    unnested = ", ".join(f"unnest(?::{kind}[]) AS {name}" for name, kind in columns.items())
    con.execute(f"CREATE OR REPLACE TABLE measured.{table} AS SELECT {unnested}", lists)


def _result(
    check: Check, domain: str, count: Count, verdicts: Mapping[tuple[str, str], str], lists: Collection[str]
) -> CheckResult:
    verdict = verdicts.get((check.check_id, domain), "error")
    status: Status = verdict if verdict in ("passed", "failed", "not_applicable") else "error"  # type: ignore[assignment]
    measured = status in ("passed", "failed")
    note, note_sv = check.note, check.note_sv
    if measured and check.national and check.national not in lists:
        told = "The list is not here: only the form of the code is tested."
        note, note_sv = f"{note} {told}", f"{note_sv} {swedish(told)}"
    elif not measured:
        note = count.fault or ("the judge could not be run" if status == "error" else count.reason or check.note)
        note_sv = swedish(note) if note != check.note else check.note_sv
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
        note=note,
        note_sv=note_sv,
    )
