"""The night's quality checks: measured in one scan per table, judged by Great Expectations, kept as a table."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any, Literal

from expectations.failing import SHOWN, failing_rows
from expectations.measuring import Connection, Count, Measuring, Told, made_by
from expectations.rules import Rules, Severity
from expectations.suites import Check, derive
from expectations.swedish import swedish
from transforms.build.parts import Parts
from transforms.catalogue import Catalogue
from transforms.land.national import CodeList, load_lists
from transforms.warehouse import Night, Sql, render
from transforms.words.hashes import digest

Status = Literal["passed", "failed", "error", "not_applicable"]
# Against the night before: failing for the first time, still failing, no longer failing, or failing when last measured.
State = Literal["new", "persisting", "resolved", "unseen"]

_SQL = Path(__file__).parent / "sql"


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
    """The results, with the judge's document per entity type in ``documents`` and what it judged in ``judged``.

    ``reused`` holds (entity type, domain) whose counts are those of the night before.
    """

    def __init__(
        self,
        results: Iterable[CheckResult] = (),
        documents: Mapping[str, Any] | None = None,
        judged: Mapping[str, tuple[str, dict[str, str]]] | None = None,
        reused: Iterable[tuple[str, str]] = (),
    ) -> None:
        super().__init__(results)
        self.documents: dict[str, Any] = dict(documents or {})
        self.judged: dict[str, tuple[str, dict[str, str]]] = dict(judged or {})
        self.reused = frozenset(reused)

    def of(self, results: Iterable[CheckResult]) -> Results:
        """Other results under the same documents."""
        return Results(results, self.documents, self.judged, self.reused)


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
    """Check the night's ``normalised`` tables. Grain of the results: check and domain, in the catalogue's order.

    ``previous`` maps (domain, entity type) to its live rows in the last published night, empty on the first.
    ``snapshots`` maps a domain to the snapshot that was normalised; by default it is read from the rows. ``told`` is
    what is known of the deliveries. On a night that began as a copy of the one before, counts and verdicts are taken
    over where nothing changed. SQL that cannot be run gives the status ``error`` and never an exception; run outside a
    transaction, since one failed statement would take the rest of it along.
    Raises CatalogueError for a wrong rules file, WarehouseError for a full disk or memory.
    """
    lists = load_lists() if lists is None else lists
    checks = derive(catalogue, rules, lists)
    night = con if isinstance(con, Night) else None
    measuring = Measuring(
        con, catalogue, tuple(domains), previous, snapshots or {}, told, lists, Parts(night) if night else None
    )
    counts = measuring.all(checks)
    rows = {
        entity: [(check, domain, counts[check.check_id, domain]) for check in own for domain in domains]
        for entity, own in _by_entity(checks).items()
    }
    keys = {entity: digest(made_by(), _said(own), _counted(own)) for entity, own in rows.items()}
    known = _known(night) if night else {}
    verdicts: dict[tuple[str, str], str] = {}
    documents: dict[str, Any] = {}
    for entity, key in keys.items():
        if entity in known and known[entity][0] == key:
            documents[entity] = known[entity][1]
            verdicts |= {(c.check_id, d): known[entity][2][f"{c.check_id} {d}"] for c, d, _ in rows[entity]}
    todo = [entity for entity in rows if entity not in documents]
    if todo:
        # Great Expectations takes seconds to import: only a night on which something changed pays for it.
        from expectations.judge import Row, judge

        own = [check for check in checks if check.entity in todo]
        judged, made = judge(own, [_row(Row, *one) for entity in todo for one in rows[entity]])
        verdicts |= judged
        documents |= made
    results = [
        _result(
            check, domain, counts[check.check_id, domain], verdicts.get((check.check_id, domain), "error"), measuring
        )
        for check in checks
        for domain in domains
    ]
    kept = {
        entity: (key, {f"{c.check_id} {d}": verdicts.get((c.check_id, d), "error") for c, d, _ in rows[entity]})
        for entity, key in keys.items()
    }
    ordered = {entity: documents[entity] for entity in rows if entity in documents}
    return Results(results, ordered, kept, measuring.kept.reused if measuring.kept else ())


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
    con.execute("CREATE SCHEMA IF NOT EXISTS measured")
    con.execute(_render("failures.sql.j2"))
    types = {"failed": "BIGINT", "total": "BIGINT", "threshold": "DOUBLE", "since_night": "INTEGER"}
    columns = {f.name: types.get(f.name, "VARCHAR") for f in fields(CheckResult)}
    _replace(con, "quality", columns, [asdict(r) for r in results])
    documents = results.documents if isinstance(results, Results) else {}
    judged = results.judged if isinstance(results, Results) else {}
    _replace(
        con,
        "quality_document",
        {"entity": "VARCHAR", "document": "VARCHAR", "judged": "VARCHAR", "verdicts": "VARCHAR"},
        [
            {
                "entity": e,
                "document": json.dumps(d, sort_keys=True),
                "judged": judged.get(e, ("", {}))[0],
                "verdicts": json.dumps(judged.get(e, ("", {}))[1]),
            }
            for e, d in documents.items()
        ],
    )


def store_failures(
    night: Night,
    catalogue: Catalogue,
    results: Results,
    *,
    rules: Rules | None = None,
    lists: Mapping[str, CodeList] | None = None,
) -> None:
    """Keep the first failing rows of every failed check in ``measured.quality_failure``, SHOWN of each at most."""
    lists = load_lists() if lists is None else lists
    checks = {c.check_id: c for c in derive(catalogue, rules, lists)}
    failed = [r for r in results if r.status == "failed"]
    before = set(night.rows("SELECT DISTINCT check_id, domain FROM measured.quality_failure"))
    still = {
        (r.check_id, r.domain) for r in failed if (r.entity, r.domain) in results.reused and night.carried
    } & before
    for check_id, domain in sorted(before - still):
        night.execute("DELETE FROM measured.quality_failure WHERE check_id = ? AND domain = ?", [check_id, domain])
    for r in failed:
        if (r.check_id, r.domain) in still:
            continue
        rows = failing_rows(night, catalogue, checks[r.check_id], r.domain, lists, limit=SHOWN)
        if rows is not None:
            night.execute(_render("failures_insert.sql.j2", check=checks[r.check_id], domain=r.domain, rows=Sql(rows)))


def _known(night: Night) -> dict[str, tuple[str, Any, dict[str, str]]]:
    """What the judge said the night before: per entity type what it judged, its document, its verdicts."""
    if not night.carried:
        return {}
    rows = night.rows("SELECT entity, judged, document, verdicts FROM measured.quality_document WHERE judged <> ''")
    return {entity: (judged, json.loads(document), json.loads(verdicts)) for entity, judged, document, verdicts in rows}


def _by_entity(checks: Sequence[Check]) -> dict[str, list[Check]]:
    found: dict[str, list[Check]] = {}
    for check in checks:
        found.setdefault(check.entity, []).append(check)
    return found


def _said(rows: Sequence[tuple[Check, str, Count]]) -> list[str]:
    return [repr(check) for check in dict.fromkeys(check for check, _, _ in rows)]


def _counted(rows: Sequence[tuple[Check, str, Count]]) -> list[tuple[object, ...]]:
    """The counts of some checks as plain values."""
    return [(check.check_id, domain, c.failed, c.total, bool(c.reason), bool(c.fault)) for check, domain, c in rows]


def _replace(con: Connection, table: str, columns: Mapping[str, str], rows: Sequence[Mapping[str, Any]]) -> None:
    con.execute(_render("store.sql.j2", table=table, columns=columns))
    lists = [[row[name] for row in rows] for name in columns]
    con.execute(_render("insert.sql.j2", table=table, columns=columns), lists)


def _row(make: Callable[..., Any], check: Check, domain: str, count: Count) -> Any:
    if count.fault:
        return make(check.check_id, domain, "error")
    if count.reason:
        return make(check.check_id, domain, "not_applicable")
    share = 0.0 if count.failed < check.least else count.failed / count.total
    return make(check.check_id, domain, "measured", count.failed, count.total, share)


def _result(check: Check, domain: str, count: Count, verdict: str, measuring: Measuring) -> CheckResult:
    status: Status = verdict if verdict in ("passed", "failed", "not_applicable") else "error"  # type: ignore[assignment]
    measured = status in ("passed", "failed")
    note, note_sv = check.note, check.note_sv
    if measured and check.national and not measuring.has_list(check.national):
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


def _render(template: str, **params: Any) -> str:
    return render(template, folder=_SQL, **params)
