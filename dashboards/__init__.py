"""Published tables → figures → pages: the static site that leadership reads, with no network access of any kind.

``build_site`` makes the whole site from a publication; ``build_quality_page`` makes the quality page of a night that
was not published. ``read`` holds the SQL, ``figures`` is pure, ``i18n.yaml`` holds every sentence in both languages.
"""

from dashboards.site import SiteReport, build_quality_page, build_site

__all__ = ["SiteReport", "build_quality_page", "build_site"]
