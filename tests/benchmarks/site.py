"""How quick the site is with 100,000 differences and as many matches: built, first screen painted, explorer usable.

``.venv/bin/python tests/benchmarks/site.py`` (``--rows N``) builds a made-up publication's site, opens it from its
folder in Chromium and prints the times, each beside the bound it must keep. It ends with 1 where one is not kept.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import click

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from dashboards.site import build_site  # noqa: E402
from tests.support.published_fixture import many  # noqa: E402

CHROMIUM = Path("/usr/bin/chromium")
READY = "() => document.getElementById('explorer').dataset.ready === 'yes'"
ROUNDS = 3


def _painted(browser: Any, page_file: Path) -> float:
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    page.goto(page_file.as_uri())
    page.wait_for_function("() => performance.getEntriesByName('first-contentful-paint').length > 0")
    taken = page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime") / 1000
    page.close()
    return float(taken)


def _usable(browser: Any, page_file: Path) -> tuple[float, float, float]:
    """Seconds from opening to rows that answer, from a filter chosen to its rows, from a search typed to its rows."""
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    start = time.perf_counter()
    page.goto(page_file.as_uri())
    page.wait_for_function(READY, polling=10)
    opened = time.perf_counter() - start
    chosen, typed = page.evaluate(
        """() => {
            const form = document.querySelector('.filters');
            const timed = act => { const t = performance.now(); act(); return (performance.now() - t) / 1000; };
            const area = form.elements.area, q = form.elements.q;
            return [
                timed(() => { area.value = 'medication'; area.dispatchEvent(new Event('change', {bubbles: true})); }),
                timed(() => { q.value = 'natrium 12'; q.dispatchEvent(new Event('input', {bubbles: true})); }),
            ];
        }"""
    )
    page.close()
    return opened, chosen, typed


@click.command(help=__doc__)
@click.option("--rows", default=100_000, show_default=True, help="Differences, and as many matches.")
def main(rows: int) -> None:
    """Print each measure beside its bound."""
    from playwright.sync_api import sync_playwright

    if not CHROMIUM.exists():
        raise click.ClickException(f"{CHROMIUM} is not installed (`make browser` installs it)")
    con = many(rows)
    kept = True

    def say(what: str, value: float, bound: float, unit: str) -> None:
        nonlocal kept
        kept &= value <= bound
        click.echo(f"{what:34} {value:7.2f} {unit:3} (at most {bound:g}) {'' if value <= bound else 'NOT KEPT'}")

    with tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()
        report = build_site(con, Path(folder) / "site")
        say(f"site of {rows:,} differences built", time.perf_counter() - start, 60, "s")
        say("its files", report.size / 1e6, 25, "MB")
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox", "--disable-gpu"])
            painted = [_painted(browser, report.out / "index.html") for _ in range(ROUNDS)]
            usable = [_usable(browser, report.out / "explore.html") for _ in range(ROUNDS)]
            browser.close()
        say("first screen painted", statistics.median(painted), 1, "s")
        for name, bound, at in (("explorer usable", 2.0, 0), ("an area chosen", 0.3, 1), ("a search typed", 0.3, 2)):
            say(name, statistics.median(u[at] for u in usable), bound, "s")
    sys.exit(0 if kept else 1)


if __name__ == "__main__":
    main()
