"""The databases of a data folder: whole nights, one writer, readers that are never disturbed, and safe statements."""

import contextlib
import os
import subprocess
import sys
from datetime import datetime
from textwrap import dedent

import duckdb
import jinja2
import pytest

from transforms.warehouse import Session, Sql, Template, Warehouse, ident, lit, open_published, render, scratch
from transforms.words.errors import WarehouseError


@pytest.fixture
def warehouse(tmp_path):
    return Warehouse(tmp_path / "data", threads=1)


def publish(warehouse, number):
    """A night that holds one number."""
    with warehouse.night() as night:
        night.execute(f"CREATE TABLE published.t AS SELECT {lit(number)} AS n")
        night.complete = True


def published_number(warehouse):
    con = warehouse.open_published()
    try:
        return con.execute("SELECT n FROM t").fetchall()[0][0]
    finally:
        con.close()


def files(warehouse):
    return sorted(p.name for p in (warehouse.folder / "nights").iterdir())


# --- a night is whole or is not ---


def test_nothing_published_is_one_clear_line(warehouse):
    with pytest.raises(WarehouseError, match="nothing is published here yet; run 'likare run' first"):
        warehouse.open_published()
    assert warehouse.last_night == 0


def test_a_night_is_swapped_in_when_it_is_left_complete(warehouse):
    with warehouse.night() as night:
        night.execute("CREATE TABLE published.t AS SELECT 1 AS n")
        assert not warehouse.published.exists()
        night.complete = True
        assert not warehouse.published.exists()
    assert published_number(warehouse) == 1
    assert (warehouse.last_night, files(warehouse)) == (1, ["likare-000001.duckdb"])


def test_a_night_that_is_not_complete_is_not_published_and_leaves_nothing(warehouse):
    publish(warehouse, 1)
    with warehouse.night() as night:
        night.execute("CREATE TABLE published.t AS SELECT 2 AS n")
    assert published_number(warehouse) == 1
    assert files(warehouse) == ["likare-000001.duckdb"]


@pytest.mark.parametrize("late", [False, True])
def test_a_night_that_fails_leaves_the_publication_as_it_was(warehouse, late):
    publish(warehouse, 1)
    with pytest.raises(ZeroDivisionError):
        with warehouse.night() as night:
            night.execute("CREATE TABLE published.t AS SELECT 2 AS n")
            night.complete = late
            raise ZeroDivisionError
    assert published_number(warehouse) == 1
    assert (warehouse.last_night, files(warehouse)) == (1, ["likare-000001.duckdb"])


def test_a_night_whose_process_is_killed_leaves_the_publication_and_the_next_one_clears_up(warehouse):
    publish(warehouse, 1)
    code = f"""
    import os, signal
    from pathlib import Path
    from transforms.warehouse import Warehouse
    with Warehouse(Path({str(warehouse.folder)!r})).night() as night:
        night.execute("CREATE TABLE published.t AS SELECT 2 AS n")
        night.complete = True
        os.kill(os.getpid(), signal.SIGKILL)
    """
    killed = subprocess.run([sys.executable, "-c", dedent(code)], capture_output=True, check=False)
    assert killed.returncode == -9, killed.stderr
    assert any(name.startswith("building-") for name in files(warehouse))
    assert published_number(warehouse) == 1
    publish(warehouse, 3)
    assert published_number(warehouse) == 3
    assert files(warehouse) == ["likare-000001.duckdb", "likare-000002.duckdb"]


def test_a_kill_between_moving_the_night_and_pointing_to_it_loses_nothing(warehouse):
    publish(warehouse, 1)
    publish(warehouse, 2)
    # As if night 2 had been moved into place and the link not yet set.
    link = warehouse.published
    link.unlink()
    link.symlink_to("nights/likare-000001.duckdb")
    assert published_number(warehouse) == 1
    publish(warehouse, 22)
    assert (published_number(warehouse), warehouse.last_night) == (22, 2)


def test_a_reader_keeps_its_night_while_newer_ones_come_and_its_file_goes(warehouse):
    publish(warehouse, 1)
    reader = warehouse.open_published()
    for number in (2, 3, 4, 5):
        publish(warehouse, number)
    assert reader.execute("SELECT n FROM t").fetchall() == [(1,)]
    reader.close()
    assert published_number(warehouse) == 5
    assert files(warehouse) == [f"likare-{n:06d}.duckdb" for n in (3, 4, 5)]


def test_a_night_sees_the_one_before_and_cannot_change_it(warehouse):
    publish(warehouse, 1)
    with warehouse.night() as night:
        assert (night.number, night.previous) == (2, True)
        assert night.value("SELECT n FROM previous.published.t") == 1
        with pytest.raises(duckdb.Error):
            night.execute("UPDATE previous.published.t SET n = 9")


