"""The dashboard's words, numbers, figures and files, without a browser."""

from __future__ import annotations

import datetime as dt
import json
import re
import string
from pathlib import Path
from typing import Any

import duckdb
import plotly.graph_objects as go
import pytest

from dashboards import charts, deliveries, figures, gaps, quality, read
from dashboards.drawn import Figure
from dashboards.site import build_quality_page, build_site
from dashboards.text import NBSP, Words, _sentences, plain, safe_html, safe_plotly
from tests.support.published_fixture import HOSTILE, LONG, build
from transforms.words.errors import UsageError, WarehouseError

SV, EN = Words("sv"), Words("en")
NAMES = ("index", "areas", "causes", "decisions", "proposals", "codes", "explore", "quality", "method")
PAGES = tuple(f"{at}{name}.html" for at in ("", "en/") for name in NAMES)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("site") / "site"
    build_site(build(), out)
    return out


def _page(site: Path, name: str) -> str:
    return (site / name).read_text(encoding="utf-8")


def _text(html: str) -> str:
    bare = re.sub(r"<script.*?</script>|<[^>]+>", " ", html, flags=re.DOTALL)
    return re.sub(r"[ \n]+", " ", bare)


@pytest.mark.parametrize(
    ("share", "sv", "en"),
    [
        (0.813, "81,3 %", "81.3%"),
        (0.9997, "> 99,9 %", "> 99.9%"),
        (0.0002, "< 0,1 %", "< 0.1%"),
        (1.0, "100,0 %", "100.0%"),
        (0.0, "0,0 %", "0.0%"),
        (None, "inte mätbart", "not measurable"),
    ],
)
def test_a_share_is_written_as_the_language_does_and_never_rounded_to_all_or_none(
    share: float | None, sv: str, en: str
) -> None:
    assert SV.percent(share).replace(NBSP, " ") == sv
    assert EN.percent(share).replace(NBSP, " ") == en


def test_numbers_have_thousands_apart_and_a_real_minus() -> None:
    assert SV.integer(1234567) == f"1{NBSP}234{NBSP}567"
    assert EN.integer(1234567) == "1,234,567"
    assert SV.signed_points(-0.0123) == "−1,2"
    assert EN.signed_points(0.0061) == "+0.6"
    assert SV.points(0.00001) == "mindre än 0,1 procentenheter"
    assert EN.points(-0.01).replace(NBSP, " ") == "1.0 percentage point"
    assert SV.amount(14.0) == "14"
    assert SV.amount(9.754) == "9,75"


def test_both_languages_say_the_same_with_the_same_places() -> None:
    def places(entry: Any) -> set[str]:
        text = " ".join(entry.values()) if isinstance(entry, dict) else str(entry)
        return {name for _, name, _, _ in string.Formatter().parse(text) if name}

    for key, entry in _sentences().items():
        assert set(entry) == {"sv", "en"}, key
        assert type(entry["sv"]) is type(entry["en"]), key
        if isinstance(entry["sv"], list):
            assert len(entry["sv"]) == len(entry["en"]), key
        else:
            assert places(entry["sv"]) == places(entry["en"]), key


def test_no_sentence_is_left_over() -> None:
    folder = Path(read.__file__).parent
    used = "".join(p.read_text("utf-8") for p in [*folder.glob("*.py"), *folder.glob("templates/*.j2")])
    # Sentences that are looked up by a value: kind.<kind>, status.<status> and so on, and the two languages' lists.
    left = [k for k in _sentences() if f'"{k}"' not in used and f"'{k}'" not in used and "." not in k]
    assert left == ["opened_n", "closed_n", "reopened_n"], left  # figures.drift: words(key + "_n")


