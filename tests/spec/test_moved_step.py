"""Who moved, from two drawn nights whose numbers have nothing in common: they meet by name.

A thing has a name, a dose in a unit, a kind and a note that holds ids of codes.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.tables import given, layers, shown
from transforms.build import moved
from transforms.warehouse import Night, scratch

SIDES = """
INSERT INTO catalogue.side SELECT pair_no, pair_id, 'a', domain_no_a, domain_a FROM catalogue.pair
UNION ALL SELECT pair_no, pair_id, 'b', domain_no_b, domain_b FROM catalogue.pair;
INSERT INTO matched.side
SELECT pair_no, item_a, match_no, rule IS NOT NULL FROM matched.item WHERE item_a IS NOT NULL
UNION ALL SELECT pair_no, item_b, match_no, rule IS NOT NULL FROM matched.item WHERE item_b IS NOT NULL;
"""
DELIVERED = """
    domain | entity | attribute | delivered
    a      | code   |           | true
    a      | code   | name      | true
    a      | thing  |           | true
    a      | thing  | parent    | true
    a      | thing  | name      | true
    a      | thing  | dose      | true
    a      | thing  | unit      | true
    a      | thing  | kind      | true
    a      | thing  | note      | true
    b      | code   |           | true
    b      | code   | name      | true
    b      | thing  |           | true
    b      | thing  | name      | true
    b      | thing  | dose      | true
    """
THEN = {
    "catalogue.domain": "domain_no | domain\n1 | a\n2 | b",
    "catalogue.pair": "pair_no | pair_id | domain_a | domain_b | domain_no_a | domain_no_b\n1 | a~b | a | b | 1 | 2",
    "catalogue.entity": "entity_no | entity\n1 | code\n2 | thing",
    "catalogue.attribute": """
        entity_no | place | attribute | weight | is_reference | typed | has_ids | unit_place
        1         | 1     | name      | 1      | false        | false | false   |
        2         | 0     | parent    | 1      | true         | false | false   |
        2         | 1     | name      | 3      | false        | false | false   |
        2         | 2     | dose      | 2      | false        | false | false   | 3
        2         | 3     | unit      | 0      | true         | false | false   |
        2         | 4     | kind      | 1      | true         | true  | false   |
        2         | 5     | note      | 1      | false        | false | true    |
        """,
    "catalogue.target": "entity_no | place | target_no | by_place\n2 | 0 | 2 | -1\n2 | 3 | 1 | -1\n2 | 4 | 1 | -1",
}
# Tonight domains and entity types are numbered the other way round, and the places of a thing have moved up.
NOW = {
    "catalogue.domain": "domain_no | domain\n2 | a\n1 | b",
    "catalogue.pair": "pair_no | pair_id | domain_a | domain_b | domain_no_a | domain_no_b\n3 | a~b | a | b | 2 | 1",
    "catalogue.entity": "entity_no | entity\n2 | code\n1 | thing",
    "catalogue.attribute": """
        entity_no | place | attribute | weight | is_reference | typed | has_ids | unit_place
        2         | 1     | name      | 1      | false        | false | false   |
        1         | 0     | parent    | 1      | true         | false | false   |
        1         | 2     | name      | 3      | false        | false | false   |
        1         | 3     | dose      | 2      | false        | false | false   | 4
        1         | 4     | unit      | 0      | true         | false | false   |
        1         | 5     | kind      | 1      | true         | true  | false   |
        1         | 6     | note      | 1      | false        | false | true    |
        """,
    "catalogue.target": "entity_no | place | target_no | by_place\n1 | 0 | 1 | -1\n1 | 4 | 2 | -1\n1 | 5 | 2 | -1",
}
CHANGES = """
SELECT domain, local_id, label, kind, attribute, value_before, value_after, shown_before, shown_after, weight
FROM measured.change WHERE night_id = 2 ORDER BY ALL
"""


@pytest.fixture
def night() -> Iterator[Night]:
    with contextlib.closing(scratch(threads="1")) as con:
        made = Night(con, 2, previous=True)
        made.execute("ATTACH ':memory:' AS previous; ATTACH ':memory:' AS building")
        for database, catalogue in (("previous", THEN), ("building", NOW)):
            made.execute(f"USE {database}")
            layers(made)
            for table, drawn in catalogue.items():
                given(made, table, drawn)
            given(made, "normalised.extracted", DELIVERED)
            made.execute("UPDATE normalised.extracted SET attribute = '' WHERE attribute IS NULL")
        made.define("canonical.sql.j2", dates=["%Y-%m-%d"], open_year=2100, clock="Europe/Stockholm")
        yield made


def run(night: Night, then: dict[str, str], now: dict[str, str]) -> int:
    """Fill both nights with what is drawn, and make the step."""
    for database, drawn in (("previous", then), ("building", now)):
        night.execute(f"USE {database}")
        for table, rows in drawn.items():
            given(night, table, rows)
        night.execute(SIDES)
    catalogue: Any = None
    return moved.run(night, catalogue, ())


ITEM = "item_no | domain_no | entity_no | local_id | label | row_hash\n"


def test_values_are_compared_in_the_domain_and_references_by_what_they_lead_to(night: Night) -> None:
    then = {
        "normalised.item": ITEM + "1|1|1|77|oral|1\n2|1|2|10|A|1\n3|1|2|11|B|1",
        "normalised.cell": "item_no | entity_no | place | value\n2|2|2|5\n3|2|2|5",
        "normalised.reference": """
            item_no | entity_no | place | written | state   | target_entity_no | target_no
            2       | 2         | 4     | 77      | leads   | 1                | 1
            3       | 2         | 4     | 98      | nowhere | 1                |
            3       | 2         | 0     | 10      | leads   | 2                | 2
            """,
    }
    # Every id is another: A is given an 8 in place of a 5, and B has another kind and no owner.
    now = {
        "normalised.item": ITEM + "5|2|2|177|oral|1\n6|2|1|110|A|2\n7|2|1|111|B|1",
        "normalised.cell": "item_no | entity_no | place | value\n6|1|3|8\n7|1|3|5",
        "normalised.reference": """
            item_no | entity_no | place | written | state | type_text | target_entity_no | target_no
            6       | 1         | 5     | 177     | leads |           | 2                | 5
            7       | 1         | 5     | 1       | type  | FORM      |                  |
            """,
    }
    match = "match_no | pair_no | entity_no | identity | item_a\n"
    then["matched.item"] = match + "1|1|1|ORAL|1\n2|1|2|IA|2\n3|1|2|IB|3"
    now["matched.item"] = match + "4|3|2|ORAL|5\n5|3|1|IA|6\n6|3|1|IB|7"
    assert run(night, then, now) == 3
    assert shown(night, CHANGES) == [
        "a | 110 | A | changed | dose | 5 | 8 | 5 | 8 | 2.0",
        "a | 111 | B | changed | kind | code 98 | *FORM 1 | ? 98 | FORM | 1.0",
        "a | 111 | B | moved | parent | 110 |  | A |  | 1.0",
    ]
    assert shown(
        night, "SELECT pair_id, side, local_id, identity, in_a, in_b FROM measured.change_item ORDER BY ALL"
    ) == [
        "a~b | a | 110 | IA | True | False",
        "a~b | a | 111 | IB | True | False",
    ]


def test_a_text_is_compared_by_what_its_ids_lead_to(night: Night) -> None:
    ids = "pair_no | item_no | place | nth | written | target_match_no\n"
    then = {
        "normalised.item": ITEM + "1|1|1|71|oral|1\n2|1|1|72|iv|1\n3|1|2|10|A|1\n4|1|2|11|B|1",
        "matched.item": "match_no | pair_no | entity_no | identity | item_a\n1|1|1|ORAL|1\n2|1|1|IV|2",
        "normalised.cell": "item_no | entity_no | place | value\n3|2|5|give 71 or 99\n4|2|5|give 71",
        "matched.embedded": f"""
            pair_no | item_no | place | text | shown
            1       | 3       | 5     | give <code {"0" * 32}> or 99 | give <oral> or 99
            1       | 4       | 5     | give <code {"0" * 32}>       | give <oral>
            """,
        "matched.embedded_id": ids + "1|3|5|1|71|1\n1|3|5|2|99|\n1|4|5|1|71|1",
    }
    # The ids are given anew: A says the same, B by the very same text another thing.
    now = {
        "normalised.item": ITEM + "5|2|2|72|oral|1\n6|2|2|71|iv|1\n7|2|1|10|A|1\n8|2|1|11|B|1",
        "matched.item": "match_no | pair_no | entity_no | identity | item_a\n1|3|2|ORAL|5\n2|3|2|IV|6",
        "normalised.cell": "item_no | entity_no | place | value\n7|1|6|give 72 or 99\n8|1|6|give 71",
        "matched.embedded": f"""
            pair_no | item_no | place | text | shown
            3       | 7       | 6     | give <code {"0" * 32}> or 99 | give <oral> or 99
            3       | 8       | 6     | give <code {"1" * 32}>       | give <iv>
            """,
        "matched.embedded_id": ids + "3|7|6|1|72|1\n3|7|6|2|99|\n3|8|6|1|71|2",
    }
    assert run(night, then, now) == 1
    assert shown(night, CHANGES) == ["a | 11 | B | changed | note | give 72 | give 71 | give <oral> | give <iv> | 1.0"]


def test_what_came_and_went_and_the_history_under_new_ids(night: Night) -> None:
    match = "match_no | pair_no | entity_no | identity | item_a | item_b | rule\n"
    then = {
        "normalised.item": ITEM + "1|1|2|10|A|1\n2|1|2|11|B|1\n3|2|2|20|A|1\n4|2|2|21|B|1",
        "matched.item": match + "1|1|2|IA|1|3|declared_key\n2|1|2|IB|2|4|declared_key",
    }
    # a drops A, which b has under another id now; B is called otherwise and is the same by its match; C is new.
    now = {
        "normalised.item": ITEM + "5|2|1|99|b|1\n6|2|1|12|C|1\n7|1|1|50|A|1\n8|1|1|21|B|1",
        "matched.item": match + "1|3|1|OA||7|\n2|3|1|IB|5|8|declared_key\n3|3|1|IC|6||",
    }
    night.execute("USE previous")
    night.run("moved_tables.sql")
    given(
        night, "measured.change", "night_id | domain | entity | local_id | kind | attribute\n1|a|thing|11|changed|dose"
    )
    given(
        night,
        "matched.item",
        "match_no | pair_no | entity_no | identity | item_a | item_b\n9 | 1 | 2 | OA |  | 3",
    )
    assert run(night, then, now) == 2
    assert shown(night, CHANGES) == [
        "a | 10 | A | removed |  | 1 |  |  |  | 8.0",
        "a | 12 | C | added |  |  | 1 |  |  | 8.0",
    ]
    assert shown(night, "SELECT local_id, identity, other_id FROM measured.change_gone") == ["10 | IA | 50"]
    assert shown(night, "SELECT local_id FROM measured.change WHERE night_id = 1") == ["99"]
    # What went is called as its counterpart is.
    assert shown(night, "SELECT local_id, identity, in_a, in_b FROM measured.change_item ORDER BY ALL") == [
        "10 | OA | False | True",
        "12 | IC | True | False",
        "99 | IB | True | True",
    ]


def test_another_unit_or_another_extract_is_no_move(night: Night) -> None:
    then = {
        "normalised.item": ITEM + "1|1|1|1|g|1\n2|1|1|2|mg|1\n3|1|2|10|A|1\n4|1|2|11|B|1\n5|2|2|20|A|1",
        "normalised.cell": "item_no | entity_no | place | value\n3|2|2|1\n4|2|2|1\n5|2|2|1",
        "normalised.reference": """
            item_no | entity_no | place | written | state | target_no
            3       | 2         | 3     | 1       | leads | 1
            4       | 2         | 3     | 1       | leads | 1
            """,
    }
    # A gram is written as 1000 mg, and as 100; b left the column out this time.
    now = {
        "normalised.item": ITEM + "1|2|2|1|g|1\n2|2|2|2|mg|1\n3|2|1|10|A|2\n4|2|1|11|B|2\n5|1|1|20|A|2",
        "normalised.cell": "item_no | entity_no | place | value\n3|1|3|1000\n4|1|3|100",
        "normalised.reference": """
            item_no | entity_no | place | written | state | target_no
            3       | 1         | 4     | 2       | leads | 2
            4       | 1         | 4     | 2       | leads | 2
            """,
    }
    night.execute(
        "UPDATE building.normalised.extracted SET delivered = false WHERE domain = 'b' AND attribute = 'dose'"
    )
    assert run(night, then, now) == 1
    assert shown(night, CHANGES) == ["a | 11 | B | changed | dose | 1 | 100 | 1 | 100 | 2.0"]


def test_after_a_night_of_an_older_layout_nothing_is_noted_and_its_history_stays(night: Night) -> None:
    night.execute("USE previous")
    night.run("moved_tables.sql")
    given(
        night, "measured.change", "night_id | domain | entity | local_id | kind | attribute\n1|a|thing|11|changed|dose"
    )
    night.execute("DROP TABLE catalogue.entity")
    night.execute("USE building")
    given(night, "normalised.item", ITEM + "6|2|1|11|C|1")
    catalogue: Any = None
    assert moved.run(night, catalogue, ()) == 0
    assert shown(night, "SELECT night_id, local_id FROM measured.change") == ["1 | 11"]
