"""The later pages: national codes, proposals and requests, all domains, what happened on the way, checks by night."""

from __future__ import annotations

import base64
import datetime as dt
import gzip
import json
import re
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from dashboards import charts, gaps, rows, told
from dashboards.site import build_site
from dashboards.text import Words
from tests.support import further_fixture
from tests.support.published_fixture import HOSTILE, build

SV, EN = Words("sv"), Words("en")
PAIR = "vgr-skane"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_site(build(), tmp_path_factory.mktemp("further") / "site").out


def _text(path: Path) -> str:
    bare = re.sub(r"<script.*?</script>|<[^>]+>", " ", path.read_text("utf-8"), flags=re.DOTALL)
    return re.sub(r"[ \n]+", " ", bare)


def _figure(path: Path, name: str) -> dict[str, Any]:
    found = re.search(rf'id="{name}-data">(.*?)</script>', path.read_text("utf-8"), re.DOTALL)
    assert found, name
    figure: dict[str, Any] = json.loads(found.group(1))["figure"]
    return figure


def test_codes_tell_the_same_code_rate_and_whose_lists_are_missing(site: Path) -> None:
    text = _text(site / "codes.html")
    assert SV("codes_finding", value=SV.percent(544 / 600), n=600) in text
    assert SV("codes_lists_absent", lists="Vård") in text  # the list that has not been added is named
    assert SV.percent(0.78) in text and SV.percent(0.69) in text  # valid / items of both regions
    assert "inte mätbart" in text  # a list that is not here: not 0 %
    assert text.count(SV("code.invalid")) >= 1
    assert len(_figure(site / "codes.html", "coverage")["data"]) == 2  # a mark per region, told apart by shape
    symbols = {trace["marker"]["symbol"] for trace in _figure(site / "codes.html", "coverage")["data"]}
    assert len(symbols) == 2


def test_proposals_add_up_and_lead_to_their_rows(site: Path) -> None:
    con = build()
    [(many, worth)] = con.execute(
        "SELECT count(*), sum(d.worth) FROM published.proposal JOIN published.difference d USING (difference_id)"
    ).fetchall()
    html, text = (site / "proposals.html").read_text("utf-8"), _text(site / "proposals.html")
    assert SV("proposals_finding", n=many, gain=SV.decimal(worth * 100, 2)) in text
    listed = con.execute("SELECT count(*) FROM published.proposal WHERE rule <> 'expected local'").fetchall()[0][0]
    assert html.count("explore.html#open=") == min(30, listed) > 20  # the foremost, each with its row
    assert SV("rule_words.precedent") in text
    assert SV("ruling_adopt_side", region="Västra Götalandsregionen") in text
    assert SV("vendor_finding", n=2, new="1") in text  # the settled one is not among those that stand
    assert "explore.html#cause=r1" in html.replace("&amp;", "&")


def test_the_curve_marks_decisions_releases_and_changed_definitions(site: Path) -> None:
    figure = _figure(site / "index.html", "trend")
    marks = figure["data"][-1]
    assert marks["marker"]["symbol"] == ["diamond", "square"]  # nights 2 and 5; the decisions are older than the nights
    assert SV("mark_release", domain="Västra Götalandsregionen", version="2024.1") in _text(site / "index.html")
    assert SV("mark_method", version="2026.11") in _text(site / "index.html")
    con = build()
    con.execute("UPDATE published.decision SET ruled_on = DATE '2026-11-20'")
    named = build_site(con, site.parent / "decided").out / "index.html"
    assert _figure(named, "trend")["data"][-1]["marker"]["symbol"] == ["diamond", "square", "triangle-down"]
    assert SV("mark_decision", n=2, names="S-1, S-2") in _text(named)


def test_what_came_back_stands_apart_in_the_flow(site: Path) -> None:
    con = build()
    drift = gaps.drift(con, PAIR)
    again = con.execute("SELECT count(*) FROM published.difference_history WHERE life > 1").fetchall()[0][0]
    assert sum(d.reopened or 0 for d in drift) == again > 0
    assert drift[0].reopened is None  # the first night opened nothing
    back, opened, closed = _figure(site / "index.html", "drift")["data"][:3]
    assert [b + o for b, o in zip(back["y"], opened["y"], strict=True)] == [d.opened for d in drift[1:]]
    assert {trace["marker"]["pattern"]["shape"] for trace in (back, opened, closed)} == {"x", "/", ""}


def test_checks_are_told_night_by_night(site: Path) -> None:
    text = _text(site / "quality.html")
    assert SV("course_more", first="3", last="4", nights=8) in text
    assert "34 → 35 → 36 → 37 → 38" in text  # rows that failed in each of the last five nights
    assert _figure(site / "quality.html", "course")["data"][0]["y"] == [3, 4, 2, 3, 4, 2, 3, 4]


def test_a_changed_method_has_its_seam(site: Path, tmp_path: Path) -> None:
    assert SV("seam_lead") in _text(site / "method.html")
    con = build()
    con.execute("DELETE FROM published.seam")
    assert SV("seam_none", version="2026.11") in _text(build_site(con, tmp_path / "site").out / "method.html")