def test_untrusted_text_is_shown_as_text() -> None:
    html = str(safe_html(HOSTILE))
    assert "<script" not in html
    assert "<img" not in html
    assert "[U+202E]" in html
    assert "\u202e" not in html
    assert str(safe_html(LONG)).startswith('<details class="long">')
    assert LONG in str(safe_html(LONG))
    assert "none" in str(safe_html(None))
    assert safe_plotly("<b>fet</b> & <a href='https://x'>länk</a>", at_most=90).count("<") == 0
    assert len(safe_plotly(LONG)) <= 44
    assert plain("a\x00b\u2066c") == "a[U+0000]b[U+2066]c"


def test_a_figures_json_cannot_close_its_block_and_offers_no_cloud() -> None:
    figure = figures.ranked(SV, [("</script><script>alert(1)</script>", 3.0, "x")])
    text = figures.to_json(figure)
    assert "<" not in text
    assert ">" not in text
    config = json.loads(text)["config"]
    assert config["showSendToCloud"] is False
    assert config["displaylogo"] is False


def _plotted(figure: Figure) -> go.Figure:
    """The figure as plotly takes it, which refuses a property or a value that it does not know."""
    return go.Figure(figure.spec())


def test_figures_name_tokens_and_no_colours_of_their_own() -> None:
    day = [dt.datetime(2026, 11, d) for d in (20, 21, 22)]
    drawn = [
        figures.trend(SV, day, [0.5, None, 0.6], [0.4, None, 0.5], [0.6, None, 0.7]),
        figures.small_trend(SV, day, [0.5, None, 0.6]),
        figures.areas(SV, [("A", 0.1, 0.2, 0.1, 0.3), ("B", None, None, None, None)]),
        figures.ranked(SV, [("x", 3.0, "y")]),
        figures.drift(SV, day, [1, 2, 3], [3, 2, 1], [0, 1, 0]),
        figures.trend(SV, day, [0.5, 0.5, 0.6], [0.4] * 3, [0.6] * 3, [(day[1], "square", "var(--ink)", "mark")] * 2),
        charts.pareto(SV, [0.2, 0.1], ["a", "b"]),
        charts.adherence(SV, [("A", day, [0.5, None, 0.6]), ("B", day, [0.7, 0.6, 0.6])]),
        charts.fan(SV, day, [0.5, 0.5, 0.6], [(0.7, day[2], day[2], None), (0.9, None, None, None)]),
        charts.sides(SV, [("x", [0.1, None]), ("y", [0.3, 0.4])], ["A", "B"]),
        charts.stacked(SV, [("A", [3, 1])], 2),
        charts.checks(SV, day, [("warning", "Varning", [1, 2, 3])]),
    ]
    tokens = set(re.findall(r"(--[\w-]+):", (Path(read.__file__).parent / "static/site.css").read_text("utf-8")))
    for figure in drawn:
        text = figures.to_json(figure)
        assert json.loads(_plotted(figure).to_json()) == json.loads(text)["figure"]
        assert not re.search(r'"#[0-9a-f]{3,8}"', text)
        assert set(re.findall(r"var\((--[\w-]+)\)", text)) <= tokens


def test_a_striped_bar_keeps_its_own_colour() -> None:
    """Plotly draws the pattern alone, on nothing, unless told to lay it over the bar."""
    day = [dt.datetime(2026, 11, d) for d in (21, 22)]
    drawn = [
        figures.drift(SV, day, [1, 2], [3, 4], [1, 1]),
        charts.checks(SV, day, [("warning", "Varning", [1, 2])]),
        charts.stacked(SV, [("A", [3, 1])], 3),
    ]
    striped = [t.marker.pattern for f in drawn for t in _plotted(f).data if t.type == "bar" and t.marker.pattern.shape]
    assert len(striped) == 4
    assert {p.fillmode for p in striped} == {"overlay"}


def test_not_measurable_is_a_gap_and_words_never_a_zero() -> None:
    day = [dt.datetime(2026, 11, d) for d in (21, 22)]
    line = _plotted(figures.trend(SV, day, [0.5, None], [0.4, None], [0.6, None])).data[-1]
    assert line.y == (50.0, None)
    assert _plotted(figures.trend(SV, day, [None, None], [None, None], [None, None])).data == ()
    figure = _plotted(figures.areas(SV, [("Tom", None, None, None, None)]))
    assert figure.data[-1].x == (None,)
    assert "<i>inte mätbart</i>" in [note.text for note in figure.layout.annotations]


