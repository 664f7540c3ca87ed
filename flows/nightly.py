"""The night as a Prefect flow: the steps of flows/steps.py as thin tasks, with retries where a retry can help.

The entrypoint is ``flows.nightly.nightly``. What each task does, its rows and its order are steps.py's; here stand only
what Prefect shows and when it tries again. Nothing is cached between runs: the archive and the published night are what
a run starts from, and they are in the data folder.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from contextvars import ContextVar
from datetime import datetime
from typing import Any

from prefect import Task, flow, get_run_logger
from prefect.artifacts import create_markdown_artifact, create_table_artifact
from prefect.cache_policies import NO_CACHE
from prefect.utilities.annotations import quote

from flows import night
from flows.cli.show import moment, plain_line, share
from flows.settings import Settings, load_settings
from flows.steps import NIGHT_STEPS, Context, Step
from flows.summary import Summary, summarise
from flows.watcher import StepRun, Watcher
from transforms.warehouse import open_published


def _a_share_may_come_back(_task: Task[..., Any], _run: Any, state: Any) -> bool:
    """Retry what the operating system refused (a file share that is away), never what is wrong with an extract."""
    # Not state.result(): that answers with a coroutine wherever an event loop happens to run.
    held = getattr(state.data, "result", state.data)
    return any(isinstance(fault, OSError) for fault in _causes(held))


def _causes(fault: Any) -> Iterator[BaseException]:
    while isinstance(fault, BaseException):
        yield fault
        fault = fault.__cause__ or fault.__context__


def _thin(name: str, retry_after: tuple[float, ...] = ()) -> Task[..., int]:
    def carry_out(step: Step, context: Context) -> int:
        return step(context)

    return Task(
        carry_out,
        name=name,
        cache_policy=NO_CACHE,
        persist_result=False,
        retries=len(retry_after),
        retry_delay_seconds=list(retry_after),
        retry_condition_fn=_a_share_may_come_back,
    )


# Landing reads from file shares; every other step works on the data folder's own files, where a second try only
# repeats the first.
TASKS = {
    "land": _thin("land", retry_after=(30, 120, 300)),
    **{name: _thin(name) for name in (*NIGHT_STEPS, "dashboard")},
}


def _as_task(name: str, step: Step, context: Context) -> int:
    shown = f"{name} {moment(context.as_of)}" if context.as_of else name
    # Quoted: Prefect would look through an argument's fields for the results of other tasks.
    rows: int = TASKS[name].with_options(task_run_name=shown)(step, quote(context))
    return rows


_watching: ContextVar[Watcher | None] = ContextVar("watching", default=None)


@contextlib.contextmanager
def watched_by(watcher: Watcher) -> Iterator[None]:
    """Let someone at a terminal follow the flow that is run inside."""
    token = _watching.set(watcher)
    try:
        yield
    finally:
        _watching.reset(token)


class _Logged(Watcher):
    """Writes a line per step into the flow run's log, and passes everything on to who else is watching."""

    def __init__(self) -> None:
        self.log = get_run_logger()
        self.also = _watching.get() or Watcher()

    def planned(self, steps: int) -> None:
        self.also.planned(steps)

    def started(self, step: str, as_of: datetime | None) -> None:
        self.also.started(step, as_of)

    def detail(self, text: str) -> None:
        self.also.detail(text)

    def ended(self, run: StepRun, as_of: datetime | None) -> None:
        of = f" of {moment(as_of)}" if as_of else ""
        self.log.info("%s%s: %.2f s, %d rows", run.step, of, run.seconds, run.rows)
        self.also.ended(run, as_of)


@flow(name="nightly", validate_parameters=True, persist_result=False)
def nightly(latest: bool = False, at: datetime | None = None) -> night.Outcome:
    """Land what is new, then compare and publish: one night per time of delivery since the last.

    ``latest`` builds only the newest of them, ``at`` one as of that time. Raises what run_nights raises, and the run
    is then FAILED with that one line, the publication being as it was.
    """
    settings = load_settings()
    outcome = night.run_nights(settings, latest=latest, at=at, carry_out=_as_task, watcher=_Logged())
    _show(settings, outcome)
    return outcome


def _show(settings: Settings, outcome: night.Outcome) -> None:
    con = open_published(settings.data)
    try:
        summary = summarise(con)
    finally:
        con.close()
    create_markdown_artifact(as_markdown(summary, len(outcome.nights)), key="likare-summary", description="The night")
    steps = [
        {"night": n.number, "as of": moment(n.as_of), "step": s.step, "seconds": round(s.seconds, 2), "rows": s.rows}
        for n in outcome.nights
        for s in n.steps
    ]
    if steps:
        create_table_artifact(steps, key="likare-steps", description="Duration and rows of each step")


def as_markdown(summary: Summary, published: int) -> str:
    """The summary as a page for Prefect: a heading, the total and a table of areas per pair of domains."""
    lines = [f"Night {summary.night_id} as of {moment(summary.as_of)}; {published} published by this run."]
    for pair in summary.pairs:
        total = pair.convergence
        lines += ["", f"## {_safe(pair.title_a)} and {_safe(pair.title_b)}", ""]
        lines.append(
            f"**Convergence {share(total.value if total else None)}** "
            f"(between {share(pair.lower)} and {share(pair.upper)}); {pair.differences} differences open."
        )
        lines += ["", "| area | convergence | matched | only A | only B | differences |", "|---|--:|--:|--:|--:|--:|"]
        lines += [
            f"| {_safe(a.title)} | {share(a.convergence)} | {a.matched or 0} | {a.only_a or 0} | {a.only_b or 0} "
            f"| {a.differences} |"
            for a in pair.areas
        ]
    return "\n".join(lines)


def _safe(text: str) -> str:
    """Text that cannot become markup on Prefect's page."""
    return "".join(c if c.isalnum() or c in " .,-()" else f"&#{ord(c)};" for c in plain_line(text))
