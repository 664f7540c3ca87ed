"""What every test is given: nothing of the caller's own settings, and a Hypothesis that repeats itself."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from hypothesis import settings

# The same examples on every machine and every run: a test that fails here fails there.
settings.register_profile("likare", derandomize=True, deadline=None)
settings.load_profile("likare")


@pytest.fixture(scope="module")
def without_pages() -> Iterator[None]:
    """The dashboard of a night is not built: for modules that run nights and look at no page."""
    from flows import night, steps

    with pytest.MonkeyPatch.context() as patch:
        for module in (night, steps):
            patch.setattr(module, "build_dashboard", lambda settings: 0)
        yield


@pytest.fixture(autouse=True)
def _nothing_of_the_callers(monkeypatch: pytest.MonkeyPatch) -> None:
    """A developer's own likare.toml or Prefect server must neither help nor harm a test."""
    for name in os.environ:
        if name in ("LIKARE_CONFIG", "LIKARE_DATA", "PREFECT_HOME", "PREFECT_API_URL", "PREFECT_PROFILE"):
            monkeypatch.delenv(name)
