"""The command line in a project's folder, and a delivery that a check stops."""

from __future__ import annotations

import json
from typing import Any

import duckdb
import pytest

from flows import cli
from flows.settings import Settings
from tests.support.project import B, deliver
from transforms.warehouse import open_published


class Likare:
    """The command line in a project's folder."""

    def __init__(self, settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
        self.settings, self.capsys = settings, capsys

    def __call__(self, *arguments: str) -> tuple[int, str, str]:
        self.capsys.readouterr()
        if arguments[:1] == ("run",):
            # Starting Prefect takes many seconds; tests/integration runs the same through it.
            arguments = ("run", "--plain", *arguments[1:])
        code = cli.run(arguments)
        out, err = self.capsys.readouterr()
        return code, out, err

    def ok(self, *arguments: str) -> str:
        code, out, err = self(*arguments)
        assert (code, err) == (0, ""), err
        return out

    def data(self, *arguments: str) -> Any:
        return json.loads(self.ok(*arguments, "--json"))

    def published(self) -> duckdb.DuckDBPyConnection:
        return open_published(self.settings.data)

    def refused(self, code: int, *arguments: str) -> str:
        """The one line of an error with this exit code."""
        found, out, err = self(*arguments)
        assert found == code, err
        assert out == ""
        assert err.startswith("likare: ")
        assert err.count("\n") == 1
        return err.removeprefix("likare: ").rstrip("\n")


def halved(settings: Settings, at: str) -> None:
    """A delivery that lost so many rows that it is suspicious."""
    orders = [{"ORDER_ID": str(i), "NAME": f"Vara {i}", "DOSE": "1", "UNIT_ID": "71"} for i in range(100)]
    kept = orders if at.endswith("01") else orders[:10]
    deliver(settings, "west", at, {**B, "ORDERS": kept})
