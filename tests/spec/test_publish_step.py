"""The published views on drawn tables: what items are composed of, and items side by side."""

import re

import pytest

from tests.support.builds import TEMPLATES, UNIT, write_catalogue
from tests.support.tables import given, shown
from transforms.build import publish
from transforms.build.template import template
from transforms.catalogue import load_catalogue
from transforms.warehouse import Warehouse

DOSE = """
entity: dose
title: Dose
area: two
source: {table: DOSE, local_id: ID}
parent: {entity: unit, via: UNIT_ID}
keys: [[parent, name]]
attributes:
  name: NAME
  other: {column: OTHER_ID, references: unit}
"""


@pytest.fixture
def catalogue(tmp_path):
    return load_catalogue(write_catalogue(tmp_path / "catalogue", UNIT, DOSE))


@pytest.fixture
def night(tmp_path, catalogue):
    assert list(catalogue.order) == ["unit", "dose"]
    with Warehouse(tmp_path / "data", threads=1, templates=TEMPLATES).night(template(catalogue)) as night:
        given(night, "catalogue.domain", "domain_no | domain\n1 | a\n2 | b")
        given(night, "catalogue.pair", "pair_no|pair_id|domain_a|domain_b|domain_no_a|domain_no_b\n1|a~b|a|b|1|2")
        given(night, "catalogue.side", "pair_no|pair_id|side|domain_no|domain\n1|a~b|a|1|a\n1|a~b|b|2|b")
        night.execute("UPDATE catalogue.entity SET component = true WHERE entity = 'dose'")
        yield night


def items(night, drawn):
    """Items of a (11 …) and b (21 …) with their matches."""
    given(night, "matched.item", drawn)
    night.execute("""
        INSERT INTO matched.side SELECT pair_no, item_a, match_no, rule IS NOT NULL FROM matched.item
        WHERE item_a IS NOT NULL;
        INSERT INTO matched.side SELECT pair_no, item_b, match_no, rule IS NOT NULL FROM matched.item
        WHERE item_b IS NOT NULL;
        INSERT INTO normalised.item BY NAME
        SELECT item_no, item_no // 10 AS domain_no, entity_no, item_no::VARCHAR AS local_id, identity AS label
        FROM matched.side JOIN matched.item USING (match_no)
        """)


NODES = """
SELECT owner_identity, identity, state, place_a, place_b, elsewhere_identity, root_identity FROM published.tree_node
"""


def test_components_stand_under_their_owners_in_the_order_of_what_places_them(night, catalogue):
    items(night, """
        match_no | pair_no | entity_no | identity | item_a | item_b | rule
        1        | 1       | 1         | plan     | 11     | 21     | key
        2        | 1       | 1         | other    | 12     | 22     | key
        3        | 1       | 2         | first    | 13     | 23     | key
        4        | 1       | 2         | second   | 14     | 24     | key
        5        | 1       | 2         | third    | 15     |        |
        6        | 1       | 2         | moves    | 16     | 26     | key
        """)  # fmt: skip
    given(
        night,
        "normalised.reference",
        """
        item_no | entity_no | place | state | target_entity_no | target_no
        13      | 2         | 0     | leads | 1                | 11
        14      | 2         | 0     | leads | 1                | 11
        15      | 2         | 0     | leads | 1                | 11
        16      | 2         | 0     | leads | 1                | 11
        23      | 2         | 0     | leads | 1                | 21
        24      | 2         | 0     | leads | 1                | 21
        26      | 2         | 0     | leads | 1                | 22
        """,
    )
    given(night, "catalogue.attribute", "entity_no | place | placed\n2 | 1 | 0\n2 | 2 | 1")
    # By number and not by text, then by the next; what has no value comes last.
    given(
        night,
        "normalised.cell",
        """
        item_no | entity_no | place | value
        13      | 2         | 1     | 9
        14      | 2         | 1     | 10
        15      | 2         | 1     | 10
        15      | 2         | 2     | 1
        23      | 2         | 1     | 2
        24      | 2         | 1     | 1
        """,
    )
    given(
        night,
        "compared.difference",
        "match_no | attribute | kind | value_a | value_b\n6 | parent | moved | plan | other",
    )
    publish.run(night, catalogue, [])
    assert shown(night, f"{NODES} ORDER BY ALL") == [
        "other | moves | moved |  | 1 | plan | other",
        "plan | first | both | 1 | 2 |  | plan",
        "plan | moves | moved | 4 |  | other | plan",
        "plan | second | both | 3 | 1 |  | plan",
        "plan | third | only_a | 2 |  |  | plan",
    ]


