"""Pure: the figures of the pages beyond the first, by the rules of ``figures``."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from dashboards import figures
from dashboards.drawn import Figure
from dashboards.text import Words, safe_plotly

_DASHES = ("solid", "dash", "dot", "dashdot")


def pareto(words: Words, gains: Sequence[float], labels: Sequence[str]) -> Figure:
    """What the whole gains, in points, as causes are settled one after the other, the best first. Gains are 0–1."""
    figure = figures._blank(320, right=24, left=8)
    sums: list[float] = []
    for gain in gains:
        sums.append((sums[-1] if sums else 0.0) + gain * 100)
    xs = list(range(1, len(sums) + 1))
    figure.add_bar(
        x=xs,
        y=[gain * 100 for gain in gains],
        marker={"color": "var(--series-2)", "line": {"width": 0}},
        hoverinfo="skip",
    )
    figure.add_scatter(
        x=xs,
        y=sums,
        mode="lines+markers",
        line={"width": 3, "color": "var(--series)", "shape": "hv"},
        marker={"size": 5 if len(xs) > 30 else 7, "color": "var(--series)", "opacity": 1},
        hoverinfo="text",
        hovertext=[
            f"<b>{n}. {safe_plotly(label)}</b><br>+{words.decimal(gain * 100, 2)} → {words.decimal(total, 2)}"
            for n, label, gain, total in zip(xs, labels, gains, sums, strict=True)
        ],
        cliponaxis=False,
    )
    top = max(sums, default=0.0) or 1.0
    step = next((s * 10.0**e for e in range(-4, 3) for s in (1, 2, 5) if top / (s * 10.0**e) <= 5), top)
    ticks = [step * n for n in range(int(top / step) + 1)]
    figure.update_yaxes(tickvals=ticks, ticktext=[words.amount(t) for t in ticks], range=[0, top * 1.08])
    marks = [x for x in (1, 10, 25, 50, 75, 100) if x <= len(xs)]
    figure.update_xaxes(tickvals=marks, ticktext=[words.integer(x) for x in marks], showgrid=False)
    figure.update_layout(hovermode="x")
    return figure


def adherence(words: Words, series: Sequence[tuple[str, Sequence[dt.datetime], Sequence[float | None]]]) -> Figure:
    """Each region's way to the target: a line a region, told apart by dash and by its name at the end."""
    figure = figures._blank(300, right=120, left=8)
    known = [v * 100 for _, _, values in series for v in values if v is not None]
    for number, (title, moments, values) in enumerate(series):
        color = "var(--series)" if number % 2 == 0 else "var(--series-2)"
        figure.add_scatter(
            x=list(moments),
            y=[None if v is None else v * 100 for v in values],
            mode="lines+markers",
            line={"width": 3, "color": color, "dash": _DASHES[number % 4]},
            marker={
                "size": 7,
                "color": color,
                "opacity": 1,
                "symbol": ["circle", "square", "diamond", "x"][number % 4],
            },
            hoverinfo="text",
            hovertext=[
                f"<b>{safe_plotly(title)} {words.percent(v)}</b><br>{words.date(m)}"
                for m, v in zip(moments, values, strict=True)
            ],
            cliponaxis=False,
        )
        last = max((i for i, v in enumerate(values) if v is not None), default=None)
        if last is not None:
            name = safe_plotly(title, at_most=14)
            value = values[last]
            label = f"{words.percent(value)}<br>{name}"
            figures._label_point(figure, moments[last], (value or 0) * 100, label, size=12, color=color)
    longest = max((list(moments) for _, moments, _ in series), key=len)
    figures._time_axis(figure, words, longest, 4)
    figures._share_axis(figure, words, known)
    _apart(figure, 250)
    return figure


def _apart(figure: Figure, height: int, least: int = 32) -> None:
    """Push the labels at the lines' ends down until each has its own place, in pixels of a plot so high."""
    low, high = figure.layout["yaxis"]["range"]
    at = None
    for note in sorted(figure.layout["annotations"], key=lambda n: -n["y"]):
        wanted = (high - note["y"]) / (high - low) * height
        at = wanted if at is None else max(wanted, at + least)
        note["yshift"] = wanted - at


