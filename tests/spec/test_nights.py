"""Night after night: what opened, closed and came back, and what could not be seen at all."""

import pytest

from tests.support.builds import house

UNIT = """
entity: unit
title: Unit
area: one
source: {table: UNIT, local_id: ID}
keys: [name]
attributes: {name: {column: NAME, weight: 0}, size: {column: SIZE}, shown: {column: SHOWN, compare: flag, weight: 3}}
"""

FORM = """
entity: form
title: Form
area: two
source: {table: FORM, local_id: ID}
keys: [name]
attributes: {name: {column: NAME, weight: 0}, size: {column: SIZE}}
"""


def unit(*rows):
    return {"UNIT": "\n".join(["ID|NAME|SIZE|SHOWN", *rows])}


@pytest.fixture(scope="module")
def nights(tmp_path_factory):
    """Four nights: two differences, one settled and one new, the settled one back, and one with a table missing."""
    h = house(tmp_path_factory.mktemp("nights"), UNIT)
    b = unit("1|x|1|1", "2|y|1|1")
    yield [
        h.night(a=unit("11|x|2|1", "12|y|1|1", "13|z|1|1"), b=b),
        # x settled; y opened. Every id is another, every row in another place.
        h.night(a=unit("25|z|1|1", "21|y|1|0", "23|x|1|1")),
        # x is back with another value; z is gone.
        h.night(a=unit("11|x|3|1", "12|y|1|0")),
        # The column SHOWN was not extracted: nothing is known of y.
        h.night(a={"UNIT": "ID|NAME|SIZE\n11|x|3\n12|y|1"}),
    ]
    h.close()


def test_a_difference_opens_closes_and_comes_back(nights):
    nights[2].shows(
        "difference_history",
        """
        label | kind    | attribute | opened_night | closed_night
        x     | changed | size      | 1            | 2
        z     | only_a  |           | 1            | 3
        y     | changed | shown     | 2            |
        x     | changed | size      | 3            |
        """,
    )
    nights[2].shows(
        "difference",
        """
        label | attribute | value_a | value_b | opened_night | opened_at
        x     | size      | 3       | 1       | 3            | 2026-03-05 00:00:00
        y     | shown     | 0       | 1       | 2            | 2026-03-04 00:00:00
        """,
    )


def test_a_difference_keeps_its_id_when_ids_and_values_change(nights):
    ids = [set(n.rows("difference", "label, difference_id")) for n in nights]
    assert len(ids[0]) == 2
    assert dict(ids[0])["x"] == dict(ids[2])["x"]
    assert dict(ids[0])["z"] == dict(ids[1])["z"]
    assert len(nights[2].rows("difference_history", "DISTINCT difference_id")) == 3


def test_drift_counts_what_came_and_went(nights):
    nights[3].shows(
        "drift",
        """
        night_id | entity | opened | closed | open
        1        | unit   |        |        | 2
        2        | unit   | 1      | 1      | 2
        3        | unit   | 1      | 1      | 2
        4        | unit   | 0      | 0      | 2
        """,
    )


def test_what_was_not_extracted_is_not_comparable_never_different_and_never_settled(nights):
    nights[3].shows("not_comparable", "entity|attribute|domain|reason\nunit|shown|a|column not extracted")
    nights[3].shows("difference", "label|attribute\nx|size")
    nights[3].shows(
        "difference_history", "label|attribute|opened_night|closed_night\nx|size|3|\ny|shown|2|", "closed_night IS NULL"
    )
    # Only the size is left to compare: y agrees, x does not.
    assert nights[3].figure("unit") == pytest.approx(0.5)
    assert nights[2].figure("unit") == pytest.approx((3 / 4 + 1 / 4) / 2)


def test_every_night_stays_in_the_history_as_it_was(nights):
    kept = [
        n.rows("measure", "night_id, subject, metric, numerator, denominator, value", "night_id = 1") for n in nights
    ]
    assert kept[0] == kept[1] == kept[2] == kept[3] != []
    assert nights[3].rows("night", "night_id, is_latest") == [(1, False), (2, False), (3, False), (4, True)]


def test_an_older_night_stays_readable_while_newer_ones_are_published(nights):
    assert [n.rows("night", "max(night_id)")[0][0] for n in nights] == [1, 2, 3, 4]


def test_a_night_with_nothing_new_changes_nothing(tmp_path):
    h = house(tmp_path, UNIT)
    first = h.night(a=unit("1|x|1|1", "2|w|1|1"), b=unit("1|x|2|1", "3|z|1|1"))
    second = h.night()
    assert second.rows("drift", "opened, closed, open", "night_id = 2") == [(0, 0, 3)]
    same = "* EXCLUDE (last_seen, nights_open)"
    assert first.rows("difference", same) == second.rows("difference", same)
    assert set(second.rows("difference", "nights_open, reopened")) == {(2, 0)}
    h.close()


def test_a_table_that_was_not_delivered_is_not_measurable_and_leaves_its_differences_open(tmp_path):
    h = house(tmp_path, UNIT, FORM)
    first = h.night(
        a={**unit("1|x|1|1"), "FORM": "ID|NAME|SIZE\n1|f|1"}, b={**unit("1|x|1|1"), "FORM": "ID|NAME|SIZE\n1|f|2"}
    )
    assert first.figure("form") == 0
    assert first.figure("total", level="total") == pytest.approx((1 * 1 + 3 * 0) / 4)
    second = h.night(a=unit("1|x|1|1"))
    second.shows("not_comparable", "entity|attribute|domain|reason\nform||a|table not delivered")
    assert second.rows("difference", "*") == []
    second.shows(
        "entity_count",
        "entity|measurable|reason\nform|no|not delivered by a\nunit|yes|",
        "night_id = 2",
    )
    assert second.figure("form") is None
    assert second.figure("two", level="area") is None
    assert second.figure("total", level="total") == 1
    second.shows("drift", "entity|opened|closed|open\nform|0|0|1\nunit|0|0|0", "night_id = 2")
    h.close()
