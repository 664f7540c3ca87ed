"""The site as files: pages in every language and the assets they share, built beside the old site and swapped in whole.

Same publication, same bytes. The pages load nothing from a network: their Content-Security-Policy allows the folder's
own script and style only.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

import duckdb
from jinja2 import Environment, PackageLoader, StrictUndefined

from dashboards import (
    clusters,
    codes,
    deliveries,
    figures,
    gather,
    method,
    overview,
    proposals,
    quality,
    views,
)
from dashboards.folder import built_beside
from dashboards.model import PairData, SiteData
from dashboards.text import LANGUAGES, Words, safe_html
from transforms.words.errors import UsageError

_SHARED: Final = ("site.css", "site.js", "icon.svg")
_EXPLORER: Final = (
    "words.js",
    "sheet.js",
    "store.js",
    "frame.js",
    "modes.js",
    "filters.js",
    "detail.js",
    "tree.js",
    "explore.js",
)
# Two styles may stand in the page, by their hashes; any other stays refused. The first is the empty text: plotly adds
# an empty <style> and fills it rule by rule. The second is what plotly.js 4.1.1 adds for its maps as it loads (no map
# is drawn here, but a refusal would stand in the console); a new plotly changes it, and the browser tests then say so.
_STYLE_HASHES: Final = (
    "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='",
    "'sha256-ji27qzEtxXZW+7dun6UwjHXJ18e6WAin1VvNtkzIE/o='",
)
_OF_A_PAIR: Final = ("pair", "areas", "causes", "decisions", "proposals", "codes", "explore")
CSP: Final = (
    f"default-src 'none'; script-src 'self'; style-src 'self' {' '.join(_STYLE_HASHES)}; "
    "img-src 'self' data:; connect-src 'none'; base-uri 'none'; form-action 'none'"
)


@dataclass(frozen=True)
class SiteReport:
    """What was built: where, which pages (relative to ``out``), and the size of all files in bytes."""

    out: Path
    pages: tuple[str, ...]
    files: int
    size: int


def build_site(
    con: duckdb.DuckDBPyConnection,
    out: Path,
    *,
    languages: Sequence[str] = LANGUAGES,
    stopped: dt.datetime | None = None,
) -> SiteReport:
    """Build the site of the publication on ``con`` as folder ``out``; the first language at its root.

    ``stopped`` is the time of a newer night that the quality checks stopped: every page says so.

    Raises ``UsageError`` when nothing is published or ``out`` is a folder that holds something else, and
    ``WarehouseError`` when the publication lacks a view or the folder cannot be written; the old site then stays.
    """
    _check_languages(languages)
    with built_beside(out) as folder:
        site = gather.everything(con, folder)
        stamp = _stamp(folder)
        assets = _write_assets(folder, charts=True)
        place = _Out(folder, languages, assets, stopped)
        made = []
        for language in languages:
            made += _write_language(place, site, Words(language), stamp)
        report = _report(out, folder, made)
    return report


def build_quality_page(
    results: Sequence[Mapping[str, Any]],
    out: Path,
    *,
    as_of: dt.datetime | None = None,
    domains: Mapping[str, str] | None = None,
    site_link: str | None = None,
    languages: Sequence[str] = LANGUAGES,
) -> SiteReport:
    """Build folder ``out`` with the quality page of a night that was *not* published, under a banner that says so.

    ``results`` are rows with the columns of ``published.quality``; absent columns are taken as empty. ``domains`` maps
    domain to title; ``site_link`` is the address of the published site seen from ``out``. Raises as ``build_site``.
    """
    _check_languages(languages)
    names = [f.name for f in fields(deliveries.Check)]
    taken: list[dict[str, Any]] = [{name: row.get(name) for name in names} for row in results]
    checks = [deliveries.Check(**row) for row in taken]
    with built_beside(out) as folder:
        place = _Out(folder, languages, _write_assets(folder, charts=False))
        made = []
        for language in languages:
            words = Words(language)
            page = quality.page(words, checks, domains or {}) | {
                "unpublished": True,
                "as_of": as_of,
                "site_link": None if site_link is None else f"{place.root(language)}{site_link}",
                "nav": [{"href": "quality.html", "text": words("nav.quality"), "current": True}],
            }
            made.append(place.write("quality.html", "quality.html.j2", words, page))
        report = _report(out, folder, made)
    return report


def _check_languages(languages: Sequence[str]) -> None:
    unknown = [language for language in languages if language not in LANGUAGES]
    if unknown or not languages:
        raise UsageError(f"the site knows the languages {', '.join(LANGUAGES)}, not {', '.join(unknown) or 'none'}")


@dataclass(frozen=True)
class _Out:
    """Where pages are written, in which languages, and what stands on each of them."""

    folder: Path
    languages: Sequence[str]
    assets: str
    stopped: dt.datetime | None = None

    def root(self, language: str) -> str:
        return "" if language == self.languages[0] else "../"

    def write(self, name: str, template: str, words: Words, page: Mapping[str, Any]) -> str:
        """Write one page in one language; return its address from the site's root."""
        root = self.root(words.language)
        other = next((language for language in self.languages if language != words.language), None)
        switch = None
        if other is not None:
            to = "" if other == self.languages[0] else f"{other}/"
            switch = {"language": other, "href": f"{root}{to}{name}"}
        place = name if root == "" else f"{words.language}/{name}"
        frame = {
            "t": words,
            "root": root,
            "csp": CSP,
            "assets": self.assets,
            "switch": switch,
            "stopped": self.stopped,
            "footer": None,
        }
        text = _templates().get_template(template).render(frame | dict(page))
        path = self.folder / place
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")
        return place


