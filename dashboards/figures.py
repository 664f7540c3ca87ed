"""Pure: records and words in, figures for plotly.js out. Colours are the names of CSS custom properties.

A figure says ``var(--series)`` and the page's script puts the theme's colour in when it draws, so that one figure
serves light, dark and print. Axes carry ready-written ticks: plotly itself knows no Swedish.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence
from typing import Any, Final

from markupsafe import Markup

from dashboards.drawn import Figure, Json
from dashboards.text import Words, safe_plotly

# With more nights than this the marks run together: only the first and the last are left.
_DOTTED: Final = 40

CONFIG: Final[dict[str, Any]] = {
    "showSendToCloud": False,
    "displaylogo": False,
    "displayModeBar": False,
    "responsive": True,
    "scrollZoom": False,
    "doubleClick": False,
    "showTips": False,
}


def to_json(figure: Figure) -> str:
    """Return a figure and its configuration as JSON that can stand inside a ``<script>`` block.

    ``<``, ``>`` and ``&`` are written as escapes, so no text can close the block.
    """
    return script_json({"figure": figure.spec(), "config": CONFIG})


def script_json(value: object) -> Markup:
    """Return JSON that can stand inside a ``<script>`` block of a page."""
    text = json.dumps(value, ensure_ascii=True, sort_keys=True, separators=(",", ":"))
    return Markup(text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026"))


def pattern(shape: str) -> Json:
    """Return the pattern of a bar: lines of the paper's colour over the bar's own, not in its place."""
    return {"shape": shape, "fillmode": "overlay", "fgcolor": "var(--paper)", "size": 7}


def _blank(height: int, *, left: int = 4, right: int = 4, top: int = 8, bottom: int = 28) -> Figure:
    axis = {
        "showline": False,
        "zeroline": False,
        "gridcolor": "var(--grid)",
        "ticks": "",
        "fixedrange": True,
        "automargin": True,
    }
    return Figure(
        layout={
            "height": height,
            "autosize": True,
            "margin": {"l": left, "r": right, "t": top, "b": bottom, "pad": 0},
            "paper_bgcolor": "rgba(0,0,0,0)",
            "plot_bgcolor": "rgba(0,0,0,0)",
            "font": {"family": "var(--sans)", "size": 13, "color": "var(--ink-soft)"},
            "hoverlabel": {
                "bgcolor": "var(--raised)",
                "bordercolor": "var(--rule-strong)",
                "font": {"family": "var(--sans)", "size": 13, "color": "var(--ink)"},
                "align": "left",
            },
            "showlegend": False,
            "dragmode": False,
            "xaxis": axis,
            "yaxis": axis,
        }
    )


def _time_axis(figure: Figure, words: Words, moments: Sequence[dt.datetime], at_most: int) -> None:
    count = len(moments)
    chosen = _spread(count, at_most)
    span = moments[-1] - moments[0]
    long = span > dt.timedelta(days=300)
    figure.update_xaxes(
        tickmode="array",
        tickvals=[moments[i] for i in chosen],
        ticktext=[words.month(moments[i]) if long else words.date(moments[i], short=True, year=False) for i in chosen],
        tickangle=0,
        showgrid=False,
        range=[moments[0] - span * 0.03, moments[-1] + span * 0.03] if count > 1 else None,
    )


def _named_axis(figure: Figure, keys: Sequence[str], names: Sequence[str]) -> None:
    """Put the bars side by side in their order, and write a few of their names below them."""
    chosen = _spread(len(keys), 4)
    figure.update_xaxes(
        type="category",
        tickangle=0,
        tickmode="array",
        tickvals=[keys[i] for i in chosen],
        ticktext=[names[i] for i in chosen],
        showgrid=False,
    )


def _spread(count: int, at_most: int) -> list[int]:
    """Return at most so many places of ``count``, evenly apart, the last among them."""
    step = max(1, -(-(count - 1) // (at_most - 1)))
    return sorted(range(count - 1, -1, -step))


def _marks(values: Sequence[float | None], size: int) -> dict[str, Any]:
    """Return a dot for every value where they are few, else for the first and the last."""
    known = [i for i, v in enumerate(values) if v is not None]
    ends = {known[0], known[-1]} if known else set()
    return {
        "opacity": 1,
        "size": [size if len(values) <= _DOTTED or i in ends else 0 for i in range(len(values))],
        "color": "var(--series)",
        "line": {"width": 2, "color": "var(--paper)"},
    }


def _share_axis(figure: Figure, words: Words, values: Sequence[float], *, least_span: float = 6.0) -> None:
    """Fit the y axis to the values (in per cent) with room, never closer than ``least_span`` points, within 0–100."""
    low, high = min(values), max(values)
    room = max((high - low) * 0.18, (least_span - (high - low)) / 2, 0.8)
    low, high = max(0.0, low - room), min(100.0, high + room)
    step = next(s for s in (0.5, 1, 2, 5, 10, 20, 25, 50) if (high - low) / s <= 5)
    first = int(low / step)
    ticks = [step * i for i in range(first, int(high / step) + 2) if low <= step * i <= high]
    figure.update_yaxes(
        range=[low, high],
        tickmode="array",
        tickvals=ticks,
        ticktext=[f"{words.decimal(t, 0 if step >= 1 else 1)}{words.percent_sign}" for t in ticks],
    )


def trend(
    words: Words,
    moments: Sequence[dt.datetime],
    values: Sequence[float | None],
    lower: Sequence[float | None],
    upper: Sequence[float | None],
    marks: Sequence[tuple[dt.datetime, str, str, str]] = (),
) -> Figure:
    """Convergence over the nights with its bounds as a band. Shares 0–1; ``None`` leaves a gap.

    ``marks`` are (when, what shape, in which colour, its words): what happened on the way, along the upper edge.
    """
    figure = _blank(320, right=64, top=26 if marks else 8)
    known = [v * 100 for series in (values, lower, upper) for v in series if v is not None]
    if not known:
        return figure

    def per_cent(series: Sequence[float | None]) -> list[float | None]:
        return [None if v is None else v * 100 for v in series]

    for series, fill in ((lower, None), (upper, "tonexty")):
        figure.add_scatter(
            x=list(moments),
            y=per_cent(series),
            mode="lines",
            line={"width": 1, "color": "var(--band-edge)", "dash": "dot"},
            fill=fill,
            fillcolor="var(--band)",
            hoverinfo="skip",
        )
    figure.add_scatter(
        x=list(moments),
        y=per_cent(values),
        mode="lines+markers",
        line={"width": 3, "color": "var(--series)"},
        marker=_marks(values, 8),
        hoverinfo="text",
        hovertext=[
            f"<b>{words.percent(v)}</b><br>{words.date(m)}<br>{words('bounds_between', low=words.percent(lo), high=words.percent(hi))}"  # noqa: E501
            for m, v, lo, hi in zip(moments, values, lower, upper, strict=True)
        ],
        cliponaxis=False,
    )
    last = max((i for i, v in enumerate(values) if v is not None), default=None)
    if last is not None:
        _label_point(figure, moments[last], (values[last] or 0) * 100, words.percent(values[last]), size=16)
    _time_axis(figure, words, moments, 4)
    _share_axis(figure, words, known)
    _happened(figure, moments, marks)
    figure.update_layout(hovermode="closest" if marks else "x")
    return figure


def _happened(
    figure: Figure, moments: Sequence[dt.datetime], marks: Sequence[tuple[dt.datetime, str, str, str]]
) -> None:
    """Draw a thin line down from each mark; marks of one time stand side by side under one line's top."""
    if not marks:
        return
    bottom, top = figure.layout["yaxis"]["range"]
    shapes = []
    for when, _, color, _ in marks:
        at = min(max(when, moments[0]), moments[-1])
        line = {"color": color, "width": 1.5, "dash": "dot"}
        shapes.append({"type": "line", "x0": at, "x1": at, "y0": bottom, "y1": top, "line": line, "layer": "below"})
    step = (moments[-1] - moments[0]) * 0.025
    seen: dict[dt.datetime, int] = {}
    places = []
    for when, *_ in marks:
        at = min(max(when, moments[0]), moments[-1])
        places.append(at + step * seen.get(at, 0))
        seen[at] = seen.get(at, 0) + 1
    figure.add_scatter(
        x=places,
        y=[top] * len(marks),
        mode="markers",
        marker={
            "size": 13,
            "opacity": 1,
            "symbol": [shape for _, shape, _, _ in marks],
            "color": [color for _, _, color, _ in marks],
            "line": {"width": 1, "color": "var(--paper)"},
        },
        hoverinfo="text",
        hovertext=[safe_plotly(text, at_most=80) for *_, text in marks],
        cliponaxis=False,
    )
    figure.update_layout(shapes=shapes)


