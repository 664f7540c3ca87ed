"""While a pair is read, its heavy views are tables that say what the views say."""

from __future__ import annotations

import pytest

from dashboards import heavy
from tests.support.published_fixture import build

PAIR = "vgr-skane"


@pytest.mark.parametrize("view", ["difference", "cause"])
def test_the_table_says_what_the_view_says_and_is_gone_afterwards(view: str) -> None:
    con = build()
    with heavy.of_pair(con, PAIR, heavy.present(con)):
        columns = [name for (name, *_) in con.execute(f"DESCRIBE temp.{view}").fetchall()]
        query = f"SELECT {', '.join(columns)} FROM {{}} WHERE pair_id = ? ORDER BY ALL"
        found = con.execute(query.format(f"temp.{view}"), [PAIR]).fetchall()
        assert found and found == con.execute(query.format(f"published.{view}"), [PAIR]).fetchall()
        assert con.execute(f"SELECT count(*) FROM {view}").fetchone() == (len(found),)
    assert con.execute("SELECT table_name FROM duckdb_tables() WHERE temporary").fetchall() == []


def test_a_pair_that_could_not_be_read_leaves_no_table() -> None:
    con = build()
    with pytest.raises(ZeroDivisionError), heavy.of_pair(con, PAIR, heavy.present(con)):
        raise ZeroDivisionError
    assert con.execute("SELECT table_name FROM duckdb_tables() WHERE temporary").fetchall() == []
