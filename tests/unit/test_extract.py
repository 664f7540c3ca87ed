"""The generated extract queries are what the catalogue reads, in SQL that Oracle's grammar takes."""

import duckdb
import pytest
import sqlglot
from sqlglot import exp

from tests.support.shared import shared
from transforms.catalogue import load_catalogue
from transforms.land.extract import Table, oracle, tables_of

TABLES = tables_of(load_catalogue("millennium"))


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)
def test_every_query_is_one_that_oracle_takes(table):
    parsed = sqlglot.parse_one(oracle(table), dialect="oracle")
    assert isinstance(parsed, exp.Select)
    assert [c.alias_or_name for c in parsed.selects] == list(table.columns)
    assert [t.name for t in parsed.find_all(exp.Table)] == [table.name]


def test_every_table_of_the_catalogue_is_there_with_every_column_it_reads():
    catalogue = load_catalogue("millennium")
    assert set(TABLES) == {t.upper() for t in catalogue.tables()}
    for entity in catalogue.ordered:
        own = TABLES[entity.source.table.upper()]
        assert {c.upper() for c in entity.source.local_id} <= set(own.needed)
        plain = {a.column.upper() for a in entity.attributes.values() if "." not in a.column}
        assert plain <= set(own.columns)
        for attribute in entity.attributes.values():
            alias, dot, column = attribute.column.partition(".")
            # A climbed path is made, not delivered.
            if dot and alias in entity.source.joins and not entity.source.joins[alias].climb:
                assert column.upper() in TABLES[entity.source.joins[alias].table.upper()].columns


def test_rows_of_one_persons_own_are_left_out_of_every_query():
    """Against the vendor's data model: what a table has of such columns, its query asks to be 0."""
    model = shared("millennium") / "data_model_columns.parquet"
    conventions = load_catalogue("millennium").conventions
    owned = duckdb.sql(f"SELECT table_name, column_name FROM '{model}'").fetchall()
    for table, column in owned:
        if table in TABLES and conventions.is_owner(column):
            where = sqlglot.parse_one(oracle(TABLES[table]), dialect="oracle").find(exp.Where)
            assert where is not None, f"{table}.{column}"
            assert f"{column} = 0" in where.sql(dialect="oracle")
    assert oracle(TABLES["PATHWAY_CATALOG"]).endswith("WHERE REF_OWNER_PERSON_ID = 0")


def test_names_that_need_it_are_quoted():
    table = Table("MY TABLE", ("ID", "DATE", 'a"b'), ("ID",))
    assert oracle(table) == 'SELECT\n    ID,\n    "DATE",\n    "a""b"\nFROM "MY TABLE"'
    sqlglot.parse_one(oracle(table), dialect="oracle")