def test_every_figure_of_the_site_is_explained_on_one_page(site: Path) -> None:
    for words, at in ((SV, "method.html"), (EN, "en/method.html")):
        text = _text(site / at)
        for key in ("metric.coverage", "metric.agreement", "metric.strict", "metric.justified", "metric.decided"):
            assert words(key) in text, key
        assert len(words.entries("method_items")) >= 15


def test_three_domains_have_a_page_of_what_they_share(tmp_path: Path) -> None:
    con = build()
    further_fixture.third_domain(con)
    site = build_site(con, tmp_path / "site").out
    text = _text(site / "clusters.html")
    # In each of three types 30 of 40 things are in all three domains, 10 in two.
    assert SV("clusters_finding", share=SV.percent(0.75), count=3, n=120) in text
    assert SV("clash.two items of one domain") in text
    assert [sum(trace["x"]) for trace in _figure(site / "clusters.html", "spread")["data"]] == [225, 75]
    assert 'href="clusters.html"' in (site / "index.html").read_text("utf-8")


def test_two_domains_need_no_such_page(site: Path) -> None:
    assert not (site / "clusters.html").exists()


def test_without_the_later_views_the_pages_say_so(tmp_path: Path) -> None:
    con = build()
    later = ("national_code", "same_code", "national_item", "proposal", "vendor_request", "seam", "quality_count")
    for view in (*later, "difference_history", "tree_node", "cluster", "reference_list"):
        con.execute(f"DROP TABLE published.{view}")
    site = build_site(con, tmp_path / "site").out
    assert SV("codes_absent") in _text(site / "codes.html")
    assert SV("proposals_absent") in _text(site / "proposals.html")
    assert SV("vendor_absent") in _text(site / "proposals.html")


def _trees(folder: Path) -> dict[str, Any]:
    packed = (folder / "trees-0.js").read_text("ascii").split('"')[3]
    held: dict[str, Any] = json.loads(gzip.decompress(base64.b64decode(packed)))
    return held


def test_trees_hold_whole_items_with_their_differences(tmp_path: Path) -> None:
    con = build(hostile=True)
    rows.write(con, PAIR, tmp_path / "1")
    held = _trees(tmp_path / "1")
    meta = json.loads((tmp_path / "1" / "meta.js").read_text("utf-8").removeprefix("likare.meta(").rstrip(");\n"))
    entities = [e[0] for e in meta["entities"]]
    assert meta["trees"] == {"all": 4, "rows": 4, "chunk": 500}
    assert [held["text"][n] for n in held["column"]["label"]] == [
        "Vårdplan hjärtsvikt",
        "Vikt dagligen",
        HOSTILE,
        "Syrgas",
    ]
    # What a component leads to counts too, but lies in a tree of its own that the component names.
    assert held["column"]["parts"] == [4, 1, 2, 1]
    assert (held["column"]["differing"], held["column"]["only_a"]) == ([1, 0, 0, 0], [1, 0, 2, 1])
    assert [n[3:6] for n in held["nodes"][2]] == [[2, 1, 0], [6, 4, 0]]
    assert meta["leads"] == [["powerplan_component", "orderable"]]
    plan = held["nodes"][0]
    assert [(n[0], entities[n[1]], held["text"][n[2]]) for n in plan] == [
        (1, "powerplan_component", "Furosemid"),
        (2, "order_sentence_detail", "Dos"),
        (1, "powerplan_component", HOSTILE),
        (1, "powerplan_component", "Vikt dagligen"),
    ]
    [number] = plan[0][6:]
    [(at,)] = con.execute("SELECT n FROM explored WHERE difference_id = md5('tree')").fetchall()
    assert number == at
    assert set(meta["items"].values()) == {"plan-1"}


def test_sentences_of_the_publication_are_told_in_the_readers_language() -> None:
    text = "both builds have come to agree on something else than was ruled: 17 places, such as x; rule anew, or take it up with the regions"  # noqa: E501
    assert told.note(SV, text) == SV("told.instead", n="17", such="x")
    assert told.note(EN, "in 17 of 592 both have come to agree on something else than was ruled") == EN(
        "told.instead_of", n="17", all="592"
    )
    assert told.note(SV, "a remark of one's own") == "a remark of one's own"
    assert told.note(SV, None) is None
    rule = "entity order_sentence or dta, attribute display_line"
    assert told.covers(SV, rule, {"dta": "Mätvärde"}) == "posttyp order sentence eller Mätvärde, attribut display line"
    assert told.covers(SV, "Alvedon 500 mg, tablett", {}) == "Alvedon 500 mg, tablett"


def test_labels_of_lines_that_end_close_together_do_not_cover_each_other() -> None:
    day = [dt.datetime(2026, 11, d) for d in (21, 22)]
    figure = charts.adherence(SV, [("A", day, [0.99, 0.998]), ("B", day, [0.99, 0.9981]), ("C", day, [0.9, 0.95])])
    low, high = figure.layout["yaxis"]["range"]
    at = sorted((high - n["y"]) / (high - low) * 250 - n["yshift"] for n in figure.layout["annotations"])
    assert min(b - a for a, b in pairwise(at)) >= 31.9
