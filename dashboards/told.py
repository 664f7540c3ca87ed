"""What the publication tells in English sentences of its own, in the reader's language where the sentence is known."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from dashboards.text import Words

# A sentence of the publication (register/decide_*.sql.j2, build/views/process.sql) and its key in i18n_further.yaml.
_SENTENCES: Final = (
    (r"both it and (?P<others>.+) cover (?P<n>\d+) of the same differences; neither governs them", "told.both_cover"),
    (
        r"the builds have moved since it was recorded: (?P<n>\d+) of (?P<all>\d+) differences are open again",
        "told.moved",
    ),
    (
        r"both builds have come to agree on something else than was ruled: (?P<n>\d+) places?, such as (?P<such>.+); "
        r"rule anew, or take it up with the regions",
        "told.instead",
    ),
    (r"in (?P<n>\d+) of (?P<all>\d+) both have come to agree on something else than was ruled", "told.instead_of"),
    (r"(?P<n>\d+) of (?P<all>\d+) were there once and are not any more", "told.lost"),
    (r"its extract shows it before it was said to be built", "told.early"),
    (r"said to be built, but its extract lacks (?P<n>\d+) of (?P<all>\d+)", "told.lacks"),
    (r"said to be delivered, but the extracts still differ", "told.delivered"),
)
_KNOWN: Final = [(re.compile(pattern, re.DOTALL), key) for pattern, key in _SENTENCES]
_FIELDS: Final = {"entity": "entity_type", "attribute": "attribute", "area": "area", "kind": "explore_kind"}


def note(words: Words, text: str | None) -> str | None:
    """Return a note of the publication in the reader's words; one that is not known stands as it is."""
    for pattern, key in _KNOWN if text else ():
        found = pattern.fullmatch(text or "")
        if found:
            return words(key, **found.groupdict())
    return text


def covers(words: Words, text: str | None, titles: Mapping[str, str]) -> str | None:
    """Return what a rule covers ("entity a or b, attribute c") with its fields and entity types by their titles."""
    if text is None:
        return None
    parts = []
    for part in text.split(", "):
        field, _, values = part.partition(" ")
        if field not in _FIELDS or not values:
            return text
        named = [titles.get(value, value.replace("_", " ")) for value in values.split(" or ")]
        parts.append(f"{words(_FIELDS[field]).lower()} {words('or_word').join(named)}")
    return ", ".join(parts)
