"""A figure as plotly.js reads it, in plain dicts and lists.

Plotly's own Python classes check every property of every figure as it is set, which costs more than all else of a page:
here the tests put each figure through them (tests/unit/test_dashboards.py), and a night does without.
"""

from __future__ import annotations

import datetime as dt
from typing import Any, Final

Json = dict[str, Any]

_TEMPLATE: Final[Json] = {"data": {"scatter": [{"type": "scatter"}]}}


class Figure:
    """Traces and a layout. A property that is None is left out, as plotly does."""

    def __init__(self, layout: Json) -> None:
        self.data: list[Json] = []
        self.layout: Json = {
            "template": _TEMPLATE,
            **layout,
            "xaxis": {**layout["xaxis"]},
            "yaxis": {**layout["yaxis"]},
        }

    def add_scatter(self, **properties: Any) -> None:
        """Add points and lines."""
        self.data.append({"type": "scatter", **properties})

    def add_bar(self, **properties: Any) -> None:
        """Add bars."""
        self.data.append({"type": "bar", **properties})

    def add_annotation(self, **properties: Any) -> None:
        """Add a text at a place."""
        self.layout.setdefault("annotations", []).append(properties)

    def add_hline(self, *, y: float, line: Json) -> None:
        """Add a line across the whole plot."""
        across = {"type": "line", "x0": 0, "x1": 1, "xref": "x domain", "y0": y, "y1": y, "yref": "y", "line": line}
        self.layout.setdefault("shapes", []).append(across)

    def update_layout(self, **properties: Any) -> None:
        """Set properties of the layout."""
        self.layout |= properties

    def update_xaxes(self, **properties: Any) -> None:
        """Set properties of the x axis."""
        self.layout["xaxis"] |= properties

    def update_yaxes(self, **properties: Any) -> None:
        """Set properties of the y axis."""
        self.layout["yaxis"] |= properties

    def spec(self) -> Json:
        """The figure as JSON holds it."""
        spec: Json = _told({"data": self.data, "layout": self.layout})
        return spec


def _told(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _told(each) for name, each in value.items() if each is not None}
    if isinstance(value, list | tuple):
        return [_told(each) for each in value]
    return value.isoformat() if isinstance(value, dt.date) else value
