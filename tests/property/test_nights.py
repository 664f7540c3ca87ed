"""A night that begins as a copy of the one before says what one built from nothing says, table for table."""

from __future__ import annotations

import copy
import random
import tempfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.property.test_core import ENTITIES, ID_COLUMN, Build, another_way, pairs, small
from tests.support.builds import FIRST_NIGHT, House, house
from tests.support.readings import some
from transforms.build.reviewed import Reviewed

# What the types of test_core lack: a label taken from another item (of one that comes later too, and of several types),
# a reference by value, a joined table, the newest version of a thing.
FURTHER = (
    """
    entity: entry
    title: Entry
    area: one
    source:
      table: DETAIL
      local_id: DETAIL_ID
      joins: {code: {table: CODE_VALUE, on: {CODE_VALUE: P_ID}, where: {END_DT: {after: snapshot}}}}
    label: about
    keys: [{on: [field, named], certain: false}, about]
    attributes:
      field: {column: FIELD}
      named: {column: code.DISPLAY, compare: text}
      about: {column: P_ID, references: [shown, code_value]}
      like: {column: FIELD, references: {to: shown, by: text}}
    """,
    """
    entity: shown
    title: Shown
    area: one
    source:
      table: SENTENCE
      local_id: SENTENCE_ID
      latest: {per: SYNONYM_ID, by: SEQ}
    label: synonym
    keys: [synonym]
    attributes:
      synonym: {column: SYNONYM_ID, references: synonym}
      text: {column: TEXT, compare: text}
    """,
)
DATES = ["", "31-DEC-2100", "01-JAN-2020", "04-MAR-2026", "06-MAR-2026", "2026-03-05 00:00:00"]


def changed(build: Build, chance: random.Random) -> Build:
    """The build as it stands the next time."""
    build = copy.deepcopy(build)
    table = chance.choice(sorted(build))
    rows = build[table]
    match chance.randrange(7):
        case 0:
            return another_way(build, chance.randrange(10_000))
        case 1:
            chance.shuffle(rows)
        case 2 if len(rows) > 1:
            rows.remove(chance.choice(rows))
        case 3:
            rows.append({**chance.choice(rows), ID_COLUMN[table]: str(chance.randrange(600, 999))})
        case _:
            for row in chance.sample(rows, min(len(rows), 2)):
                column = chance.choice(sorted(row.keys() - {ID_COLUMN[table]}))
                row[column] = chance.choice(DATES) if column == "END_DT" else chance.choice(rows).get(column, "")
    return build


def delivered(build: Build, chance: random.Random) -> Build:
    """The build as it is delivered: now and then without a table or a column."""
    table = chance.choice(sorted(build))
    match chance.randrange(6):
        case 0:
            return {name: rows for name, rows in build.items() if name != table}
        case 1:
            column = chance.choice(sorted(build[table][0].keys() - {ID_COLUMN[table]}))
            return {**build, table: [{k: v for k, v in row.items() if k != column} for row in build[table]]}
    return build


@pytest.fixture(scope="module")
def catalogue(tmp_path_factory: pytest.TempPathFactory) -> Any:
    return house(tmp_path_factory.mktemp("nights"), *ENTITIES, *FURTHER).catalogue


def told(night: Any, views: bool = True) -> dict[str, list[tuple[Any, ...]]]:
    """Every table of a night, but how long it took; and every view, which is made of them."""
    tables = night.con.execute("SELECT schema_name, table_name FROM duckdb_tables()").fetchall()
    if views:
        tables += night.con.execute(
            "SELECT schema_name, view_name FROM duckdb_views() WHERE schema_name = 'published'"
        ).fetchall()
    return {
        f"{schema}.{name}": night.rows(f'{schema}."{name}"', "*")
        for schema, name in sorted(tables)
        if f"{schema}.{name}" not in ("measured.step", "published.step", "main.built_under")
    }


@small(3)
@given(sides=pairs(), seed=st.integers(0, 10_000))
def test_a_carried_night_is_the_night_built_from_nothing(catalogue: Any, sides: Any, seed: int) -> None:
    chance = random.Random(seed)
    builds = {"a": sides[0], "b": sides[1]} | ({"c": another_way(sides[0], seed)} if seed % 3 == 1 else {})
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as other:
        carrying = House(Path(one), catalogue, tuple(builds))
        building = House(Path(other), catalogue, tuple(builds), carries=False)
        due = dict(builds)
        for day in range(1, 6):
            at = FIRST_NIGHT + timedelta(days=day)
            night = carrying.night(at, **due)
            # The same tables give the same views: those of the last night are enough.
            carried, anew = told(night, day == 5), told(building.night(at, **due), day == 5)
            assert carried.keys() == anew.keys()
            assert [name for name in anew if carried[name] != anew[name]] == [], f"night {day} of seed {seed}"
            moved = chance.sample(sorted(builds), chance.choice([0, 1, 1, 2]))
            builds |= {domain: changed(builds[domain], chance) for domain in moved}
            due = {domain: delivered(builds[domain], chance) for domain in moved}
            # People rule on what this night shows; the rulings are there from the next one on.
            ruled = (
                *carrying.reviewed.readings[chance.choice([0, 0, 1]) :],
                *some(carrying, night, chance, chance.choice([0, 2])),
            )
            carrying.reviewed = building.reviewed = Reviewed(ruled)
        carrying.close()
        building.close()
