"""Landed rows are kept as change only, and every file's rows come back exactly as they were delivered."""

import contextlib
import random
from datetime import datetime, timedelta

import pytest

from tests.support.dock import Dock
from tests.support.landed import landed_rows
from transforms.land.history import content_of, rows_of
from transforms.land.landing import Delivery, land
from transforms.warehouse import Sql, Warehouse
from transforms.words.errors import ExtractError, WarehouseError

UNIT = """
entity: unit
title: Unit
area: one
source: {table: UNIT, local_id: ID, files: ["UNIT*.csv"]}
keys: [name]
attributes: {name: {column: NAME}}
"""
COLUMNS = ("ID", "NAME", "DOSE", "FORM")


class Nights(Dock):
    """What is delivered night by night, file by file."""

    def __init__(self, folder):
        super().__init__(folder, UNIT)
        self.nights = 0

    def night(self, *files, domain="a"):
        """Deliver one night of files, each a list of rows (dicts) with its columns in the order of the first row."""
        self.nights += 1
        path = self.folder / f"{self.nights:04d}"
        path.mkdir()
        for place, rows in enumerate(files, 1):
            names = list(rows[0])
            lines = [",".join(names)] + [",".join(f'"{row[n]}"' if row[n] else "" for n in names) for row in rows]
            (path / f"UNIT_{place}.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
        at = datetime(2026, 3, 1) + timedelta(days=self.nights)
        return land(self.session, self.catalogue, Delivery(domain, at, path)).snapshot_id

    def kept(self, snapshot_id, columns=COLUMNS):
        """The rows of a snapshot in the order of its files."""
        files = self.session.rows(
            "SELECT f.file_id, f.columns FROM landed.file f JOIN landed.snapshot_file USING (file_id) "
            "WHERE snapshot_id = ? ORDER BY file_id",
            [snapshot_id],
        )
        found = []
        for file_id, has in files:
            own = [c for c in columns if c in has]
            query = rows_of(self.session, [file_id], database="")
            lines = self.session.rows(f"SELECT {', '.join(own)} FROM ({query}) ORDER BY _row")
            assert self.session.rows(f"SELECT _row FROM ({query}) ORDER BY _row") == [
                (n,) for n in range(1, len(lines) + 1)
            ]
            found += [dict(zip(own, (v or "" for v in line), strict=True)) for line in lines]
        return found

    def versions(self, series="a.UNIT.1"):
        return self.session.value(f'SELECT count(*) FROM data."{series}"')

    def places(self):
        return self.session.value("SELECT count(*) FROM landed.place")

    def contents(self):
        return [r[0] for r in self.session.rows("SELECT content FROM landed.file ORDER BY file_id")]


@pytest.fixture
def dock(tmp_path):
    with contextlib.closing(Nights(tmp_path)) as made:
        yield made


def build(count, chance=None):
    return [{"ID": str(i), "NAME": f"Ordination {i}", "DOSE": str(i % 7), "FORM": ""} for i in range(count)]


def plain(rows, columns=COLUMNS):
    return [{c: row[c] for c in columns if c in row} for row in rows]


def test_a_delivery_with_few_changes_stores_only_these(dock):
    rows = build(1000)
    first = dock.night(rows)
    changed = [dict(row) for row in rows]
    changed[500]["NAME"] = "Annat"
    del changed[20]
    changed.insert(3, {"ID": "5000", "NAME": "Nytt", "DOSE": "1", "FORM": ""})
    second = dock.night(changed)
    assert dock.versions() == 1002
    assert dock.places() < 10
    assert dock.kept(first) == plain(rows)
    assert dock.kept(second) == plain(changed)


def test_row_numbers_are_those_of_each_delivery(dock):
    rows = build(50)
    dock.night(rows)
    dock.night([{"ID": "x", "NAME": "Först", "DOSE": "", "FORM": ""}, *rows])
    query = landed_rows(dock.session, "UNIT")
    assert dock.session.rows(f"SELECT _file_id, _row FROM ({query}) WHERE ID = '7' ORDER BY ALL") == [(1, 8), (2, 9)]


def test_the_same_content_in_another_order_stores_no_row(dock):
    rows = build(200)
    first = dock.night(rows)
    shuffled = random.Random(3).sample(rows, len(rows))
    second = dock.night(shuffled)
    assert dock.versions() == 200
    assert len(set(dock.contents())) == 1
    assert dock.kept(first) == plain(rows)
    assert dock.kept(second) == plain(shuffled)


def test_equal_rows_are_counted(dock):
    row = {"ID": "1", "NAME": "Samma", "DOSE": "", "FORM": ""}
    nights = [[row] * n + build(5) for n in (3, 1, 4, 2)]
    ids = [dock.night(rows) for rows in nights]
    for snapshot_id, rows in zip(ids, nights, strict=True):
        assert dock.kept(snapshot_id) == plain(rows)
    # Three at first, of which one went on, three more came in the third night.
    assert dock.versions() == 5 + 3 + 3


def test_columns_reordered_are_no_change_and_one_added_empty_is_none_either(dock):
    rows = build(100)
    first = dock.night(rows)
    turned = [{c: row[c] for c in ("FORM", "NAME", "ID", "DOSE")} for row in rows]
    second = dock.night(turned)
    wider = [{**row, "EXTRA": ""} for row in turned]
    third = dock.night(wider)
    assert dock.versions() == 100
    dropped = [{c: row[c] for c in ("ID", "NAME", "DOSE")} for row in rows]
    fourth = dock.night(dropped)
    assert dock.versions() == 100
    assert dock.kept(first) == dock.kept(second) == plain(rows)
    assert dock.kept(third, (*COLUMNS, "EXTRA")) == plain(wider, (*COLUMNS, "EXTRA"))
    assert dock.kept(fourth) == dropped


def test_an_added_column_with_values_is_a_change_of_the_rows_that_have_one(dock):
    rows = build(100)
    first = dock.night(rows)
    wider = [{**row, "EXTRA": "1" if i < 10 else ""} for i, row in enumerate(rows)]
    second = dock.night(wider)
    assert dock.versions() == 110
    narrow = [{k: v for k, v in row.items() if k != "EXTRA"} for row in wider]
    third = dock.night([*narrow[:-1], {**narrow[-1], "NAME": "Sist"}])
    assert dock.kept(first) == plain(rows)
    assert dock.kept(second, (*COLUMNS, "EXTRA")) == plain(wider, (*COLUMNS, "EXTRA"))
    assert dock.kept(third)[:10] == plain(rows)[:10]


def test_a_missing_value_and_an_empty_one_are_two(dock):
    path = dock.folder / "0000"
    for name, text in (("one", 'ID,NAME\n1,""\n2,x\n'), ("two", "ID,NAME\n1,\n2,x\n")):
        (path / name).mkdir(parents=True)
        (path / name / "UNIT_1.csv").write_text(text)
        land(dock.session, dock.catalogue, Delivery("a", datetime(2026, 1, len(name) + (name == "two")), path / name))
    query = landed_rows(dock.session, "UNIT")
    found = dock.session.rows(f"SELECT NAME FROM ({query}) WHERE ID = '1' ORDER BY _file_id")
    assert len(set(dock.contents())) == len(set(found))


def test_yesterdays_file_that_comes_back_is_not_stored_again(dock):
    rows, other = build(30), build(40)
    first, second, third = dock.night(rows), dock.night(other), dock.night(rows)
    assert dock.session.value("SELECT count(*) FROM landed.file") == 2
    assert dock.kept(first) == dock.kept(third) == plain(rows)
    assert dock.kept(second) == plain(other)
    fourth = dock.night([*other, *build(1)])
    assert dock.kept(fourth) == plain([*other, *build(1)])
    assert dock.versions() == 41


def test_a_table_in_several_files_is_kept_file_by_file(dock):
    one, two = build(20), [{**row, "ID": row["ID"] + "b"} for row in build(20)]
    first = dock.night(one, two)
    second = dock.night([*one, *build(1)], [*two[:3], *two[4:]])
    assert (dock.versions("a.UNIT.1"), dock.versions("a.UNIT.2")) == (21, 20)
    assert dock.kept(first) == plain([*one, *two])
    assert dock.kept(second) == plain([*one, *build(1), *two[:3], *two[4:]])


@pytest.mark.parametrize("seed", range(3))
def test_every_file_comes_back_as_it_was_after_many_nights(dock, seed):
    chance = random.Random(seed)
    nights, ids = [build(30)], []
    ids.append(dock.night(nights[0]))
    for _ in range(8):
        rows = [dict(row) for row in nights[-1]]
        for _ in range(chance.choice([0, 1, 3, 10])):
            place = chance.randrange(len(rows))
            match chance.randrange(5):
                case 0:
                    rows.insert(place, dict(chance.choice(rows)))
                case 1 if len(rows) > 2:
                    rows.pop(place)
                case 2:
                    rows[place]["DOSE"] = str(chance.randrange(3))
                case 3:
                    rows.insert(chance.randrange(len(rows)), rows.pop(place))
                case _:
                    chance.shuffle(rows)
        nights.append(rows)
        ids.append(dock.night(rows))
    for snapshot_id, rows in zip(ids, nights, strict=True):
        assert dock.kept(snapshot_id) == plain(rows)


def test_what_a_file_holds_is_the_same_told_from_the_file_and_from_the_archive(dock):
    for count in (10, 12, 11):
        dock.night(build(count))
    for file_id, content, columns in dock.session.rows("SELECT file_id, content, columns FROM landed.file"):
        rows = Sql(f"({rows_of(dock.session, [file_id], database='')})")
        assert content_of(dock.session, rows, columns) == content


@pytest.mark.parametrize("name", ["_ROW", "_from", "_TO"])
def test_a_column_may_not_take_a_name_of_the_archive(dock, name):
    with pytest.raises(ExtractError, match=f"UNIT_1.csv: a column may not be called {name.upper()}; give it another"):
        dock.night([{"ID": "1", name: "x"}])


def test_an_archive_of_the_earlier_layout_is_refused_in_one_line(tmp_path):
    warehouse = Warehouse(tmp_path / "data", threads=1)
    with warehouse.archive() as session:
        session.execute("DROP TABLE landed.place; DROP TABLE landed.made_by")
    with pytest.raises(WarehouseError, match="was written by an earlier version") as caught, warehouse.archive():
        pass
    assert "\n" not in str(caught.value)
