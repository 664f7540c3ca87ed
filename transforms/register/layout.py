"""What a worklist's sheets hold, column by column: said once, for writing them and for taking them back."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

VERSION = "2"
META = "_likare"
GUIDE, BASES = "Läs mig", "Grunder"
# Headings of the columns that the program writes, and of those that people do.
OURS = (
    "Nr", "Post", "Hör till", "Skillnad", "Egenskap", "{a}", "{b}", "Förklarar", "Hävstång", "Öppen sedan", "Förslag",
    "Skäl för förslaget",
)  # fmt: skip
THEIRS = ("Beslut", "Värde", "Motivering", "Grund", "Ansvarig roll", "Gäller till", "Kontroll")
ID = "Likare-id"
NUMBERS = {OURS.index(h) for h in ("Nr", "Förklarar", "Hävstång")}
KINDS = {"changed": "olika värde", "moved": "flyttad", "only_a": "bara i {a}", "only_b": "bara i {b}"}
RULES = {
    "national": "nationell kodlista", "vendor": "leverantörens innehåll", "majority": "flest domäner",
    "usage": "användning", "precedent": "tidigare beslut", "expected local": "väntas vara lokal",
}  # fmt: skip
FLAGS = {"1": "ja", "0": "nej"}


@dataclass(frozen=True)
class Sides:
    """A pair of domains by name and by the title people know them by."""

    pair_id: str
    domain_a: str
    domain_b: str
    title_a: str
    title_b: str

    @property
    def rulings(self) -> dict[str, tuple[str, str | None]]:
        """What a person may choose, as shown, with the ruling and the domain it stands for."""
        return {
            f"Anta {self.title_a}": ("adopt", self.domain_a),
            f"Anta {self.title_b}": ("adopt", self.domain_b),
            "Annat värde": ("standard", None),
            "Behåll lokalt": ("keep_local", None),
            "Avveckla": ("retire", None),
            "Skjut upp": ("defer", None),
        }

    def shown(self, ruling: str, adopt: str | None) -> str:
        """The ruling as a person chooses it."""
        return next(text for text, meant in self.rulings.items() if meant == (ruling, adopt))


def headings(sides: Sides) -> list[str]:
    """All headings of a sheet, the hidden id last."""
    return [h.format(a=sides.title_a, b=sides.title_b) for h in OURS] + [*THEIRS, ID]


def shown(row: dict[str, Any], side: str) -> str | None:
    """What a side says, as people read it: a flag as ja or nej, a missing value and a missing item in words."""
    value = row[f"value_{side}"]
    if row["kind"] in ("only_a", "only_b"):
        return "finns" if row["kind"] == f"only_{side}" else "saknas"
    if value is None:
        return "(inget värde)"
    return FLAGS.get(value, value) if row["attribute_kind"] == "flag" else str(value)


def cells(n: int, row: dict[str, Any], sides: Sides) -> list[Any]:
    """What the program writes of a row, in the order of ``OURS``."""
    proposal = sides.shown(row["ruling"], row["adopt"]) if row["ruling"] else None
    if proposal == "Annat värde":
        proposal = f"{proposal}: {row['value']}"
    return [
        n, row["label"], row["root_label"], KINDS[row["kind"]].format(a=sides.title_a, b=sides.title_b),
        row["attribute_title"], shown(row, "a"), shown(row, "b"), row["explains"], row["leverage"], row["opened_at"],
        proposal, f"{RULES[row['rule']]}: {row['evidence_sv']}" if row["rule"] else None,
    ]  # fmt: skip


def said(row: dict[str, Any]) -> str:
    """A hash of what the two builds say: a row that says something else when it comes back has changed meanwhile."""
    return _hash(row["kind"], row["value_a"], row["value_b"])


def as_written(values: Sequence[Any]) -> str:
    """A hash of a row's own cells as the workbook holds them: a row that was pasted over is told by it."""
    return _hash(*(None if v is None or v == "" else str(v).strip() for v in values))


def stable(values: Sequence[Any]) -> list[Any]:
    """The cells that are not numbers: a spreadsheet program may write a number otherwise than it read it."""
    return [v for i, v in enumerate(values) if i not in NUMBERS]


def _hash(*values: Any) -> str:
    return hashlib.sha256(repr(values).encode()).hexdigest()[:16]
