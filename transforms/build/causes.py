"""What lies behind the differences: which are direct, which follow from others, and what settling them is worth."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from transforms.catalogue import Catalogue
from transforms.catalogue.tables import Pair
from transforms.warehouse import Night

LINKS, TEXT, IDS, TRACE, WORTH = (
    Path(__file__).with_name(f"cause_{name}.sql").read_text(encoding="utf-8")
    for name in ("links", "text", "ids", "trace", "worth")
)


def run(
    night: Night, catalogue: Catalogue, pairs: Sequence[Pair], progress: Callable[[str], None] | None = None
) -> int:
    """Trace every difference to its causes and weigh it. Returns the number of differences that are explained.

    Stands on the compared and measured layers of the night. Fills ``compared.link``, ``difference_cause`` and
    ``worth``: see layers.sql. Raises duckdb.Error with the statement where the database does.
    """
    for links in (LINKS, TEXT, IDS, TRACE):
        night.execute(links)
    night.execute("DELETE FROM compared.worth")
    night.execute(WORTH, [night.number])
    return int(night.value("SELECT count(DISTINCT difference_id) FROM compared.difference_cause WHERE steps > 0"))
