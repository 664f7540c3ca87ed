"""What happened to the deliveries: against the one before, and against the published night."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from transforms.catalogue import Catalogue, Entity
from transforms.land import history
from transforms.land.extract import tables_of
from transforms.warehouse import Night, Session, Sql, render

Severity = Literal["critical", "warning", "info"]

# Row counts are held against those of so many nights.
NIGHTS = 14
# Changes of fewer rows are no sign of a broken feed, whatever their share.
LEAST_ROWS = 20
# A column that shares this much of its values with one that is gone is that one under another name; columns of few
# values (flags) only at the same place in the header.
_SAME, _FEW = 0.8, 5
_MOST_COLUMNS = 40


@dataclass(frozen=True)
class Event:
    """Something about a delivery that whoever runs the feed should know.

    ``before`` and ``after`` are what ``kind`` speaks of: rows, names of columns, times of delivery. ``detail`` says it
    in plain words.
    """

    kind: str
    severity: Severity
    table: str | None
    column: str | None
    before: str | None
    after: str | None
    detail: str


@dataclass(frozen=True)
class _Table:
    contents: tuple[str, ...]
    rows: int
    names: frozenset[str]
    columns: tuple[str, ...]
    file_ids: tuple[int, ...]


@dataclass(frozen=True)
class _Snapshot:
    snapshot_id: int
    delivered_at: datetime
    tables: Mapping[str, _Table]

    @property
    def contents(self) -> dict[str, tuple[str, ...]]:
        return {name: table.contents for name, table in self.tables.items()}


def note(session: Session, catalogue: Catalogue, snapshot_id: int) -> tuple[Event, ...]:
    """Tell what is peculiar about a delivery that was just landed, and keep it in landed.feed_event.

    ``session`` is on the archive. The delivery is held against those that its domain delivered at earlier times.
    """
    domain, delivered_at = session.rows(
        "SELECT domain, delivered_at FROM landed.snapshot WHERE snapshot_id = ?", [snapshot_id]
    )[0]
    found = _snapshots(session, domain, delivered_at)
    now, earlier = found[-1], found[:-1]
    events: list[Event] = []
    if earlier:
        used = {name: set(table.columns) for name, table in tables_of(catalogue).items()}
        before = earlier[-1]
        events = _of_delivery(session, now, earlier)
        if events:
            both = [n for n in now.tables if n in before.tables and now.contents == before.contents]
            events += [_reordered(n) for n in both if now.tables[n].columns != before.tables[n].columns]
        else:
            for name in sorted({*before.tables, *now.tables}):
                events += _of_table(session, name, before, now, earlier, used.get(name.upper(), set()))
    session.insert(
        "landed.feed_event",
        [
            (snapshot_id, domain, delivered_at, e.kind, e.severity, e.table, e.column, e.before, e.after, e.detail)
            for e in events
        ],
    )
    return tuple(events)


def _snapshots(session: Session, domain: str, until: datetime, archive: str = "") -> list[_Snapshot]:
    """The domain's snapshots up to a time, the oldest first."""
    prefix = Sql(f"{archive}.") if archive else Sql("")
    rows = session.run("feed_snapshots.sql.j2", prefix=prefix, domain=domain, until=until).fetchall()
    tables: dict[tuple[int, datetime], dict[str, _Table]] = {}
    for snapshot_id, at, table, contents, n, names, columns, file_ids in rows:
        tables.setdefault((snapshot_id, at), {})[table] = _Table(
            tuple(contents), n, frozenset(names), tuple(columns), tuple(file_ids)
        )
    return [_Snapshot(snapshot_id, at, own) for (snapshot_id, at), own in tables.items()]