def _label_point(figure: Figure, x: object, y: object, text: str, *, size: int, color: str = "var(--series)") -> None:
    figure.add_annotation(
        x=x,
        y=y,
        text=f"<b>{text}</b>",
        showarrow=False,
        align="left",
        xanchor="left",
        xshift=9,
        font={"size": size, "color": color},
    )


def small_trend(words: Words, moments: Sequence[dt.datetime], values: Sequence[float | None]) -> Figure:
    """One watched figure over the nights. Few nights carry their figures in the picture."""
    figure = _blank(190, right=20, left=4, top=22)
    known = [v * 100 for v in values if v is not None]
    if not known:
        return figure
    show = {i for i, v in enumerate(values) if v is not None}
    if len(show) > 6:
        show = {min(show), max(show)}
    figure.add_scatter(
        x=list(moments),
        y=[None if v is None else v * 100 for v in values],
        mode="lines+markers+text",
        text=[f"<b>{words.percent(v)}</b>" if i in show else "" for i, v in enumerate(values)],
        textposition="top center",
        textfont={"size": 13, "color": "var(--ink)"},
        line={"width": 2.5, "color": "var(--series)"},
        marker=_marks(values, 7),
        hoverinfo="text",
        hovertext=[f"<b>{words.percent(v)}</b><br>{words.date(m)}" for m, v in zip(moments, values, strict=True)],
        cliponaxis=False,
    )
    _time_axis(figure, words, moments, 3)
    span = moments[-1] - moments[0]
    if span:
        # The figures above the first and last point are wider than the points: leave them room on a phone.
        figure.update_xaxes(range=[moments[0] - span * 0.12, moments[-1] + span * 0.12])
    _share_axis(figure, words, known)
    return figure


