"""Read what the night stood on: deliveries, quality checks with their failing rows, rows set aside. As ``read``."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import duckdb

from dashboards.heavy import present
from dashboards.read import records


@dataclass(frozen=True)
class Snapshot:
    """What one domain's delivery held one night."""

    night_id: int
    as_of: dt.datetime
    domain: str
    title: str
    snapshot_id: int
    delivered_at: dt.datetime | None
    files: int
    rows_accepted: int
    rows_quarantined: int
    age_days: int | None = None
    state: str | None = None
    code_level: str | None = None


@dataclass(frozen=True)
class FeedEvent:
    """Something peculiar about a delivery. ``before`` and ``after`` are rows, names or times, as ``kind`` has it."""

    domain: str
    title: str
    delivered_at: dt.datetime
    is_current: bool
    kind: str
    severity: str
    table: str | None
    column: str | None
    before: str | None
    after: str | None
    detail: str


@dataclass(frozen=True)
class Check:
    """One quality check's result."""

    check_id: str
    entity: str | None
    domain: str | None
    column_name: str | None
    kind: str | None
    severity: str
    status: str
    failed: int | None
    total: int | None
    threshold: float | None
    note: str | None
    note_sv: str | None = None
    state: str | None = None
    since: dt.datetime | None = None


@dataclass(frozen=True)
class CheckCount:
    """One night: how many checks of one severity came to one status."""

    night_id: int
    as_of: dt.datetime
    severity: str
    status: str
    checks: int


@dataclass(frozen=True)
class FailedBefore:
    """One check of one domain that failed, or could not be run, in one night."""

    night_id: int
    check_id: str
    domain: str | None
    failed: int | None


@dataclass(frozen=True)
class History:
    """How the checks went night by night. Empty where the publication does not tell."""

    counts: Sequence[CheckCount] = ()
    failed: Sequence[FailedBefore] = ()


@dataclass(frozen=True)
class Failure:
    """One row that fails a check: the first few of each check and domain are published."""

    check_id: str
    domain: str
    local_id: str | None
    label: str | None
    value: str | None


@dataclass(frozen=True)
class Quarantined:
    """Rows of one file that were set aside for one reason."""

    title: str
    file_name: str
    column_name: str | None
    reason: str
    rows: int
    first_line: int | None


def snapshots(con: duckdb.DuckDBPyConnection) -> list[Snapshot]:
    """Return one record per night and domain, latest night first."""
    level = "s.code_level" if "code_level" in present(con)["snapshot"] else "NULL"
    return records(
        con,
        Snapshot,
        f"""
        SELECT s.night_id, s.as_of, s."domain", coalesce(d.title, s."domain"), s.snapshot_id, s.delivered_at, s.files,
               s.rows_accepted, s.rows_quarantined, s.age_days, s.state, {level}
        FROM published.snapshot s LEFT JOIN published.domain d USING ("domain")
        ORDER BY s.as_of DESC, s.night_id DESC, d.ordinal, s."domain"
        """,  # noqa: S608
    )


def feed_events(con: duckdb.DuckDBPyConnection) -> list[FeedEvent]:
    """Return what was peculiar about the deliveries, the newest first, of each the gravest first."""
    return records(
        con,
        FeedEvent,
        """
        SELECT e."domain", coalesce(d.title, e."domain"), e.delivered_at, e.is_current, e.kind, e.severity,
               e.table_name, e.column_name, e.before_value, e.after_value, e.detail
        FROM published.feed_event e LEFT JOIN published.domain d ON d."domain" = e."domain"
        ORDER BY e.delivered_at DESC, list_position(['critical', 'warning', 'info'], e.severity), e."domain",
                 e.table_name NULLS FIRST, e.column_name NULLS FIRST
        """,
    )


def checks(con: duckdb.DuckDBPyConnection, night: int) -> list[Check]:
    """Return every quality check of the night."""
    return records(
        con,
        Check,
        """
        SELECT check_id, entity, "domain", column_name, kind, severity, status, failed, total, threshold, note,
               note_sv, state, since
        FROM published.quality WHERE night_id = ? ORDER BY check_id, "domain", entity, column_name
        """,
        [night],
    )


def history(con: duckdb.DuckDBPyConnection) -> History:
    """Return how the checks went night by night, oldest first."""
    views = present(con)
    if not {"quality_count", "quality_history"} <= set(views):
        return History()
    return History(
        records(
            con,
            CheckCount,
            "SELECT night_id, as_of, severity, status, checks FROM published.quality_count"
            " ORDER BY night_id, severity, status",
        ),
        records(
            con,
            FailedBefore,
            'SELECT night_id, check_id, "domain", failed FROM published.quality_history'
            ' ORDER BY night_id, check_id, "domain"',
        ),
    )


def failures(con: duckdb.DuckDBPyConnection) -> list[Failure]:
    """Return the failing rows that are published, by check, domain and place."""
    return records(
        con,
        Failure,
        'SELECT check_id, "domain", local_id, label, value FROM published.quality_failure '
        'ORDER BY check_id, "domain", ordinal',
    )


def quarantine(con: duckdb.DuckDBPyConnection) -> list[Quarantined]:
    """Return one record per file, column and reason, most rows first."""
    return records(
        con,
        Quarantined,
        """
        SELECT coalesce(any_value(d.title), q."domain"), q.file_name, q.column_name, q.reason, count(*), min(q.line)
        FROM published.quarantine q LEFT JOIN published.domain d USING ("domain")
        GROUP BY q."domain", q.file_name, q.column_name, q.reason
        ORDER BY count(*) DESC, q."domain", q.file_name, q.column_name, q.reason
        """,
    )