def _of_delivery(session: Session, now: _Snapshot, earlier: Sequence[_Snapshot]) -> list[Event]:
    """What concerns the delivery as a whole; there is then nothing to say of its tables."""
    before = earlier[-1]
    if now.contents == before.contents:
        # The first of the run of equal deliveries that ends here.
        first = before
        for one in reversed(earlier):
            if one.contents != now.contents:
                break
            first = one
        days = (now.delivered_at - first.delivered_at).days
        stated = session.value("SELECT manifest->>'time' FROM landed.manifest WHERE snapshot_id = ?", [now.snapshot_id])
        times = str(first.delivered_at), str(now.delivered_at)
        if stated is not None:
            told = f"nothing changed since the delivery of {_day(first.delivered_at)}; its manifest states a new time"
            return [Event("unchanged", "info", None, None, *times, told)]
        told = (
            f"the delivery of {_day(before.delivered_at)} over again: not a value differs, and what it holds is "
            f"{_days(days)} old; without a manifest that states its time it may be an old extract under a new name"
        )
        return [Event("redelivered", "warning", None, None, *times, told)]
    old = next((s for s in reversed(earlier[:-1]) if s.contents == now.contents), None)
    if old is not None:
        told = (
            f"the whole delivery has gone back to that of {_day(old.delivered_at)}; "
            f"what came {_day(before.delivered_at)} is undone"
        )
        return [Event("rolled_back", "critical", None, None, str(before.delivered_at), str(old.delivered_at), told)]
    return []


def _of_table(
    session: Session, name: str, before: _Snapshot, now: _Snapshot, earlier: Sequence[_Snapshot], used: set[str]
) -> list[Event]:
    old, new = before.tables.get(name), now.tables.get(name)
    if new is None:
        rows = old.rows if old else 0
        severity: Severity = "critical" if used else "info"
        told = f"table {name} is missing; it came with {rows} rows {_day(before.delivered_at)}"
        return [Event("table_missing", severity, name, None, str(rows), None, told)]
    if old is None:
        back = next((s for s in reversed(earlier) if name in s.tables), None)
        told = f"table {name} is here again" if back else f"table {name} comes for the first time"
        return [Event("table_new", "info", name, None, None, str(new.rows), f"{told}, with {new.rows} rows")]
    events = _of_rows(name, old, new, before, earlier, bool(used))
    if new.columns != old.columns:
        events += _of_columns(session, name, old, new, used)
    return events


def _of_rows(
    name: str, old: _Table, new: _Table, before: _Snapshot, earlier: Sequence[_Snapshot], is_used: bool
) -> list[Event]:
    grave: Severity = "critical" if is_used else "warning"
    counts = str(old.rows), str(new.rows)
    if new.contents != old.contents:
        for one in reversed(earlier[:-1]):
            then = one.tables.get(name)
            if then is not None and then.contents == new.contents:
                severity = grave if new.rows >= LEAST_ROWS else "info"
                told = f"table {name} has gone back to what it was {_day(one.delivered_at)} ({new.rows} rows)"
                times = str(before.delivered_at), str(one.delivered_at)
                return [Event("table_rolled_back", severity, name, None, *times, told)]
    if new.rows * 2 < old.rows and old.rows - new.rows >= LEAST_ROWS:
        return [
            Event("table_collapsed", grave, name, None, *counts,
                  f"table {name} collapsed from {old.rows} rows to {new.rows}")
        ]  # fmt: skip
    if new.rows > old.rows * 2 and new.rows - old.rows >= LEAST_ROWS:
        return [
            Event("table_jumped", grave, name, None, *counts, f"table {name} jumped from {old.rows} rows to {new.rows}")
        ]
    return []


def _of_columns(session: Session, name: str, old: _Table, new: _Table, used: set[str]) -> list[Event]:
    gone = [c for c in old.columns if c not in new.names]
    added = [c for c in new.columns if c not in old.names]
    if not gone and not added:
        return [_reordered(name)]
    events: list[Event] = []
    for before, after, counted in _renamed(session, old, new, gone, added):
        gone.remove(before)
        added.remove(after)
        grave: Severity = "critical" if before in used else "warning"
        how = "comes with a counter, as" if counted else "seems to be called"
        events.append(
            Event("column_numbered" if counted else "column_renamed", grave, name, before, before, after,
                  f"table {name}: the column {before} {how} {after} now{_consequence(before in used)}")
        )  # fmt: skip
    for column in gone:
        grave = "critical" if column in used else "info"
        told = f"table {name}: the column {column} is gone{_consequence(column in used)}"
        events.append(Event("column_missing", grave, name, column, column, None, told))
    for column in added:
        events.append(
            Event("column_added", "info", name, column, None, column, f"table {name}: the column {column} is new")
        )
    return events


