"""Clusters from drawn matches: the step alone. Against taking the links one by one: tests/property/test_clusters.py."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import pytest

from tests.support.tables import given, layers, shown
from transforms.build import clusters
from transforms.warehouse import Session, scratch

CLUSTERS = "SELECT domain, local_id, items, links, complete, certain FROM matched.cluster ORDER BY cluster_id, domain"
CONFLICTS = """
SELECT pair_id, local_id_a, local_id_b, reason, domain, local_id_one, local_id_other FROM matched.cluster_conflict
"""


@pytest.fixture
def night() -> Iterator[Session]:
    with contextlib.closing(scratch(threads="1")) as con:
        session = Session(con)
        layers(session)
        given(session, "catalogue.entity", "entity_no | entity\n1 | unit\n2 | route")
        given(session, "catalogue.domain", "domain_no | domain\n1 | a\n2 | b\n3 | c")
        yield session


def three(night: Session) -> None:
    """Three domains: item 11 is unit 1 of a, 21 unit 1 of b, 32 unit 2 of c, and so on; above 100 it is a route."""
    given(
        night,
        "catalogue.pair",
        """
        pair_no | pair_id | domain_a | domain_b | domain_no_a | domain_no_b
        1       | a~b     | a        | b        | 1           | 2
        2       | a~c     | a        | c        | 1           | 3
        3       | b~c     | b        | c        | 2           | 3
        """,
    )
    given(night, "catalogue.side", "pair_no | domain_no\n1 | 1\n1 | 2\n2 | 1\n2 | 3\n3 | 2\n3 | 3")
    given(
        night,
        "normalised.item",
        """
        item_no | domain_no | entity_no | local_id | label
        11      | 1         | 1         | 1        | mg
        12      | 1         | 1         | 2        | gram
        21      | 2         | 1         | 1        | mg
        31      | 3         | 1         | 1        | mg
        111     | 1         | 2         | 1        | oral
        131     | 3         | 2         | 1        | oral
        """,
    )


def test_with_two_domains_every_match_is_a_cluster_named_after_it(night: Session) -> None:
    given(night, "catalogue.pair", "pair_no | pair_id | domain_no_a | domain_no_b\n1 | a~b | 1 | 2")
    given(night, "catalogue.side", "pair_no | domain_no\n1 | 1\n1 | 2")
    given(
        night,
        "normalised.item",
        "item_no | domain_no | entity_no | local_id\n1 | 1 | 1 | 7\n2 | 2 | 1 | 9\n3 | 1 | 1 | 8",
    )
    given(
        night,
        "matched.item",
        """
        match_no | pair_no | entity_no | identity | item_a | item_b | rule     | certain
        1        | 1       | 1         | MG       | 1      | 2      | reviewed | true
        2        | 1       | 1         | ML       | 3      |        |          |
        """,
    )
    clusters.run(night)
    assert shown(night, CLUSTERS) == ["a | 7 | 2 | 1 | True | True", "b | 9 | 2 | 1 | True | True"]
    name = "md5(concat_ws(chr(31), 'unit', 'a~b', 'MG'))"
    assert shown(night, f"SELECT DISTINCT cluster_id = {name} FROM matched.cluster") == ["True"]


def test_a_domain_is_reached_by_way_of_another_and_types_are_not_mixed(night: Session) -> None:
    three(night)
    given(
        night,
        "matched.item",
        """
        match_no | pair_no | entity_no | identity | item_a | item_b | rule         | certain
        1        | 1       | 1         | X        | 11     | 21     | declared_key | true
        2        | 3       | 1         | Y        | 21     | 31     | declared_key | false
        3        | 2       | 2         | Z        | 111    | 131    | declared_key | true
        """,
    )
    clusters.run(night)
    by_type = "SELECT entity, domain, items, links, complete, certain FROM matched.cluster ORDER BY ALL"
    assert shown(night, by_type) == [
        "route | a | 2 | 1 | False | True",
        "route | c | 2 | 1 | False | True",
        "unit | a | 3 | 2 | True | False",
        "unit | b | 3 | 2 | True | False",
        "unit | c | 3 | 2 | True | False",
    ]
    assert shown(night, CONFLICTS) == []
    # Named after its match in the first pair, whoever joins.
    names = "md5(concat_ws(chr(31), 'unit', 'a~b', 'X')), md5(concat_ws(chr(31), 'route', 'a~c', 'Z'))"
    assert shown(night, f"SELECT count(*) FROM matched.cluster WHERE cluster_id IN ({names})") == ["5"]


WEAK = """
    match_no | pair_no | entity_no | identity | item_a | item_b | rule          | certain
    1        | 1       | 1         | X        | 11     | 21     | declared_key  | true
    2        | 2       | 1         | Y        | 12     | 31     | probabilistic | false
    3        | 3       | 1         | Z        | 21     | 31     | probabilistic | false
    """


def test_of_two_likely_matches_the_less_likely_gives_way(night: Session) -> None:
    three(night)
    given(night, "matched.item", WEAK)
    given(
        night,
        "matched.candidate",
        """
        pair_id | entity | local_id_a | local_id_b | score | verdict
        a~c     | unit   | 2          | 1          | 0.8   | accepted
        b~c     | unit   | 1          | 1          | 0.9   | accepted
        """,
    )
    clusters.run(night)
    assert shown(night, CLUSTERS) == [
        "a | 1 | 3 | 2 | True | False",
        "b | 1 | 3 | 2 | True | False",
        "c | 1 | 3 | 2 | True | False",
    ]
    assert shown(night, CONFLICTS) == ["a~c | 2 | 1 | two items of one domain | a | 1 | 2"]
    # The other way round, and the night built upon it: what was found before is replaced.
    night.execute("UPDATE matched.candidate SET score = 1.7 - score")
    clusters.run(night)
    assert shown(night, CONFLICTS) == ["b~c | 1 | 1 | two items of one domain | a | 1 | 2"]


def test_two_that_a_reader_held_apart_stay_apart(night: Session) -> None:
    three(night)
    given(
        night,
        "matched.item",
        """
        match_no | pair_no | entity_no | identity | item_a | item_b | rule         | certain
        1        | 1       | 1         | X        | 11     | 21     | declared_key | true
        2        | 3       | 1         | Y        | 21     | 31     | declared_key | false
        """,
    )
    given(
        night, "matched.ruling", "pair_id | entity | effect | local_id_a | local_id_b\na~c | unit | kept apart | 1 | 1"
    )
    clusters.run(night)
    assert shown(night, CLUSTERS) == ["a | 1 | 2 | 1 | False | True", "b | 1 | 2 | 1 | False | True"]
    assert shown(night, CONFLICTS) == ["b~c | 1 | 1 | held apart by a reader |  | 1 | 1"]
