"""The metrics of a night and their history. Definitions: docs/metrics.md."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from transforms.build.match import Pair
from transforms.catalogue import Catalogue
from transforms.warehouse import Night, lit

SQL = Path(__file__).with_suffix(".sql").read_text(encoding="utf-8")
METHOD_VERSION = "1"

# The tables that carry every night's rows forward.
HISTORY = (
    "night", "snapshot", "quality_count", "quality_history", "item_count", "entity_count", "attribute_agreement",
    "measure", "watched", "difference_life", "drift", "step",
)  # fmt: skip


@dataclass(frozen=True)
class DomainInfo:
    """A domain as the settings describe it."""

    name: str
    title: str
    programme: str = ""
    ended: bool = False
    vendor_model: bool = False


def run(
    night: Night,
    catalogue: Catalogue,
    pairs: Sequence[Pair],
    domains: Sequence[DomainInfo],
    snapshots: Mapping[str, int],
    as_of: datetime,
) -> int:
    """Fill ``measured`` for this night on top of the history. Returns the number of figures of the night."""
    night.carry_history("measured", HISTORY)
    night.insert("measured.night", [(night.number, as_of, METHOD_VERSION, catalogue.name, catalogue.fingerprint)])
    night.execute("TRUNCATE measured.domain")
    night.insert(
        "measured.domain",
        [(d.name, d.title, d.programme, i, d.ended, d.vendor_model) for i, d in enumerate(domains, 1)],
    )
    night.execute(f"SET VARIABLE night_id = {night.number}; SET VARIABLE method = {lit(METHOD_VERSION)}")
    night.execute(SQL)
    return int(night.value("SELECT count(*) FROM measured.measure WHERE night_id = ?", [night.number]))


def previous_item_counts(night: Night) -> dict[tuple[str, str], int]:
    """Live items by (domain, entity type) in the published night; empty before the first."""
    if not night.previous:
        return {}
    rows = night.rows(
        "SELECT domain, entity, items FROM previous.measured.item_count "
        "WHERE night_id = (SELECT max(night_id) FROM previous.measured.item_count)"
    )
    return {(r[0], r[1]): int(r[2]) for r in rows}


def record_steps(night: Night, steps: Sequence[tuple[str, float, int]]) -> None:
    """Keep (step, seconds, rows) of this night."""
    night.insert("measured.step", [(night.number, *s) for s in steps])
