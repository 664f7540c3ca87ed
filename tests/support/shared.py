"""The real data that lies beside the checkout. Tests that need it skip with a reason where it is absent."""

from __future__ import annotations

from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SHARED = ROOT.parent / "shared" / "data"


def shared(name: str) -> Path:
    """A file or folder of the real data, or a skip."""
    path = SHARED / name
    if not path.exists():
        pytest.skip(f"the real data is not here: ../shared/data/{name}")
    return path
