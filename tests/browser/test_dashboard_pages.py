"""The built site in a real browser, opened from its folder: drawn, quiet, offline, reachable, readable."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from dashboards.site import build_quality_page, build_site
from tests.support import further_fixture
from tests.support.published_fixture import HOSTILE, LONG, build

pytestmark = pytest.mark.browser

INDEX = ("index.html", "en/index.html")
NAMES = ("areas", "causes", "decisions", "proposals", "codes", "explore", "quality", "method")
PAGES = (*INDEX, *(f"{at}{name}.html" for name in NAMES for at in ("", "en/")))
DRAWN = """() => [...document.querySelectorAll('[data-figure]')].every(e => e.dataset.drawn === 'yes')
    && [...document.querySelectorAll('#explorer')].every(e => e.dataset.ready === 'yes')"""


@pytest.fixture(scope="session")
def sites(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("sites")
    made = {
        "plain": build_site(build(), folder / "plain").out,
        "hostile": build_site(build(hostile=True), folder / "hostile").out,
        "first": build_site(build(nights=1), folder / "first").out,
    }
    three = build(hostile=True)
    further_fixture.third_domain(three)
    made["three"] = build_site(three, folder / "three", languages=("en",)).out
    stopped = [{"check_id": "orderable.rows", "severity": "critical", "status": "failed", "failed": 9, "note": HOSTILE}]
    made["attempt"] = build_quality_page(stopped, folder / "attempt", as_of=dt.datetime(2026, 11, 22)).out
    return made


@contextmanager
def _opened(
    browser: Any, site: Path, name: str, *, width: int = 1280, scheme: str = "light", quiet: bool = True
) -> Iterator[Any]:
    """Open a page and, at the end, fail on anything in its console and on any request outside its folder."""
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
    page = context.new_page()
    said: list[str] = []
    asked: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("dialog", lambda dialog: said.append(f"dialog: {dialog.message}"))
    page.on("request", lambda request: asked.append(request.url))
    page.goto((site / name).as_uri())
    page.wait_for_function(DRAWN)
    yield page
    context.close()
    assert not quiet or said == []
    inside = site.as_uri() + "/"
    assert [url for url in asked if not url.startswith((inside, "data:"))] == []


def _violations(page: Any) -> list[tuple[str, str]]:
    """Everything axe finds, with the first element it finds it in."""
    from axe_playwright_python.sync_playwright import Axe

    # preload would fetch the stylesheet anew, which the page's policy refuses.
    found = Axe().run(page, options={"preload": False}).response["violations"]
    return [(v["id"], v["nodes"][0]["html"][:200]) for v in found]


@pytest.mark.parametrize("name", PAGES)
def test_every_page_is_quiet_offline_and_accessible_by_day_and_by_night(
    browser: Any, sites: dict[str, Path], name: str
) -> None:
    with _opened(browser, sites["plain"], name) as page:
        page.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true; })")
        assert _violations(page) == []
        page.emulate_media(color_scheme="dark")
        # The page hears of it with the next frame, and draws its figures anew.
        page.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
        page.wait_for_function(DRAWN)
        assert page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches")
        assert _violations(page) == []


@pytest.mark.parametrize("name", INDEX)
def test_a_page_that_is_opened_by_night_is_accessible(browser: Any, sites: dict[str, Path], name: str) -> None:
    with _opened(browser, sites["plain"], name, scheme="dark") as page:
        assert _violations(page) == []


@pytest.mark.parametrize(
    ("site", "name"),
    [
        ("attempt", "quality.html"),
        ("hostile", "index.html"),
        ("hostile", "proposals.html"),
        ("hostile", "codes.html"),
        ("three", "clusters.html"),
        ("three", "index.html"),
    ],
)
def test_rarer_pages_are_accessible_too(browser: Any, sites: dict[str, Path], site: str, name: str) -> None:
    with _opened(browser, sites[site], name) as page:
        assert _violations(page) == []


@pytest.mark.parametrize("name", INDEX)
def test_figures_are_drawn_without_plotlys_buttons(browser: Any, sites: dict[str, Path], name: str) -> None:
    with _opened(browser, sites["plain"], name) as page:
        assert page.locator("[data-figure]").count() == 7
        assert page.locator("[data-figure] .main-svg").count() >= 7
        assert page.locator("#trend .scatterlayer path.js-line").count() == 3
        assert page.locator("#drift .barlayer path").count() == 21  # opened, reopened, closed
        assert page.locator(".modebar-btn, .plotlyjsicon").count() == 0


@pytest.mark.parametrize("site", ["plain", "hostile", "first", "attempt", "three"])
def test_no_page_scrolls_sideways_on_a_phone(browser: Any, sites: dict[str, Path], site: str) -> None:
    names = {"plain": PAGES, "attempt": ("quality.html",), "three": ("clusters.html", "index.html")}.get(
        site, ("index.html", "quality.html", "proposals.html", "codes.html")
    )
    for name in names:
        with _opened(browser, sites[site], name, width=390) as page:
            page.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true; })")
            assert page.evaluate("document.documentElement.scrollWidth") <= 390, name


def test_the_language_switch_keeps_the_page(browser: Any, sites: dict[str, Path]) -> None:
    with _opened(browser, sites["plain"], "quality.html") as page:
        assert page.evaluate("document.documentElement.lang") == "sv"
        page.get_by_role("link", name="In English").click()
        assert page.url.endswith("/en/quality.html")
        assert page.evaluate("document.documentElement.lang") == "en"
        page.get_by_role("link", name="Overview").click()
        page.wait_for_function(DRAWN)
        page.get_by_role("link", name="På svenska").click()
        page.wait_for_function(DRAWN)
        assert page.url.endswith("plain/index.html")


def test_figures_follow_the_theme_and_paper_is_light(browser: Any, sites: dict[str, Path]) -> None:
    color = "() => [...document.querySelectorAll('#trend .scatterlayer path.js-line')].at(-1).style.stroke"
    with _opened(browser, sites["plain"], "index.html") as page:
        light, opened = page.evaluate(color), page.locator("details[data-print][open]").count()
        page.emulate_media(color_scheme="dark")
        page.wait_for_function(f"before => ({color})() !== before", arg=light)
        page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
        page.wait_for_function(f"before => ({color})() === before", arg=light)
        assert page.locator("details[data-print]:not([open])").count() == 0
        page.evaluate("window.dispatchEvent(new Event('afterprint'))")
        page.wait_for_function(f"before => ({color})() !== before", arg=light)
        assert page.locator("details[data-print][open]").count() == opened


def test_it_stays_whole_at_400_per_cent(browser: Any, sites: dict[str, Path]) -> None:
    """A window of 1280 px at 400 % is 320 px wide (WCAG 1.4.10): nothing scrolls sideways but the tables' boxes."""
    for name in PAGES[1:]:
        with _opened(browser, sites["plain"], name, width=320) as page:
            assert page.evaluate("document.documentElement.scrollWidth") <= 320, name


