"""The site as files: pages in every language and the assets they share, built beside the old site and swapped in whole.

Same publication, same bytes. The pages load nothing from a network: their Content-Security-Policy allows the folder's
own script and style only.
"""

from __future__ import annotations

import ctypes
import datetime as dt
import hashlib
import os
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

import duckdb
from jinja2 import Environment, PackageLoader, StrictUndefined

from dashboards import figures, outlook, pages, read, rows, views
from dashboards.text import LANGUAGES, Words, safe_html
from transforms.errors import UsageError, WarehouseError

MARK: Final = ".likare-site"
_SHARED: Final = ("site.css", "site.js", "icon.svg")
_EXPLORER: Final = ("explore.css", "words.js", "sheet.js", "store.js", "explore.js")
# Two styles may stand in the page, by their hashes; any other stays refused. The first is the empty text: plotly adds
# an empty <style> and fills it rule by rule. The second is what plotly.js 4.1.1 adds for its maps as it loads (no map
# is drawn here, but a refusal would stand in the console); a new plotly changes it, and the browser tests then say so.
_STYLE_HASHES: Final = (
    "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='",
    "'sha256-ji27qzEtxXZW+7dun6UwjHXJ18e6WAin1VvNtkzIE/o='",
)
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
    site = _read(con)
    with _built_beside(out) as folder:
        assets = _write_assets(folder, charts=True)
        stamp = _write_rows(con, folder, site)
        made = []
        for language in languages:
            made += _write_language(folder, site, Words(language), languages, assets, stopped, stamp)
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
    names = [f.name for f in fields(read.Check)]
    taken: list[dict[str, Any]] = [{name: row.get(name) for name in names} for row in results]
    checks = [read.Check(**row) for row in taken]
    with _built_beside(out) as folder:
        assets = _write_assets(folder, charts=False)
        made = []
        for language in languages:
            words = Words(language)
            page = pages.quality(words, checks, domains or {}) | {
                "unpublished": True,
                "as_of": as_of,
                "site_link": None if site_link is None else f"{_up(language, languages)}{site_link}",
                "quarantine": None,
                "snapshots": [],
                "earlier": [],
                "nav": [{"href": "quality.html", "text": words("nav_quality"), "current": True}],
                "footer": None,
                "stopped": None,
            }
            made.append(_write(folder, "quality.html", "quality.html.j2", page, words, languages, assets))
        report = _report(out, folder, made)
    return report


def _check_languages(languages: Sequence[str]) -> None:
    unknown = [language for language in languages if language not in LANGUAGES]
    if unknown or not languages:
        raise UsageError(f"the site knows the languages {', '.join(LANGUAGES)}, not {', '.join(unknown) or 'none'}")


def _read(con: duckdb.DuckDBPyConnection) -> pages.SiteData:
    try:
        nights = read.nights(con)
        pairs = read.pairs(con)
        if not nights or not pairs:
            raise UsageError("no night is published yet: run `likare run` first")
        latest, previous = nights[-1].night_id, nights[-2].night_id if len(nights) > 1 else None
        return pages.SiteData(
            nights=nights,
            pairs=[
                pages.PairData(
                    pair=pair,
                    measures=read.measures(con, pair.pair_id, latest, previous),
                    areas=read.areas(con, pair.pair_id, latest),
                    types=read.entity_types(con, pair.pair_id, latest),
                    totals=read.difference_totals(con, pair.pair_id),
                    groups=read.heaviest_groups(con, pair.pair_id, pages.GROUPS_SHOWN),
                    causes=read.heaviest_causes(con, pair.pair_id, pages.CAUSES_SHOWN),
                    heaviest=read.heaviest_differences(con, pair.pair_id, pages.DIFFERENCES_SHOWN),
                    drift=read.drift(con, pair.pair_id),
                    watched=read.watched(con, pair.pair_id),
                    not_comparable=read.not_comparable(con, pair.pair_id),
                    outlook=outlook.read(con, str(pair.pair_id), latest),
                )
                for pair in pairs
            ],
            snapshots=read.snapshots(con),
            checks=read.checks(con, latest),
            quarantine=read.quarantine(con),
            failures=read.failures(con),
            events=read.feed_events(con),
            domains=read.domain_titles(con),
        )
    except duckdb.Error as error:
        first = str(error).splitlines()[0]
        raise WarehouseError(f"the publication does not fit this version of the dashboard: {first}") from error


