"""Date pictures as people write them (CCL, Oracle) and as strptime does."""

from __future__ import annotations

import re

# The longest first; "mm" after hours is minutes.
_WORDS = (
    ("yyyy", "%Y"), ("rrrr", "%Y"), ("hh24", "%H"), ("hh12", "%I"), ("mmmm", "%B"), ("month", "%B"), ("mmm", "%b"),
    ("mon", "%b"), ("yy", "%y"), ("rr", "%y"), ("dd", "%d"), ("hh", "%H"), ("mi", "%M"), ("mm", "%m"), ("ss", "%S"),
    ("ff3", "%g"), ("ff", "%g"), ("cc", "%g"), ("am", "%p"), ("pm", "%p"), ("d", "%d"), ("m", "%m"), ("h", "%H"),
)  # fmt: skip


def strptime_picture(text: str) -> str:
    """The picture in strptime's words: ``dd-mmm-yyyy hh:mm:ss``, ``mm/dd/yy;;d`` or ``%d.%m.%Y``.

    Raises ValueError for one that holds anything else, or neither a year, a month nor a day.
    """
    given = re.sub(r";;[a-z]$", "", text.strip(), flags=re.IGNORECASE)
    picture = given if "%" in given else _translated(given)
    fields = set(re.findall(r"%[a-zA-Z]", picture))
    unknown = fields - set("%Y %y %m %b %B %d %H %I %M %S %g %f %p %z %j".split())
    if unknown or re.search(r"%(?![a-zA-Z])", picture):
        raise ValueError(f"'{text}' is no date picture; write it as dd-mmm-yyyy hh:mm:ss or %d-%b-%Y %H:%M:%S")
    if not (fields & {"%Y", "%y"} and fields & {"%m", "%b", "%B", "%j"} and fields & {"%d", "%j"}):
        raise ValueError(f"'{text}' is no date picture; it lacks a year, a month or a day")
    return picture


def _translated(text: str) -> str:
    picture, rest, hours = "", text, False
    while rest:
        word = next((w for w in _WORDS if rest.lower().startswith(w[0])), None)
        if word is None:
            letter = rest[0]
            if letter.isalpha() and not (letter == "T" and picture.endswith("%d")):
                raise ValueError(f"'{text}' is no date picture; write it as dd-mmm-yyyy hh:mm:ss or %d-%b-%Y %H:%M:%S")
            picture, rest = picture + letter, rest[1:]
            continue
        written, meant = word
        if meant == "%m" and hours and "%M" not in picture:
            meant = "%M"
        hours = hours or meant in ("%H", "%I")
        picture, rest = picture + meant, rest[len(written) :]
    return picture.replace("%H", "%I") if "%p" in picture else picture


__all__ = ["strptime_picture"]
