"""``likare forecast``: when a level of convergence is reached, and how such forecasts did in the past."""

from __future__ import annotations

import contextlib
from datetime import datetime
from itertools import groupby
from typing import Any

import click

from flows.cli import show
from flows.settings import load_settings
from transforms.register.asked import records
from transforms.warehouse import open_published


@click.command()
@click.option("--backtest", is_flag=True, help="Forecast from every past night and say how often it came so.")
@show.as_json
def forecast(backtest: bool, as_json: bool) -> None:
    """Say when each level of convergence is reached, with an 80 % interval, or that it is not converging."""
    from transforms.register import forecast as forecasts

    with contextlib.closing(open_published(load_settings().data)) as con:
        found = records(con, "SELECT * FROM published.forecast ORDER BY pair_id, level DESC, subject, aim")
        courses = forecasts.courses(con.execute(forecasts.query("published")).fetchall()) if backtest else {}
    out = show.console()
    if not backtest:
        if as_json:
            show.dump(found)
            return
        cells = [
            (r["pair_id"], r["subject"], show.share(r["aim"], 0), r["state"], _day(r["median"]),
             f"{_day(r['earliest'])} to {_day(r['latest'])}" if r["earliest"] else "–",
             show.number(r["steps"]))
            for r in found
        ]  # fmt: skip
        columns = ("pair", "of", "level", "state", "median", "80 % interval", "steps")
        out.print(show.table(columns, cells, right=("level", "steps")))
        for line in _proven(found):
            out.print(line)
        return
    tested = [
        (key, t) for key, past in courses.items() for t in forecasts.back_test(past, seed=forecasts.seed_of(key))
    ]  # fmt: skip
    if as_json:
        show.dump([{"pair_id": k[0], "level": k[1], "subject": k[2], "inside": t.inside, "test": t} for k, t in tested])
        return
    if not tested:
        out.print("The past is too short to test a forecast on.")
        return
    rows = []
    tested.sort(key=lambda kt: (kt[0][1] != "total", kt[0], kt[1].days))
    for (pair, _, subject, days), each in groupby(tested, lambda kt: (*kt[0], kt[1].days)):
        tests = [t for _, t in each]
        error = sum(abs(t.median - t.came) for t in tests) / len(tests)
        inside = sum(t.inside for t in tests)
        rows.append(
            (pair, subject, days, len(tests), f"{inside} ({show.share(inside / len(tests), 0)})", f"{100 * error:.2f}")
        )
    headings = ("pair", "of", "days ahead", "forecasts", "inside the 80 % interval", "mean error, points")
    out.print(show.table(headings, rows, right=headings[2:]))


def _proven(found: list[dict[str, Any]]) -> list[str]:
    """How far ahead the forecasts shown have held in the past, one line per pair and kind of answer."""
    told: dict[tuple[str, int | None], set[str]] = {}
    for r in found:
        # A night that an older version built does not tell.
        if r["state"] in ("converging", "not converging") and "proven_days" in r:
            told.setdefault((r["pair_id"], r["proven_days"]), set()).add(r["subject"])
    lines = []
    for (pair, days), subjects in sorted(told.items(), key=lambda kv: (kv[0][0], -(kv[0][1] or 0))):
        of = f"{pair}, {', '.join(sorted(subjects))}"
        if days is None:
            lines.append(f"{of}: no forecast has been tried often enough, or held: read the dates as a direction")
        else:
            lines.append(f"{of}: such forecasts have held up to {days} days ahead; what lies beyond is not proven")
    return lines


def _day(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d}" if moment else "–"