def _note(x: float, y: float, text: str, side: str, *, size: int = 14, color: str = "var(--ink)", **shift: int) -> Json:
    """Return an annotation beside a place. Gathered and set at once: plotly checks all of them at each addition."""
    font = {"size": size, "color": color}
    return {"x": x, "y": y, "text": text, "showarrow": False, "xanchor": side, "font": font, **shift}


def _stroke(y: float, start: float, end: float, color: str, width: int) -> Json:
    line = {"color": color, "width": width}
    return {"type": "line", "x0": start, "x1": end, "y0": y, "y1": y, "line": line, "layer": "below"}


def areas(words: Words, rows: Sequence[tuple[str, float | None, float | None, float | None, float | None]]) -> Figure:
    """Draw one line per area: a hollow mark where it was first, a filled mark where it is, a broad bar for its bounds.

    Rows are (title, first, now, lower, upper) as shares 0–1, drawn top down in the order given. ``now`` None is
    written as "not measurable", never drawn as 0.
    """
    figure = _blank(54 * len(rows) + 44, left=8, right=8, top=6)
    count = len(rows)
    notes: list[Json] = []
    strokes: list[Json] = []
    for y, (title, first, now, lower, upper) in zip(range(count - 1, -1, -1), rows, strict=True):
        strokes.append(_stroke(y, 0, 100, "var(--grid)", 6))
        notes.append(_note(0, y, safe_plotly(title), "left", xshift=-9, yshift=18))
        if now is None:
            text = f"<i>{words('not_measurable')}</i>"
            notes.append(_note(100, y, text, "right", xshift=9, yshift=18, color="var(--ink-soft)"))
            continue
        notes.append(_note(100, y, f"<b>{words.percent(now)}</b>", "right", xshift=9, yshift=18))
        if lower is not None and upper is not None:
            strokes.append(_stroke(y, lower * 100, upper * 100, "var(--band-edge)", 14))
        if first is not None:
            strokes.append(_stroke(y, first * 100, now * 100, "var(--series)", 2))
    firsts = [(f * 100, count - 1 - i) for i, (_, f, now, _, _) in enumerate(rows) if f is not None and now is not None]
    figure.add_scatter(
        x=[x for x, _ in firsts],
        y=[y for _, y in firsts],
        mode="markers",
        marker={"size": 11, "color": "var(--paper)", "line": {"width": 2, "color": "var(--series)"}},
        hoverinfo="skip",
    )
    figure.add_scatter(
        x=[None if now is None else now * 100 for _, _, now, _, _ in rows],
        y=list(range(count - 1, -1, -1)),
        mode="markers",
        marker={"size": 14, "color": "var(--series)", "line": {"width": 2, "color": "var(--paper)"}},
        hoverinfo="text",
        hovertext=[f"<b>{safe_plotly(title)}</b><br>{words.percent(now)}" for title, _, now, _, _ in rows],
        cliponaxis=False,
    )
    # The scale is written by hand so that its ends can stand flush with the lines they belong to.
    for share, side, shift in ((0, "left", -9), (50, "center", 0), (100, "right", 9)):
        text = f"{share}{words.percent_sign}"
        notes.append(_note(share, -0.5, text, side, size=13, color="var(--ink-soft)", xshift=shift, yshift=-12))
    figure.update_layout(annotations=notes, shapes=strokes)
    figure.update_yaxes(visible=False, range=[-0.5, count - 0.3])
    figure.update_xaxes(visible=False, range=[-0.2, 100.2])
    return figure


