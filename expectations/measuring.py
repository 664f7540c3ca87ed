"""What there is to say of every check in every domain: counts, a reason why it does not apply, or a fault."""

from __future__ import annotations

import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from expectations.failing import Connection, find, log_fault
from expectations.suites import DELIVERY_KINDS, LINK_KINDS, TABLE_KINDS, Check
from transforms.catalogue import Catalogue, Entity
from transforms.land.national import CodeList
from transforms.words.errors import LikareError

_QUARANTINED = Path(__file__).with_name("check_quarantined.sql").read_text(encoding="utf-8")

# A band needs so many nights; it reaches over so many median deviations, within these shares of the median.
_LEAST_NIGHTS = 4
_DEVIATIONS, _NARROWEST, _WIDEST, _LEAST_ROWS = 4.5, 0.10, 0.25, 20


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


def _fault(fault: Exception) -> Count:
    # The kind of fault only: the text of a DuckDB error may quote a value.
    return Count(fault=f"the check could not be run ({type(fault).__name__})")


_NO_TABLE = Count(reason="the table was not delivered")
_NO_COLUMN = Count(reason="the column was not delivered")
_NO_ROWS = Count(reason="there are no rows to check")


def lists_present(con: Connection, checks: Sequence[Check]) -> frozenset[str]:
    """The national lists that the night has, and not only the form of their codes; asked where a check names one."""
    if not any(check.national for check in checks):
        return frozenset()
    rows = con.execute("SELECT list FROM measured.reference_list WHERE state <> 'absent'").fetchall()
    return frozenset(row[0] for row in rows)


class Measuring:
    """One run over one night: what is known of its deliveries and rows, and the counts of each check."""

    def __init__(
        self,
        con: Connection,
        catalogue: Catalogue,
        domains: tuple[str, ...],
        previous: Mapping[tuple[str, str], int],
        snapshots: Mapping[str, int],
        told: Told | None = None,
        lists: Mapping[str, CodeList] | None = None,
    ) -> None:
        self.con = con
        self.catalogue = catalogue
        self.domains = domains
        self.previous = previous
        self.snapshots = dict(snapshots)
        self.told = told or Told()
        self.lists = lists or {}
        self.present: frozenset[str] = frozenset()
        # By (domain, entity type, attribute); '' is the table.
        self.delivered: dict[tuple[str, str, str], bool] = {}
        self.live: dict[tuple[str, str], int] = {}
        self.newest: dict[str, int] = {}
        self.worst: dict[tuple[str, str], tuple[int, int]] = {}
        self.counts: dict[tuple[str, str], Count] = {}
        self.faults: dict[str, Exception] = {}

    def all(self, checks: Sequence[Check]) -> dict[tuple[str, str], Count]:
        """The count of every check in every domain."""
        if not checks or not self.domains:
            return {}
        try:
            self._look(checks)
        except LikareError:
            raise
        except Exception as fault:
            log_fault(fault, "the night's items")
            return {(c.check_id, d): _fault(fault) for c in checks for d in self.domains}
        if any(c.kind == "rows_quarantined" for c in checks):
            try:
                self._look_at_quarantine()
            except LikareError:
                raise
            except Exception as fault:
                log_fault(fault, "rows_quarantined")
                self.faults["rows_quarantined"] = fault
        return {(c.check_id, d): self._count(c, d) for c in checks for d in self.domains}

    def _look(self, checks: Sequence[Check]) -> None:
        rows = self.con.execute(
            "SELECT domain, entity, attribute, bool_or(delivered) FROM normalised.extracted GROUP BY ALL"
        ).fetchall()
        self.delivered = {(d, e, a or ""): bool(x) for d, e, a, x in rows}
        self.present = lists_present(self.con, checks)
        self.faults = find(self.con, checks, self.lists, self.present)
        for domain, entity, items, snapshot_id in self.con.execute(
            "SELECT domain, entity, items, l.snapshot_id FROM check_live l "
            "JOIN catalogue.domain d USING (domain_no) JOIN catalogue.entity e USING (entity_no)"
        ).fetchall():
            self.live[domain, entity] = items
            self.newest[domain] = max(snapshot_id or 0, self.newest.get(domain, 0))
        self.counts = {
            (check_id, domain): Count(failed, total)
            for check_id, domain, failed, total in self.con.execute(
                "SELECT check_id, domain, failed, total FROM check_count "
                "JOIN check_row USING (check_no) JOIN catalogue.domain USING (domain_no) WHERE total > 0"
            ).fetchall()
        }

    def _look_at_quarantine(self) -> None:
        chosen = [self.snapshots.get(d, self.newest.get(d)) for d in self.domains]
        rows = self.con.execute(_QUARANTINED, {"domains": list(self.domains), "snapshots": chosen}).fetchall()
        self.worst = {(domain, table): (int(failed), int(total)) for domain, table, failed, total in rows}

    def _count(self, check: Check, domain: str) -> Count:
        if check.kind in DELIVERY_KINDS:
            return self._delivery(check, domain)
        if check.never:
            return Count(reason=check.never)
        if check.kind in self.faults:
            return _fault(self.faults[check.kind])
        if check.kind == "table_delivered":
            return Count(failed=int(not self._has(domain, check.entity)), total=1)
        if not self._has(domain, check.entity):
            # A table that is gone is a table that lost its rows.
            gone = check.kind == "rows_kept" and self.previous.get((domain, check.entity), 0)
            return Count(failed=1, total=1) if gone else _NO_TABLE
        if check.kind in TABLE_KINDS:
            return self._change(check, domain, self.live.get((domain, check.entity), 0))
        if not all(self._has(domain, check.entity, c) for c in check.columns):
            return _NO_COLUMN
        reason = self._no_target(check, domain) if check.kind in LINK_KINDS else ""
        return Count(reason=reason) if reason else self.counts.get((check.check_id, domain), _NO_ROWS)

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

    def _has(self, domain: str, entity: str, column: str = "") -> bool:
        """Whether the column was delivered; a column without a word of its own shares its table's fate."""
        return self.delivered.get((domain, entity, ""), False) and self.delivered.get((domain, entity, column), True)

    def _no_target(self, check: Check, domain: str) -> str:
        """Why nothing can be said of a link's targets in the domain, '' where something can."""
        reference = self.catalogue.entities[check.entity].references[str(check.column)]
        there = [t for t in reference.to if self._has(domain, t) and self._has(domain, t, reference.by or "")]
        # Without a type a missing target cannot be told from a broken link.
        if not there or (not reference.type_column and len(there) < len(reference.to)):
            return "the target was not delivered"
        known = [t for t in there if "code_set" in self.catalogue.entities[t].attributes]
        if check.kind == "code_set" and not any(self._has(domain, t, "code_set") for t in known):
            return "the code set of the target was not delivered"
        return ""

    def _change(self, check: Check, domain: str, now: int) -> Count:
        before = self.previous.get((domain, check.entity), 0)
        if check.kind == "rows_quarantined":
            tables = _tables_of(self.catalogue.entities[check.entity])
            files = [self.worst[domain, t] for t in tables if (domain, t) in self.worst]
            return Count(*max(files, key=lambda f: f[0] / f[1])) if files else _NO_ROWS
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


def _tables_of(entity: Entity) -> list[str]:
    """The source tables of an entity type, upper case."""
    return sorted({t.upper() for t in (entity.source.table, *(j.table for j in entity.source.joins.values()))})