def test_nothing_moves_for_who_asked_for_no_motion(browser: Any, sites: dict[str, Path]) -> None:
    with _opened(browser, sites["plain"], "index.html") as page:
        page.emulate_media(reduced_motion="reduce")
        moving = """() => getComputedStyle(document.documentElement).scrollBehavior !== 'auto'
            || document.getAnimations().length > 0
            || [...document.querySelectorAll('*')].some(e => getComputedStyle(e).transitionDuration !== '0s')"""
        assert page.evaluate(moving) is False


@pytest.mark.parametrize("name", ["index", "areas", "explore", "quality", "proposals"])
def test_it_prints_whole_and_not_by_the_thousand_pages(browser: Any, sites: dict[str, Path], name: str) -> None:
    with _opened(browser, sites["plain"], f"{name}.html", scheme="dark") as page:
        page.emulate_media(media="print")
        page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
        assert page.locator("details[data-print]:not([open])").count() == 0
        if name == "explore":
            assert page.locator(".spacer .line").count() == 300
            assert page.locator(".spacer .line").nth(250).is_visible()
        assert 1 <= page.pdf(format="A4").count(b"/Type /Page\n") <= 25


def test_the_keyboard_reaches_content_and_tables(browser: Any, sites: dict[str, Path]) -> None:
    with _opened(browser, sites["plain"], "index.html", width=390) as page:
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.className") == "skip"
        page.keyboard.press("Enter")
        assert page.url.endswith("#main")
        scroll = page.locator("#areas-table").locator("xpath=..")
        scroll.focus()
        page.keyboard.press("ArrowRight")
        page.wait_for_function("() => document.querySelector('#areas-table').parentElement.scrollLeft > 0")
        page.locator("#trend summary").first.focus()
        page.keyboard.press("Enter")
        assert page.locator("#trend details").first.get_attribute("open") is not None


def test_hostile_text_is_shown_as_text(browser: Any, sites: dict[str, Path]) -> None:
    with _opened(browser, sites["hostile"], "index.html") as page:
        first = page.locator("#heavy-table tbody tr").first
        assert "<script>alert('x')</script>" in first.inner_text()
        assert "{{ 7*7 }}" in first.inner_text()
        assert "[U+202E]gnirts" in first.inner_text()
        assert first.bounding_box()["height"] < 400
        assert page.locator("img, #heavy-table script").count() == 0
        assert page.locator("#causes .annotation-text a, #causes .annotation-text img").count() == 0
        long = page.locator("#heavy-table details.long").first
        long.locator("summary").click()
        assert LONG in long.inner_text()
        assert long.bounding_box()["height"] < 400


def test_the_policy_refuses_an_injected_script_and_style(browser: Any, sites: dict[str, Path]) -> None:
    """The policy is what stands if escaping ever fails, so it is tried on its own."""
    with _opened(browser, sites["plain"], "method.html", quiet=False) as page:
        refused = page.evaluate(
            """async () => {
                const seen = [];
                document.addEventListener('securitypolicyviolation', e => seen.push(e.effectiveDirective));
                const script = document.createElement('script');
                script.textContent = 'window.injected = 1';
                document.body.append(script);
                document.body.insertAdjacentHTML('beforeend', '<p style="color:red" onclick="window.injected=1">x</p>');
                await fetch('https://example.invalid/').catch(() => 0);
                await new Promise(done => setTimeout(done, 200));
                return [window.injected === undefined, seen.sort()];
            }"""
        )
        assert refused[0] is True
        assert {"connect-src", "script-src-elem", "style-src-attr"} <= set(refused[1])
