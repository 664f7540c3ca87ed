"""One night after another, as plain functions: what ``likare run`` and the Prefect flow both carry out.

A night is built as of a time of delivery: of every domain the newest extract not later than that. Each step is a
function of the night's context that returns a number of rows; how a step is carried out (straight away, or as a Prefect
task) is the caller's to choose.
"""

from __future__ import annotations

import contextlib
import json
import os
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from dashboards import build_quality_page, build_site, read
from expectations import checks
from expectations.measuring import Told
from expectations.rules import load_rules
from flows import release
from flows.settings import Settings
from transforms import (
    causes,
    compare,
    decisions,
    feed,
    landing,
    match,
    measure,
    moved,
    national,
    normalise,
    publish,
    quarantine,
    reviewed,
    rulings,
)
from transforms.catalogue import Catalogue, load_catalogue
from transforms.derive import Derived, as_built, extended, kept, known, remember
from transforms.errors import ExtractError, LikareError, QualityError, UsageError
from transforms.match import Pair, pairs_of
from transforms.parts import built_under
from transforms.register import Register, load_register
from transforms.warehouse import Night, Session, Warehouse, open_published

Progress = Callable[[str], None]


@dataclass(frozen=True)
class StepRun:
    """What a step took: its duration in seconds and the rows it made (which rows: see the step's function)."""

    step: str
    seconds: float
    rows: int


@dataclass
class Context:
    """What a step works on. ``session`` and ``as_of`` are those of the night being built, None outside one."""

    settings: Settings
    catalogue: Catalogue
    warehouse: Warehouse
    progress: Progress
    pairs: Sequence[Pair]
    reviewed: reviewed.Reviewed = reviewed.Reviewed()
    register: Register = Register()
    session: Night | None = None
    as_of: datetime | None = None
    snapshots: dict[str, int] = field(default_factory=dict)
    steps: list[StepRun] = field(default_factory=list)
    landed: list[landing.Landed] = field(default_factory=list)
    ignored: list[landing.Delivery] = field(default_factory=list)

    @contextlib.contextmanager
    def working_on(self, night: Night) -> Iterator[None]:
        """Hold the night's session while it is built, and not a moment longer: Prefect keeps a context."""
        self.session = night
        try:
            yield
        finally:
            self.session = None

    @property
    def night(self) -> Night:
        """The night's session. A step that needs one is only ever carried out inside one."""
        if self.session is None:
            raise RuntimeError("no night is open")
        return self.session

    @property
    def moment(self) -> datetime:
        """The time the night is built as of."""
        if self.as_of is None:
            raise RuntimeError("no night is open")
        return self.as_of


Step = Callable[[Context], int]
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


# --- the steps -------------------------------------------------------------------------------------------------------


def land_step(context: Context) -> int:
    """Rows: landed, of the deliveries that were not landed before. May be carried out again after it failed."""
    settings = context.settings
    with context.warehouse.archive() as archive:
        known = landing.snapshots(archive)
        # A domain whose extracts were all landed by hand needs no folder.
        expected = tuple(d for d in settings.domain_names if d not in known or (settings.incoming / d).is_dir())
        ended = {d.name: d for d in settings.domains}
        for delivery in landing.deliveries(settings.incoming, expected) if expected else ():
            if delivery.delivered_at in known.get(delivery.domain, {}):
                continue
            if not ended[delivery.domain].delivers(delivery.delivered_at) and delivery.domain in known:
                context.ignored.append(delivery)
            else:
                context.progress(f"{delivery.domain} {delivery.path.name}")
                context.landed.append(landing.land(archive, context.catalogue, delivery, policy=settings.landing))
    return sum(one.rows_accepted for one in context.landed)


def normalise_step(context: Context) -> int:
    """Rows: items."""
    quarantine.conserve(context.night, context.snapshots)
    return normalise.run(context.night, context.catalogue, context.snapshots, progress=context.progress)


