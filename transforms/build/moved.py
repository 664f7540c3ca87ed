"""Who moved: what each domain changed in its own build since the night before, kept as a history of changes.

A domain's item of tonight is that of the night before where both are called alike under one id; else where both are the
same match or unmatched item; else where they have one id. So a domain whose ids were all given anew did not move. What
two domains did about the same thing, and whether it brought them together, is read from this history by the view
``published.moved``.
"""

from __future__ import annotations

from collections.abc import Sequence

from transforms.build import standing
from transforms.build.measure import METHOD_VERSION
from transforms.catalogue import Catalogue
from transforms.catalogue.tables import Pair
from transforms.land.canonical import define_units
from transforms.warehouse import Night, Sql

HISTORY = ("change", "change_gone")
"""The tables of moved_tables.sql that keep what earlier nights found."""

_IN_UNITS = """
SELECT count(*)
FROM value_change v
JOIN item_pair k USING (now_no)
JOIN catalogue.attribute a ON a.entity_no = k.entity_no AND a.place = v.place
WHERE a.unit_place IS NOT NULL
"""


def run(night: Night, catalogue: Catalogue, pairs: Sequence[Pair]) -> int:
    """Add tonight's changes to ``measured.change``, and say where each of several domains stands. Returns changes.

    Nothing is said to have changed where the table or the column was not delivered both times, or was not described,
    nor where the night before is of an older layout.
    """
    night.execute(f"SET VARIABLE night_id = {night.number}; SET VARIABLE carried = {night.carried}")
    night.run("moved_tables.sql")
    standing.run(night, METHOD_VERSION)
    night.carry_history("measured", (*HISTORY, *standing.HISTORY))
    if night.previous and night.has(Sql("previous.catalogue.entity")):
        night.run("moved_items.sql")
        while night.value("SELECT count(*) FROM link"):
            night.run("moved_round.sql")
        night.run("moved_history.sql")
        night.run("moved_values.sql")
        if night.value(_IN_UNITS):
            define_units(night)
            night.run("moved_units.sql")
        night.run("moved_close.sql")
    if night.previous:
        night.run("moved_identity.sql")
    return int(night.value("SELECT count(*) FROM measured.change WHERE night_id = ?", [night.number]))
