"""What only shows where an entity type has very many items."""

from types import SimpleNamespace

from transforms.build.measure import HISTORY
from transforms.warehouse import Session, scratch

ITEMS = 1_500_000


def test_a_million_matches_that_are_all_alike_are_counted() -> None:
    # A sum of narrow decimals that are all one value overflows in DuckDB 2.0.
    session = Session(scratch(threads="1"))
    session.execute(
        "CREATE SCHEMA matched; CREATE SCHEMA compared; CREATE SCHEMA measured; "
        f"CREATE TABLE measured.entity_count ({HISTORY['entity_count']}); "
        'CREATE TABLE compared."unit" (pair_id VARCHAR, identity VARCHAR, agreement DOUBLE); '
        "CREATE TABLE matched.\"unit\" AS SELECT 'a~b' AS pair_id, i::VARCHAR AS identity, i::VARCHAR AS local_id_a, "
        "i::VARCHAR AS local_id_b, 'declared_key' AS rule, true AS certain, false AS ambiguous "
        f"FROM range({ITEMS}) t(i)"
    )

    def count() -> tuple[object, ...]:
        session.execute("DELETE FROM measured.entity_count")
        e = SimpleNamespace(entity="unit")
        session.run("measure_counts.sql.j2", e=e, pair="a~b", night=1, reason=None, comparable=[])
        return session.rows("SELECT matched, identical, agreement_sum, agreement_certain FROM measured.entity_count")[0]

    assert count() == (ITEMS, ITEMS, ITEMS, ITEMS)
    session.execute("INSERT INTO compared.\"unit\" VALUES ('a~b', '7', 0.25)")
    assert count() == (ITEMS, ITEMS - 1, ITEMS - 0.75, ITEMS - 0.75)
    session.con.close()
