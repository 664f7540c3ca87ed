"""Published tables → figures → pages: the static site that leadership reads, with no network access of any kind.

``site.build_site`` makes the whole site from a publication; ``site.build_quality_page`` makes the quality page of a
night that was not published. ``read``, ``outlook`` and ``rows`` hold the SQL, ``figures`` and ``charts`` are pure,
``i18n*.yaml`` hold every sentence in both languages. ``open_night`` is for analysts: a published night, read-only, in
Python.
"""

from dashboards.face import OpenNight, nights, open_night

__all__ = ["OpenNight", "nights", "open_night"]
