"""Counting matches and differences: the step alone, on drawn tables."""

from datetime import datetime

import pytest

from tests.support.builds import HEAD, TEMPLATES, UNIT, write_catalogue
from tests.support.tables import given, shown
from transforms.build import measure
from transforms.build.template import template
from transforms.catalogue import load_catalogue
from transforms.warehouse import Warehouse

DOSE = """
entity: dose
title: Dose
area: two
source: {table: DOSE, local_id: ID}
keys: [name, code]
attributes: {name: NAME, code: CODE}
"""
WATCH = HEAD + "watch: [{name: named, title: Named alike, entity: dose, attribute: name, key: code}]\n"
DOMAINS = [measure.DomainInfo("a", "A"), measure.DomainInfo("b", "B")]


@pytest.fixture
def catalogue(tmp_path):
    return load_catalogue(write_catalogue(tmp_path / "catalogue", UNIT, DOSE, head=WATCH))


@pytest.fixture
def night(tmp_path, catalogue):
    warehouse = Warehouse(tmp_path / "data", threads=1, templates=TEMPLATES)
    with warehouse.archive():
        pass
    with warehouse.night(template(catalogue)) as night:
        given(night, "catalogue.domain", "domain_no | domain | snapshot_id\n1 | a | 1\n2 | b | 2")
        given(night, "catalogue.pair", "pair_no|pair_id|domain_a|domain_b|domain_no_a|domain_no_b\n1|a~b|a|b|1|2")
        given(night, "catalogue.side", "pair_no|pair_id|side|domain_no|domain\n1|a~b|a|1|a\n1|a~b|b|2|b")
        given(night, "compared.comparable", "pair_no | entity_no | place\n1 | 1 | \n1 | 1 | 1\n1 | 1 | 2")
        yield night


def count(night, catalogue):
    return measure.run(night, catalogue, [], DOMAINS, {}, datetime(2026, 3, 1))


def test_matches_are_counted_by_type_attribute_and_key(night, catalogue):
    given(night, "matched.item", """
        match_no | pair_no | entity_no | item_a | item_b | rule         | key_name | certain | ambiguous
        1        | 1       | 1         | 11     | 21     | declared_key | name     | true    |
        2        | 1       | 1         | 12     | 22     | declared_key | code     | true    |
        3        | 1       | 1         | 13     | 23     | probable     | code     | false   |
        4        | 1       | 1         | 14     |        |              |          |         | true
        5        | 1       | 1         |        | 24     |              |          |         |
        6        | 1       | 1         |        | 25     |              |          |         |
        """)  # fmt: skip
    given(night, "compared.agreement", "match_no | agreement\n2 | 0.25\n3 | 0.5")
    given(
        night,
        "compared.difference",
        """
        pair_no | match_no | entity_no | place | difference_id | pair_id | entity | attribute
        1       | 2        | 1         | 1     | renamed       | a~b     | dose   | name
        1       | 3        | 1         | 2     | recoded       | a~b     | dose   | code
        1       | 4        | 1         |       | lone          | a~b     | dose   |
        """,
    )
    given(night, "normalised.item", "item_no | domain_no | entity_no\n11 | 1 | 1\n12 | 1 | 1\n21 | 2 | 1")

    count(night, catalogue)

    assert shown(night, "SELECT * EXCLUDE (night_id, pair_id) FROM measured.entity_count ORDER BY entity") == [
        "dose | 3 | 1 | 2 | 1 | 1 | 1 | 0 | 1.75 | 1.25 | True | ",
        "unit | 0 | 0 | 0 | 0 | 0 | 0 | 0 | 0.0 | 0.0 | False | no items on either side",
    ]
    assert shown(
        night, "SELECT attribute, key_name, equal, comparable FROM measured.attribute_agreement ORDER BY ALL"
    ) == ["code | code | 1 | 2", "code | name | 1 | 1", "name | code | 1 | 2", "name | name | 1 | 1"]
    assert shown(night, "SELECT watch, numerator, denominator, value FROM measured.watched") == ["named | 1 | 2 | 0.5"]
    assert shown(night, "SELECT domain, entity, items FROM measured.item_count ORDER BY ALL") == [
        "a | dose | 2", "a | unit | 0", "b | dose | 1", "b | unit | 0",
    ]  # fmt: skip
    figures = "SELECT level, subject, numerator, denominator FROM measured.measure WHERE metric = 'convergence' "
    assert shown(night, figures + "ORDER BY ALL") == [
        "area | one |  | ",
        "area | two | 0.2916666666666667 | 1.0",
        "entity | dose | 1.75 | 6.0",
        "entity | unit |  | ",
        "total | total | 0.875 | 3.0",
    ]