def named(base: str, number: int) -> str:
    """The file of a page of one pair. The first pair has the plain names; the others are numbered, as a domain's name
    is no safe file name."""
    first = base if base != "pair" else "index"
    return f"{first}.html" if number == 1 else f"{base}-{number}.html"


def _write_language(out: _Out, site: SiteData, words: Words, stamp: str) -> list[str]:
    night = site.nights[-1]
    footer = words(
        "footer",
        night=night.night_id,
        as_of=words.moment(night.as_of),
        catalogue=night.catalogue or "–",
        method=night.method_version or "–",
    )

    def nav(current: str, number: int = 1) -> list[dict[str, Any]]:
        names = [(named(base, number), f"nav.{base if base != 'pair' else 'index'}") for base in _OF_A_PAIR]
        names += [(f"{base}.html", f"nav.{base}") for base in _of_all(site)]
        return [{"href": href, "text": words(key), "current": href == current} for href, key in names]

    def framed(base: str, number: int) -> dict[str, Any]:
        choices = [
            {"href": named(base, n), "title_a": d.pair.title_a, "title_b": d.pair.title_b, "current": n == number}
            for n, d in enumerate(site.pairs, 1)
        ]
        return {"pairs": choices, "nav": nav(named(base, number), number), "footer": footer}

    made = []
    for number, data in enumerate(site.pairs, 1):
        for base, page in _of_pair(words, site, data, number, stamp).items():
            template = f"{base if base != 'pair' else 'index'}.html.j2"
            made.append(out.write(named(base, number), template, words, page | framed(base, number)))
    whole = {
        "clusters": lambda: clusters.page(words, site),
        "quality": lambda: quality.published(words, site),
        "method": lambda: method.page(words, site),
    }
    for base in _of_all(site):
        page = whole[base]() | {"nav": nav(f"{base}.html"), "footer": footer}
        made.append(out.write(f"{base}.html", f"{base}.html.j2", words, page))
    return made


def _of_all(site: SiteData) -> tuple[str, ...]:
    """The pages of the whole; things in every domain are told of where there are more than two."""
    return (
        ("clusters", "quality", "method") if len(site.domains) > 2 and site.further.clusters else ("quality", "method")
    )


def _of_pair(words: Words, site: SiteData, data: PairData, number: int, stamp: str) -> dict[str, dict[str, Any]]:
    """What each page of a pair shows."""
    night, explorer = site.nights[-1], named("explore", number)
    first = overview.page(words, site, data, explorer)
    return {
        "pair": first
        | {
            "answers": views.answers(words, site, data, first["areas"]["rows"], explorer),
            "fan": views.fan(words, data, first["trend"]["rows"]),
            "matrix": views.matrix(words, site, [named("pair", n) for n in range(1, len(site.pairs) + 1)]),
            "links": {name: named(name, number) for name in ("areas", "causes", "decisions", "explore")},
        },
        "areas": views.areas(words, site, data, overview.types(words, data, night, explorer), explorer),
        "causes": views.causes(words, data, explorer),
        "decisions": views.decisions(words, data, explorer),
        "proposals": proposals.page(words, data, explorer),
        "codes": codes.page(words, site, data, explorer),
        "explore": {
            "night": night,
            "pair": data.pair,
            "number": number,
            "stamp": stamp,
            "scripts": _EXPLORER,
            "words": figures.script_json(words.below("explore")),
        },
    }


def _stamp(folder: Path) -> str:
    """A fingerprint of the explorer's data, by which a browser asks for them."""
    digest = hashlib.sha256()
    for path in sorted(folder.glob("data/*/*.js")):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:10]


@cache
def _templates() -> Environment:
    environment = Environment(
        loader=PackageLoader("dashboards"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["safe_html"] = safe_html
    return environment


def _write_assets(folder: Path, *, charts: bool) -> str:
    """Copy what the pages share; return a short fingerprint that keeps a browser from mixing old and new."""
    static = folder / "static"
    static.mkdir()
    wanted = {name: files("dashboards").joinpath("static", name).read_bytes() for name in _SHARED}
    if charts:
        wanted |= {
            name: files("dashboards").joinpath("static", name).read_bytes() for name in ("explore.css", *_EXPLORER)
        }
        wanted["plotly.min.js"] = files("plotly").joinpath("package_data", "plotly.min.js").read_bytes()
    digest = hashlib.sha256()
    for name, content in sorted(wanted.items()):
        (static / name).write_bytes(content)
        digest.update(content)
    return digest.hexdigest()[:10]


def _report(out: Path, folder: Path, made: Sequence[str]) -> SiteReport:
    sizes = [path.stat().st_size for path in folder.rglob("*") if path.is_file()]
    return SiteReport(out=out, pages=tuple(made), files=len(sizes), size=sum(sizes))
