"""The dashboard night after night is what would have been written where there was none."""

from __future__ import annotations

import contextlib
from pathlib import Path

from dashboards.site import build_site
from flows.night import run_nights
from flows.settings import Settings
from tests.support.builds import Build
from tests.support.project import A, B, deliver, make_project
from transforms.warehouse import open_published


def _files(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def _anew(settings: Settings, folder: Path) -> dict[str, bytes]:
    """The site of the published night, built where there was none."""
    with contextlib.closing(open_published(settings.data)) as con:
        build_site(con, folder)
    return _files(folder)


def test_each_nights_site_is_the_one_that_would_be_built_from_nothing(tmp_path: Path) -> None:
    settings = make_project(tmp_path / "project")
    run_nights(settings)
    text: Build = {**A, "LINE": str(A["LINE"]).replace("Svälj hel", "Svälj hela")}
    for day, build in enumerate([A, text], 20):
        deliver(settings, "east", f"2026-12-{day}", build)
        deliver(settings, "west", f"2026-12-{day}", B)
        run_nights(settings)
        assert _files(settings.site) == _anew(settings, tmp_path / f"fresh-{day}"), day
