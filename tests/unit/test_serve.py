"""The site is served to this machine alone, as what it is, and nothing beside it."""

from __future__ import annotations

import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from flows import serve
from transforms.words.errors import UsageError


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "index.html").write_text("<p>å", "utf-8")
    (tmp_path / "secret.txt").write_text("x", "utf-8")
    server = serve.server(tmp_path / "site", 0)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


def test_pages_come_uncached_and_nothing_from_outside_the_folder(address: str) -> None:
    with urllib.request.urlopen(f"{address}/index.html") as answer:
        assert answer.read().decode() == "<p>å"
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    for path in ("../secret.txt", "%2e%2e/secret.txt"):
        with pytest.raises(urllib.error.HTTPError, match="404"):
            urllib.request.urlopen(f"{address}/{path}")


def test_another_name_for_this_machine_is_refused(address: str) -> None:
    asked = urllib.request.Request(f"{address}/index.html", headers={"Host": "elsewhere.example"})
    with pytest.raises(urllib.error.HTTPError, match="403"):
        urllib.request.urlopen(asked)


def test_a_taken_port_is_one_line(address: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be used"):
        serve.server(tmp_path, int(address.rsplit(":", 1)[1]))