def ranked(words: Words, rows: Sequence[tuple[str, float, str]], *, color: str = "var(--series)") -> Figure:
    """Bars from the heaviest down. Rows are (label, weight, text beside); the label stands above its bar."""
    count = len(rows)
    figure = _blank(44 * count + 14, right=8, left=2, top=4, bottom=4)
    if not rows:
        return figure
    most = max(weight for _, weight, _ in rows) or 1.0
    ys = range(count - 1, -1, -1)
    figure.add_bar(
        x=[weight for _, weight, _ in rows],
        y=list(ys),
        orientation="h",
        width=0.3,
        marker={"color": color, "line": {"width": 0}},
        hoverinfo="text",
        hovertext=[f"<b>{safe_plotly(label, at_most=90)}</b><br>{beside}" for label, _, beside in rows],
    )
    notes: list[Json] = []
    for y, (label, weight, _) in zip(ys, rows, strict=True):
        notes.append(_note(0, y, safe_plotly(label, at_most=54), "left", size=13, xshift=-3, yshift=16))
        notes.append(_note(weight, y, f"<b>{words.amount(weight)}</b>", "left", size=13, xshift=5))
    figure.update_layout(annotations=notes)
    figure.update_xaxes(visible=False, range=[0, most * 1.16])
    figure.update_yaxes(visible=False, range=[-0.5, count - 0.2])
    return figure


def drift(
    words: Words,
    moments: Sequence[dt.datetime],
    opened: Sequence[int | None],
    closed: Sequence[int | None],
    reopened: Sequence[int | None] = (),
) -> Figure:
    """Differences opened above the line and closed below it, per night. Direction and label tell them apart.

    ``reopened``: how many of the opened had been open before; they stand apart, next to the line.
    """
    figure = _blank(270, left=4, right=4, top=26, bottom=30)
    names = [words.date(m, short=True, year=False) for m in moments]
    # A category axis: nights are evenly apart in the picture whatever their dates, so a bar is never a sliver.
    keys = [str(i) for i in range(len(moments))]
    back = [v or 0 for v in reopened] or [0] * len(keys)
    up = [(v or 0) - b for v, b in zip(opened, back, strict=True)]
    down = [v or 0 for v in closed]
    few = len(moments) <= 12
    bars = [(up, 1, "var(--opened)", "opened", "/"), (down, -1, "var(--closed)", "closed", "")]
    if any(back):
        bars.insert(0, (back, 1, "var(--bad)", "reopened", "x"))
    for values, sign, color, key, shape in bars:
        figure.add_bar(
            x=keys,
            y=[sign * v for v in values],
            marker={
                "color": color,
                "pattern": pattern(shape),
            },
            text=[words.integer(v) if v and few and key != "reopened" else "" for v in values],
            textposition="outside",
            textfont={"size": 12, "color": "var(--ink)"},
            textangle=0,
            hoverinfo="text",
            hovertext=[f"{name}<br><b>{words(key + '_n', n=v)}</b>" for name, v in zip(names, values, strict=True)],
            cliponaxis=False,
        )
    top, bottom = max([*(u + b for u, b in zip(up, back, strict=True)), 1]), max([*down, 1])
    figure.update_layout(barmode="relative", bargap=0.55)
    figure.update_yaxes(
        visible=False,
        range=[-bottom - 0.16 * (top + bottom), top + 0.16 * (top + bottom)],
        zeroline=True,
        zerolinecolor="var(--rule-strong)",
    )
    figure.add_hline(y=0, line={"color": "var(--rule-strong)", "width": 1})
    _named_axis(figure, keys, names)
    legend = [
        (words("opened_up"), 0, "var(--opened-ink)"),
        (words("closed_down"), 104, "var(--closed-ink)"),
    ]
    if any(back):
        legend.append((words("reopened_x"), 204, "var(--bad)"))
    for text, shift, color in legend:
        figure.add_annotation(
            x=0,
            xref="paper",
            xanchor="left",
            xshift=shift,
            y=1,
            yref="paper",
            yanchor="bottom",
            text=f"<b>{text}</b>",
            showarrow=False,
            font={"size": 13, "color": color},
        )
    return figure
