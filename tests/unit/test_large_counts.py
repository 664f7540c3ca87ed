"""What only shows where an entity type has very many items."""

from datetime import datetime
from pathlib import Path

from tests.support.builds import TEMPLATES, UNIT, write_catalogue
from transforms.build import measure
from transforms.build.template import template
from transforms.catalogue import load_catalogue, tables
from transforms.warehouse import Warehouse

ITEMS = 1_500_000
COUNTED = "SELECT matched, identical, agreement_sum, agreement_certain FROM measured.entity_count WHERE night_id = ?"


def test_a_million_matches_that_are_all_alike_are_counted(tmp_path: Path) -> None:
    # A sum of narrow decimals that are all one value overflows in DuckDB 2.0.
    catalogue = load_catalogue(write_catalogue(tmp_path / "catalogue", UNIT))
    warehouse = Warehouse(tmp_path / "data", threads=1, templates=TEMPLATES)
    with warehouse.archive():
        pass
    with warehouse.night(template(catalogue)) as night:
        tables.write(night, catalogue, {"a": 1, "b": 2})
        night.execute(
            "INSERT INTO compared.comparable (pair_no, entity_no) VALUES (1, 1); "
            "INSERT INTO matched.item (match_no, pair_no, entity_no, item_a, item_b, rule, certain, ambiguous) "
            f"SELECT i, 1, 1, i, i + {ITEMS}, 'declared_key', true, false FROM range({ITEMS}) t(i)"
        )

        def count(number: int) -> tuple[object, ...]:
            night.number = number
            measure.run(night, catalogue, (), (), {}, datetime(2026, 3, number))
            return night.rows(COUNTED, [number])[0]

        assert count(1) == (ITEMS, ITEMS, ITEMS, ITEMS)
        night.execute(
            "INSERT INTO compared.agreement (pair_no, match_no, entity_no, differing, agreement) "
            "VALUES (1, 7, 1, 1, 0.25)"
        )
        assert count(2) == (ITEMS, ITEMS - 1, ITEMS - 0.75, ITEMS - 0.75)
