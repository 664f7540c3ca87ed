"""The archive outside of nights: what a person puts in by hand, and what it holds."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

from flows.opened import warehouse_of
from flows.settings import Settings
from transforms.catalogue import load_catalogue
from transforms.land import landing, national
from transforms.land.derive import Derived, kept
from transforms.warehouse import Warehouse
from transforms.words.errors import ExtractError, UsageError

# Snapshot ids by domain and time of delivery.
Snapshots = dict[str, dict[datetime, int]]


def land_one(settings: Settings, domain: str, path: Path, at: datetime | None) -> landing.Landed:
    """Land one delivery from anywhere: a folder, an archive or a file, whether or not the catalogue describes it.

    ``at`` is its time, by default the one its manifest states or the name of its folder or archive read as one.

    The same delivery again has no effect and comes back with no files. Raises UsageError for a domain that the settings
    do not name, or another delivery at a time the domain has delivered at before.
    """
    if domain not in settings.domain_names:
        raise UsageError(f"'{domain}' is not a domain of {settings.file}; it names {', '.join(settings.domain_names)}")
    if not path.exists():
        raise ExtractError(f"{path}: no such file or folder; name what the domain delivered")
    delivery = landing.Delivery(domain, at or landing.time_of(path), path)
    warehouse = warehouse_of(settings)
    catalogue = load_catalogue(settings.catalogue)
    with warehouse.lock(), warehouse.archive() as archive:
        known = landing.snapshots(archive).get(domain, {}).get(delivery.delivered_at)
        if known is not None:
            again = landing.again(archive, delivery, known)
            if again is not None:
                return again
            raise UsageError(
                f"{domain} has delivered at {delivery.delivered_at} before, and otherwise; a snapshot is "
                "never changed, so name another time with --at"
            )
        return landing.land(archive, catalogue, delivery, described=False, policy=settings.landing)


def add_list(
    settings: Settings, name: str, path: Path, version: str, valid_from: date | None, valid_to: date | None
) -> national.Added:
    """Take a national list in as a version: see national.add. The next night uses it.

    Raises UsageError for a list that is not declared.
    """
    lists = national.load_lists(settings.lists)
    if name not in lists:
        raise UsageError(f"no list is called '{name}'; declared are {', '.join(lists)}")
    if not path.exists():
        raise ExtractError(f"{path}: no such file or folder; name what the list was delivered as")
    with (warehouse := warehouse_of(settings)).lock(), warehouse.archive() as archive:
        now = datetime.now(UTC).replace(tzinfo=None, microsecond=0)
        return national.add(archive, lists[name], path, version, valid_from=valid_from, valid_to=valid_to, now=now)


def lists_of(settings: Settings) -> list[tuple[national.CodeList, tuple[national.Version, ...]]]:
    """Every declared list with the versions of it that have been added, the oldest first."""
    with (warehouse := warehouse_of(settings)).lock(), warehouse.archive() as archive:
        found = national.versions(archive)
    lists = national.load_lists(settings.lists)
    return [(declared, tuple(v for v in found if v.list == name)) for name, declared in sorted(lists.items())]


def undescribed(settings: Settings) -> list[Derived]:
    """What was told of every delivered table that no file of the catalogue describes (see transforms/land/derive)."""
    catalogue = load_catalogue(settings.catalogue)
    with Warehouse(settings.data, memory_limit=settings.memory_limit).archive() as archive:
        found = newest(landing.snapshots(archive), datetime.max)
        return kept(archive, catalogue, {d: s for d, s in found.items() if d in settings.domain_names})


def newest(snapshots: Snapshots, as_of: datetime) -> dict[str, int]:
    """Of every domain the newest snapshot not later than ``as_of``, where it has one."""
    times = {domain: [t for t in found if t <= as_of] for domain, found in snapshots.items()}
    return {domain: snapshots[domain][max(earlier)] for domain, earlier in times.items() if earlier}
