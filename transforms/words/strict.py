"""What people write in files, as types: read strictly, with a short form where there is one."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict


class Strict(BaseModel):
    """A mapping of fields: one that is not known is refused, and what is read does not change."""

    # Most commands read none of the files that most of these describe: each is worked out when it is first read.
    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


def as_tuple(value: Any) -> Any:
    """A single text as the only one of a list; everything else as it is."""
    return (value,) if isinstance(value, str) else value
