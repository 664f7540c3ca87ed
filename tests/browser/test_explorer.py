"""The explorer in a real browser: filters, order, the address, one row side by side, keyboard, files, hostile text."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import openpyxl
import pytest

from dashboards.site import build_site
from tests.support.published_fixture import HOSTILE, build

pytestmark = pytest.mark.browser

READY = "() => document.getElementById('explorer').dataset.ready === 'yes'"


@pytest.fixture(scope="session")
def explored(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_site(_publication(), tmp_path_factory.mktemp("explored") / "site").out


@contextmanager
def _opened(browser: Any, site: Path, address: str = "en/explore.html", width: int = 1280) -> Iterator[Any]:
    context = browser.new_context(viewport={"width": width, "height": 900}, accept_downloads=True)
    page = context.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("dialog", lambda dialog: said.append(dialog.message))
    name, _, fragment = address.partition("#")
    page.goto((site / name).as_uri() + (f"#{fragment}" if fragment else ""))
    page.wait_for_function(READY)
    yield page
    context.close()
    assert said == []


def _count(page: Any) -> int:
    return int(page.locator(".count").inner_text().split(" of ")[0].replace(",", ""))


@cache
def _publication() -> duckdb.DuckDBPyConnection:
    return build(hostile=True)


def _rows(sql: str) -> int:
    [(number,)] = _publication().execute(f"SELECT count(*) FROM published.difference d WHERE {sql}").fetchall()
    return int(number)


def test_filters_give_the_rows_of_the_view_and_the_address_leads_back(browser: Any, explored: Path) -> None:
    with _opened(browser, explored) as page:
        assert _count(page) == _rows("true")
        page.get_by_label("Area").select_option("medication")
        assert _count(page) == _rows("area = 'medication'")
        page.get_by_label("Kind").select_option("only_a")
        narrowed = _count(page)
        assert narrowed == _rows("area = 'medication' AND kind = 'only_a'")
        page.get_by_label("Search").fill("morfin mall")
        page.wait_for_function("() => location.hash.includes('morfin')")
        assert _count(page) == _rows("area = 'medication' AND kind = 'only_a' AND label ILIKE '%morfin%mall%'")
        address = page.url
        page.go_back()
        page.wait_for_function("() => !location.hash.includes('only_a')")
        assert _count(page) == _rows("area = 'medication'")
        page.goto("about:blank")
        page.goto(address)
        page.wait_for_function(READY)
        assert page.get_by_label("Search").input_value() == "morfin mall"
        assert page.get_by_label("Kind").input_value() == "only_a"
        page.get_by_role("link", name="På svenska").click()
        page.wait_for_function(READY)
        assert "morfin" in page.url
        assert "/en/" not in page.url


def test_an_address_shows_its_rows(browser: Any, explored: Path) -> None:
    with _opened(browser, explored) as page:
        for fragment, where in {
            "cause=none": "steps = 0",
            "cause=any": "steps > 0",
            "decision=S-1": "attribute = 'hidden'",
            "decision=stale": "attribute = 'unit' AND entity = 'dta'",
            "min=5": "weight >= 5",
            "since=new": "opened_night = 8",
            "since=new&counted=yes": "opened_night = 8 AND NOT expected_local",
            "attr=dta.unit": "entity = 'dta' AND attribute = 'unit'",
        }.items():
            page.evaluate(
                "f => new Promise(done => { addEventListener('popstate', done); location.hash = f; })", fragment
            )
            assert _count(page) == _rows(where) > 0, fragment


def test_order_and_keyboard(browser: Any, explored: Path) -> None:
    with _opened(browser, explored, "en/explore.html#type=dta") as page:
        page.get_by_role("columnheader", name="Item").get_by_role("button").click()
        assert page.get_by_role("columnheader", name="Item").get_attribute("aria-sort") == "ascending"
        labels = page.locator(".spacer .item button").all_inner_texts()
        assert labels == sorted(labels)
        page.locator(".window").focus()
        for key in ("ArrowDown", "ArrowDown", "End"):
            page.keyboard.press(key)
        last = page.evaluate("document.activeElement.closest('[role=row]').getAttribute('aria-rowindex')")
        assert int(last) == _count(page) + 1
        page.keyboard.press("Enter")
        assert page.get_by_role("dialog").is_visible()
        assert "open=" in page.url
        page.keyboard.press("Escape")
        assert not page.get_by_role("dialog").is_visible()
        assert page.evaluate("document.activeElement.closest('[role=row]').getAttribute('aria-rowindex')") == last


def test_one_row_side_by_side_with_its_words_told_apart(browser: Any, explored: Path) -> None:
    with _opened(browser, explored, "en/explore.html#attr=order_sentence_detail.value&q=infusion") as page:
        page.locator(".spacer .line").first.click()
        dialog = page.get_by_role("dialog")
        assert dialog.locator("del").all_inner_texts() == ["iv infusion"]
        assert "Region Skåne" in dialog.inner_text()
        dialog.locator(".facts button").first.click()
        assert "cause=" in page.url
        assert _count(page) == _rows("cause_label ILIKE '%intravenös%' OR label ILIKE '%väg: intravenös%'")


def test_words_are_told_apart(browser: Any, explored: Path) -> None:
    with _opened(browser, explored) as page:
        told = page.evaluate(
            "window.likareWords.compare('1 tablett, 2 gånger dagligen', '1 tablett, 3 gånger dagligen')"
        )
    assert told["a"] == [["1 tablett, ", False], ["2", True], [" gånger dagligen", False]]
    assert told["b"] == [["1 tablett, ", False], ["3", True], [" gånger dagligen", False]]


def test_what_is_shown_comes_out_as_files(browser: Any, explored: Path, tmp_path: Path) -> None:
    with _opened(browser, explored, "en/explore.html#type=orderable") as page:
        shown = _count(page)
        with page.expect_download() as waiting:
            page.get_by_role("button", name="CSV").click()
        text = Path(waiting.value.path()).read_text("utf-8-sig")
        table = list(csv.reader(io.StringIO(text, newline=""), delimiter=";"))
        assert len(table) == shown + 1
        assert HOSTILE in [row[3] for row in table]
        with page.expect_download() as waiting:
            page.get_by_role("button", name="Excel").click()
        waiting.value.save_as(tmp_path / "x.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "x.xlsx").active
    assert sheet is not None
    assert sheet.max_row == shown + 1
    assert {c.data_type for row in sheet.iter_rows() for c in row} <= {"s", "n", "inlineStr"}


def test_matches_have_their_own_view(browser: Any, explored: Path) -> None:
    with _opened(browser, explored) as page:
        page.get_by_role("button", name="Matches").click()
        page.wait_for_function(READY)
        page.wait_for_function("() => document.querySelector('.count').textContent.startsWith('201 of 201')")
        page.get_by_label("Certainty").select_option("no")
        assert _count(page) == 67
        page.locator(".spacer .line").first.click()
        assert "alvedon" in page.get_by_role("dialog").inner_text()


def test_hostile_text_is_text_here_too(browser: Any, explored: Path) -> None:
    with _opened(browser, explored, "en/explore.html#min=8&q=script") as page:
        first = page.locator(".spacer .line").first
        assert "<script>alert('x')</script>" in first.inner_text()
        assert "[U+202E]" in page.locator(".spacer").inner_text()
        first.click()
        dialog = page.get_by_role("dialog")
        assert "{{ 7*7 }}" in dialog.inner_text()
        assert page.locator("#explorer img, dialog img, dialog script").count() == 0


def test_the_open_row_and_the_phone_are_accessible(browser: Any, explored: Path) -> None:
    from axe_playwright_python.sync_playwright import Axe

    with _opened(browser, explored, width=390) as page:
        page.get_by_role("button", name="Filters").click()
        assert page.get_by_label("Area").is_visible()
        page.locator(".spacer .line").nth(3).click()
        found = Axe().run(page, options={"preload": False}).response["violations"]
        assert [(v["id"], v["nodes"][0]["html"][:200]) for v in found] == []
        assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_the_first_pages_numbers_are_those_of_the_rows_they_lead_to(browser: Any, explored: Path) -> None:
    context = browser.new_context()
    page = context.new_page()
    page.goto((explored / "en" / "index.html").as_uri())
    links = page.locator("#areas-table tbody a, #groups-table tbody a, .answers a[href*='decision=']")
    found = [(one.get_attribute("href"), one.text_content()) for one in links.all()]
    assert len(found) > 12
    for href, text in found:
        page.goto((explored / "en" / href.split("#")[0]).as_uri() + "#" + href.split("#")[1])
        page.wait_for_function(READY)
        assert _count(page) in [int(n) for n in re.findall(r"\d+", text.replace(",", ""))], href
    context.close()