def fan(
    words: Words,
    moments: Sequence[dt.datetime],
    values: Sequence[float | None],
    aims: Sequence[tuple[float, dt.datetime | None, dt.datetime | None, dt.datetime | None]],
) -> Figure:
    """The way so far and the fan ahead: when each level is reached, a bar from one path in ten to nine in ten."""
    figure = figures._blank(300, right=40, left=8)
    horizon = max([t for aim in aims for t in aim[1:] if t is not None] or [moments[-1]])
    figure.add_scatter(
        x=list(moments),
        y=[None if v is None else v * 100 for v in values],
        mode="lines",
        line={"width": 3, "color": "var(--series)"},
        hoverinfo="skip",
    )
    ahead = [(aim, e, latest or horizon) for aim, e, _, latest in aims if e is not None]
    last = max((i for i, v in enumerate(values) if v is not None), default=None)
    if ahead and last is not None:
        start = (moments[last], (values[last] or 0) * 100)
        path = [
            start,
            *((e, a * 100) for a, e, _ in ahead),
            *((late, a * 100) for a, _, late in reversed(ahead)),
            start,
        ]
        figure.add_scatter(
            x=[x for x, _ in path],
            y=[y for _, y in path],
            mode="lines",
            line={"width": 0},
            fill="toself",
            fillcolor="var(--band)",
            hoverinfo="skip",
        )
    for aim, earliest, median, latest in aims:
        if earliest is None:
            continue
        figure.add_scatter(
            x=[earliest, latest or horizon],
            y=[aim * 100, aim * 100],
            mode="lines",
            line={"width": 12, "color": "var(--band-edge)"},
            hoverinfo="skip",
        )
        if median is not None:
            figure.add_scatter(
                x=[median],
                y=[aim * 100],
                mode="markers+text",
                text=[words.date(median, short=True)],
                textposition="top center",
                textfont={"size": 12, "color": "var(--ink)"},
                marker={"size": 12, "color": "var(--series)", "symbol": "diamond", "opacity": 1},
                hoverinfo="text",
                hovertext=[f"<b>{words.percent(aim, digits=0)}</b><br>{words.date(median)}"],
                cliponaxis=False,
            )
    known = [v * 100 for v in values if v is not None]
    figures._share_axis(figure, words, [*known, *(aim * 100 for aim, e, _, _ in aims if e is not None)])
    shown = [moments[0], moments[0] + (horizon - moments[0]) / 2, horizon]
    figure.update_xaxes(
        tickmode="array", tickvals=shown, ticktext=[words.month(m) for m in shown], tickangle=0, showgrid=False
    )
    return figure


def sides(words: Words, rows: Sequence[tuple[str, Sequence[float | None]]], names: Sequence[str]) -> Figure:
    """A line per row with a mark per region, told apart by shape. Rows are (title, a share 0–1 per region)."""
    count = len(rows)
    figure = figures._blank(50 * count + 40, left=8, right=8, top=6)
    notes, strokes = [], []
    for y, (title, shares) in zip(range(count - 1, -1, -1), rows, strict=True):
        known = [s * 100 for s in shares if s is not None]
        strokes += [figures._stroke(y, 0, 100, "var(--grid)", 6)]
        if len(known) > 1:
            strokes.append(figures._stroke(y, min(known), max(known), "var(--band-edge)", 6))
        notes.append(figures._note(0, y, safe_plotly(title, at_most=34), "left", xshift=-9, yshift=17, size=13))
        text = " · ".join(words.percent(s) for s in shares)
        notes.append(figures._note(100, y, f"<b>{text}</b>", "right", xshift=9, yshift=17, size=13))
    for number, name in enumerate(names):
        figure.add_scatter(
            x=[None if shares[number] is None else (shares[number] or 0) * 100 for _, shares in rows],
            y=list(range(count - 1, -1, -1)),
            mode="markers",
            marker={
                "size": 13,
                "symbol": ["circle", "diamond-open", "square", "x"][number % 4],
                "color": "var(--series)" if number % 2 == 0 else "var(--series-2)",
                "line": {"width": 3, "color": "var(--series)" if number % 2 == 0 else "var(--series-2)"},
            },
            hoverinfo="text",
            hovertext=[f"<b>{safe_plotly(name)}</b><br>{words.percent(shares[number])}" for _, shares in rows],
            cliponaxis=False,
        )
    for share, side, shift in ((0, "left", -9), (50, "center", 0), (100, "right", 9)):
        text = f"{share}{words.percent_sign}"
        notes.append(figures._note(share, -0.5, text, side, size=13, color="var(--ink-soft)", xshift=shift, yshift=-10))
    figure.update_layout(annotations=notes, shapes=strokes)
    figure.update_yaxes(visible=False, range=[-0.5, count - 0.3])
    figure.update_xaxes(visible=False, range=[-0.2, 100.2])
    return figure


