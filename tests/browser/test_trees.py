"""Composed items as trees in the explorer: aligned, at an address of their own, reached from a difference, as text."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from dashboards.site import build_site
from tests.support.published_fixture import HOSTILE, build

pytestmark = pytest.mark.browser

READY = "() => document.getElementById('explorer').dataset.ready === 'yes'"


@pytest.fixture(scope="module")
def treed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_site(build(hostile=True), tmp_path_factory.mktemp("treed") / "site").out


@contextmanager
def _opened(browser: Any, site: Path, fragment: str, width: int = 1280) -> Iterator[Any]:
    context = browser.new_context(viewport={"width": width, "height": 900}, accept_downloads=True)
    page = context.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto(f"{(site / 'en/explore.html').as_uri()}#{fragment}")
    page.wait_for_function(READY)
    yield page
    context.close()
    assert said == []


def test_a_tree_is_aligned_and_its_words_told_apart(browser: Any, treed: Path) -> None:
    with _opened(browser, treed, "mode=trees") as page:
        assert page.locator(".count").inner_text().startswith("4 of 4")
        page.locator(".spacer .line").first.click()
        dialog = page.get_by_role("dialog")
        page.wait_for_selector(".aligned .branch")  # drawn once the differences are here
        first = dialog.locator(".aligned .branch > li").first
        assert first.locator("del").all_inner_texts() == ["en gång"]
        assert first.locator("ins").all_inner_texts() == ["två gånger"]
        assert first.locator(".branch .node").first.inner_text().count("Dos") == 2  # a part of the part, on both sides
        sides = [half.bounding_box()["x"] for half in dialog.locator(".node .half").all()]
        assert len(set(sides[::2])) <= 2 and len(set(sides[1::2])) <= 2  # two columns, whatever the depth adds
        before = dialog.locator(".aligned .node").count()
        dialog.get_by_label("Only what differs").check()
        assert (
            dialog.locator(".aligned .node").count() == before - 2
        )  # the two that are alike and hold nothing that differs
        address = page.url
    with _opened(browser, treed, address.partition("#")[2]) as page:
        page.wait_for_selector("dialog[open]")
        assert "hjärtsvikt" in page.get_by_role("dialog").inner_text()


def test_a_component_that_is_an_item_leads_to_its_tree(browser: Any, treed: Path) -> None:
    with _opened(browser, treed, "mode=trees&open=plan-1") as page:
        dialog = page.get_by_role("dialog")
        page.wait_for_selector(".aligned .branch")
        dialog.locator(".node").get_by_role("button", name="Vikt dagligen").click()
        assert dialog.locator("h2").inner_text() == "Vikt dagligen"
        assert dialog.locator(".node .half").first.inner_text().startswith("mg")
        assert "open=order-1" in page.url


def test_a_tree_goes_on_through_what_a_component_leads_to(browser: Any, treed: Path) -> None:
    with _opened(browser, treed, "mode=trees&open=plan-2") as page:
        dialog = page.get_by_role("dialog")
        page.wait_for_selector(".aligned .branch")
        # The component and what it leads to are one line, and what that is made of stands below.
        lines = dialog.locator(".aligned .node:not(.heads)")
        assert lines.count() == 2
        assert [t.split("\n")[1].split(" ")[0] for t in lines.all_inner_texts()] == ["Syrgas", "l/min"]
        assert dialog.locator(".branch .branch .node").count() == 1
        dialog.get_by_role("button", name="Syrgas").click()
        assert "open=order-2" in page.url


def test_an_address_that_comes_while_another_is_open_is_followed(browser: Any, treed: Path) -> None:
    with _opened(browser, treed, "mode=trees&open=plan-1") as page:
        heading = page.get_by_role("dialog").locator("h2")
        first = heading.inner_text()
        page.evaluate("location.hash = 'mode=trees&open=plan-2'")
        page.wait_for_function("first => document.querySelector('dialog h2').innerText !== first", arg=first)
        # Long after the first has told that it was closed.
        page.wait_for_timeout(300)
        assert page.evaluate("location.hash").endswith("open=plan-2")
        assert page.get_by_role("dialog").count() == 1 and heading.inner_text() != first
        page.go_back()
        page.wait_for_function("first => document.querySelector('dialog h2').innerText === first", arg=first)
        assert page.evaluate("location.hash").endswith("open=plan-1")


def test_a_difference_leads_to_its_tree_and_back(browser: Any, treed: Path) -> None:
    with _opened(browser, treed, "q=40 mg en gång") as page:
        page.locator(".spacer .line").first.click()
        page.get_by_role("button", name="Show the item as a tree").click()
        page.wait_for_function("() => location.hash.includes('mode=trees')")
        page.wait_for_selector(".aligned .node")
        page.go_back()
        page.wait_for_function("() => !location.hash.includes('mode=trees')")
        page.wait_for_function("() => document.querySelector('.count').textContent.startsWith('1 of')")


@pytest.mark.parametrize("width", [1280, 390])
def test_a_tree_is_accessible_and_hostile_text_is_text(browser: Any, treed: Path, width: int) -> None:
    from axe_playwright_python.sync_playwright import Axe

    with _opened(browser, treed, "mode=trees", width) as page:
        page.locator(".spacer .line").first.click()
        page.wait_for_selector(".aligned .node")
        found = Axe().run(page, options={"preload": False}).response["violations"]
        assert [(v["id"], v["nodes"][0]["html"][:200]) for v in found] == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert HOSTILE.replace("\u202e", "[U+202E]") in page.locator(".aligned").inner_text()
        assert page.locator(".aligned img, .aligned script").count() == 0


def test_the_list_of_trees_comes_out_as_a_file(browser: Any, treed: Path) -> None:
    with _opened(browser, treed, "mode=trees") as page:
        with page.expect_download() as waiting:
            page.get_by_role("button", name="CSV").click()
        lines = Path(waiting.value.path()).read_text("utf-8-sig").strip().splitlines()
        assert len(lines) == 5
        assert "hjärtsvikt" in lines[1]