def _write_language(
    folder: Path,
    site: pages.SiteData,
    words: Words,
    languages: Sequence[str],
    assets: str,
    stopped: dt.datetime | None,
    stamp: str,
) -> list[str]:
    night = site.nights[-1]
    footer = words(
        "footer",
        night=night.night_id,
        as_of=words.moment(night.as_of),
        catalogue=night.catalogue or "–",
        method=night.method_version or "–",
    )
    # The first pair has the plain names; the others are numbered, as a domain's name is no safe file name.
    count = len(site.pairs)

    def named(base: str, number: int) -> str:
        first = base if base != "pair" else "index"
        return f"{first}.html" if number == 1 else f"{base}-{number}.html"

    def nav(current: str, number: int = 1) -> list[dict[str, Any]]:
        names = [
            (named("pair", number), "nav_index"),
            (named("areas", number), "nav_areas"),
            (named("causes", number), "nav_causes"),
            (named("decisions", number), "nav_decisions"),
            (named("explore", number), "nav_explore"),
            ("quality.html", "nav_quality"),
            ("method.html", "nav_method"),
        ]
        return [{"href": href, "text": words(key), "current": href == current} for href, key in names]

    made = []
    for number, data in enumerate(site.pairs, 1):
        explorer = named("explore", number)

        def frame(base: str, number: int = number) -> dict[str, Any]:
            here = named(base, number)
            choices = [
                {
                    "href": named(base, n),
                    "title_a": d.pair.title_a,
                    "title_b": d.pair.title_b,
                    "current": n == number,
                }
                for n, d in enumerate(site.pairs, 1)
            ]
            return {"pairs": choices, "nav": nav(here, number), "footer": footer, "stopped": stopped}

        first = pages.index(words, site, data, explorer)
        first |= {
            "answers": views.answers(words, site, data, first["areas"]["rows"], explorer),
            "fan": views.fan(words, data, first["trend"]["rows"]),
            "matrix": views.matrix(words, site, [named("pair", n) for n in range(1, count + 1)]),
            "links": {name: named(name, number) for name in ("areas", "causes", "decisions", "explore")},
        }
        types = pages.types(words, data, night, explorer)
        shown = {
            "pair": ("index.html.j2", first),
            "areas": ("areas.html.j2", views.areas(words, site, data, types, explorer)),
            "causes": ("causes.html.j2", views.causes(words, data, explorer)),
            "decisions": ("decisions.html.j2", views.decisions(words, data, explorer)),
            "explore": (
                "explore.html.j2",
                {
                    "night": night,
                    "pair": data.pair,
                    "number": number,
                    "stamp": stamp,
                    "words": figures.script_json(words.below("explore")),
                },
            ),
        }
        for base, (template, page) in shown.items():
            page = page | frame(base)
            made.append(_write(folder, named(base, number), template, page, words, languages, assets))
    quality = pages.quality(words, site.checks, site.domains, site.failures, site.events) | {
        "unpublished": False,
        "as_of": night.as_of,
        "site_link": None,
        "quarantine": site.quarantine,
        "quarantine_rows": sum(q.rows for q in site.quarantine),
        "quarantine_files": len({(q.title, q.file_name) for q in site.quarantine}),
        "snapshots": [s for s in site.snapshots if s.night_id == night.night_id],
        "earlier": [s for s in site.snapshots if s.night_id != night.night_id],
        "nav": nav("quality.html"),
        "footer": footer,
        "stopped": stopped,
    }
    made.append(_write(folder, "quality.html", "quality.html.j2", quality, words, languages, assets))
    method = {"figures": pages.method(words, site), "nav": nav("method.html"), "footer": footer, "stopped": stopped}
    made.append(_write(folder, "method.html", "method.html.j2", method, words, languages, assets))
    return made


