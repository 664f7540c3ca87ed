"""The metrics, by hand: what counts, with which weight, and what cannot be measured."""

import pytest

from tests.support.builds import HEAD, house

UNIT = """
entity: unit
title: Unit
area: one
source: {table: UNIT, local_id: ID, live: {ACTIVE_IND: 1}}
label: name
keys: [code, {on: name, certain: false}]
attributes:
  code: {column: CODE, weight: 0}
  name: {column: NAME}
  size: {column: SIZE, weight: 2}
  shown: {column: SHOWN, compare: flag, weight: 5}
"""

ROUTE = """
entity: route
title: Route
area: one
weight: 3
source: {table: ROUTE, local_id: ID}
keys: [name]
attributes: {name: NAME}
"""

FORM = """
entity: form
title: Form
area: two
source: {table: FORM, local_id: ID, live: {ACTIVE_IND: 1}}
keys: [name]
attributes: {name: NAME}
"""

WATCH = """
watch:
  - {name: same_size, title: Same size, entity: unit, attribute: size}
  - {name: same_size_by_code, title: Same size, entity: unit, attribute: size, key: code}
  - {name: same_form, title: Same form, entity: form, attribute: name}
"""


@pytest.fixture(scope="module")
def night(tmp_path_factory):
    h = house(tmp_path_factory.mktemp("figures"), UNIT, ROUTE, FORM, head=HEAD + WATCH)
    yield h.night(
        a={
            "UNIT": """
            ID | ACTIVE_IND | CODE | NAME   | SIZE | SHOWN
            1  | 1          | A    | same   | 1    | 1
            2  | 1          | B    | size   | 1    | 1
            3  | 1          |      | unsure | 1    | 1
            4  | 1          |      | twice  | 1    | 1
            5  | 1          |      | twice  | 2    | 1
            6  | 1          | C    | only a | 1    | 1
            7  | 0          | D    | gone   | 1    | 1
            """,
            "ROUTE": "ID|NAME\n1|po\n2|iv",
            "FORM": "ID|ACTIVE_IND|NAME\n1|0|gone",
        },
        b={
            "UNIT": """
            ID | ACTIVE_IND | CODE | NAME   | SIZE | SHOWN
            1  | 1          | A    | same   | 1    | 1
            2  | 1          | B    | size   | 2    | 1
            3  | 1          |      | unsure | 1    | 0
            4  | 1          |      | twice  | 3    | 1
            5  | 1          | D    | gone?  | 1    | 1
            """,
            "ROUTE": "ID|NAME\n2|po\n1|iv",
            "FORM": "ID|ACTIVE_IND|NAME\n1|0|gone",
        },
    )
    h.close()


def test_the_counts_that_all_figures_are_made_of(night):
    night.shows(
        "entity_count",
        """
        entity | matched | only_a | only_b | identical | uncertain | ambiguous_a | ambiguous_b | measurable
        unit   | 3       | 3      | 2      | 1         | 1         | 2           | 1           | yes
        route  | 2       | 0      | 0      | 2         | 0         | 0           | 0           | yes
        form   | 0       | 0      | 0      | 0         | 0         | 0           | 0           | no
        """,
    )


def test_why_nothing_was_measured_is_said(night):
    night.shows("entity_count", "entity|reason\nform|no items on either side", "NOT measurable")


AGREEMENT = 1 + 6 / 8 + 3 / 8  # same, size (2 of 8 differs), unsure (5 of 8 differs)


@pytest.mark.parametrize(
    ("metric", "numerator", "denominator"),
    [
        ("coverage", 3, 8),
        ("agreement", AGREEMENT, 3),
        ("convergence", AGREEMENT, 8),
        # At worst the uncertain match is two items without one.
        ("convergence_lower", 1 + 6 / 8, 9),
        # At best one of the two ambiguous items is the same as the other side's.
        ("convergence_upper", AGREEMENT + 1, 7),
        ("strict", 1, 8),
    ],
)
def test_each_metric_of_an_entity_type(night, metric, numerator, denominator):
    where = f"level = 'entity' AND subject = 'unit' AND metric = '{metric}'"
    [found] = night.rows("measure", "numerator, denominator, value", where)
    assert found == pytest.approx((numerator, denominator, numerator / denominator))


def test_an_area_weighs_its_entity_types_and_the_total_its_areas_never_their_rows(night):
    unit = AGREEMENT / 8
    assert night.figure("one", level="area") == pytest.approx((unit * 1 + 1.0 * 3) / 4)
    # Area two has nothing measurable and is left out, with its weight.
    assert night.figure("two", level="area") is None
    assert night.figure("total", level="total") == pytest.approx((unit * 1 + 1.0 * 3) / 4)


def test_nothing_to_measure_is_not_measurable_and_neither_0_nor_1(night):
    found = night.rows("measure", "DISTINCT numerator, denominator, value", "level = 'entity' AND subject = 'form'")
    assert found == [(None, None, None)]


def test_agreement_per_attribute_and_key(night):
    night.shows(
        "attribute_agreement",
        """
        attribute | key_name | equal | comparable
        name      | code     | 2     | 2
        size      | code     | 1     | 2
        shown     | code     | 2     | 2
        name      | name     | 1     | 1
        size      | name     | 1     | 1
        shown     | name     | 0     | 1
        """,
        "entity = 'unit'",
    )


def test_a_watched_figure_is_one_attributes_agreement(night):
    night.shows(
        "watched",
        """
        watch             | numerator | denominator | value
        same_size         | 2         | 3           | 0.6667
        same_size_by_code | 1         | 2           | 0.5
        same_form         | 0         | 0           |
        """,
    )


def test_side_by_side_items_show_what_references_lead_to(night):
    night.shows(
        "item_unit",
        """
        domain | local_id | name   | size | shown
        a      | 2        | size   | 1    | 1
        b      | 2        | size   | 2    | 1
        """,
        "name = 'size'",
    )


def test_every_view_and_column_is_explained(night):
    views = night.con.execute(
        "SELECT view_name FROM duckdb_views() WHERE schema_name = 'published' AND comment IS NULL"
    ).fetchall()
    columns = night.con.execute(
        "SELECT table_name, column_name FROM duckdb_columns() WHERE schema_name = 'published' AND comment IS NULL"
    ).fetchall()
    assert (views, columns) == ([], [])
