"""Words and numbers in the reader's language, and untrusted text made safe to show.

``Words`` looks sentences up in ``i18n*.yaml`` and writes numbers as the language does (81,3 % · 81.3%). ``safe_html``
and ``safe_plotly`` are the two ways text from an extract reaches a page.
"""

from __future__ import annotations

import datetime as dt
import re
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any, Final

import yaml
from markupsafe import Markup, escape

from transforms.words.yamlfile import LOADER

LANGUAGES: Final = ("sv", "en")
_FILES: Final = ("i18n.yaml", "i18n_explore.yaml", "i18n_pages.yaml", "i18n_further.yaml")
NBSP: Final = "\u00a0"
MINUS: Final = "\u2212"
_MONTHS: Final = {
    "sv": "januari februari mars april maj juni juli augusti september oktober november december".split(),
    "en": "January February March April May June July August September October November December".split(),
}
# Characters that show nothing yet change how their neighbours show: C0/C1 controls and bidirectional marks.
_INVISIBLE: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
_FOLD_AT: Final = 140


@cache
def _sentences() -> dict[str, dict[str, Any]]:
    loaded: dict[str, dict[str, Any]] = {}
    for name in _FILES:
        loaded |= yaml.load(files("dashboards").joinpath(name).read_text("utf-8"), LOADER)  # noqa: S506 (a safe one)
    return loaded


class Words:
    """One language's sentences and number formats. An unknown sentence raises ``KeyError``."""

    def __init__(self, language: str) -> None:
        if language not in LANGUAGES:
            raise KeyError(language)
        self.language = language

    def __call__(self, key: str, **values: object) -> str:
        """Return the sentence ``key`` with its places filled. ``n`` (an int) chooses singular or plural."""
        entry = _sentences()[key][self.language]
        if isinstance(entry, dict):
            count = values["n"]
            entry = entry["one" if count == 1 else "other"]
            if isinstance(count, int):
                values["n"] = self.integer(count)
        return str(entry).format(**values)

    def entries(self, key: str) -> Any:
        """Return the entries of a list of sentences."""
        return _sentences()[key][self.language]

    def below(self, prefix: str) -> dict[str, Any]:
        """Return the sentences whose key begins with ``prefix.``, unfilled, as a tree by the rest of the key."""
        tree: dict[str, Any] = {}
        for key, entry in _sentences().items():
            first, *rest = key.split(".")
            if first == prefix and rest:
                at = tree
                for part in rest[:-1]:
                    at = at.setdefault(part, {})
                at[rest[-1]] = entry[self.language]
        return tree

    def has(self, key: str) -> bool:
        """Tell whether there is a sentence ``key``."""
        return key in _sentences()

    def known(self, prefix: str, value: object) -> str:
        """Return the sentence ``prefix.value`` where there is one, else the value itself as text."""
        return self(f"{prefix}.{value}") if self.has(f"{prefix}.{value}") else str(value)

    def title(self, row: object, name: str) -> str:
        """Return the title of what ``row.<name>`` names, in this language; the name itself if it has none."""
        prefix = "title" if hasattr(row, f"title_{self.language}") else name
        return str(getattr(row, f"{prefix}_{self.language}", None) or getattr(row, name))

    def percent(self, share: float | None, *, digits: int = 1) -> str:
        """Write a share (0–1). Rounding never turns "almost" into all or "a little" into none."""
        if share is None:
            return self("not_measurable")
        least = 10.0**-digits
        shown = share * 100
        if 0 < shown < least:
            return f"<{NBSP}{self.decimal(least, digits)}{self.percent_sign}"
        if 100 - least < shown < 100:
            return f">{NBSP}{self.decimal(100 - least, digits)}{self.percent_sign}"
        return f"{self.decimal(shown, digits)}{self.percent_sign}"

    @property
    def percent_sign(self) -> str:
        """The sign with the blank, or none, that the language puts before it."""
        return f"{NBSP}%" if self.language == "sv" else "%"

    def points(self, change: float) -> str:
        """Write a change of a share (0–1) without its sign, in percentage points."""
        shown = round(abs(change) * 100, 1)
        if shown == 0 and change != 0:
            return self("points_small")
        return self("points", n=shown, number=self.decimal(shown, 1)).replace(" ", NBSP, 1)

    def signed_points(self, change: float | None) -> str:
        """Write a change of a share (0–1) with its sign, in percentage points without the word."""
        if change is None:
            return "–"
        shown = round(change * 100, 1)
        if shown == 0:
            return f"±{self.decimal(0, 1)}"
        return f"{'+' if shown > 0 else MINUS}{self.decimal(abs(shown), 1)}"

    def decimal(self, number: float | None, digits: int = 1) -> str:
        """Write a number with a fixed number of decimals, thousands apart."""
        if number is None:
            return "–"
        text = f"{abs(number):,.{digits}f}"
        if self.language == "sv":
            text = text.replace(",", NBSP).replace(".", ",")
        return f"{MINUS}{text}" if number < 0 and text.strip(f"0,.{NBSP}") else text

    def integer(self, number: int | float | None) -> str:
        """Write a whole number with its thousands apart."""
        return self.decimal(number, 0)

    def amount(self, number: float | None) -> str:
        """Write a number that may be whole: decimals only where it has them, at most two."""
        if number is None:
            return "–"
        rounded = round(number, 2)
        return self.decimal(rounded, 0 if rounded == int(rounded) else 1 if round(rounded, 1) == rounded else 2)

    def date(self, moment: dt.datetime | None, *, short: bool = False, year: bool = True) -> str:
        """Write a date in words."""
        if moment is None:
            return "–"
        month = _MONTHS[self.language][moment.month - 1]
        if short:
            month = month if len(month) <= 4 else month[:3]
        return f"{moment.day} {month} {moment.year}" if year else f"{moment.day} {month}"

    def month(self, moment: dt.datetime) -> str:
        """Write a month and its year, shortened: for the axis of a series that spans years."""
        return f"{_MONTHS[self.language][moment.month - 1][:3]} {moment.year}"

    def moment(self, moment: dt.datetime | None) -> str:
        """Write a date, and the time of day unless it is midnight."""
        if moment is None:
            return "–"
        if (moment.hour, moment.minute) == (0, 0):
            return self.date(moment)
        return self("date_time", date=self.date(moment), time=f"{moment:%H:%M}")


