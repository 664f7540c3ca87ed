"""The heavy views, each evaluated once: within ``of_pair`` the queries of this package stand on temporary tables.

A published view is evaluated anew by every query on it. The queries here name ``difference`` and ``cause`` without
their schema: that is the view, as the connection's schema is ``published``, and while ``of_pair`` lasts the temporary
table of that name, which comes first. Anything else is still read from the views.

What was asked of these two tables is remembered, and where nothing of the pair changed since, the answers of then do:
the tables are then not even made. A query on them names, beside them, views that the pair's fingerprint speaks for
(transforms.made_of.VIEWS); of any other, a hash of its rows belongs to the question.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, cast

import duckdb

from transforms.ask.made_of import VIEWS

CAUSES: Final = 100

# What pages and explorer show of a difference; the reasons in words, the dearest of the view, are on neither.
_OF_DIFFERENCE: Final = frozenset(
    "pair_id difference_id entity area identity label root_entity root_identity root_label kind attribute value_a"
    " value_b weight expected_local cause_label cause_entity opened_night opened_at cause_id causes steps worth"
    " reopened".split()
)
_HEAVY: Final = re.compile(r"\b(?:FROM|JOIN) (?:difference|cause)\b")
_VIEW: Final = re.compile(r"\bpublished\.([a-z_]+)")

Answers = dict[str, list[Any]]
Parameters = Sequence[object] | Mapping[str, object]


def present(con: duckdb.DuckDBPyConnection) -> dict[str, frozenset[str]]:
    """Return the views of the publication with their columns: what came later may be absent."""
    if isinstance(con, Asked):
        return con.views
    rows = con.execute(
        "SELECT table_name, list(column_name) FROM information_schema.columns WHERE table_schema = 'published'"
        " GROUP BY table_name"
    ).fetchall()
    return {name: frozenset(columns) for name, columns in rows}


class Asked:
    """Stands for a connection where one pair is read: it has ``execute(…).fetchall()`` and no more.

    ``answers`` holds what was asked of ``difference`` and ``cause``; the tables are made when it lacks something.
    """

    def __init__(
        self,
        con: duckdb.DuckDBPyConnection,
        pair_id: str,
        views: dict[str, frozenset[str]],
        answers: Answers,
    ) -> None:
        self.views = views
        self.answers = answers
        self._con, self._pair = con, pair_id
        self._made = False

    def execute(self, sql: str, params: Parameters = ()) -> Any:
        """The answer to a query: remembered or new."""
        if not _HEAVY.search(sql):
            return self._con.execute(sql, params)
        beside = [self._state(view) for view in sorted({*_VIEW.findall(sql)} - VIEWS)]
        key = json.dumps([" ".join(sql.split()), params, *beside], ensure_ascii=False)
        if key not in self.answers:
            self.make()
            self.answers[key] = self._con.execute(sql, params).fetchall()
        return _Answer(self.answers[key])

    def _state(self, view: str) -> str:
        """A hash of a view's rows of the pair."""
        rows = self._con.execute(
            f"SELECT count(*) || '.' || coalesce(sum(hash(*COLUMNS(*))), 0) FROM published.{view} WHERE pair_id = ?",  # noqa: S608
            [self._pair],
        ).fetchall()
        return f"{view} {rows[0][0]}"

    def make(self) -> None:
        """Make the tables, unless they are made."""
        if self._made:
            return
        self._made = True
        columns = ", ".join(sorted(_OF_DIFFERENCE & self.views["difference"]))
        self._con.execute(
            f"CREATE OR REPLACE TEMP TABLE difference AS SELECT {columns} FROM published.difference WHERE pair_id = ?",  # noqa: S608
            [self._pair],
        )
        if "cause" in self.views:
            self._con.execute(
                f"CREATE OR REPLACE TEMP TABLE cause AS SELECT * FROM {self._cause()}"  # noqa: S608
                " WHERE pair_id = ? AND NOT coalesce(expected_local, false) ORDER BY rank LIMIT ?",
                [self._pair, CAUSES],
            )

    def _cause(self) -> str:
        """View ``cause`` in SQL: in its own words, but on the table of differences, whose view is most of its cost."""
        found = self._con.execute(
            "SELECT sql FROM duckdb_views() WHERE schema_name = 'published' AND view_name = 'cause'"
        ).fetchall()
        if not found:
            return "published.cause"
        return f"({found[0][0].split(' AS ', 1)[1].rstrip(';').replace('published.difference', 'temp.difference')})"

    def drop(self) -> None:
        """Drop the tables, where they were made."""
        if self._made:
            self._con.execute("DROP TABLE temp.difference; DROP TABLE IF EXISTS temp.cause")


class _Answer:
    def __init__(self, rows: list[Any]) -> None:
        self._rows = rows

    def fetchall(self) -> list[Any]:
        return self._rows


@contextmanager
def of_pair(
    con: duckdb.DuckDBPyConnection, pair_id: str, views: dict[str, frozenset[str]], answers: Answers
) -> Iterator[Asked]:
    """While it lasts ``difference`` is a table of the pair's differences with the columns that are shown, and ``cause``
    one of its first CAUSES causes by rank, without the expected local; or what was asked of them is in ``answers``."""
    asked = Asked(con, pair_id, views, answers)
    try:
        yield asked
    finally:
        asked.drop()


def connection(asked: Asked) -> duckdb.DuckDBPyConnection:
    """The same, where a connection is called for that only ``execute(…).fetchall()`` is asked of."""
    return cast(duckdb.DuckDBPyConnection, asked)


def write(answers: Answers, path: Path) -> None:
    """Keep answers as JSON, times and days marked as such."""

    def told(value: object) -> dict[str, str]:
        if isinstance(value, dt.datetime):
            return {"time": value.isoformat()}
        if isinstance(value, dt.date):
            return {"day": value.isoformat()}
        raise TypeError(f"{type(value).__name__} is no value that is kept")

    text = json.dumps(answers, ensure_ascii=False, separators=(",", ":"), default=told)
    path.write_text(text + "\n", encoding="utf-8", newline="\n")


def read(path: Path) -> Answers:
    """The answers that were kept, none where there is no such file."""

    def value(marked: dict[str, Any]) -> Any:
        if marked.keys() == {"time"}:
            return dt.datetime.fromisoformat(marked["time"])
        return dt.date.fromisoformat(marked["day"]) if marked.keys() == {"day"} else marked

    try:
        answers: Answers = json.loads(path.read_text("utf-8"), object_hook=value)
    except FileNotFoundError:
        return {}
    return answers
