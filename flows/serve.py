"""The written site served on loopback, for a browser or a system that will not open files."""

from __future__ import annotations

import functools
import http.server
from pathlib import Path

from transforms.words.errors import UsageError

_KINDS = {".js": "text/javascript", ".css": "text/css", ".html": "text/html; charset=utf-8", ".svg": "image/svg+xml"}


class _Quiet(http.server.SimpleHTTPRequestHandler):
    extensions_map = {**http.server.SimpleHTTPRequestHandler.extensions_map, **_KINDS}

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (named so above)
        """Say nothing of requests: the address in the line is all there is to tell."""

    def send_head(self) -> object:  # type: ignore[override]
        """Answer this machine's own names only: a page of elsewhere cannot read the site through a renamed host."""
        host = self.headers.get("Host", "").rsplit(":", 1)[0]
        if host not in ("127.0.0.1", "localhost"):
            self.send_error(403)
            return None
        return super().send_head()

    def end_headers(self) -> None:
        """Forbid caching: the next night's pages stand at the same addresses."""
        self.send_header("Cache-Control", "no-store")
        self.send_header("X-Content-Type-Options", "nosniff")
        super().end_headers()


def server(folder: Path, port: int) -> http.server.ThreadingHTTPServer:
    """Return a server of ``folder`` bound to 127.0.0.1, not yet started; port 0 takes a free one.

    Raises UsageError where the port is taken.
    """
    handler = functools.partial(_Quiet, directory=str(folder))
    try:
        return http.server.ThreadingHTTPServer(("127.0.0.1", port), handler)
    except OSError as fault:
        raise UsageError(f"port {port} cannot be used: {fault.strerror}; name another with --port") from fault
