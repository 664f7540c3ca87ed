"""A small project as a user has one: likare.toml, a drawn catalogue, deliveries under data/incoming."""

from __future__ import annotations

from pathlib import Path

from flows.settings import Domain, Settings, load_settings
from tests.support.builds import Build, write_catalogue, write_delivery

UNIT = """
entity: unit
title: {sv: Enhet, en: Unit}
area: one
source: {table: UNIT, local_id: UNIT_ID}
keys: [name]
attributes:
  name: NAME
"""
ORDER = """
entity: order
title: {sv: Ordination, en: Order}
area: two
source: {table: ORDERS, local_id: ORDER_ID}
keys: [name]
attributes:
  name: {column: NAME, compare: text, weight: 2}
  dose: {column: DOSE, compare: number, weight: 3}
  unit: {column: UNIT_ID, references: unit}
"""
LINE = """
entity: line
title: {sv: Rad, en: Line}
area: two
role: component
source: {table: LINE, local_id: LINE_ID}
parent: {entity: order, column: ORDER_ID}
keys: [[parent, number]]
attributes:
  number: NUMBER
  text: {column: TEXT, compare: text}
label: text
"""

# A right-to-left override and an escape sequence, as an extract might hold them.
HOSTILE = "Kalium\u202e\x1b[31m [bold]klorid[/bold]"

A: Build = {
    "UNIT": "UNIT_ID | NAME\n1 | milligram\n2 | millilitre",
    "ORDERS": [
        {"ORDER_ID": "11", "NAME": "Alvedon", "DOSE": "500", "UNIT_ID": "1"},
        {"ORDER_ID": "12", "NAME": "Alvedon forte", "DOSE": "1000", "UNIT_ID": "1"},
        {"ORDER_ID": "13", "NAME": "Bara här", "DOSE": "1", "UNIT_ID": "2"},
        {"ORDER_ID": "14", "NAME": HOSTILE, "DOSE": "1", "UNIT_ID": "1"},
    ],
    "LINE": "LINE_ID | ORDER_ID | NUMBER | TEXT\n1 | 11 | 1 | Svälj hel\n2 | 11 | 2 | Med vatten",
}
B: Build = {
    "UNIT": "UNIT_ID | NAME\n71 | milligram\n72 | gram",
    "ORDERS": [
        {"ORDER_ID": "81", "NAME": "Alvedon", "DOSE": "250", "UNIT_ID": "71"},
        {"ORDER_ID": "82", "NAME": "Alvedon forte", "DOSE": "1000.0", "UNIT_ID": "71"},
        {"ORDER_ID": "84", "NAME": HOSTILE, "DOSE": "2", "UNIT_ID": "71"},
    ],
    "LINE": "LINE_ID | ORDER_ID | NUMBER | TEXT\n5 | 81 | 1 | Svälj hel\n6 | 81 | 2 | Utan vatten",
}


def changed(build: Build, table: str, column: str, value: str) -> Build:
    """The build with one column's value the same in every row of a table that is given as rows."""
    rows = build[table]
    assert not isinstance(rows, str)
    return {**build, table: [{**row, column: value} for row in rows]}


def deliver(settings: Settings, domain: str, at: str, build: Build) -> Path:
    """Put a delivery where the next run finds it."""
    return write_delivery(settings.incoming / domain / at, build)


def make_project(folder: Path) -> Settings:
    """A project in the folder with two domains that have delivered once, and nothing run yet."""
    folder.mkdir(parents=True, exist_ok=True)
    write_catalogue(folder / "catalogue", UNIT, ORDER, LINE)
    (folder / "likare.toml").write_text(
        '[likare]\ncatalogue = "catalogue"\nthreads = 1\n'
        '[[domain]]\nname = "east"\ntitle = "Öst"\n[[domain]]\nname = "west"\ntitle = "Väst"\n',
        encoding="utf-8",
    )
    settings = load_settings({}, folder)
    deliver(settings, "east", "2026-03-01", A)
    deliver(settings, "west", "2026-03-01", B)
    return settings


def of_sample(folder: Path) -> Settings:
    """The settings of a project in the folder whose ``data`` is a sample's; nothing is written."""
    return Settings(
        file=folder / "likare.toml",
        catalogue="millennium",
        data=folder / "data",
        decisions=folder / "decisions",
        crosswalk=folder / "crosswalk",
        domains=(Domain(name="vgr", title="Västra Götalandsregionen"), Domain(name="skane", title="Region Skåne")),
        threads=1,
    )
