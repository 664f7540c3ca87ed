"""What others stand on: the published views must not vanish, and the notebooks' page must be of the notebooks."""

from __future__ import annotations

from pathlib import Path

from tests import notebooks_page
from transforms.build.publish import views

PROMISED = Path(__file__).with_name("published_columns.txt")


def promised() -> dict[str, set[str]]:
    lines = [line for line in PROMISED.read_text("utf-8").splitlines() if line and not line.startswith("#")]
    return {name: set(columns.split()) for name, _, columns in (line.partition(":") for line in lines)}


def test_no_view_and_no_column_that_was_published_has_vanished() -> None:
    now = {view.name: set(view.columns) for view in views()}
    gone = {name: sorted(columns - now.get(name, set())) for name, columns in promised().items()}
    assert {name: columns for name, columns in gone.items() if columns} == {}
    assert len(promised()) > 40


def test_the_page_of_the_notebooks_is_of_the_notebooks_as_they_are() -> None:
    """Only a hash is held against the page: to run them takes a minute (`make notebooks`)."""
    assert notebooks_page.is_current(), "docs/notebooks.md: run make notebooks"
    assert "/tmp" not in notebooks_page.PAGE.read_text("utf-8")
    pictures = list(notebooks_page.PICTURES.glob("notebook-*.png"))
    size = notebooks_page.PAGE.stat().st_size + sum(p.stat().st_size for p in pictures)
    assert len(pictures) >= 4 and size < 1_000_000
