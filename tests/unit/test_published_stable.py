"""The published views are an interface: what other tools read must not vanish."""

from __future__ import annotations

from pathlib import Path

from transforms.publish import views

PROMISED = Path(__file__).with_name("published_columns.txt")


def promised() -> dict[str, set[str]]:
    lines = [line for line in PROMISED.read_text("utf-8").splitlines() if line and not line.startswith("#")]
    return {name: set(columns.split()) for name, _, columns in (line.partition(":") for line in lines)}


def test_no_view_and_no_column_that_was_published_has_vanished() -> None:
    now = {view.name: set(view.columns) for view in views()}
    gone = {name: sorted(columns - now.get(name, set())) for name, columns in promised().items()}
    assert {name: columns for name, columns in gone.items() if columns} == {}
    assert len(promised()) > 40
