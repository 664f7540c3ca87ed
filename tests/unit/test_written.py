"""Dates and numbers are read as their file writes them: stated, told by the values, or named as not to be told."""

import json
from datetime import datetime

import pytest

from tests.support.builds import TEMPLATES, wide, write_catalogue
from transforms.build import normalise
from transforms.build.template import template
from transforms.catalogue import load_catalogue
from transforms.land.landing import Delivery, land
from transforms.land.pictures import strptime_picture
from transforms.warehouse import Warehouse
from transforms.words.errors import ExtractError

HEAD = """
catalogue: drawn
title: Drawn
areas: {one: {title: One}}
conventions:
  dates: ["%d-%b-%Y %H:%M:%S", "%d-%b-%Y", "%Y-%m-%d %H:%M:%S", "%Y-%m-%d"]
"""
UNIT = """
entity: unit
title: Unit
area: one
source: {table: UNIT, local_id: ID}
keys: [name]
attributes: {name: ID, since: {column: BEG_DT_TM, compare: date}, dose: {column: DOSE, compare: number}}
"""


class House:
    def __init__(self, folder):
        self.catalogue = load_catalogue(write_catalogue(folder / "catalogue", UNIT, head=HEAD))
        self.folder = folder
        self.warehouse = Warehouse(folder / "data", threads=1, templates=TEMPLATES)
        self.nights = 0

    def land(self, text, **stated):
        self.nights += 1
        place = self.folder / f"night{self.nights}"
        place.mkdir()
        (place / "UNIT.txt").write_text(text, encoding="utf-8")
        if stated:
            (place / "manifest.json").write_text(json.dumps({"files": [{"file": "UNIT.txt", **stated}]}))
        with self.warehouse.archive() as archive:
            return land(archive, self.catalogue, Delivery("a", datetime(2026, 3, self.nights), place))

    def items(self, text=None, **stated):
        """What the last delivery's dates and numbers are read as."""
        if text is not None:
            self.land(text, **stated)
        with self.warehouse.night(template(self.catalogue)) as night:
            normalise.run(night, self.catalogue, {"a": self.nights})
            items = wide(self.catalogue, "unit")
            return night.rows(f"SELECT since, dose FROM ({items}) ORDER BY try_cast(local_id AS INTEGER)")

    def dates(self, *dates, **stated):
        return [d for d, _ in self.items(unit(*dates), **stated)]


def unit(*dates):
    return "ID|BEG_DT_TM|DOSE\n" + "".join(f"{i}|{d}|1\n" for i, d in enumerate(dates))


@pytest.fixture
def house(tmp_path):
    return House(tmp_path)


MARCH = "2026-03-04 00:00:00"


@pytest.mark.parametrize(
    ("picture", "written", "read"),
    [
        ("dd-mmm-yyyy hh:mm:ss", "04-MAR-2026 13:05:09", "2026-03-04 13:05:09"),
        ("dd-mmm-yyyy hh:mm:ss;;d", "04-Mar-2026", MARCH),
        ("mm/dd/yy", "03/04/26", MARCH),
        ("dd/mm/yyyy", "04/03/2026", MARCH),
        ("dd/mm/yyyy hh:mm", "04/03/2026 13:05", "2026-03-04 13:05:00"),
        ("DD.MM.YYYY HH24:MI:SS", "04.03.2026 13:05:09", "2026-03-04 13:05:09"),
        ("yyyymmddhhmmss", "20260304130509", "2026-03-04 13:05:09"),
        ("yyyymmdd", "20260304", MARCH),
        ("%d %B %Y", "4 March 2026", MARCH),
        ("mm/dd/yyyy hh:mm:ss pm", "03/04/2026 1:05:09 PM", "2026-03-04 13:05:09"),
        ("dd-mon-yyyy", "04-MAJ-2026", "2026-05-04 00:00:00"),
        ("yyyy-mm-ddThh:mm:ss", "2026-03-04T13:05:09", "2026-03-04 13:05:09"),
    ],
)
def test_a_stated_picture_is_used(house, picture, written, read):
    assert house.dates(written, "", date_picture=picture) == [read, None]