def _reordered(name: str) -> Event:
    told = f"table {name}: the columns come in another order; they are read by name, so nothing changes"
    return Event("columns_reordered", "info", name, None, None, None, told)


def _consequence(is_used: bool) -> str:
    return "; the catalogue reads it, so its attributes cannot be compared" if is_used else ""


def _renamed(
    session: Session, old: _Table, new: _Table, gone: Sequence[str], added: Sequence[str]
) -> list[tuple[str, str, bool]]:
    """(old name, new name, whether only a counter was added) of columns that go on under another name."""
    found: list[tuple[str, str, bool]] = []
    left, free = list(gone), list(added)
    for before in gone:
        after = next((c for c in free if re.fullmatch(rf"{re.escape(before)}[_ ]?[0-9]+", c)), None)
        if after is not None:
            found.append((before, after, True))
            left.remove(before)
            free.remove(after)
    if not left or not free or max(len(left), len(free)) > _MOST_COLUMNS:
        return found
    sql = render(
        "feed_overlap.sql.j2",
        gone=left,
        new=free,
        before=history.rows_of(session, old.file_ids, ""),
        now=history.rows_of(session, new.file_ids, ""),
    )
    scored = []
    for before, after, shared, together in session.rows(sql):
        here = old.columns.index(before) == new.columns.index(after)
        if shared / together >= _SAME and (together >= _FEW or here):
            scored.append((shared / together, here, before, after))
    for _, _, before, after in sorted(scored, key=lambda s: (-s[0], not s[1], s[2], s[3])):
        if before in left and after in free:
            found.append((before, after, False))
            left.remove(before)
            free.remove(after)
    return found


def _days(n: int) -> str:
    return "1 day" if n == 1 else f"{n} days"


def _day(at: datetime) -> str:
    return f"{at:%Y-%m-%d}" if (at.hour, at.minute) == (0, 0) else f"{at:%Y-%m-%d %H:%M}"


# --- what the night says of it ---------------------------------------------------------------------------------------


def item_history(night: Night) -> dict[tuple[str, str], tuple[int, ...]]:
    """Live items by (domain, entity type) in the last NIGHTS published nights, the oldest first."""
    if not night.previous:
        return {}
    rows = night.rows(
        "SELECT domain, entity, list(items ORDER BY night_id) FROM previous.measured.item_count "
        "WHERE night_id > (SELECT max(night_id) FROM previous.measured.item_count) - ? GROUP BY ALL",
        [NIGHTS],
    )
    return {(domain, entity): tuple(items) for domain, entity, items in rows}


def columns_gone(night: Night, catalogue: Catalogue) -> dict[tuple[str, str], tuple[int, int]]:
    """By (domain, entity type): how many columns that the published night used are gone, and how many it used.

    Used are the compared attributes, the parent and what keys are made of. Only entity types that both nights have of
    the domain are told of.
    """
    if not night.previous:
        return {}
    rows = night.rows(
        "SELECT p.domain, p.entity, p.attribute, coalesce(n.delivered, false) FROM previous.normalised.extracted p "
        "LEFT JOIN normalised.extracted n USING (domain, entity, attribute) WHERE p.delivered"
    )
    found: dict[tuple[str, str], tuple[int, int]] = {}
    whole = {(domain, entity) for domain, entity, attribute, here in rows if attribute == "" and here}
    for domain, entity, attribute, here in rows:
        e = catalogue.entities.get(entity)
        if e is not None and (domain, entity) in whole and attribute in _used(e):
            gone, used = found.get((domain, entity), (0, 0))
            found[domain, entity] = (gone + (not here), used + 1)
    return found