def test_a_night_reads_the_archive_and_cannot_change_it(warehouse):
    with warehouse.archive() as archive:
        archive.execute("INSERT INTO landed.snapshot VALUES (1, 'a', now()::TIMESTAMP, 'x')")
    with warehouse.night() as night:
        assert night.previous is False
        assert night.value("SELECT count(*) FROM archive.landed.snapshot") == 1
        with pytest.raises(duckdb.Error):
            night.execute("DELETE FROM archive.landed.snapshot")


# --- what a night from nothing starts as ---


def template_of(*tables):
    base = Template(Sql("CREATE SCHEMA published; CREATE SCHEMA measured; CREATE TABLE measured.t (n INTEGER)"))
    return Template(Sql(";".join(f"CREATE VIEW published.{name} AS FROM measured.t" for name in tables)), base)


def made(folder):
    return {path.name: path.stat().st_mtime_ns for path in folder.glob("*")}


def test_a_night_from_nothing_starts_as_its_template_which_is_made_once(warehouse):
    for _ in range(2):
        with warehouse.night(template_of("v")) as night:
            assert night.rows("FROM published.v") == []
            night.execute("INSERT INTO measured.t VALUES (1)")
        before = made(warehouse.folder / "templates")
        assert len(before) == 2
    with warehouse.night(template_of("v")):
        assert made(warehouse.folder / "templates") == before
    with warehouse.night(template_of("w")) as night:
        assert night.rows("FROM published.w") == []
    after = made(warehouse.folder / "templates")
    assert len(after) == 2 and len(before.items() & after.items()) == 1, "that of the other catalogue is gone"


def test_what_is_alike_for_all_catalogues_can_be_shared(tmp_path):
    houses = [Warehouse(tmp_path / name, threads=1, templates=tmp_path / "shared") for name in "ab"]
    for house, view in zip(houses, "vw", strict=True):
        with house.night(template_of(view)) as night:
            assert night.rows(f"FROM published.{view}") == []
        assert list(made(house.folder / "templates")) == [f"{template_of(view).name}.duckdb"]
    assert list(made(tmp_path / "shared")) == [f"{template_of().base.name}.duckdb"]


def test_a_template_that_could_not_be_made_leaves_nothing(warehouse):
    with pytest.raises(duckdb.Error), warehouse.night(Template(Sql("CREATE SCHEMA x; CREATE SCHEMA x"))):
        pass
    assert made(warehouse.folder / "templates") == {}
    publish(warehouse, 1)
    assert published_number(warehouse) == 1


def test_the_history_is_carried_on_where_the_night_is_no_copy_of_the_one_before(warehouse):
    schema = Template(Sql(f"{template_of().base.sql}; CREATE TABLE measured.u (n INTEGER)"))
    for under, carried, expected in (("x", False, [1]), ("x", True, [1, 2]), ("y", False, [1, 2, 3])):
        with warehouse.night(schema, under) as night:
            night.carry_history("measured", ("t", "later"))
            night.execute(
                "INSERT INTO measured.t SELECT count(*) + 1 FROM measured.t; INSERT INTO measured.u VALUES (1)"
            )
            assert night.carried == carried
            assert night.rows("SELECT n FROM measured.t ORDER BY n") == [(n,) for n in expected]
            night.complete = True
    with contextlib.closing(warehouse.open_published()) as con:
        assert con.execute("SELECT count(*) FROM measured.u").fetchall() == [(1,)]


# --- one writer ---


def test_a_second_process_is_kept_out_with_one_line_that_names_the_first(warehouse):
    code = f"""
    from pathlib import Path
    from transforms.words.errors import WarehouseError
    from transforms.warehouse import Warehouse
    try:
        with Warehouse(Path({str(warehouse.folder)!r})).lock():
            print("got in")
    except WarehouseError as fault:
        print(fault)
    """

    def other():
        done = subprocess.run([sys.executable, "-c", dedent(code)], capture_output=True, text=True, check=True)
        return done.stdout.splitlines()

    with warehouse.lock():
        [line] = other()
        assert line == f"another night is running (process {os.getpid()}); wait for it to end, or stop that process"
    assert other() == ["got in"]


def test_the_lock_is_given_back_when_work_fails(warehouse):
    for _ in range(2):
        with pytest.raises(ZeroDivisionError), warehouse.lock():
            raise ZeroDivisionError


