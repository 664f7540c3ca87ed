"""The words that all parts of the catalogue are written in: names, titles, conditions, patterns."""

from __future__ import annotations

import fnmatch
import functools
import re
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, model_validator

from transforms.words.strict import Strict

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=60)]


def _both_languages(value: Any) -> Any:
    return {"sv": value, "en": value} if isinstance(value, str) else value


class Bilingual(Strict):
    """A text in Swedish and in English."""

    sv: str
    en: str


Title = Annotated[Bilingual, BeforeValidator(_both_languages)]


class Condition(Strict):
    """A test of one column. Written in YAML as a value, a list of values or one of the words below."""

    one_of: tuple[str, ...] = ()
    none_of: tuple[str, ...] = ()
    present: bool | None = None
    after_snapshot: bool = False
    not_after_snapshot: bool = False

    @model_validator(mode="before")
    @classmethod
    def _short_forms(cls, value: Any) -> Any:
        if isinstance(value, bool):
            return {"one_of": [str(int(value))]}
        if isinstance(value, str | int | float):
            return {"one_of": [str(value)]}
        if isinstance(value, list):
            return {"one_of": [str(v) for v in value]}
        if isinstance(value, dict):
            renamed = {
                {"not": "none_of", "after": "after_snapshot", "not_after": "not_after_snapshot"}.get(k, k): v
                for k, v in value.items()
            }
            for key in ("one_of", "none_of"):
                if key in renamed:
                    found = renamed[key]
                    renamed[key] = [str(v) for v in (found if isinstance(found, list) else [found])]
            for key in ("after_snapshot", "not_after_snapshot"):
                if key in renamed:
                    if renamed[key] not in ("snapshot", True):
                        raise ValueError("the only time a column can be tested against is 'snapshot'")
                    renamed[key] = True
            return renamed
        return value


Conditions = dict[str, Condition]


def as_texts(value: Any) -> Any:
    """A value, or the values of a list, as a list of texts; everything else as it is."""
    if isinstance(value, str | int | float):
        value = [value]
    return [str(v) for v in value] if isinstance(value, list) else value


def fits(name: str, patterns: tuple[str, ...]) -> bool:
    """Whether the name is like one of the patterns (``*`` and ``?``), in upper or lower case."""
    return _like(patterns).match(name.upper()) is not None


@functools.lru_cache
def _like(patterns: tuple[str, ...]) -> re.Pattern[str]:
    # Asked of every column of every file: one expression, not a dozen patterns.
    return re.compile("|".join(fnmatch.translate(pattern.upper()) for pattern in patterns) or "(?!)")
