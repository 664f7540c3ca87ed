"""What is asked of the archive besides nights: any two snapshots compared, stored ones proved, old ones dropped."""

from __future__ import annotations

import calendar
import contextlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

import duckdb

from expectations import checks
from flows.opened import read_reviewed, warehouse_of
from flows.settings import Domain, Settings
from flows.steps import NIGHT_STEPS, Context
from flows.watcher import Watcher
from transforms.build.match import Pair
from transforms.build.reviewed import Reviewed
from transforms.build.template import template
from transforms.catalogue import load_catalogue
from transforms.land import landing, retention
from transforms.land import verify as proof
from transforms.warehouse import Session, open_night
from transforms.words.errors import ExtractError, UsageError

_ASKED = re.compile(r"([a-z][a-z0-9_]*)(?:@(.+))?")
_EXAMPLE = "name it DOMAIN@TIME, for example vgr@2026-11-01, or DOMAIN for its newest"


@dataclass(frozen=True)
class Asked:
    """A snapshot that was asked for, ``name`` standing for it in a comparison."""

    name: str
    domain: str
    delivered_at: datetime
    snapshot_id: int


@dataclass(frozen=True)
class Comparison:
    """Two snapshots compared: a connection to the published views of it, and what is side a and side b."""

    con: duckdb.DuckDBPyConnection
    a: Asked
    b: Asked


@dataclass(frozen=True)
class Compacted:
    """What a compaction dropped, and the archive's bytes before and after."""

    dropped: retention.Dropped
    before: int
    after: int


@contextlib.contextmanager
def compared(
    settings: Settings, first: str, second: str, out: Path | None = None, watcher: Watcher | None = None
) -> Iterator[Comparison]:
    """Two snapshots compared by the ordinary steps, in a database of their own: ``out``, or one gone afterwards.

    Each is DOMAIN@TIME: the domain's newest snapshot not later than that time. The rules are those of any night; only
    the quality checks are left out, as nothing is published. Raises UsageError for a domain or time that there is not.
    """
    watcher = watcher or Watcher()
    if out is not None and out.exists():
        raise UsageError(f"--out: {out} exists already; name another file")
    catalogue = load_catalogue(settings.catalogue)
    warehouse = warehouse_of(settings)
    with contextlib.ExitStack() as held:
        held.enter_context(warehouse.lock())
        with warehouse.archive() as archive:
            snapshots = landing.snapshots(archive)
        a, b = (asked_for(settings, snapshots, each) for each in (first, second))
        if a.snapshot_id == b.snapshot_id:
            raise UsageError(
                f"'{first}' and '{second}' are one snapshot, that of {a.delivered_at:%Y-%m-%d %H:%M}; "
                "name another domain or an earlier time"
            )
        ruled = read_reviewed(settings, catalogue)
        if a.domain == b.domain:
            # What people ruled is of two domains.
            a, b = (replace(s, name=f"{s.domain}@{s.delivered_at:%Y-%m-%dT%H%M%S}") for s in (a, b))
            ruled = Reviewed()
        path = out or Path(held.enter_context(warehouse.folder_beside())) / "comparison.duckdb"
        try:
            with warehouse.comparison(path, template(catalogue)) as night:
                context = Context(
                    _as_domains(settings, a, b), catalogue, warehouse, watcher.detail, [Pair(a.name, b.name)], ruled
                )
                context.snapshots = {one.name: one.snapshot_id for one in (a, b)}
                context.as_of = max(a.delivered_at, b.delivered_at)
                checks.store(night, [])
                with context.working_on(night):
                    for name, step in NIGHT_STEPS.items():
                        if name != "check":
                            watcher.started(name, context.as_of)
                            step(context)
        except BaseException:
            for half_made in (path, Path(f"{path}.wal")):
                half_made.unlink(missing_ok=True)
            raise
        yield Comparison(held.enter_context(contextlib.closing(open_night(path))), a, b)