def test_an_archive_open_in_another_process_is_one_line(warehouse):
    with warehouse.archive():
        pass
    code = f"""
    from pathlib import Path
    from transforms.warehouse import Warehouse
    with Warehouse(Path({str(warehouse.folder)!r})).archive():
        print("open", flush=True)
        input()
    """
    holder = subprocess.Popen(
        [sys.executable, "-c", dedent(code)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        assert holder.stdout.readline() == "open\n"
        with pytest.raises(WarehouseError, match="^the warehouse is open in another process; wait"):
            with warehouse.archive():
                pass
        with pytest.raises(WarehouseError, match="^the warehouse is open in another process; wait"):
            with warehouse.night():
                pass
        assert files(warehouse) == []
    finally:
        holder.communicate("\n")


def test_a_folder_that_cannot_be_made_is_one_line(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(WarehouseError, match="cannot be written"), Warehouse(tmp_path / "file" / "data").lock():
        pass


def test_a_database_that_is_none_is_one_line(warehouse):
    with warehouse.archive():
        pass
    (warehouse.folder / "archive.duckdb").write_text("not a database " * 1000)
    with pytest.raises(WarehouseError) as caught, warehouse.archive():
        pass
    assert "\n" not in str(caught.value)


def test_no_room_is_one_line():
    session = Session(scratch(memory_limit="10MB", max_temp_directory_size="0KB"))
    with pytest.raises(WarehouseError, match="^no room left") as caught:
        session.rows("SELECT list(uuid()) FROM range(1000000)")
    assert "\n" not in str(caught.value)
    session.con.close()


# --- what is published can only be read ---


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM read_csv('{outside}')",
        "SELECT * FROM '{outside}'",
        "SELECT * FROM read_text('{outside}')",
        "SELECT * FROM glob('*')",
        "COPY t TO '{outside}.copy'",
        "ATTACH '{outside}.duckdb'",
        "EXPORT DATABASE '{outside}.export'",
        "INSTALL httpfs",
        "LOAD httpfs",
        "SET enable_external_access = true",
        "SET lock_configuration = false",
        "UPDATE t SET n = 2",
        "CREATE TABLE published.x AS SELECT 1",
    ],
)
def test_the_published_database_can_only_be_read_and_reaches_nothing_outside(tmp_path, warehouse, statement):
    outside = tmp_path / "outside.csv"
    outside.write_text("a\n1\n")
    publish(warehouse, 1)
    con = open_published(warehouse.folder)
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(duckdb.Error):
        con.execute(statement.format(outside=outside)).fetchall()
    assert sorted(tmp_path.rglob("*")) == before
    assert con.execute("SELECT n FROM t").fetchall() == [(1,)]
    con.close()


# --- statements ---


@pytest.mark.parametrize(
    "text",
    [
        "plain",
        "it's",
        "''",
        "a\\'b",
        "\\",
        'say "hi"',
        "x'; DROP TABLE t; --",
        "å\u00a0\u202e",
        "line\nline",
        "%s {{ x }} $1",
        "",
    ],
)
def test_text_comes_back_from_a_literal_and_a_name_as_it_went_in(text):
    con = scratch()
    assert con.execute(f"SELECT {lit(text)}").fetchall() == [(text,)]
    assert con.execute(f"SELECT {lit([text, 'x'])}").fetchall() == [([text, "x"],)]
    if text:
        con.execute(f"CREATE TABLE {ident(text)} ({ident(text)} INTEGER)")
        assert con.execute("SELECT table_name, column_name FROM duckdb_columns() WHERE NOT internal").fetchall() == [
            (text, text)
        ]
    con.close()


@pytest.mark.parametrize(
    "value", [None, True, False, 0, -1, 2**62, 0.5, -1e300, datetime(2026, 3, 1, 2, 3, 4, 5), ["a", None], [1, 2], []]
)
def test_values_come_back_from_a_literal(value):
    con = scratch()
    assert con.execute(f"SELECT {lit(value)}").fetchall()[0][0] == value
    # A fraction is a decimal to DuckDB; as a double it is what it was.
    assert con.execute(f"SELECT {lit(0.1)}::DOUBLE").fetchall()[0][0] == 0.1
    con.close()


def test_a_nul_character_is_refused():
    with pytest.raises(ValueError, match="NUL"):
        lit("a\0b")
    with pytest.raises(ValueError, match="NUL"):
        ident("a\0b")


@pytest.fixture
def template(tmp_path):
    def make(text, **params):
        (tmp_path / "t.sql.j2").write_text(text, encoding="utf-8")
        return render("t.sql.j2", folder=tmp_path, **params)

    return make


@pytest.mark.parametrize("name", ["x; DROP TABLE t", "", None, ["x"], datetime(2026, 3, 1)])
def test_a_template_refuses_what_is_no_literal(template, name):
    with pytest.raises(TypeError, match="use the filter ident or lit"):
        template("SELECT {{ name }}", name=name)


@pytest.mark.parametrize("text", ["{{ name ~ 'x' }}", "{{ name|upper }}", "{{ [name]|join(',') }}", "{{ [name] }}"])
def test_a_template_refuses_text_however_it_was_made(template, text):
    with pytest.raises(TypeError, match="use the filter ident or lit"):
        template(text, name="x")


def test_a_template_takes_filtered_values_and_numbers(template):
    made = template("SELECT {{ name|lit }} AS {{ name|ident }}, {{ 3 }}, {{ raw }}", name='it\'s "x"', raw=Sql("now()"))
    assert made == """SELECT 'it''s "x"' AS "it's ""x""\", 3, now()"""
    assert isinstance(made, Sql)


def test_a_template_refuses_a_name_that_is_not_given(template):
    with pytest.raises(jinja2.UndefinedError):
        template("SELECT {{ nothing }}")


def test_what_a_macro_returns_is_not_escaped_as_html(template):
    made = template("{% macro m(x) %}{{ x|lit }} < 1 AND '&' <> '<'{% endmacro %}SELECT {{ m(name) }}", name="a<b&c")
    assert made == "SELECT 'a<b&c' < 1 AND '&' <> '<'"


def test_a_failing_statement_says_which(warehouse):
    session = Session(scratch())
    with pytest.raises(duckdb.Error) as caught:
        session.execute("SELECT nothing_of_the_kind")
    assert "SELECT nothing_of_the_kind" in "".join(caught.value.__notes__)
    session.con.close()


def test_a_transaction_is_all_or_nothing():
    session = Session(scratch())
    session.execute("CREATE TABLE t (n INTEGER)")
    with pytest.raises(ZeroDivisionError), session.transaction():
        session.execute("INSERT INTO t VALUES (1)")
        raise ZeroDivisionError
    with session.transaction():
        session.execute("INSERT INTO t VALUES (2)")
    assert session.rows("SELECT n FROM t") == [(2,)]
    session.con.close()


def test_a_process_may_open_the_publication_twice(warehouse):
    publish(warehouse, 7)
    with warehouse.open_published() as first, warehouse.open_published() as second:
        for con in (first, second):
            assert con.execute("SELECT n FROM t").fetchall() == [(7,)]
            with pytest.raises(duckdb.InvalidInputException):
                con.execute("SET enable_external_access = true")


# --- what is spared ---


def test_a_night_writes_no_log_and_is_whole_all_the_same(warehouse):
    with warehouse.night() as night:
        night.execute("CREATE TABLE published.t AS SELECT 7 AS n")
        assert files(warehouse) == ["building-000001.duckdb"]
        night.complete = True
    assert published_number(warehouse) == 7


def test_an_archive_of_an_earlier_version_gets_what_it_lacks_and_one_of_this_is_let_be(warehouse):
    with warehouse.archive() as archive:
        archive.execute("DROP TABLE landed.finding")
    with warehouse.archive() as archive:
        assert not archive.has(Sql("landed.finding")), "it says that it was made as it is made now"
        archive.execute("UPDATE landed.made_by SET template = 'an earlier one'")
    with warehouse.archive() as archive:
        assert archive.has(Sql("landed.finding"))


def test_macros_are_defined_once_until_others_take_their_place_or_the_transaction_fails(monkeypatch):
    asked = []
    with scratch() as con:
        session = Session(con)
        execute = session.execute
        monkeypatch.setattr(session, "execute", lambda sql, *more: asked.append(sql) or execute(sql, *more))
        for key in ("one", "one", "two"):
            session.define("mask.sql.j2", address="@", shapes=key, longest=9)
        assert len(asked) == 2
        assert session.value("SELECT mask_text('one two')") == "one •"
        with pytest.raises(ZeroDivisionError), session.transaction():
            session.define("mask.sql.j2", address="@", shapes="one", longest=9)
            raise ZeroDivisionError
        session.define("mask.sql.j2", address="@", shapes="one", longest=9)
        assert session.value("SELECT mask_text('one two')") == "• two"


def test_whether_there_is_a_table_is_asked_outside_of_transactions():
    with scratch() as con:
        session = Session(con)
        session.execute("CREATE TABLE t (n INTEGER); CREATE VIEW v AS SELECT * FROM t")
        found = [session.has(Sql(name)) for name in ("t", "main.v", "u", "s.t", "other.main.t")]
        assert found == [True, True, False, False, False]
        with session.transaction():
            session.execute("INSERT INTO t VALUES (1)")
            with pytest.raises(RuntimeError, match="before the transaction begins"):
                session.has(Sql("u"))
        assert session.value("SELECT count(*) FROM t") == 1
        assert not session.has(Sql("u"))