def test_the_first_page_states_the_finding_with_its_numbers(site: Path) -> None:
    con = build()
    rows = con.execute(
        "SELECT numerator, denominator, value FROM published.measure WHERE level = 'total' AND metric = 'convergence'"
        " ORDER BY night_id DESC LIMIT 2"
    ).fetchall()
    (num, den, now), (_, _, before) = rows
    for words, name, more in ((SV, "index.html", "upp"), (EN, "en/index.html", "up")):
        text = _text(_page(site, name))
        assert words.percent(now) in text
        assert f"{more} {words.points(now - before)}" in text
        assert words("headline_fraction", num=words.amount(num), den=words.amount(den)) in text
        assert words("age_old") in text


def test_counts_of_an_area_are_items_that_count(site: Path) -> None:
    con = build()
    pair = read.pairs(con)[0]
    area = {a.area: a for a in read.areas(con, pair.pair_id, 8)}
    matched = con.execute(
        "SELECT sum(matched) FROM published.entity_count WHERE night_id = 8 AND entity = 'order_sentence'"
    ).fetchall()[0][0]
    assert area["medication"].matched == matched  # the component's rows are not counted
    assert area["patient_administration"].scored_types == 0
    assert area["patient_administration"].matched is None  # expected local
    assert gaps.difference_totals(con, pair.pair_id).expected_local == 20
    groups = gaps.heaviest_groups(con, pair.pair_id, 100)
    assert sum(g.weight for g in groups) == gaps.difference_totals(con, pair.pair_id).weight
    assert "location" not in {g.entity for g in groups}


def test_what_could_not_be_measured_is_said(site: Path) -> None:
    text = _text(_page(site, "index.html"))
    assert SV("blind_area_local", title="Patientadministration") in text
    assert "kolumnen fanns inte i extraktet" in text
    assert SV("watched_none", date=SV.date(dt.datetime(2026, 11, 22))) in text


def test_a_total_without_denominator_is_not_measurable(tmp_path: Path) -> None:
    con = build(nights=2)
    con.execute("UPDATE published.measure SET denominator = 0, numerator = 0, value = NULL")
    build_site(con, tmp_path / "site")
    text = _text(_page(tmp_path / "site", "index.html"))
    assert "Hur lika byggena är går inte att mäta" in text
    assert "inte mätbart" in text
    assert not re.search(rf"\b(0,0|100,0){NBSP}%", text)


def test_the_first_night_has_no_change_to_show(tmp_path: Path) -> None:
    build_site(build(nights=1), tmp_path / "site")
    text = _text(_page(tmp_path / "site", "index.html"))
    assert SV("lead_first") in text
    assert SV("drift_none") in text
    finding, answers = text.split(SV("answers_heading"))[:2]
    assert "procentenhet" not in finding
    assert SV("changed_first") in answers


def test_a_new_method_version_is_not_shown_as_a_change(tmp_path: Path) -> None:
    con = build()
    con.execute("UPDATE published.measure SET method_version = 'next' WHERE night_id = 8")
    build_site(con, tmp_path / "site")
    assert "Metoden har ändrats" in _text(_page(tmp_path / "site", "index.html"))


def test_hostile_text_reaches_no_page_as_markup(tmp_path: Path) -> None:
    report = build_site(build(hostile=True), tmp_path / "site")
    scripts = "|".join(p.stem for p in (Path(read.__file__).parent / "static").glob("*.js"))
    for name in report.pages:
        html = _page(tmp_path / "site", name)
        assert "<script>alert" not in html
        assert "<img src=x" not in html
        assert "\u202e" not in html
        assert set(re.findall(r"<script([^>]*)>", html)) <= {
            *re.findall(
                rf'<script( src="[./]*static/(?:plotly\.min|{scripts})\.js\?v=\w+" defer)>',
                html,
            ),
            *re.findall(r'<script( type="application/json" id="[\w-]+")>', html),
        }
        assert not re.search(r"<[^>]+\son\w+=", html)
        assert not re.search(r"<[^>]+\sstyle=", html)
    assert LONG in _page(tmp_path / "site", "index.html")


