"""The files of the reviewed crosswalk: read strictly, written whole, merged by keeping the lines of both sides."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.build import reviewed
from transforms.build.reviewed import COLUMNS, RULINGS, Reading
from transforms.words.errors import ReviewError

DOMAINS = ("vgr", "skane", "test")
ONE = Reading(
    "unit", "equal", "vgr", "skane", (("cki", "CKI.1"), ("display", "mg")), (("display", "milligram"),), "AB",
    datetime(2026, 11, 23, 9, 30), "mg", "milligram", seen_a="0a", seen_b="0b", note="sagt i granskning",
)  # fmt: skip
LINE = (
    'equal\tvgr\tmg\tskane\tmilligram\tAB\treader\t2026-11-23T09:30:00\t{"cki": "CKI.1", "display": "mg"}\t'
    '{"display": "milligram"}\t0a\t0b\tsagt i granskning'
)
HEADING = "\t".join(COLUMNS)


def written(folder: Path, *lines: str, name: str = "unit.tsv", end: str = "\n") -> Path:
    path = folder / name
    path.write_bytes(end.join([*lines, ""]).encode())
    return path


def load(folder: Path) -> tuple[Reading, ...]:
    return reviewed.load(folder, ["unit", "orderable"], DOMAINS)


def test_one_answer_is_one_line(tmp_path: Path) -> None:
    path = reviewed.write(tmp_path, "unit", [ONE])
    assert path.read_text(encoding="utf-8") == f"{HEADING}\n{LINE}\n"
    assert load(tmp_path) == (ONE,)


def test_no_folder_is_no_rulings(tmp_path: Path) -> None:
    assert load(tmp_path / "crosswalk") == ()


def test_what_two_branches_added_is_read_and_a_line_twice_is_one(tmp_path: Path) -> None:
    other = LINE.replace("AB", "CD")
    written(tmp_path, "# vår avstämning", HEADING, LINE, HEADING, other, LINE)
    assert load(tmp_path) == (ONE, replace(ONE, reader="CD"))
    reviewed.write(tmp_path, "unit", load(tmp_path))
    assert (tmp_path / "unit.tsv").read_text(encoding="utf-8").split("\n") == [
        "# vår avstämning",
        HEADING,
        LINE,
        other,
        "",
    ]


def test_a_file_saved_by_a_spreadsheet_or_on_windows_is_read(tmp_path: Path) -> None:
    cells = [f'"{c.replace(chr(34), chr(34) * 2)}"' if "{" in c else c for c in LINE.split("\t")]
    written(tmp_path, "\ufeff" + HEADING, "\t".join(cells), "", end="\r\n")
    assert load(tmp_path) == (ONE,)


def test_columns_may_stand_in_another_order_and_what_may_be_empty_be_left_out(tmp_path: Path) -> None:
    columns = [c for c in reversed(COLUMNS) if c not in ("seen_a", "seen_b", "note", "role")]
    row = dict(zip(COLUMNS, LINE.split("\t"), strict=True))
    written(tmp_path, "\t".join(columns), "\t".join(row[c] for c in columns))
    assert load(tmp_path) == (replace(ONE, seen_a="", seen_b="", note=""),)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("equal\t", "equl\t", ":2: ruling: 'equl' is not one of its values; did you mean 'equal'?"),
        ("\tvgr\t", "\tvgrr\t", ":2: domain_a: 'vgrr' is not one of its values; did you mean 'vgr'?"),
        ("\tskane\t", "\tvgr\t", ":2: domain_b: is the same as domain_a"),
        ("\tAB\t", "\t \t", ":2: reader: is empty"),
        ("\treader\t", "\tboss\t", ":2: role: 'boss' is not one of its values"),
        ("2026-11-23T09:30:00", "23/11", ":2: read_at: '23/11' is not a time such as 2026-11-23T09:30:00"),
        ('{"display": "milligram"}', "milligram", ":2: keys_b: holds the item's keys by name"),
        ('{"display": "milligram"}', '{"display": 3}', ":2: keys_b: holds the item's keys by name"),
        ('{"display": "milligram"}', "", ":2: keys_b: is empty; the item cannot be found without a key"),
        ("equal\t", "no_counterpart\t", ":2: keys_b: no_counterpart is about one item"),
        ("\tmg\t", "    mg    ", ":2: 11 cells under 13 headings; cells are divided by one tab"),
        ("equal\t", "<<<<<<< HEAD\t", ":2: two branches were not merged"),
    ],
)
def test_a_fault_is_one_line_with_file_line_and_field(tmp_path: Path, old: str, new: str, says: str) -> None:
    assert old in LINE
    path = written(tmp_path, HEADING, LINE.replace(old, new, 1))
    with pytest.raises(ReviewError) as caught:
        load(tmp_path)
    assert str(caught.value).startswith(f"{path}{says}"), str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("lines", "name", "says"),
    [
        ([LINE], "unit.tsv", ":1: the heading is missing"),
        ([HEADING.replace("keys_a", "key_a"), LINE], "unit.tsv", ":1: key_a: unknown column; did you mean 'keys_a'?"),
        ([HEADING.replace("reader\t", "", 1), LINE], "unit.tsv", ":1: reader: the column is missing"),
        ([HEADING], "units.tsv", ": 'units' is not an entity type; did you mean 'unit'?"),
    ],
)
def test_a_wrong_file_is_refused(tmp_path: Path, lines: list[str], name: str, says: str) -> None:
    path = written(tmp_path, *lines, name=name)
    with pytest.raises(ReviewError) as caught:
        load(tmp_path)
    assert str(caught.value).startswith(f"{path}{says}"), str(caught.value)


def test_a_file_that_is_not_utf_8_is_refused(tmp_path: Path) -> None:
    (tmp_path / "unit.tsv").write_bytes(HEADING.encode() + b"\nequal\tf\xe5r")
    with pytest.raises(ReviewError, match="not UTF-8 text"):
        load(tmp_path)


def test_a_reader_who_answers_again_replaces_the_answer_and_no_other_readers(tmp_path: Path) -> None:
    other = replace(ONE, reader="CD")
    again = replace(ONE.seen_from("skane"), ruling="reject")
    assert reviewed.put((ONE, other), again) == (other, again)


words = st.text(st.characters(blacklist_categories=["Cs"]), max_size=12)
texts = words.filter(bool)
keys = st.dictionaries(texts, texts, min_size=1, max_size=3).map(lambda d: tuple(d.items()))


@given(keys, keys, words, st.sampled_from([r for r in RULINGS if r != "no_counterpart"]))
def test_any_text_is_kept(tmp_path_factory: pytest.TempPathFactory, a, b, label, ruling) -> None:
    folder = tmp_path_factory.mktemp("kept")
    one = replace(ONE, keys_a=a, keys_b=b, label_a=label, note=label, ruling=ruling)
    reviewed.write(folder, "unit", [one])
    (found,) = load(folder)
    assert (found.keys_a, found.keys_b, found.ruling) == (a, b, ruling)
    assert found.seen_from("skane").seen_from("vgr") == found
