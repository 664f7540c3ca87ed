"""What was asked of the heavy tables is remembered, whole, and asked again where anything else that it names moved."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import duckdb
import pytest

from dashboards import once
from tests.support.published_fixture import build

PAIR = "vgr-skane"
OPENED = "SELECT difference_id, opened_at, weight FROM difference WHERE pair_id = ? ORDER BY difference_id LIMIT 3"


class Counted:
    """A connection that writes down the statements it is given."""

    def __init__(self, con: duckdb.DuckDBPyConnection) -> None:
        self.con, self.asked = con, list[str]()

    def execute(self, sql: str, params: Any = ()) -> Any:
        self.asked.append(sql)
        return self.con.execute(sql, params)


@pytest.fixture
def con() -> Counted:
    return Counted(build())


def _ask(con: Any, answers: once.Answers, *queries: str) -> list[list[Any]]:
    with once.of_pair(con, PAIR, once.present(con.con), answers) as asked:
        return [asked.execute(sql, [PAIR] if "?" in sql else ()).fetchall() for sql in queries]


def test_the_answers_are_those_of_the_views_and_are_remembered_as_they_were(con: Counted, tmp_path: Path) -> None:
    answers: once.Answers = {}
    first = _ask(con, answers, OPENED)[0]
    assert first == con.con.execute(OPENED.replace("FROM ", "FROM published."), [PAIR]).fetchall()
    assert isinstance(first[0][1], dt.datetime)
    once.write(answers, tmp_path / "answers.json")
    con.asked.clear()
    again = _ask(con, once.read(tmp_path / "answers.json"), OPENED)[0]
    assert [tuple(row) for row in again] == first
    assert con.asked == []


def test_what_was_not_asked_before_is_asked_of_the_tables(con: Counted) -> None:
    answers: once.Answers = {}
    _ask(con, answers, OPENED)
    heaviest = OPENED.replace("ORDER BY", "ORDER BY weight DESC,")
    assert _ask(con, answers, heaviest)[0] == con.con.execute(heaviest, [PAIR]).fetchall()
    left = con.con.execute("SELECT table_name FROM duckdb_tables() WHERE temporary").fetchall()
    assert left == []


def test_what_names_another_view_is_asked_anew_when_that_moves(con: Counted) -> None:
    con.con.execute("DROP TABLE IF EXISTS published.proposal; DROP VIEW IF EXISTS published.proposal")
    con.con.execute(
        "CREATE TABLE published.proposal AS SELECT pair_id, difference_id FROM published.difference LIMIT 2"
    )
    query = "SELECT count(*) FROM published.proposal JOIN difference USING (pair_id, difference_id)"
    answers: once.Answers = {}
    assert _ask(con, answers, query)[0] == [(2,)]
    con.asked.clear()
    assert _ask(con, answers, query)[0] == [(2,)]
    assert not any("TEMP TABLE" in sql for sql in con.asked)
    con.con.execute("DELETE FROM published.proposal WHERE rowid = 0")
    assert _ask(con, answers, query)[0] == [(1,)]


def test_a_value_that_would_not_come_back_as_it_was_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TypeError, match="timedelta"):
        once.write({"a": [(dt.timedelta(1),)]}, tmp_path / "answers.json")