def test_every_page_is_a_whole_document_in_its_language(site: Path) -> None:
    for name in PAGES:
        html = _page(site, name)
        assert f'<html lang="{"en" if name.startswith("en/") else "sv"}">' in html
        assert html.count("<h1") == html.count("<main") == html.count("<title>") == 1
        assert "Content-Security-Policy" in html
        assert not re.search(r"https?://", html)
        assert html.count("<table") == html.count("<caption")
        other = name.removeprefix("en/") if name.startswith("en/") else f"en/{name}"
        assert f'href="{"../" if name.startswith("en/") else ""}{other}"' in html


def test_the_same_publication_gives_the_same_bytes(site: Path, tmp_path: Path) -> None:
    again = tmp_path / "site"
    build_site(build(), again)
    names = sorted(p.relative_to(site) for p in site.rglob("*") if p.is_file())
    assert names == sorted(p.relative_to(again) for p in again.rglob("*") if p.is_file())
    for name in names:
        assert (site / name).read_bytes() == (again / name).read_bytes(), name


def test_quality_page_tells_failed_from_broken(site: Path) -> None:
    text = _text(_page(site, "quality.html"))
    assert "2 av 54 kontroller underkända, 1 kunde inte köras" in text
    assert "ORDER_CATALOG_SYNONYM.csv" in text
    assert "4 rader i 2 filer" in text


def test_an_unknown_status_is_never_taken_as_passed() -> None:
    check = deliveries.Check("a.b", None, None, None, None, "critical", "strange", None, None, None, None)
    page = quality.page(SV, [check], {})
    assert page["finding"] == "1 av 1 kontroller kunde inte köras"
    assert page["trouble"] == [check]


def test_the_quality_page_of_a_stopped_night(tmp_path: Path) -> None:
    results = [
        {"check_id": "orderable.rows", "severity": "critical", "status": "failed", "failed": 9, "total": 9,
         "domain": "vgr", "note": HOSTILE, "extra": 1},
        {"check_id": "dta.rows", "severity": "critical", "status": "passed"},
    ]  # fmt: skip
    report = build_quality_page(
        results,
        tmp_path / "attempt",
        as_of=dt.datetime(2026, 11, 22, 2),
        domains={"vgr": "Västra Götalandsregionen"},
        site_link="../site/index.html",
    )
    assert report.pages == ("quality.html", "en/quality.html")
    text = _text(_page(report.out, "quality.html"))
    assert "Den här natten publicerades inte" in text
    assert "22 november 2026 kl. 02:00" in text
    assert "Västra Götalandsregionen" in text
    assert 'href="../../site/index.html"' in _page(report.out, "en/quality.html")
    assert "<img src=x" not in _page(report.out, "quality.html")


def test_a_new_site_replaces_the_old_whole(tmp_path: Path) -> None:
    out = tmp_path / "data" / "site"
    build_site(build(nights=2), out)
    (out / "stale.html").write_text("old")
    (tmp_path / "data" / ".site.building").mkdir()  # a build that was killed
    build_site(build(), out)
    assert not (out / "stale.html").exists()
    assert sorted(p.name for p in out.parent.iterdir()) == ["site"]


def test_a_build_that_fails_leaves_the_old_site(tmp_path: Path) -> None:
    out = tmp_path / "site"
    build_site(build(), out)
    before = (out / "index.html").read_bytes()
    con = build()
    con.execute("DROP TABLE published.drift")
    with pytest.raises(WarehouseError, match="does not fit this version"):
        build_site(con, out)
    assert (out / "index.html").read_bytes() == before
    assert sorted(p.name for p in tmp_path.iterdir()) == ["site"]


