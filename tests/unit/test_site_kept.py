"""The explorer's files are taken over only where they are made of the same and are still what was written."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from dashboards import kept

FILES = {"meta.js": "meta", "differences-0.js": "rows", "answers.json": "{}"}


def _write(folder: Path, made_of: str, files: dict[str, str] = FILES) -> None:
    def files_of() -> None:
        folder.mkdir()
        for name, text in files.items():
            (folder / name).write_text(text, "utf-8")

    kept.write(folder, made_of, files_of)


def _bytes(folder: Path) -> dict[str, bytes]:
    return {p.name: p.read_bytes() for p in folder.iterdir()}


def test_files_made_of_the_same_are_taken_over_whole_and_again_from_there(tmp_path: Path) -> None:
    _write(tmp_path / "1", "one")
    assert kept.take_over(tmp_path / "1", tmp_path / "2", "one")
    assert kept.take_over(tmp_path / "2", tmp_path / "sites" / "3", "one")
    assert _bytes(tmp_path / "1") == _bytes(tmp_path / "2") == _bytes(tmp_path / "sites" / "3")


def _other_code(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "_code", lambda: "another version")


def _change(folder: Path, _: Any) -> None:
    (folder / "meta.js").write_text("more", "utf-8")


def _move(folder: Path, _: Any) -> None:
    (folder / "differences-0.js").rename(folder / "differences-1.js")


def _lose(folder: Path, _: Any) -> None:
    (folder / "differences-0.js").unlink()


def _add(folder: Path, _: Any) -> None:
    (folder / "differences-1.js").write_text("", "utf-8")


def _answer(folder: Path, _: Any) -> None:
    (folder / "answers.json").write_text('{"how many": 1}', "utf-8")


def _unsaid(folder: Path, _: Any) -> None:
    (folder / "made.txt").unlink()


def _nonsense(folder: Path, _: Any) -> None:
    (folder / "made.txt").write_bytes(b"\xff\xfe")


@pytest.mark.parametrize("happened", [_other_code, _change, _move, _lose, _add, _answer, _unsaid, _nonsense])
def test_files_that_are_not_what_was_written_are_not(tmp_path: Path, monkeypatch: Any, happened: Any) -> None:
    _write(tmp_path / "1", "one")
    happened(tmp_path / "1", monkeypatch)
    assert not kept.take_over(tmp_path / "1", tmp_path / "2", "one")
    assert not (tmp_path / "2").exists()


def test_files_made_of_something_else_or_not_there_are_not(tmp_path: Path) -> None:
    _write(tmp_path / "1", "one")
    assert not kept.take_over(tmp_path / "1", tmp_path / "2", "another")
    assert not kept.take_over(tmp_path / "none", tmp_path / "2", "one")
    assert not (tmp_path / "2").exists()