def _write_rows(con: duckdb.DuckDBPyConnection, folder: Path, site: pages.SiteData) -> str:
    """Write the explorer's data, a folder a pair; return a fingerprint of them."""
    digest = hashlib.sha256()
    try:
        for number, data in enumerate(site.pairs, 1):
            rows.write(con, str(data.pair.pair_id), folder / "data" / str(number))
    except duckdb.Error as error:
        first = str(error).splitlines()[0]
        raise WarehouseError(f"the publication does not fit this version of the dashboard: {first}") from error
    for path in sorted(folder.glob("data/*/*.js")):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:10]


def _up(language: str, languages: Sequence[str]) -> str:
    return "" if language == languages[0] else "../"


def _write(
    folder: Path,
    address: str,
    template: str,
    page: Mapping[str, Any],
    words: Words,
    languages: Sequence[str],
    assets: str,
) -> str:
    """Write one page in one language; return its address from the site's root."""
    root = _up(words.language, languages)
    other = next((language for language in languages if language != words.language), None)
    switch = None
    if other is not None:
        to = "" if other == languages[0] else f"{other}/"
        switch = {"language": other, "href": f"{root}{to}{address}"}
    place = address if root == "" else f"{words.language}/{address}"
    frame = {"t": words, "root": root, "csp": CSP, "assets": assets, "switch": switch}
    text = _templates().get_template(template).render(**frame, **page)
    path = folder / place
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8", newline="\n")
    return place


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
        wanted |= {name: files("dashboards").joinpath("static", name).read_bytes() for name in _EXPLORER}
        wanted["plotly.min.js"] = files("plotly").joinpath("package_data", "plotly.min.js").read_bytes()
    digest = hashlib.sha256()
    for name, content in sorted(wanted.items()):
        (static / name).write_bytes(content)
        digest.update(content)
    return digest.hexdigest()[:10]


def _report(out: Path, folder: Path, made: Sequence[str]) -> SiteReport:
    sizes = [path.stat().st_size for path in folder.rglob("*") if path.is_file()]
    return SiteReport(out=out, pages=tuple(made), files=len(sizes), size=sum(sizes))


@contextmanager
def _built_beside(out: Path) -> Iterator[Path]:
    """Give a new folder beside ``out`` to build in; on leaving well put it in ``out``'s place and drop the old one."""
    if out.exists() and not (out.is_dir() and ((out / MARK).is_file() or not any(out.iterdir()))):
        raise UsageError(f"{out} holds something other than a Likare site: name an empty or a new folder")
    new = out.with_name(f".{out.name}.building")
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        shutil.rmtree(new, ignore_errors=True)  # left by a build that was killed
        new.mkdir()
        (new / MARK).touch()
        yield new
        _swap(new, out)
    except OSError as error:
        raise WarehouseError(f"the site cannot be written to {out}: {error.strerror or error}") from error
    finally:
        shutil.rmtree(new, ignore_errors=True)


def _swap(new: Path, out: Path) -> None:
    """Put ``new`` where ``out`` is. Where the system can exchange two folders in one step, no reader sees neither."""
    if not out.exists():
        new.rename(out)
        return
    if _exchange(new, out):
        return  # `new` is now the old site and is removed by the caller
    old = out.with_name(f".{out.name}.old")
    shutil.rmtree(old, ignore_errors=True)
    out.rename(old)
    new.rename(out)
    shutil.rmtree(old, ignore_errors=True)


def _exchange(one: Path, other: Path) -> bool:
    """Exchange two folders with Linux's renameat2; False where the system or the file system has no such call."""
    try:
        renameat2: Callable[..., int] = ctypes.CDLL(None, use_errno=True).renameat2
    except (OSError, AttributeError, TypeError):
        return False
    here, exchange = -100, 2  # AT_FDCWD, RENAME_EXCHANGE
    return renameat2(here, os.fsencode(one), here, os.fsencode(other), exchange) == 0
