"""Where three domains stand, from drawn clusters and differences: the step alone."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import pytest

from tests.support.tables import given, layers, shown
from transforms.build import standing
from transforms.warehouse import Night, scratch

REST = """
INSERT INTO measured.area (area, weight) VALUES ('one', 1);
INSERT INTO measured.entity_type (entity, area, role, weight, expected_local) VALUES ('thing', 'one', 'item', 1, false), ('part', 'one', 'component', 2, false);
INSERT INTO normalised.extracted SELECT domain, entity, '', true FROM catalogue.domain CROSS JOIN catalogue.entity;
INSERT INTO compared.comparable
SELECT p.pair_no, e.entity_no, x.place, x.weight, false
FROM catalogue.pair p, catalogue.entity e, (VALUES (NULL, NULL), (1, 1), (2, 3)) x(place, weight);
INSERT INTO matched.side
SELECT pair_no, item_a, match_no, rule IS NOT NULL FROM matched.item WHERE item_a IS NOT NULL
UNION ALL SELECT pair_no, item_b, match_no, rule IS NOT NULL FROM matched.item WHERE item_b IS NOT NULL;
"""
# A thing A in all three (1, 2, 3) with a part in each (11, 12, 13), and a thing B in a alone (4).
DRAWN = {
    "catalogue.domain": "domain_no | domain\n1 | a\n2 | b\n3 | c",
    "catalogue.pair": """
        pair_no | pair_id | domain_no_a | domain_no_b
        1       | a~b     | 1           | 2
        2       | a~c     | 1           | 3
        3       | b~c     | 2           | 3
        """,
    "catalogue.side": "pair_no | domain_no\n1 | 1\n1 | 2\n2 | 1\n2 | 3\n3 | 2\n3 | 3",
    "catalogue.entity": """
        entity_no | entity | scored | weight | depth
        1         | thing  | false  | 1      | 0
        2         | part   | true   | 2      | 1
        """,
    "catalogue.attribute": "entity_no | place | attribute\n1 | 1 | name\n1 | 2 | dose\n2 | 1 | name\n2 | 2 | size",
    "normalised.item": """
        item_no | domain_no | entity_no | local_id | label
        1       | 1         | 1         | 1        | A
        2       | 2         | 1         | 2        | A
        3       | 3         | 1         | 3        | A
        4       | 1         | 1         | 4        | B
        11      | 1         | 2         | 11       | p
        12      | 2         | 2         | 12       | p
        13      | 3         | 2         | 13       | p
        """,
    "normalised.reference": """
        item_no | entity_no | place | written | state | target_entity_no | target_no
        11      | 2         | 0     | 1       | leads | 1                | 1
        12      | 2         | 0     | 2       | leads | 1                | 2
        13      | 2         | 0     | 3       | leads | 1                | 3
        """,
    "matched.item": """
        match_no | pair_no | entity_no | identity | item_a | item_b | rule         | ambiguous
        1        | 1       | 1         | A        | 1      | 2      | declared_key | false
        2        | 2       | 1         | A        | 1      | 3      | declared_key | false
        3        | 3       | 1         | A        | 2      | 3      | declared_key | false
        4        | 1       | 1         | B        | 4      |        |              | false
        5        | 2       | 1         | B        | 4      |        |              | false
        11       | 1       | 2         | P        | 11     | 12     | declared_key | false
        12       | 2       | 2         | P        | 11     | 13     | declared_key | false
        13       | 3       | 2         | P        | 12     | 13     | declared_key | false
        """,
    "matched.cluster_item": """
        item_no | match_no | certain
        1       | 1        | true
        2       | 1        | true
        3       | 1        | true
        11      | 11       | true
        12      | 11       | true
        13      | 11       | true
        """,
}
# b says another dose of A than a and c; the parts are all alike.
DIFFERENCES = """
    match_no | entity_no | place | value_a | value_b | weight
    1        | 1         | 2     | 1       | 5       | 3
    3        | 1         | 2     | 5       | 1       | 3
    """
STANDING = "SELECT label, attribute, domain, value, says, same, of, state FROM measured.standing ORDER BY label, domain"
FIGURES = "SELECT subject, metric, numerator, denominator FROM measured.together WHERE level = 'entity'"


@pytest.fixture
def night() -> Iterator[Night]:
    with contextlib.closing(scratch(threads="1")) as con:
        made = Night(con, 7, previous=False)
        layers(made)
        made.execute("SET VARIABLE night_id = 7")
        for table, drawn in DRAWN.items():
            given(made, table, drawn)
        made.execute(REST)
        yield made


def figures(night: Night, subject: str) -> dict[str, tuple[float, float]]:
    """(numerator, denominator) by metric."""
    rows = night.rows(FIGURES)
    return {metric: (numerator, denominator) for name, metric, numerator, denominator in rows if name == subject}


def test_who_stands_alone_and_who_lacks_the_thing(night: Night) -> None:
    given(night, "compared.difference", DIFFERENCES)
    standing.run(night, "1")
    assert shown(night, STANDING) == [
        "A | dose | a | 1 | 1 | 2 | 3 | majority",
        "A | dose | b | 5 | 2 | 1 | 3 | outlier",
        "A | dose | c | 1 | 1 | 2 | 3 | majority",
        "B |  | a |  | 1 | 1 | 3 | outlier",
        "B |  | b |  | 2 | 2 | 3 | majority",
        "B |  | c |  | 2 | 2 | 3 | majority",
    ]
    cluster = "md5(concat_ws(chr(31), 'thing', 'a~b', 'A'))"
    alone = "md5(concat_ws(chr(31), 'thing', 'alone', 'a', 'B'))"
    names = f"SELECT label, thing_id = CASE label WHEN 'A' THEN {cluster} ELSE {alone} END FROM measured.standing"
    assert sorted(set(shown(night, names))) == ["A | True", "B | True"]
    assert shown(night, "SELECT pair_id, identity FROM measured.standing_item ORDER BY ALL") == [
        "a~b | A", "a~b | B", "a~c | A", "a~c | B", "b~c | A",
    ]  # fmt: skip


def test_a_domain_that_did_not_deliver_the_column_is_not_asked(night: Night) -> None:
    given(
        night, "compared.difference", "match_no | entity_no | place | value_a | value_b | weight\n1 | 1 | 2 | 1 | 5 | 3"
    )
    given(night, "compared.not_comparable", "pair_id | entity | attribute | domain\na~c | thing | dose | c")
    standing.run(night, "1")
    asked = "SELECT domain, value, same, of, state FROM measured.standing WHERE attribute = 'dose' ORDER BY ALL"
    assert shown(night, asked) == ["a | 1 | 1 | 2 | split", "b | 5 | 1 | 2 | split"]


def test_how_far_all_agree_with_what_they_own(night: Night) -> None:
    given(night, "compared.difference", DIFFERENCES)
    # b has a second part under A.
    given(night, "normalised.item", "item_no | domain_no | entity_no | local_id | label\n14 | 2 | 2 | 14 | q")
    given(
        night,
        "normalised.reference",
        "item_no | entity_no | place | written | state | target_entity_no | target_no\n14 | 2 | 0 | 2 | leads | 1 | 2",
    )
    standing.run(night, "1")
    # One of four by weight, and of the parts three of four with weight two.
    agreement = (1 + 2 * 3 / 4) / (4 + 2)
    found = figures(night, "thing")
    assert found["coverage"] == (1, 2) and found["strict"] == (0, 2)
    assert found["convergence"] == (pytest.approx(agreement), 2)
    assert figures(night, "part")["strict"] == (1, 2)
    total = (
        "SELECT round(value, 6) FROM measured.together WHERE level = 'total' AND metric = 'agreement' AND night_id = 7"
    )
    assert shown(night, total) == [str(round(agreement, 6))]


def test_a_type_that_one_domain_did_not_deliver_has_no_figure(night: Night) -> None:
    night.execute("UPDATE normalised.extracted SET delivered = false WHERE domain = 'c' AND entity = 'part'")
    standing.run(night, "1")
    assert shown(night, "SELECT entity, things, measurable FROM measured.together_count ORDER BY ALL") == [
        "part |  | False",
        "thing | 2 | True",
    ]


def test_of_two_domains_nothing_is_made(night: Night) -> None:
    night.execute("DELETE FROM catalogue.side WHERE pair_no > 1")
    standing.run(night, "1")
    assert shown(night, STANDING) == [] == shown(night, FIGURES)