@pytest.mark.parametrize("picture", ["dd/mm", "week 4", "%q/%d", "yyyy-xx-dd", ""])
def test_what_is_no_picture_is_refused_with_its_field(house, picture):
    with pytest.raises(ExtractError, match=r"manifest.json: files.0.date_picture: '.*' is no date picture"):
        house.land(unit("2026-01-01"), date_picture=picture)


@pytest.mark.parametrize(
    ("dates", "read"),
    [
        (("01/02/2026", "13/02/2026"), ["2026-02-01 00:00:00", "2026-02-13 00:00:00"]),
        (("01/02/2026", "02/13/2026"), ["2026-01-02 00:00:00", "2026-02-13 00:00:00"]),
        (("01/02/26", "12/31/26"), ["2026-01-02 00:00:00", "2026-12-31 00:00:00"]),
        (("1/2/2026 14:00", "28/2/2026 15:30"), ["2026-02-01 14:00:00", "2026-02-28 15:30:00"]),
        (("1/2/2026 2:00:00 PM", "2/28/2026"), ["2026-01-02 14:00:00", "2026-02-28 00:00:00"]),
        (("01-02-2026", "31-12-2026"), ["2026-02-01 00:00:00", "2026-12-31 00:00:00"]),
        (("01.02.2026", "1.2.2026 14:00:00"), ["2026-02-01 00:00:00", "2026-02-01 14:00:00"]),
        (("2026/02/01", "2026/02/01 14:00:00"), ["2026-02-01 00:00:00", "2026-02-01 14:00:00"]),
        (("20260201140000", "20260202000000"), ["2026-02-01 14:00:00", "2026-02-02 00:00:00"]),
        (("2026-02-01T14:00:00", "2026-02-01 14:00"), ["2026-02-01 14:00:00"] * 2),
        (("01-MAJ-2026", "02-OKT-2026"), ["2026-05-01 00:00:00", "2026-10-02 00:00:00"]),
    ],
)
def test_an_unstated_picture_is_told_by_the_values(house, dates, read):
    landed = house.land(unit(*dates))
    assert landed.findings == ()
    assert [d for d, _ in house.items()] == read


def test_dates_that_nothing_tells_apart_are_named_and_left(house):
    landed = house.land(unit("01/02/2026", "03/04/2026", ""))
    assert [(f.column, f.kind, f.rows, f.first_line) for f in landed.findings] == [
        ("BEG_DT_TM", "ambiguous date", 2, 2)
    ]
    assert [d for d, _ in house.items()] == ["01/02/2026", "03/04/2026", None]
    assert house.land(unit("01/02/2026", "03/04/2026", ""), date_picture="dd/mm/yyyy").findings == ()
    assert [d for d, _ in house.items()] == ["2026-02-01 00:00:00", "2026-04-03 00:00:00", None]


def test_dates_of_two_orders_are_named_and_left(house):
    landed = house.land(unit("13/02/2026", "02/13/2026"))
    assert [(f.kind, f.rows) for f in landed.findings] == [("dates of two orders", 2)]
    assert [d for d, _ in house.items()] == ["13/02/2026", "02/13/2026"]


@pytest.mark.parametrize(
    "written",
    ["31-DEC-2100", "31-DEC-2100 00:00:00", "31-DEC-2100 23:59:59.99", "31-dec-2100 23.59", "2100-12-31",
     "9999-12-31", "2100-12-31 23:59:59", "2100-12-31T23:59:59.999Z", "21001231235959", "31/12/2100", "12/31/2100",
     "31.12.2100 23:59"],
)  # fmt: skip
def test_a_far_date_is_open_whatever_its_time_of_day(house, written):
    assert house.dates(written) == ["open"]


def test_the_open_date_of_two_digits_is_open_and_not_the_year_2000(house):
    assert house.dates("12/31/00", "01/02/26", "12/13/26") == ["open", "2026-01-02 00:00:00", "2026-12-13 00:00:00"]


