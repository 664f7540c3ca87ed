"""The dashboard night after night: what nothing changed in is taken over, and is what would have been written."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any

import pytest

from dashboards import once, rows
from dashboards.site import build_site
from flows.night import run_nights
from flows.settings import Settings
from tests.support.builds import Build
from tests.support.project import A, B, deliver, make_project
from transforms.ask.made_of import made_of
from transforms.warehouse import open_published


def _files(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def _anew(settings: Settings, folder: Path) -> dict[str, bytes]:
    """The site of the published night, built where there was none."""
    with contextlib.closing(open_published(settings.data)) as con:
        build_site(con, folder, made_of=made_of(con))
    return _files(folder)


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The pairs whose explorer's files are written, as they are, and whose rows are read."""
    pairs: list[str] = []
    real = rows.write

    def write(con: Any, pair_id: str, folder: Path) -> rows.Explored:
        pairs.append(pair_id)
        return real(con, pair_id, folder)

    monkeypatch.setattr(rows, "write", write)
    made = once.Asked.make

    def make(asked: once.Asked) -> None:
        pairs.append("its tables")
        made(asked)

    monkeypatch.setattr(once.Asked, "make", make)
    return pairs


def test_each_nights_site_is_the_one_that_would_be_built_from_nothing(tmp_path: Path, written: list[str]) -> None:
    settings = make_project(tmp_path / "project")
    run_nights(settings)
    text: Build = {**A, "LINE": str(A["LINE"]).replace("Svälj hel", "Svälj hela")}
    for day, (build, anew) in enumerate([(A, False), (text, True)], 20):
        deliver(settings, "east", f"2026-12-{day}", build)
        deliver(settings, "west", f"2026-12-{day}", B)
        written.clear()
        run_nights(settings)
        assert bool(written) == anew, (day, written)
        assert _files(settings.site) == _anew(settings, tmp_path / f"fresh-{day}"), day