def _visible(found: re.Match[str]) -> str:
    return f"[U+{ord(found.group()):04X}]"


def plain(text: object) -> str:
    """Return text with invisible and direction-changing characters spelled out, so it cannot pose as another."""
    return _INVISIBLE.sub(_visible, str(text))


# A page of checks shows the same names thousands of times.
@lru_cache(maxsize=4096, typed=True)
def safe_html(text: object, *, fold: bool = True, at_most: int | None = None) -> Markup:
    """Return untrusted text as markup: escaped, isolated from its neighbours' direction, folded or cut when long."""
    if text is None or text == "":
        return Markup('<span class="none">–</span>')
    shown = plain(text)
    if at_most and len(shown) > at_most:
        shown = f"{shown[: at_most - 1]}…"
    if fold and len(shown) > _FOLD_AT:
        first, whole = escape(shown[: _FOLD_AT // 2]), escape(shown)
        return Markup(f'<details class="long"><summary><bdi>{first}…</bdi></summary><bdi>{whole}</bdi></details>')  # noqa: S704
    return Markup(f"<bdi>{escape(shown)}</bdi>")  # noqa: S704


def safe_plotly(text: object, *, at_most: int = 44) -> str:
    """Return untrusted text for a figure: plotly reads a subset of HTML, so its marks are escaped; cut to a length."""
    shown = " ".join(plain(text).split())
    if len(shown) > at_most:
        shown = shown[: at_most - 1].rstrip() + "…"
    return str(escape(shown))
