"""A project of which two nights are published, made once, and the command line in it."""

from __future__ import annotations

import fcntl
import shutil
from pathlib import Path

import pytest

from flows import night
from flows.published import build_dashboard
from flows.settings import Settings, load_settings
from tests.support.command import Likare
from tests.support.project import B, changed, deliver, make_project


@pytest.fixture(scope="session")
def two_nights(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Path:
    """The project's folder, made by the first process of the session that needs it. Nobody changes it."""
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if hasattr(request.config, "workerinput") else base) / "two_nights"
    with folder.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "made").exists():
            folder.mkdir()
            settings = make_project(folder)
            night.run_nights(settings)
            deliver(settings, "west", "2026-03-02", changed(B, "ORDERS", "DOSE", "500"))
            night.run_nights(settings)
            # A module that builds no pages may be the first to ask.
            build_dashboard(settings)
            (folder / "made").touch()
    return folder


def _copy(two_nights: Path, folder: Path) -> Settings:
    shutil.copytree(two_nights, folder, symlinks=True)
    return load_settings({}, folder)


@pytest.fixture(scope="module")
def published(two_nights: Path, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """The project for the tests of a module, which do not change what is published."""
    return _copy(two_nights, tmp_path_factory.mktemp("published") / "project")


@pytest.fixture
def likare(published: Settings, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Likare:
    """The command line in the published project."""
    monkeypatch.chdir(published.file.parent)
    return Likare(published, capsys)


@pytest.fixture
def fresh(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Likare:
    """The command line in a project with one delivery a domain, and nothing run."""
    monkeypatch.chdir(tmp_path)
    return Likare(make_project(tmp_path), capsys)


@pytest.fixture
def copied(
    two_nights: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Likare:
    """The command line in the published project again, to be changed."""
    settings = _copy(two_nights, tmp_path / "p")
    monkeypatch.chdir(tmp_path / "p")
    return Likare(settings, capsys)
