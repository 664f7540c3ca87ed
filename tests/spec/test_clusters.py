"""Pairwise matches of several domains as clusters: one item a domain, the weakest link gives way, and it is said."""

from __future__ import annotations

import pytest

from tests.support import readings
from tests.support.builds import house
from transforms.build.reviewed import Reviewed

UNIT = """
entity: unit
title: Unit
area: one
source: {table: UNIT, local_id: ID}
label: name
keys:
  - {on: cki, rule: vendor_identifier}
  - code
  - {on: name, certain: false}
attributes:
  cki: {column: CKI, weight: 0}
  code: {column: CODE, weight: 0}
  name: {column: NAME, compare: text}
"""


@pytest.fixture
def three(tmp_path):
    made = house(tmp_path, UNIT, domains=("a", "b", "c"))
    yield made
    made.close()


def units(*rows):
    return {"UNIT": "\n".join(["ID|CKI|CODE|NAME", *rows])}


def test_with_two_domains_every_match_is_a_cluster(tmp_path):
    h = house(tmp_path, UNIT)
    night = h.night(a=units("1|x||mg", "2|||ml", "3|||only a"), b=units("11|x||mg", "12|||ml"))
    night.shows(
        "cluster",
        """
        domain | local_id | items | links | complete | certain
        a      | 1        | 2     | 1     | yes      | yes
        b      | 11       | 2     | 1     | yes      | yes
        a      | 2        | 2     | 1     | yes      | no
        b      | 12       | 2     | 1     | yes      | no
        """,
    )
    assert night.rows("cluster_conflict", "*") == []
    h.close()


def test_an_item_is_brought_to_a_domain_by_way_of_another(three):
    # a and b share the code, b and c the name; a and c share nothing.
    night = three.night(a=units("1||MG|milligram"), b=units("11||MG|mg"), c=units("21|||mg"))
    night.shows("cluster", "domain|local_id|items|links|complete\na|1|3|2|yes\nb|11|3|2|yes\nc|21|3|2|yes")
    assert len(night.rows("cluster", "DISTINCT cluster_id")) == 1


def test_the_weakest_link_gives_way_to_what_would_be_two_items_of_one_domain(three):
    # a1 = b11 by identifier, b11 = c21 by code, but c21 = a2 by name.
    night = three.night(a=units("1|x||mg", "2|||gram"), b=units("11|x|G|mg b"), c=units("21||G|gram"))
    night.shows("cluster", "domain|local_id|items\na|1|3\nb|11|3\nc|21|3")
    night.shows(
        "cluster_conflict",
        """
        pair_id | local_id_a | local_id_b | key_name | reason                  | domain | local_id_one | local_id_other
        a~c     | 2          | 21         | name     | two items of one domain | a      | 1          | 2
        """,
    )


def test_two_that_a_reader_held_apart_are_not_brought_together_by_a_third(three):
    build = {"a": units("1||MG|milligram"), "b": units("11||MG|mg"), "c": units("21|||mg")}
    night = three.night(**build)
    one = readings.reading(three, night, "reject", "1", None, entity="unit")
    other = readings.reading(three, night, "reject", "1", "11", entity="unit")
    # About a and c; the helper reads of the first two domains.
    about = other.__class__(
        **{**other.__dict__, "domain_b": "c", "keys_a": one.keys_a, "keys_b": (("name", "mg"),), "seen_b": ""}
    )
    three.reviewed = Reviewed((about,))
    night = three.night()
    night.shows("cluster", "domain|local_id|items\na|1|2\nb|11|2")
    night.shows(
        "cluster_conflict",
        "pair_id|local_id_a|local_id_b|reason|domain\nb~c|11|21|held apart by a reader|",
    )


def test_a_cluster_keeps_its_name_when_ids_change_and_a_domain_joins(three):
    a, b = units("1|x||mg", "2|||ml"), units("11|x||mg", "12|||ml")
    before = three.night(a=a, b=b, c=units("29|||annat")).rows("cluster", "cluster_id, label")
    joined = three.night(c=units("21|x||mg", "22|||ml"))
    assert {r[0] for r in joined.rows("cluster", "cluster_id")} == {r[0] for r in before}
    renumbered = three.night(a=units("902|||ml", "901|x||mg"), c=units("721|x||mg", "722|||ml"))
    assert {r[0] for r in renumbered.rows("cluster", "cluster_id")} == {r[0] for r in before}