def verified(settings: Settings, asked: str | None, files: Path | None) -> Iterator[proof.Verdict]:
    """A verdict per snapshot and file: of all snapshots, of one domain's, or of the one that was asked for.

    ``files`` is where the deliveries lie, by default the data folder's ``incoming``; where one snapshot was asked for
    it may also be that delivery itself. Raises UsageError for a domain or time that there is not.
    """
    catalogue = load_catalogue(settings.catalogue)
    warehouse = warehouse_of(settings)
    if files is not None and not files.exists():
        raise ExtractError(f"{files}: no such file or folder; name where the deliveries lie")
    with warehouse.lock():
        with warehouse.archive() as archive:
            snapshots = landing.snapshots(archive)
        alone = asked is not None and "@" in asked
        if asked is None:
            wanted = sorted(i for found in snapshots.values() for i in found.values())
        elif alone:
            wanted = [asked_for(settings, snapshots, asked).snapshot_id]
        else:
            wanted = sorted(snapshots[_domain(settings, snapshots, asked)].values())

        def find(domain: str, source: str) -> Path | None:
            folder = settings.incoming if files is None else files
            found = folder / domain / source
            if found.exists():
                return found
            return files if alone else None

        def again(session: Session, domain: str, at: datetime, path: Path) -> landing.Landed:
            return landing.land(
                session, catalogue, landing.Delivery(domain, at, path), described=False, policy=settings.landing
            )

        with warehouse.archive_beside() as session:
            yield from proof.verify(session, wanted, find, again)


def compact(settings: Settings) -> Compacted:
    """Drop the snapshots that the settings no longer keep, and give the room back."""
    warehouse = warehouse_of(settings)
    with warehouse.lock():
        dropped = retention.Dropped(0, 0, 0)
        if settings.history.kept_for is not None:
            needed = warehouse.snapshots_of_nights()
            with warehouse.archive() as archive:
                dropped = retention.drop(archive, settings.history.kept_for, needed)
        before, after = warehouse.rewrite_archive()
    return Compacted(dropped, before, after)


_Snapshots = dict[str, dict[datetime, int]]


def _domain(settings: Settings, snapshots: _Snapshots, name: str) -> str:
    if name in snapshots:
        return name
    if name in settings.domain_names:
        raise UsageError(f"{name} has delivered nothing yet; likare run lands what lies under {settings.incoming}")
    raise UsageError(f"there is no domain '{name}'; known here: {', '.join(settings.domain_names)}")


def asked_for(settings: Settings, snapshots: _Snapshots, text: str) -> Asked:
    """The snapshot that DOMAIN@TIME stands for, of those in the archive by domain and time. Raises UsageError."""
    found = _ASKED.fullmatch(text)
    if not found:
        raise UsageError(f"'{text}' is no snapshot; {_EXAMPLE}")
    domain, time = _domain(settings, snapshots, found[1]), found[2]
    until = datetime.max if time in (None, "now") else _until(text, time)
    earlier = [t for t in snapshots[domain] if t <= until]
    if not earlier:
        raise UsageError(
            f"{domain} has no snapshot as early as {time}; its first is of {min(snapshots[domain]):%Y-%m-%d %H:%M}"
        )
    return Asked(domain, domain, max(earlier), snapshots[domain][max(earlier)])


def _until(text: str, time: str) -> datetime:
    """The last moment of a time as it is written: a day is all of it, and so is a month."""
    try:
        at = landing.parse_time(time)
    except ExtractError:
        raise UsageError(f"'{text}': '{time}' is no time; {_EXAMPLE}") from None
    if "T" in time:
        return at + timedelta(seconds=59 if len(time) == len("2026-11-01T0130") else 0)
    if time.count("-") == 1:
        at = at.replace(day=calendar.monthrange(at.year, at.month)[1])
    return at + timedelta(days=1, microseconds=-1)


def _as_domains(settings: Settings, *sides: Asked) -> Settings:
    """The settings with the two sides for domains."""
    known = {d.name: d for d in settings.domains}
    domains: Sequence[Domain] = [
        # A name with a time in it is no name for a domain that delivers.
        Domain.model_construct(
            name=s.name,
            title=f"{known[s.domain].shown if s.domain in known else s.domain} {s.delivered_at:%Y-%m-%d %H:%M}",
            programme=known[s.domain].programme if s.domain in known else "",
        )
        for s in sides
    ]
    return settings.model_copy(update={"domains": tuple(domains)})