def check_step(context: Context) -> int:
    """Rows: checks. Raises QualityError where a critical one failed that nobody released: the night is then stopped."""
    own = context.settings.rules
    rules = load_rules().then(load_rules(own)) if own else None
    lists = national.load_lists(context.settings.lists)
    night = context.night
    national.carry(night, lists, context.moment)
    results = checks.run(
        night,
        context.catalogue,
        context.settings.domain_names,
        measure.previous_item_counts(night),
        snapshots=context.snapshots,
        rules=rules,
        lists=lists,
        told=_told(context),
    )
    results = checks.compared(results, night)
    releases = release.released(context.settings, context.moment)
    stopping = [r for r in checks.stopped(results) if not release.covers(releases, r)]
    checks.store(night, _with_releases(results, releases))
    checks.store_failures(night, context.catalogue, results, rules=rules, lists=lists)
    if stopping:
        more = f" (and {len(stopping) - 1} more)" if len(stopping) > 1 else ""
        came = [(domain, e) for domain, e in feed.current(night) if e.severity == "critical"]
        if came:
            more += f" What came: {came[0][0]}: {came[0][1].detail}{' …' if len(came) > 1 else '.'}"
        line = f"the night of {context.moment:%Y-%m-%d %H:%M} is not published: {stopping[0].line}{more}"
        page = _quality_page(context, results)
        release.keep(context.settings, context.moment, line, checks.stopped(results))
        raise QualityError(f"{line} See {page}; likare release lets it through")
    return len(results)


def _told(context: Context) -> Told:
    """What the checks are told of the deliveries and of earlier nights."""
    night, snapshots, settings = context.night, context.snapshots, context.settings
    ended = [d.name for d in settings.domains if d.has_ended(context.moment)]
    back, held = feed.rolled_back(night, snapshots)
    return Told(
        history=feed.item_history(night),
        columns=feed.columns_gone(night, context.catalogue),
        rolled_back=back,
        compared=held,
        again=feed.redelivered(night, snapshots),
        age=feed.carry(night, snapshots, context.moment, ended),
        max_age=settings.max_age_days,
        ended=frozenset(ended),
    )


def match_step(context: Context) -> int:
    """Rows: matches."""
    remember(context.night, context.catalogue)
    return match.run(
        context.night, context.catalogue, context.pairs, progress=context.progress, reviewed=context.reviewed
    )


def compare_step(context: Context) -> int:
    """Rows: differences."""
    return compare.run(context.night, context.catalogue, context.pairs, progress=context.progress)


def measure_step(context: Context) -> int:
    """Rows: figures."""
    domains = [
        measure.DomainInfo(d.name, d.shown, d.programme, d.has_ended(context.moment), d.vendor_model)
        for d in context.settings.domains
    ]
    return measure.run(context.night, context.catalogue, context.pairs, domains, context.snapshots, context.moment)


def cause_step(context: Context) -> int:
    """Rows: differences that are explained by others."""
    return causes.run(context.night, context.catalogue, context.pairs, progress=context.progress)


def moved_step(context: Context) -> int:
    """Rows: cells and items that the domains changed in their own builds since the night before."""
    return moved.run(context.night, context.catalogue, context.pairs)


def decide_step(context: Context) -> int:
    """Rows: differences that a decision governs."""
    lists = national.load_lists(context.settings.lists)
    return decisions.run(context.night, context.catalogue, context.pairs, context.register, context.moment, lists)


def publish_step(context: Context) -> int:
    """Rows: in the published tables. What is built is swapped in when the night is left."""
    return publish.run(context.night, context.catalogue, context.pairs)


def dashboard_step(context: Context) -> int:
    """Rows: pages. Reads the published night as any other reader would."""
    return build_dashboard(context.settings)


NIGHT_STEPS: dict[str, Step] = {
    "normalise": normalise_step,
    "check": check_step,
    "match": match_step,
    "compare": compare_step,
    "measure": measure_step,
    "causes": cause_step,
    "moved": moved_step,
    "decide": decide_step,
    "publish": publish_step,
}


# --- the order of things ---------------------------------------------------------------------------------------------


