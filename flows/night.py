"""One night after another, as plain functions: what ``likare run`` and the Prefect flow both carry out.

A night is built as of a time of delivery: of every domain the newest extract not later than that. The steps are those
of flows/steps.py; how one is carried out (straight away, or as a Prefect task) is the caller's to choose.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from flows.archive import Snapshots, newest
from flows.attempt import recorded
from flows.opened import read_reviewed, warehouse_of
from flows.published import build_dashboard, dashboard_of, last_published
from flows.settings import Settings
from flows.steps import NIGHT_STEPS, Context, Step, dashboard_step, land_step
from flows.watcher import StepRun, Watcher
from transforms.build import measure, reviewed, rulings
from transforms.build.match import pairs_of
from transforms.build.template import built_under, is_of_today, template
from transforms.catalogue import Catalogue, load_catalogue
from transforms.land import landing
from transforms.land.derive import extended, kept, known
from transforms.register import Register, decide, load_register
from transforms.warehouse import Session, Warehouse, open_published
from transforms.words.errors import ExtractError, QualityError, UsageError

CarryOut = Callable[[str, Step, Context], int]


@dataclass(frozen=True)
class Published:
    """A night that was published."""

    number: int
    as_of: datetime
    steps: tuple[StepRun, ...]


@dataclass(frozen=True)
class Outcome:
    """What a run did.

    The deliveries it landed, the nights it published, those it passed over since a check stopped them and a later
    night held (why, one line each), deliveries too late for a night, and those of domains that have ended.
    """

    landed: tuple[landing.Landed, ...]
    nights: tuple[Published, ...]
    stopped: tuple[str, ...]
    late: tuple[datetime, ...]
    ignored: tuple[landing.Delivery, ...] = ()


def directly(name: str, step: Step, context: Context) -> int:
    """Carry a step out here and now."""
    return step(context)


def run_nights(
    settings: Settings,
    *,
    latest: bool = False,
    at: datetime | None = None,
    carry_out: CarryOut = directly,
    watcher: Watcher | None = None,
) -> Outcome:
    """Land what is new, then build and publish a night per time of delivery since the last, the oldest first.

    ``latest`` builds only the newest of them; ``at`` builds one as of that time. Where nothing is new but the reviewed
    rulings or the register changed, the last night is built again, and so, before any other, is one of version 0.1. A
    night that a quality check stops is passed over if a later one holds. Returns with no night where nothing is new.
    The outcome, whatever it is, is also written to ``attempt.json``.
    Raises ExtractError, CatalogueError, DecisionError, QualityError, WarehouseError (one is another run on the same
    data folder) and UsageError (``at`` is before the published night or before a domain's first extract); the
    publication is then the last night that was whole. A file of rulings that does not hold (ReviewError) stops the
    run before it does anything.
    """
    watcher = watcher or Watcher()
    catalogue = load_catalogue(settings.catalogue)
    warehouse = warehouse_of(settings)
    with warehouse.lock(), recorded(settings) as attempt:
        # Read before anything is landed: a fault in what people wrote is told at once.
        ruled = read_reviewed(settings, _with_known(warehouse, catalogue))
        register = load_register(settings.decisions, catalogue, settings.domain_names)
        pairs = pairs_of(settings.domain_names)
        context = Context(settings, catalogue, warehouse, watcher.detail, pairs, ruled, register)

        def carried_out(name: str, step: Step) -> None:
            attempt.update(step=name, as_of=context.as_of and context.as_of.isoformat())
            watcher.started(name, context.as_of)
            began = time.monotonic()
            rows = carry_out(name, step, context)
            run = StepRun(name, time.monotonic() - began, rows)
            context.steps.append(run)
            watcher.ended(run, context.as_of)

        carried_out("land", land_step)
        snapshots = _snapshots(warehouse)
        last = last_published(settings)
        times = _due(settings, snapshots, last, latest=latest, at=at)
        if last and not _is_of_today(settings):
            # Also where a later one is due: what moved is told between two nights of one layout.
            times = [*dict.fromkeys((last, *times))]
        elif not times and last and _ruled_since(settings, ruled, register):
            times = [last]
        late = tuple(sorted({one.delivered_at for one in context.landed if last and one.delivered_at <= last}))
        watcher.planned(len(times) * len(NIGHT_STEPS) + bool(times))
        nights, stopped = [], []
        for as_of in times:
            context.as_of, context.snapshots = as_of, newest(snapshots, as_of)
            with warehouse.archive() as archive:
                context.catalogue = extended(catalogue, kept(archive, catalogue, context.snapshots))
            try:
                under = built_under(context.catalogue, settings.domain_names)
                with warehouse.night(template(context.catalogue), under) as night, context.working_on(night):
                    for name, step in NIGHT_STEPS.items():
                        carried_out(name, step)
                    measure.record_steps(night, [(r.step, r.seconds, r.rows) for r in context.steps])
                    night.complete = True
            except QualityError as fault:
                if as_of is times[-1]:
                    if warehouse.last_night:
                        # The pages stay those of the last whole night, and say that a newer one was stopped.
                        build_dashboard(settings)
                    raise
                stopped.append(str(fault))
            else:
                nights.append(Published(night.number, as_of, tuple(context.steps)))
                attempt.update(night=night.number)
            context.steps = []
        context.as_of = None
        if warehouse.last_night and dashboard_of(settings) != warehouse.last_night:
            # Also after a run that was killed between publishing and this.
            carried_out("dashboard", dashboard_step)
        attempt.update(outcome="published" if nights else "nothing new")
        return Outcome(tuple(context.landed), tuple(nights), tuple(stopped), late, tuple(context.ignored))


def _with_known(warehouse: Warehouse, catalogue: Catalogue) -> Catalogue:
    """The catalogue with the derived entity types that earlier runs kept: people may have ruled on their items."""
    if not (warehouse.folder / "archive.duckdb").exists():
        return catalogue
    with warehouse.archive() as archive:
        return extended(catalogue, known(archive, catalogue))


def _snapshots(warehouse: Warehouse) -> Snapshots:
    """Snapshot ids by domain and time of delivery."""
    with warehouse.archive() as archive:
        return landing.snapshots(archive)


def _due(
    settings: Settings, snapshots: Snapshots, last: datetime | None, *, latest: bool, at: datetime | None
) -> list[datetime]:
    """The times to build a night as of."""
    ours = {domain: snapshots.get(domain, {}) for domain in settings.domain_names}
    for domain, found in ours.items():
        if not found:
            raise ExtractError(
                f"{domain} has delivered nothing yet; put an extract in {settings.incoming / domain}/<YYYY-MM-DD>/"
            )
    whole = max(min(found) for found in ours.values())
    if at is not None:
        if at < whole:
            raise UsageError(f"no night as of {at}: before {whole} not every domain had delivered")
        if last is not None and at < last:
            raise UsageError(f"no night as of {at}: the night of {last} is published, and history is not rewritten")
        return [at]
    times = sorted({t for found in ours.values() for t in found if t >= whole and (last is None or t > last)})
    return times[-1:] if latest else times


def _is_of_today(settings: Settings) -> bool:
    """Whether the published night has the tables of this version."""
    with contextlib.closing(open_published(settings.data)) as con:
        return is_of_today(Session(con))


def _ruled_since(settings: Settings, ruled: reviewed.Reviewed, register: Register) -> bool:
    """Whether the published night was built under other rulings on matches, or another register."""
    with contextlib.closing(open_published(settings.data)) as con:
        return (rulings.built_under(con), decide.built_under(con)) != (ruled.fingerprint, register.fingerprint)
