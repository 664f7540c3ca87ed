"""Who is told how a run goes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class StepRun:
    """What a step took: its duration in seconds and the rows it made (which rows: see the step's function)."""

    step: str
    seconds: float
    rows: int


class Watcher:
    """Is told how a run goes. This one keeps it to itself."""

    def planned(self, steps: int) -> None:
        """So many steps are still to come, as far as is known now."""

    def started(self, step: str, as_of: datetime | None) -> None:
        """A step begins."""

    def detail(self, text: str) -> None:
        """What the step is at."""

    def ended(self, run: StepRun, as_of: datetime | None) -> None:
        """A step ended well."""
