"""The published night: when it is of, its catalogue, its dashboard, and a newer one that was stopped."""

from __future__ import annotations

import contextlib
from datetime import datetime
from pathlib import Path

from dashboards import read
from flows import release
from flows.settings import Settings
from transforms.catalogue import Catalogue, load_catalogue
from transforms.land.derive import as_built
from transforms.warehouse import Session, Warehouse, open_published


def last_published(settings: Settings) -> datetime | None:
    """The time the published night was built as of, None before the first."""
    if not Warehouse(settings.data).last_night:
        return None
    with contextlib.closing(open_published(settings.data)) as con:
        return read.nights(con)[-1].as_of


def published_catalogue(settings: Settings, session: Session) -> Catalogue:
    """The catalogue with the derived entity types of the published night that the session reads."""
    return as_built(session, load_catalogue(settings.catalogue))


def waiting_for_release(settings: Settings) -> release.Stopped | None:
    """The night that is stopped and later than the published one, None where there is none."""
    found, published = release.stopped(settings), last_published(settings)
    return found if found and (published is None or found.as_of > published) else None


def build_dashboard(settings: Settings) -> int:
    """Write the dashboard of the published night, with a word on a newer one that is stopped. Returns pages."""
    from dashboards.site import build_site

    number = Warehouse(settings.data).last_night
    with contextlib.closing(open_published(settings.data)) as con:
        waiting = waiting_for_release(settings)
        report = build_site(con, settings.site, stopped=waiting.as_of if waiting else None)
    _marker(settings).write_text(f"{number}\n", encoding="utf-8")
    return len(report.pages)


def dashboard_of(settings: Settings) -> int:
    """The number of the night that the dashboard was built of, 0 before the first."""
    try:
        return int(_marker(settings).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return 0


def _marker(settings: Settings) -> Path:
    """Says of which night the dashboard is."""
    return settings.data / "site.night"
