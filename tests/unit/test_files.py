"""Files of people: read whole or refused by name, written whole or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from transforms.words.errors import ReviewError
from transforms.words.files import read_text, write_text, written_beside


def test_what_is_written_comes_back_with_its_line_ends(tmp_path: Path) -> None:
    path = tmp_path / "åäö.txt"
    write_text(path, "å\r\nb\n")
    assert read_text(path, ReviewError) == "å\r\nb\n"
    assert [p.name for p in tmp_path.iterdir()] == ["åäö.txt"]


def test_a_byte_order_mark_is_no_part_of_the_text(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"\xef\xbb\xbfa")
    assert read_text(tmp_path / "x", ReviewError) == "a"


def test_what_cannot_be_read_is_refused_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"ab\xe5")
    with pytest.raises(ReviewError, match=r"x: not UTF-8 text \(byte 2\); save it as UTF-8$"):
        read_text(tmp_path / "x", ReviewError)
    with pytest.raises(ReviewError, match=r"gone: cannot be read \(No such file or directory\)$"):
        read_text(tmp_path / "gone", ReviewError)


def test_a_writing_that_fails_leaves_the_file_as_it_was_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.write_text("old")
    with pytest.raises(ZeroDivisionError), written_beside(path) as beside:
        beside.write_text("half")
        # What a killed process leaves is not read as a file of the kind.
        assert [p.name for p in tmp_path.glob("*.yaml")] == ["x.yaml"]
        raise ZeroDivisionError
    assert [(p.name, p.read_text()) for p in tmp_path.iterdir()] == [("x.yaml", "old")]