def test_a_type_that_a_domain_did_not_deliver_has_no_counts_and_its_differences_stay_open(night, catalogue):
    given(night, "compared.not_comparable", "pair_id | entity | domain\na~b | dose | b\na~b | dose | a\na~b | unit | b")
    given(night, "matched.item", "match_no | pair_no | entity_no | item_a\n1 | 1 | 2 | 11")
    given(night, "measured.difference_life", "pair_id | difference_id | entity | opened_night\na~b | old | dose | 0")
    count(night, catalogue)
    assert shown(
        night, "SELECT entity, matched, only_a, measurable, reason FROM measured.entity_count ORDER BY ALL"
    ) == [
        "dose |  |  | False | not delivered by a and b",
        "unit |  |  | False | not delivered by b",
    ]
    assert shown(night, "SELECT difference_id, closed_night FROM measured.difference_life") == ["old | "]


def test_a_difference_lives_from_the_night_it_is_first_seen_to_the_night_it_is_gone(night, catalogue):
    given(night, "compared.difference", "pair_id | difference_id | entity\na~b | stays | dose\na~b | back | dose")
    given(night, "measured.night", "night_id\n0")
    given(
        night,
        "measured.difference_life",
        """
        pair_id | difference_id | entity | opened_night | closed_night
        a~b     | stays         | dose   | 0            |
        a~b     | gone          | dose   | 0            |
        a~b     | back          | dose   | -2           | -1
        """,
    )
    count(night, catalogue)
    lives = "SELECT difference_id, opened_night, closed_night FROM measured.difference_life ORDER BY ALL"
    assert shown(night, lives) == ["back | -2 | -1", "back | 1 | ", "gone | 0 | 1", "stays | 0 | "]
    assert shown(night, "SELECT entity, opened, closed, open FROM measured.drift ORDER BY ALL") == [
        "dose | 1 | 1 | 2", "unit | 0 | 0 | 0",
    ]  # fmt: skip


def test_the_figures_of_another_method_are_computed_again_from_their_counts(night, catalogue):
    given(night, "measured.night", "night_id | method_version\n0 | 0")
    given(
        night,
        "measured.entity_count",
        """
        night_id | pair_id | entity | matched | only_a | only_b | agreement_sum | measurable
        0        | a~b     | dose   | 3       | 1      | 0      | 2             | true
        """,
    )
    given(
        night,
        "measured.measure",
        """
        night_id | pair_id | level  | subject | metric      | value | method_version
        0        | a~b     | entity | dose    | coverage    | 0.1   | 0
        0        | a~b     | entity | dose    | implemented | 0.1   | 0
        """,
    )
    count(night, catalogue)
    assert shown(
        night,
        "SELECT metric, value, method_version FROM measured.measure "
        "WHERE night_id = 0 AND level = 'entity' AND metric IN ('coverage', 'convergence', 'implemented') ORDER BY ALL",
    ) == ["convergence | 0.5 | 1", "coverage | 0.75 | 1", "implemented | 0.1 | 0"]
    assert shown(night, "SELECT night_id, method_version FROM measured.night ORDER BY ALL") == ["0 | 0", "1 | 1"]
