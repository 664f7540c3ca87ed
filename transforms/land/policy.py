"""What the door is told: how many bad rows a file may have, what is done about personal data, how far archives unpack.

The defaults are the safe ones. ``likare.toml`` sets others under ``[landing]``; flows/settings.py reads it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field, field_validator

from transforms.land.screen import Action, Kinds
from transforms.land.screen import Policy as Screening
from transforms.words.strict import Strict

Share = Annotated[float, Field(ge=0, le=1)]
_UNITS = {"KB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12}


class Limits(Strict):
    """When a file is refused whole: above ``max_bad_share`` of its rows, from ``min_bad_rows`` bad rows on.

    None in a table's own limits: as for every other table.
    """

    max_bad_share: Share | None = None
    min_bad_rows: Annotated[int, Field(ge=1)] | None = None


class LandingPolicy(Strict):
    """The rules of the door.

    ``max_bad_share`` and ``min_bad_rows`` as in Limits, with ``tables`` for the exceptions. ``max_unpacked``: how
    much a delivery may unpack to, ``max_ratio``: how many times its packed size. ``personal_data``: what a finding
    of each kind does, in place of screening.yaml's. ``pseudonym_key``: with which staff ids are replaced where the
    catalogue says so; without one they are dropped.
    """

    max_bad_share: Share = 0.2
    min_bad_rows: Annotated[int, Field(ge=1)] = 25
    tables: Mapping[str, Limits] = {}
    max_unpacked: Annotated[str, Field(pattern=r"^[0-9]+(\.[0-9]+)? ?[KMGT]B$")] = "100GB"
    max_ratio: Annotated[float, Field(ge=2)] = 300
    personal_data: Mapping[str, Action] = {}
    pseudonym_key: bytes | None = Field(default=None, repr=False, exclude=True)

    @field_validator("personal_data")
    @classmethod
    def _known_kinds(cls, value: Mapping[str, Action]) -> Mapping[str, Action]:
        for kind in value:
            if kind not in Kinds.model_fields:
                raise ValueError(f"'{kind}' is no kind of finding; known here: {', '.join(Kinds.model_fields)}")
        return value

    def limits(self, table: str) -> tuple[float, int]:
        """The share of bad rows above which a file of the table is refused, and the number from which that counts."""
        own = next((own for name, own in self.tables.items() if name.upper() == table.upper()), Limits())
        share = self.max_bad_share if own.max_bad_share is None else own.max_bad_share
        return share, self.min_bad_rows if own.min_bad_rows is None else own.min_bad_rows

    def screening(self, built_in: Screening) -> Screening:
        """The rules of the screening with this policy's actions."""
        return built_in.model_copy(update={"kinds": built_in.kinds.model_copy(update=dict(self.personal_data))})

    @property
    def unpacked_bytes(self) -> int:
        """``max_unpacked`` in bytes."""
        number, unit = self.max_unpacked[:-2].strip(), self.max_unpacked[-2:]
        return int(float(number) * _UNITS[unit])


__all__ = ["Limits", "LandingPolicy"]