class Watcher:
    """Is told how a run goes. This one keeps it to itself."""

    def planned(self, steps: int) -> None:
        """So many steps are still to come, as far as is known now."""

    def started(self, step: str, as_of: datetime | None) -> None:
        """A step begins."""

    def detail(self, text: str) -> None:
        """What the step is at."""

    def ended(self, run: StepRun, as_of: datetime | None) -> None:
        """A step ended well."""


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
    rulings or the register changed, the last night is built again. A night that a quality check stops is
    passed over if a later one holds. Returns with no night where nothing is new. The outcome, whatever it is, is also
    written to ``attempt.json``.
    Raises ExtractError, CatalogueError, DecisionError, QualityError, WarehouseError (one is another run on the same
    data folder) and UsageError (``at`` is before the published night or before a domain's first extract); the
    publication is then the last night that was whole. A file of rulings that does not hold (ReviewError) stops the
    run before it does anything.
    """
    watcher = watcher or Watcher()
    catalogue = load_catalogue(settings.catalogue)
    warehouse = warehouse_of(settings)
    with warehouse.lock(), _attempt(settings) as attempt:
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
        if not times and last and _ruled_since(settings, ruled, register):
            times = [last]
        late = tuple(sorted({one.delivered_at for one in context.landed if last and one.delivered_at <= last}))
        watcher.planned(len(times) * len(NIGHT_STEPS) + bool(times))
        nights, stopped = [], []
        for as_of in times:
            context.as_of, context.snapshots = as_of, _newest(snapshots, as_of)
            with warehouse.archive() as archive:
                context.catalogue = extended(catalogue, kept(archive, catalogue, context.snapshots))
            try:
                under = built_under(context.catalogue, settings.domain_names)
                with warehouse.night(under) as night, context.working_on(night):
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
        if warehouse.last_night and _dashboard_of(settings) != warehouse.last_night:
            # Also after a run that was killed between publishing and this.
            carried_out("dashboard", dashboard_step)
        attempt.update(outcome="published" if nights else "nothing new")
        return Outcome(tuple(context.landed), tuple(nights), tuple(stopped), late, tuple(context.ignored))


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


def warehouse_of(settings: Settings) -> Warehouse:
    """The databases of the data folder, as the settings want them opened."""
    return Warehouse(
        settings.data,
        memory_limit=settings.memory_limit,
        threads=settings.threads,
        nights=settings.history.nights,
    )


def read_reviewed(settings: Settings, catalogue: Catalogue) -> reviewed.Reviewed:
    """What people ruled, with the policy it counts by. Raises ReviewError."""
    policy = reviewed.Policy(settings.readers, settings.relations)
    return reviewed.Reviewed(reviewed.load(settings.crosswalk, catalogue.entities, settings.domain_names), policy)


def _with_known(warehouse: Warehouse, catalogue: Catalogue) -> Catalogue:
    """The catalogue with the derived entity types that earlier runs kept: people may have ruled on their items."""
    if not (warehouse.folder / "archive.duckdb").exists():
        return catalogue
    with warehouse.archive() as archive:
        return extended(catalogue, known(archive, catalogue))


def published_catalogue(settings: Settings, session: Session) -> Catalogue:
    """The catalogue with the derived entity types of the published night that the session reads."""
    return as_built(session, load_catalogue(settings.catalogue))


def undescribed(settings: Settings) -> list[Derived]:
    """What was told of every delivered table that no file of the catalogue describes (see transforms/derive)."""
    catalogue = load_catalogue(settings.catalogue)
    with Warehouse(settings.data, memory_limit=settings.memory_limit).archive() as archive:
        newest = _newest(landing.snapshots(archive), datetime.max)
        return kept(archive, catalogue, {d: s for d, s in newest.items() if d in settings.domain_names})


def build_dashboard(settings: Settings) -> int:
    """Write the dashboard of the published night, with a word on a newer one that is stopped. Returns pages."""
    number = Warehouse(settings.data).last_night
    with contextlib.closing(open_published(settings.data)) as con:
        waiting = waiting_for_release(settings)
        report = build_site(con, settings.site, stopped=waiting.as_of if waiting else None)
    _marker(settings).write_text(f"{number}\n", encoding="utf-8")
    return len(report.pages)


def waiting_for_release(settings: Settings) -> release.Stopped | None:
    """The night that is stopped and later than the published one, None where there is none."""
    found, published = release.stopped(settings), last_published(settings)
    return found if found and (published is None or found.as_of > published) else None


def last_published(settings: Settings) -> datetime | None:
    """The time the published night was built as of, None before the first."""
    if not Warehouse(settings.data).last_night:
        return None
    with contextlib.closing(open_published(settings.data)) as con:
        return read.nights(con)[-1].as_of


def read_attempt(settings: Settings) -> dict[str, Any]:
    """The outcome of the last run, empty before the first or where the file cannot be read."""
    try:
        found = json.loads(settings.attempt.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


# --- inside ----------------------------------------------------------------------------------------------------------

_Snapshots = dict[str, dict[datetime, int]]


def _snapshots(warehouse: Warehouse) -> _Snapshots:
    """Snapshot ids by domain and time of delivery."""
    with warehouse.archive() as archive:
        return landing.snapshots(archive)


def _newest(snapshots: _Snapshots, as_of: datetime) -> dict[str, int]:
    """Of every domain the newest snapshot not later than ``as_of``, where it has one."""
    times = {domain: [t for t in found if t <= as_of] for domain, found in snapshots.items()}
    return {domain: snapshots[domain][max(earlier)] for domain, earlier in times.items() if earlier}


def _due(
    settings: Settings, snapshots: _Snapshots, last: datetime | None, *, latest: bool, at: datetime | None
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


def _ruled_since(settings: Settings, ruled: reviewed.Reviewed, register: Register) -> bool:
    """Whether the published night was built under other rulings on matches, or another register."""
    with contextlib.closing(open_published(settings.data)) as con:
        return (rulings.built_under(con), decisions.built_under(con)) != (ruled.fingerprint, register.fingerprint)


def _with_releases(results: checks.Results, releases: dict[release.Finding, release.Release]) -> checks.Results:
    """The results with a word on what was let through, by whom and why."""

    def told(result: checks.CheckResult) -> checks.CheckResult:
        one = release.covers(releases, result)
        if one is None:
            return result
        said, said_sv = f"Released by {one.by}: {one.reason}", f"Frisläppt av {one.by}: {one.reason}"
        return replace(result, note=f"{result.note} {said}", note_sv=f"{result.note_sv} {said_sv}")

    return results.of(told(r) for r in results)


def _quality_page(context: Context, results: Sequence[checks.CheckResult]) -> Path:
    """Write the quality page of a night that is stopped; its database is about to be removed."""
    report = build_quality_page(
        [asdict(result) for result in results],
        context.settings.data / "attempt",
        as_of=context.as_of,
        domains={d.name: d.shown for d in context.settings.domains},
    )
    return report.out / "quality.html"


def _marker(settings: Settings) -> Path:
    """Says of which night the dashboard is."""
    return settings.data / "site.night"


def _dashboard_of(settings: Settings) -> int:
    try:
        return int(_marker(settings).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return 0


@contextlib.contextmanager
def _attempt(settings: Settings) -> Iterator[dict[str, Any]]:
    """Keep ``attempt.json`` true: 'running' from the start, the outcome at the end, however that comes about.

    A file that still says 'running' when nobody holds the lock tells of a process that was killed.
    """

    def write() -> None:
        beside = settings.attempt.with_suffix(".new")
        beside.write_text(json.dumps(record, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
        beside.replace(settings.attempt)

    record: dict[str, Any] = {"outcome": "running", "started_at": _now(), "process": os.getpid()}
    write()
    try:
        yield record
    except LikareError as fault:
        outcome = "stopped" if isinstance(fault, QualityError) else "failed"
        record.update(outcome=outcome, error=str(fault), exit_code=fault.exit_code)
        raise
    except BaseException as fault:
        # Only the kind: the text of an unexpected error may quote an extract.
        record.update(outcome="failed", error=type(fault).__name__, exit_code=1)
        raise
    finally:
        record.update(ended_at=_now())
        # On a full disk the record may not fit; the error itself must still come out.
        with contextlib.suppress(OSError):
            write()


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
