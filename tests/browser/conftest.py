"""A Chromium that reaches no network, for pages opened from a folder."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

CHROMIUM = Path("/usr/bin/chromium")
_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


@pytest.fixture(scope="session")
def browser() -> Iterator[object]:
    """Launch Debian's Chromium; skip where it is not installed, unless LIKARE_REQUIRE_BROWSER=1 says it must be."""
    if not CHROMIUM.exists():
        reason = f"{CHROMIUM} is not installed (`make browser` installs it)"
        if os.environ.get("LIKARE_REQUIRE_BROWSER") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=str(CHROMIUM), args=_ARGUMENTS)
        yield chromium
        chromium.close()
