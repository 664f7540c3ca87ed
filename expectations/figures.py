"""The figures that are judged: one row of counts per check and domain, and what the judge said of the same before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from expectations.measuring import Count
from expectations.suites import Check


@dataclass(frozen=True)
class Row:
    """What was measured of one check in one domain. ``state``: measured, error or not_applicable."""

    check_id: str
    domain: str
    state: str
    failed: int | None = None
    total: int | None = None
    share: float | None = None


def figure(check: Check, domain: str, count: Count) -> Row:
    """The row of one check in one domain: failures below the check's least number count as none."""
    if count.fault:
        return Row(check.check_id, domain, "error")
    if count.reason:
        return Row(check.check_id, domain, "not_applicable")
    share = 0.0 if count.failed < check.least else count.failed / count.total
    return Row(check.check_id, domain, "measured", count.failed, count.total, share)


def verdicts_of(
    checks: Sequence[Check], rows: Sequence[Row], documents: Mapping[str, Any]
) -> dict[tuple[str, str], str] | None:
    """The verdict per (check id, domain) of these documents (judge.py), None where they are not of these figures."""
    judged = {r["kwargs"]["check_id"]: r for document in documents.values() for r in document["results"]}
    if len(judged) != len(checks):
        return None
    for c in checks:
        r = judged.get(c.check_id)
        meta = {"severity": c.severity, "kind": c.kind, "note": c.note}
        if r is None or r["meta"] != meta or r["kwargs"]["threshold"] != c.threshold or r["raised_exception"]:
            return None
    found = {(name, d): seen for name, r in judged.items() for d, seen in r["result"]["details"]["domains"].items()}
    if len(found) != len(rows):
        return None
    for row in rows:
        seen = found.get((row.check_id, row.domain), {})
        same = (seen.get("failed"), seen.get("total"), seen.get("share")) == (row.failed, row.total, row.share)
        if not same or (row.state != "measured" and seen.get("status") != row.state):
            return None
    return {key: seen["status"] for key, seen in found.items()}