def test_a_folder_with_other_things_is_refused(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(UsageError, match="something other"):
        build_site(build(), tmp_path)
    assert (tmp_path / "thesis.txt").read_text() == "mine"


def test_a_full_disk_or_a_forbidden_folder_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(WarehouseError, match="cannot be written") as error:
        build_site(build(), tmp_path / "file" / "site")
    assert "\n" not in str(error.value)


def test_nothing_published_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no night is published"):
        build_site(build(nights=0), tmp_path / "site")
    with pytest.raises(WarehouseError):
        build_site(duckdb.connect(":memory:"), tmp_path / "site")


def test_more_pairs_get_pages_of_their_own(tmp_path: Path) -> None:
    con = build()
    con.execute("INSERT INTO published.domain VALUES ('halland', 'Region Halland', 'X', 3)")
    con.execute("INSERT INTO published.pair VALUES ('vgr-halland', 'vgr', 'halland')")
    report = build_site(con, tmp_path / "site", languages=("en",))
    own = ("areas", "causes", "decisions", "proposals", "codes", "explore")
    assert report.pages == (
        *("index.html", *(f"{name}.html" for name in own)),
        *("pair-2.html", *(f"{name}-2.html" for name in own)),
        *("quality.html", "method.html"),
    )
    assert "table" in re.findall(r'<(table) id="matrix-table"', _page(tmp_path / "site", "index.html"))
    text = _text(_page(tmp_path / "site", "pair-2.html"))
    assert "cannot be measured" in text
    assert "Region Halland" in _page(tmp_path / "site", "index.html")


def test_the_first_page_answers_and_every_number_leads_to_its_rows(site: Path) -> None:
    html, text = _page(site, "index.html"), _text(_page(site, "index.html")).replace(NBSP, " ")
    for question in ("when", "changed", "worst", "decide", "stuck"):
        assert SV(f"answer_{question}") in text
    assert SV("when_absent") in text  # this publication has no forecast, and the page says so
    assert "1 av 1 beslut återstår (48 ändringar)" in text
    assert "36 skillnader där beslutet inte längre gäller" in text
    for filters in ("since=new", "decision=none", "decision=stale", "area=medication", "type=dta", "cause="):
        assert f"explore.html#{filters}" in html.replace("&amp;", "&"), filters


def test_what_has_come_to_its_views_is_said_and_what_has_not_too(tmp_path: Path) -> None:
    con = build()
    for view in ("cause", "decision", "decision_cover", "process", "adherence", "crosswalk"):
        con.execute(f"DROP TABLE published.{view}")
    build_site(con, tmp_path / "site")
    assert SV("causes_absent") in _text(_page(tmp_path / "site", "causes.html"))
    assert SV("decisions_absent") in _text(_page(tmp_path / "site", "decisions.html"))
    assert SV("adherence_none") in _text(_page(tmp_path / "site", "decisions.html"))


def test_a_forecast_is_told_with_its_interval(tmp_path: Path) -> None:
    con = build()
    con.execute(
        """
        CREATE TABLE published.forecast AS
        SELECT 'vgr-skane' AS pair_id, 'total' AS level, 'total' AS subject, aim::DOUBLE AS aim, state,
               earliest, median, latest,
               0.95::DOUBLE AS share, 7 AS steps
        FROM (VALUES (0.6, 'reached', NULL, NULL, NULL),
                     (0.9, 'converging', TIMESTAMP '2027-05-01', TIMESTAMP '2027-09-01', TIMESTAMP '2028-02-01'))
             f(aim, state, earliest, median, latest)
        """
    )
    build_site(con, tmp_path / "site", languages=("en",))
    html = _page(tmp_path / "site", "index.html")
    told = EN("when_converging", aim="90%", median="1 September 2027", early="1 May 2027", late="1 February 2028")
    assert told in _text(html)
    assert 'id="fan-data"' in html
