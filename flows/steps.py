"""The steps of a night, and what a step works on.

Each step is a function of the night's context that returns a number of rows; how a step is carried out (straight away,
or as a Prefect task) and in what order is the caller's to choose.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from pathlib import Path

from dashboards.site import build_quality_page
from expectations import checks
from expectations.measuring import Told
from expectations.rules import load_rules
from flows import release
from flows.published import build_dashboard
from flows.settings import Settings
from flows.watcher import StepRun
from transforms.build import causes, compare, match, measure, moved, normalise, publish, reviewed
from transforms.build.match import Pair
from transforms.catalogue import Catalogue
from transforms.land import feed, landing, national, quarantine
from transforms.land.derive import remember
from transforms.register import Register, decide
from transforms.warehouse import Night, Warehouse
from transforms.words.errors import QualityError

Progress = Callable[[str], None]


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
    checks.store_failures(night)
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
    return decide.run(context.night, context.catalogue, context.pairs, context.register, context.moment, lists)


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