def test_a_component_leads_on_to_what_it_goes_through(night, catalogue):
    items(night, """
        match_no | pair_no | entity_no | identity | item_a | item_b | rule
        1        | 1       | 1         | plan     | 11     | 21     | key
        2        | 1       | 1         | within   | 12     |        |
        3        | 1       | 2         | link     | 13     | 23     | key
        """)  # fmt: skip
    given(night, "catalogue.through", "entity_no | place | target_no\n2 | 2 | 1")
    given(
        night,
        "normalised.reference",
        """
        item_no | entity_no | place | state | target_entity_no | target_no
        13      | 2         | 0     | leads | 1                | 11
        13      | 2         | 2     | leads | 1                | 12
        23      | 2         | 0     | leads | 1                | 21
        """,
    )
    given(night, "compared.owner", "match_no | root_match_no\n3 | 1")
    publish.run(night, catalogue, [])
    assert shown(night, f"{NODES} ORDER BY ALL") == [
        "link | within | only_a | 1 |  |  | plan",
        "plan | link | both | 1 | 1 |  | plan",
    ]


def test_items_stand_side_by_side_as_people_read_them(night):
    items(night, """
        match_no | pair_no | entity_no | identity | item_a | item_b | rule
        1        | 1       | 1         | plan     | 11     | 21     | key
        2        | 1       | 2         | same     | 12     | 22     | key
        3        | 1       | 2         | lone     | 13     |        |
        """)  # fmt: skip
    given(night, "normalised.cell", "item_no | entity_no | place | value\n12 | 2 | 1 | milk\n22 | 2 | 1 | Milk")
    given(
        night,
        "normalised.reference",
        """
        item_no | entity_no | place | written | type_text | state   | target_no
        12      | 2         | 0     | 1       |           | leads   | 11
        22      | 2         | 0     | 9       |           | nowhere |
        12      | 2         | 2     | *       |           | every   |
        22      | 2         | 2     | 7       | TASK      | type    |
        """,
    )
    assert shown(night, "SELECT * EXCLUDE pair_id FROM published.item_dose ORDER BY local_id") == [
        "same | a | 12 | same | plan | milk | *",
        "lone | a | 13 | lone |  |  | ",
        "same | b | 22 | same | ? 9 | Milk | TASK",
    ]


def test_an_item_view_reads_the_rows_of_its_own_type_alone(night):
    night.execute("""
        INSERT INTO normalised.item BY NAME
        SELECT i AS item_no, 1 AS domain_no, i // 100000 + 1 AS entity_no, i AS local_id, 'item ' || i AS label
        FROM range(300000) t(i);
        INSERT INTO normalised.cell SELECT item_no, entity_no, 1, label FROM normalised.item;
        INSERT INTO matched.item BY NAME
        SELECT item_no AS match_no, entity_no, item_no AS identity FROM normalised.item;
        INSERT INTO matched.side SELECT 1, item_no, item_no, false FROM normalised.item;
        """)
    [(_, plan)] = night.rows("EXPLAIN (ANALYZE, FORMAT json) SELECT name FROM published.item_unit WHERE local_id = '7'")
    assert int(re.findall(r'"total_rows_scanned": (\d+)', plan)[0]) < 600_000, "of four tables of 300,000 rows each"


def test_the_comment_on_a_column_may_go_on_in_another_line():
    view = next(v for v in publish.views() if v.name == "entity_type")
    assert view.comment == "One row per entity type: a kind of build."
    assert view.columns["expected_local"].endswith("or no file of the catalogue describes it yet")
