"""What a person asks of the checks of a published night: which there are, and the rows that fail one."""

from __future__ import annotations

import contextlib
import fnmatch
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import duckdb

from expectations.failing import find
from expectations.measuring import lists_present
from expectations.rules import Rules
from expectations.suites import DELIVERY_KINDS, TABLE_KINDS, derive
from transforms.catalogue import Catalogue
from transforms.land.national import CodeList
from transforms.words.errors import UsageError, WarehouseError

STATUSES = ("passed", "failed", "error", "not_applicable")
STATES = ("new", "persisting", "resolved", "unseen")
SEVERITIES = ("critical", "warning", "info")
# The published night knows the check's column or key, or it has none.
_KNOWN = "FROM check_row WHERE place IS NOT NULL OR key_no IS NOT NULL OR parts = 0"
_FAILING = """
FROM (
    SELECT d.domain, coalesce(i.local_id, f.local_id) AS local_id, i.label, f.value
    FROM check_failing f JOIN catalogue.domain d USING (domain_no) LEFT JOIN normalised.item i USING (item_no)
    WHERE list_contains($domains, d.domain)
)
QUALIFY coalesce(row_number() OVER (PARTITION BY domain ORDER BY local_id NULLS FIRST, value) <= $limit, true)
ORDER BY list_position($domains, domain), local_id NULLS FIRST, value
"""


@dataclass(frozen=True)
class Asked:
    """One check in one domain, as published.quality has it. ``since`` is the time of the night since when it failed."""

    check_id: str
    entity: str
    domain: str
    kind: str
    severity: str
    status: str
    state: str | None
    since: datetime | None
    failed: int | None
    total: int | None
    threshold: float
    note: str | None


@dataclass(frozen=True)
class Failing:
    """One row that fails a check. ``value`` is what is wrong, as it is stored."""

    domain: str
    local_id: str | None
    label: str | None
    value: str | None


def checks(
    con: duckdb.DuckDBPyConnection,
    check_id: str | None = None,
    *,
    status: str | None = None,
    state: str | None = None,
    severity: str | None = None,
    entity: str | None = None,
    domain: str | None = None,
    wide: bool = False,
) -> list[Asked]:
    """The checks of that description, the gravest first. ``check_id`` may be a glob.

    Without a status and where not ``wide``: those that failed, could not be run, or are resolved since the night
    before.
    """
    try:
        rows = con.execute(
            'SELECT check_id, entity, "domain", kind, severity, status, state, since, failed, total, threshold, note '
            'FROM published.quality ORDER BY check_id, "domain"'
        ).fetchall()
    except duckdb.BinderException:
        raise WarehouseError("the night was published by an earlier version of Likare; run likare run") from None
    found = []
    for row in rows:
        one = Asked(*row)
        if check_id is not None and not fnmatch.fnmatchcase(one.check_id, check_id):
            continue
        if status is None and not wide and one.status not in ("failed", "error") and one.state != "resolved":
            continue
        wanted = ((status, one.status), (state, one.state), (severity, one.severity))
        if all(w is None or w == v for w, v in (*wanted, (entity, one.entity), (domain, one.domain))):
            found.append(one)
    grave = {"error": 0, "failed": 0, "passed": 1, "not_applicable": 2}
    return sorted(found, key=lambda c: (grave.get(c.status, 0), SEVERITIES.index(c.severity), c.check_id, c.domain))


def counts(con: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """The number of checks by status, in the order of STATUSES."""
    found = dict(con.execute("SELECT status, count(*) FROM published.quality GROUP BY status").fetchall())
    return {status: int(found.get(status, 0)) for status in STATUSES}


def rows(
    con: duckdb.DuckDBPyConnection,
    catalogue: Catalogue,
    check_id: str,
    domains: Sequence[str],
    *,
    rules: Rules | None = None,
    lists: Mapping[str, CodeList],
    limit: int | None,
) -> list[Failing]:
    """The rows of these domains that fail the check, by domain, then by local id; at most ``limit`` of each domain.

    Raises UsageError for a check of a whole table, and for one that the catalogue and rules no longer give.
    """
    check = next((c for c in derive(catalogue, rules, lists) if c.check_id == check_id), None)
    if check is None:
        raise UsageError(f"the catalogue no longer gives the check '{check_id}'; likare run checks anew")
    if check.kind == "rows_quarantined":
        raise UsageError(f"{check_id}: likare export quarantine lists the rows")
    if check.kind in TABLE_KINDS | DELIVERY_KINDS:
        raise UsageError(f"{check_id} is of the table as a whole; it has no single rows")
    if check.never:
        return []
    known = False
    with contextlib.suppress(duckdb.Error):
        known = not find(con, [check], lists, lists_present(con, [check])) and bool(con.execute(_KNOWN).fetchall())
    if not known:
        raise UsageError(f"{check_id}: the catalogue has changed since the night was published; likare run checks anew")
    return [Failing(*row) for row in con.execute(_FAILING, {"domains": list(domains), "limit": limit}).fetchall()]


__all__ = ["SEVERITIES", "STATES", "STATUSES", "Asked", "Failing", "checks", "counts", "rows"]