def _used(e: Entity) -> set[str]:
    return {*e.compared, "parent", *(part for key in e.keys for part in key.parts)}


def rolled_back(night: Night, snapshots: Mapping[str, int]) -> tuple[frozenset[tuple[str, str]], frozenset[str]]:
    """(domain, table) whose content is an older delivery's and not the published night's, and the domains held so."""
    back: set[tuple[str, str]] = set()
    held: set[str] = set()
    if not night.previous:
        return frozenset(), frozenset()
    published = dict(
        night.rows(
            "SELECT domain, snapshot_id FROM previous.measured.snapshot "
            "WHERE night_id = (SELECT max(night_id) FROM previous.measured.snapshot)"
        )
    )
    for domain, snapshot_id in snapshots.items():
        if domain not in published:
            continue
        held.add(domain)
        if published[domain] == snapshot_id:
            continue
        found = _snapshots(night, domain, datetime.max, "archive")
        by_id = {s.snapshot_id: s for s in found}
        if snapshot_id not in by_id or published[domain] not in by_id:
            continue
        then, now = by_id[published[domain]], by_id[snapshot_id]
        older = [s for s in found if s.delivered_at < then.delivered_at]
        for name, table in now.tables.items():
            was = then.tables.get(name)
            if was is not None and was.contents != table.contents:
                if any(s.tables[name].contents == table.contents for s in older if name in s.tables):
                    back.add((domain, name.upper()))
    return frozenset(back), frozenset(held)


def redelivered(night: Night, snapshots: Mapping[str, int]) -> dict[str, bool]:
    """By domain whether its newest delivery is the one before it over again."""
    ids = list(snapshots.values())
    rows = night.rows(
        "SELECT domain, bool_or(kind = 'redelivered') FROM archive.landed.snapshot "
        "LEFT JOIN archive.landed.feed_event e USING (snapshot_id, domain) "
        "WHERE list_contains(?, snapshot_id) GROUP BY domain",
        [ids],
    )
    return {domain: bool(again) for domain, again in rows}


def carry(night: Night, snapshots: Mapping[str, int], as_of: datetime, ended: Sequence[str] = ()) -> dict[str, float]:
    """Fill measured.feed_event with what happened to the deliveries up to now. Returns the deliveries' age in days.

    Grain: delivery and event; a domain that delivered nothing newer for this night has an event of its own.
    """
    night.run("feed_carry.sql.j2", as_of=as_of, snapshots=snapshots)
    ages = {}
    for domain, at in night.rows(
        "SELECT domain, delivered_at FROM archive.landed.snapshot WHERE list_contains(?, snapshot_id)",
        [list(snapshots.values())],
    ):
        age = as_of - at
        ages[domain] = age.total_seconds() / 86400
        if age.total_seconds() > 0:
            told = f"delivered nothing for this night; its newest delivery is {_days(age.days)} old"
            kind = "not_delivered"
            if domain in ended:
                kind, told = "ended", f"delivers no more; its last delivery stands, from {_day(at)}"
            severity = "info" if domain in ended or age.days < 1 else "warning"
            night.insert(
                "measured.feed_event",
                [(domain, as_of, True, kind, severity, None, None, str(at), str(age.days), told)],
            )
    return ages


def current(night: Night) -> list[tuple[str, Event]]:
    """(domain, event) of the deliveries that the night stands on, as carried, the gravest first."""
    rows = night.rows(
        "SELECT domain, kind, severity, table_name, column_name, before_value, after_value, detail "
        "FROM measured.feed_event WHERE is_current "
        "ORDER BY list_position(['critical', 'warning', 'info'], severity), domain, table_name NULLS FIRST, detail"
    )
    return [(row[0], Event(*row[1:])) for row in rows]