def stacked(words: Words, rows: Sequence[tuple[str, Sequence[int]]], domains: int) -> Figure:
    """A bar per row, its parts as shares of the row: what all domains have first, then all but one, and so on."""
    count = len(rows)
    figure = figures._blank(44 * count + 10, left=2, right=8, top=4, bottom=4)
    parts = len(rows[0][1])
    fills = ["var(--heat-4)", "var(--heat-2)", "var(--heat-1)", "var(--heat-0)"]
    ys = list(range(count - 1, -1, -1))
    for part in range(parts):
        shares = [per[part] / sum(per) * 100 if sum(per) else 0.0 for _, per in rows]
        figure.add_bar(
            x=shares,
            y=ys,
            orientation="h",
            width=0.34,
            marker={
                "color": fills[min(part, 3)],
                "line": {"width": 1, "color": "var(--rule-strong)"},
                "pattern": figures.pattern(["", "/", "x", "."][part % 4]),
            },
            hoverinfo="text",
            hovertext=[
                f"<b>{safe_plotly(title)}</b><br>{words('clusters_in', n=domains - part, count=domains)}: "
                f"{words.integer(per[part])}"
                for title, per in rows
            ],
        )
    notes = []
    for y, (title, per) in zip(ys, rows, strict=True):
        share = per[0] / sum(per) if sum(per) else None
        notes.append(figures._note(0, y, safe_plotly(title, at_most=40), "left", size=13, xshift=-3, yshift=17))
        notes.append(figures._note(100, y, f"<b>{words.percent(share)}</b>", "right", size=13, xshift=5, yshift=17))
    figure.update_layout(annotations=notes, barmode="stack")
    figure.update_xaxes(visible=False, range=[0, 100.5])
    figure.update_yaxes(visible=False, range=[-0.5, count - 0.2])
    return figure


def checks(words: Words, moments: Sequence[dt.datetime], series: Sequence[tuple[str, str, Sequence[int]]]) -> Figure:
    """Checks that failed or could not be run, per night and severity. Series are (severity, its title, counts)."""
    figure = figures._blank(240, left=4, right=4, top=26)
    names = [words.date(m, short=True, year=False) for m in moments]
    keys = [str(i) for i in range(len(moments))]
    looks = {"critical": ("var(--bad)", ""), "warning": ("var(--opened)", "/"), "info": ("var(--band-edge)", "x")}
    totals = [sum(counts[i] for _, _, counts in series) for i in range(len(moments))]
    for severity, title, counts in series:
        color, shape = looks.get(severity, looks["info"])
        figure.add_bar(
            x=keys,
            y=list(counts),
            marker={"color": color, "pattern": figures.pattern(shape)},
            hoverinfo="text",
            hovertext=[
                f"{n}<br><b>{safe_plotly(title)}: {words.integer(c)}</b>" for n, c in zip(names, counts, strict=True)
            ],
        )
    few = len(keys) <= 16
    figure.add_scatter(
        x=keys,
        y=totals,
        mode="text",
        text=[words.integer(t) if few or i in (0, len(keys) - 1) else "" for i, t in enumerate(totals)],
        textposition="top center",
        textfont={"size": 12, "color": "var(--ink)"},
        hoverinfo="skip",
        cliponaxis=False,
    )
    figure.update_layout(barmode="stack", bargap=0.55)
    figure.update_yaxes(visible=False, range=[0, max([*totals, 1]) * 1.15])
    figures._named_axis(figure, keys, names)
    return figure
