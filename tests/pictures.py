"""Take pictures of the dashboard of a published night, and the one that README shows.

``make pictures`` (``.venv/bin/python tests/pictures.py --data FOLDER --out FOLDER``) builds the site of the newest
night published in the data folder, opens every page in Chromium at desktop and phone width, in both languages, light
and dark and as printed, and writes a PNG of each (a PDF of what is printed). ``--readme`` is where the picture of
README goes.
"""

from __future__ import annotations

import contextlib
import sys
import tempfile
from pathlib import Path
from typing import Any, Final

import click

ROOT: Final = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from dashboards.site import build_site  # noqa: E402
from transforms.warehouse import open_published  # noqa: E402

CHROMIUM: Final = Path("/usr/bin/chromium")
WIDTHS: Final = {"desktop": 1440, "phone": 390}
READY: Final = """() => [...document.querySelectorAll('[data-figure]')].every(e => e.dataset.drawn === 'yes')
    && [...document.querySelectorAll('#explorer')].every(e => e.dataset.ready === 'yes')"""
# Views of the explorer that are worth a picture: what stands after # in the address.
VIEWS: Final = {"explore-row": "kind=changed", "explore-matches": "mode=matches", "explore-trees": "mode=trees"}


def _shot(page: Any, address: str, path: Path, *, whole: bool, press: str | None = None) -> None:
    page.goto("about:blank")
    page.goto(address)
    page.wait_for_function(READY)
    if press:
        page.locator(press).first.click()
    page.screenshot(path=path, full_page=whole, animations="disabled")


@click.command(help=__doc__)
@click.option("--data", type=click.Path(path_type=Path), default=ROOT / "data", show_default="data")
@click.option("--out", type=click.Path(path_type=Path), default=ROOT / "build" / "pictures", show_default=True)
@click.option("--readme", type=click.Path(path_type=Path), help="Where the picture of README goes.")
@click.option("--only", help="Pages whose name begins so.")
def main(data: Path, out: Path, readme: Path | None, only: str | None) -> None:
    """Take them."""
    from playwright.sync_api import sync_playwright

    if not CHROMIUM.exists():
        raise click.ClickException(f"{CHROMIUM} is not installed (`make browser` installs it)")
    if not (data / "published.duckdb").exists():
        raise click.ClickException(f"nothing is published in {data}: run `make run` first")
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, contextlib.closing(open_published(data)) as con:
        site = build_site(con, Path(folder) / "site")
        names = [n for n in site.pages if "/" not in n and n.startswith(only or "")]
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox", "--disable-gpu"])
            for width, pixels in WIDTHS.items():
                for scheme in ("light", "dark"):
                    page = browser.new_page(viewport={"width": pixels, "height": 900}, color_scheme=scheme)
                    for language in ("sv", "en"):
                        folder_of = site.out if language == "sv" else site.out / "en"
                        for name in names:
                            to = out / f"{Path(name).stem}-{width}-{language}-{scheme}.png"
                            _shot(page, (folder_of / name).as_uri(), to, whole=True)
                        if (folder_of / "explore.html").exists() and "explore.html" in names:
                            for view, at in VIEWS.items():
                                to = out / f"{view}-{width}-{language}-{scheme}.png"
                                address = f"{(folder_of / 'explore.html').as_uri()}#{at}"
                                press = None if view == "explore-matches" else ".spacer .line"
                                _shot(page, address, to, whole=False, press=press)
                    page.close()
            page = browser.new_page(viewport={"width": 1440, "height": 900})
            for name in names:
                page.goto((site.out / name).as_uri())
                page.wait_for_function(READY)
                page.pdf(path=out / f"{Path(name).stem}-print.pdf", format="A4", print_background=True)
            if readme:
                page.set_viewport_size({"width": 1280, "height": 1420})
                _shot(page, (site.out / "en" / "index.html").as_uri(), readme, whole=False)
            browser.close()
    click.echo(f"{len(list(out.iterdir()))} pictures in {out}")


if __name__ == "__main__":
    main()