def test_times_are_moved_to_one_clock(house):
    dates = (
        "2026-07-01 12:00:00",
        "2026-01-01 12:00:00",
        "2026-07-01",
        "31-DEC-2100 23:30:00",
        "2026-07-01T12:00:00+05:00",
    )
    read = ["2026-07-01 14:00:00", "2026-01-01 13:00:00", "2026-07-01 00:00:00", "open", "2026-07-01 09:00:00"]
    assert house.dates(*dates, time_zone="UTC") == read
    assert house.dates("2026-07-01 12:00:00", time_zone="Europe/Stockholm") == ["2026-07-01 12:00:00"]
    assert house.dates("01/07/2026 12:00:00", date_picture="dd/mm/yyyy hh:mm:ss", time_zone="UTC") == [
        "2026-07-01 14:00:00"
    ]


@pytest.mark.parametrize(
    ("decimal", "numbers", "read"),
    [
        (
            None,
            ("0,5", ",5", "2 500", "1\u00a0234,50", " 12 ", "007", "-0"),
            ["0.5", "0.5", "2500", "1234.5", "12", "7", "0"],
        ),
        (",", ("1.250", "1.234.567,5", "0,500", "2,5"), ["1250", "1234567.5", "0.5", "2.5"]),
        (".", ("1,250", "1,234.5", "0.500"), ["1250", "1234.5", "0.5"]),
        (None, ("124907663.00", "0.00", ".50"), ["124907663", "0", "0.5"]),
    ],
)
def test_numbers_are_read_by_their_files_decimal_sign(house, decimal, numbers, read):
    text = "ID|BEG_DT_TM|DOSE\n" + "".join(f"{i}|2026-01-01|{n}\n" for i, n in enumerate(numbers))
    stated = {"decimal": decimal} if decimal else {}
    assert [n for _, n in house.items(text, **stated)] == read


@pytest.mark.parametrize(
    ("dates", "doses", "stated", "words"),
    [
        (("2026-01-01", "2026-01-02"), ("1", "1"), {"date_picture": "dd/mm/yyyy"}, "2 of 2 dates are not written as"),
        (("02/13/2026", "01/20/2026"), ("1", "1"), {"date_picture": "dd/mm/yyyy"}, "first in row 1"),
        (("2026-01-01", "2026-01-02"), ("0.5", "1.25"), {"decimal": ","}, "2 numbers have '.' as decimal sign"),
        (("2026-01-01", "2026-01-02"), ("0,5", "7"), {"decimal": "."}, "1 numbers have ',' as decimal sign"),
    ],
)
def test_what_the_file_contradicts_is_one_line(house, dates, doses, stated, words):
    rows = "".join(f"{i}|{d}|{n}\n" for i, (d, n) in enumerate(zip(dates, doses, strict=True)))
    with pytest.raises(ExtractError) as caught:
        house.land("ID|BEG_DT_TM|DOSE\n" + rows, **stated)
    assert words in str(caught.value)
    assert "UNIT.txt" in str(caught.value)
    assert "manifest" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_the_same_file_with_another_statement_is_read_anew(house):
    assert house.dates("03/04/2026", "05/06/2026", date_picture="dd/mm/yyyy")[0] == "2026-04-03 00:00:00"
    assert house.dates("03/04/2026", "05/06/2026", date_picture="mm/dd/yyyy")[0] == "2026-03-04 00:00:00"
    assert house.land(unit("03/04/2026", "05/06/2026"), date_picture="mm/dd/yyyy").new_files == 0


def test_pictures_of_ccl_and_oracle_are_strptimes():
    assert strptime_picture("dd-mmm-yyyy hh:mm:ss") == "%d-%b-%Y %H:%M:%S"
    assert strptime_picture("MM/DD/YY;;D") == "%m/%d/%y"
    assert strptime_picture("yyyymmddhhmmss") == "%Y%m%d%H%M%S"
    assert strptime_picture("DD-MON-RRRR HH24:MI:SS") == "%d-%b-%Y %H:%M:%S"
