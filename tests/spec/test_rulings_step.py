"""What people ruled about items is found by what the items are called, whatever their ids and pair."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import duckdb
import pytest

from tests.support.tables import given, layers, shown
from transforms.build import content, rulings
from transforms.build.reviewed import Policy, Reading, Reviewed
from transforms.warehouse import Session

AT = datetime(2026, 3, 1)


def md5(text: str) -> str:
    return hashlib.md5(text.encode()).hexdigest()


@pytest.fixture
def night() -> Iterator[Session]:
    """Three domains with a unit and drugs: drug is keyed by cki, by name and unit, and by what its parts say."""
    con = Session(duckdb.connect())
    layers(con)
    given(con, "catalogue.domain", "domain_no | domain\n1 | n\n2 | s\n3 | w")
    given(con, "catalogue.pair", """
        pair_no | pair_id | domain_a | domain_b | domain_no_a | domain_no_b
        1       | n~s     | n        | s        | 1           | 2
        2       | n~w     | n        | w        | 1           | 3
        """)  # fmt: skip
    given(
        con,
        "catalogue.side",
        """
        pair_no | side | domain_no
        1       | a    | 1
        1       | b    | 2
        2       | a    | 1
        2       | b    | 3
        """,
    )
    given(con, "catalogue.entity", "entity_no | entity\n1 | unit\n2 | drug\n3 | part")
    given(
        con,
        "catalogue.attribute",
        """
        entity_no | place | attribute | is_reference
        1         | 1     | name      | false
        2         | 1     | cki       | false
        2         | 2     | name      | false
        2         | 3     | unit      | true
        3         | 0     | parent    | true
        3         | 1     | text      | false
        """,
    )
    given(
        con,
        "catalogue.target",
        """
        entity_no | place | target_no | by_place
        2         | 3     | 1         | -1
        3         | 0     | 2         | -1
        """,
    )
    given(
        con,
        "catalogue.key",
        """
        entity_no | key_no | key_name  | fold_case | needed | choice
        1         | 1      | name      | false     | 1      | false
        2         | 1      | cki       | false     | 1      | false
        2         | 2      | name+unit | true      | 2      | false
        2         | 3      | says      | false     | 1      | false
        """,
    )
    given(
        con,
        "catalogue.key_part",
        """
        entity_no | key_no | part_no | place | is_needed
        1         | 1      | 1       | 1     | true
        2         | 1      | 1       | 1     | true
        2         | 2      | 1       | 2     | true
        2         | 2      | 2       | 3     | true
        2         | 3      | 1       | 1000  | true
        """,
    )
    given(
        con,
        "catalogue.signature",
        """
        entity_no | place | name | child_no | part_no | child_place
        2         | 1000  | says | 3        | 1       | 1
        """,
    )
    # Domain n: two drugs; s: the same two and one more of the same name; w: one.
    given(
        con,
        "normalised.item",
        """
        item_no | domain_no | entity_no | local_id | label
        1       | 1         | 1         | 91       | mg
        2       | 2         | 1         | 92       | mg
        11      | 1         | 2         | 1        | Alvedon
        12      | 1         | 2         | 2        | Ipren
        21      | 2         | 2         | 7        | Alvedon
        22      | 2         | 2         | 8        | Ipren
        23      | 2         | 2         | 9        | Ipren
        31      | 3         | 2         | 5        | Alvedon
        41      | 1         | 3         | 1        | daily
        42      | 2         | 3         | 1        | daily
        """,
    )
    given(
        con,
        "normalised.cell",
        """
        item_no | entity_no | place | value
        1       | 1         | 1     | mg
        2       | 1         | 1     | mg
        11      | 2         | 1     | C!1
        11      | 2         | 2     | Alvedon
        12      | 2         | 2     | Ipren
        21      | 2         | 1     | C!7
        21      | 2         | 2     | Alvedon
        22      | 2         | 2     | Ipren
        23      | 2         | 2     | Ipren
        31      | 2         | 1     | C!1
        41      | 3         | 1     | daily
        42      | 3         | 1     | daily
        """,
    )
    given(
        con,
        "normalised.reference",
        """
        item_no | entity_no | place | written | state   | target_entity_no | target_no
        11      | 2         | 3     | 91      | leads   | 1                | 1
        12      | 2         | 3     | 91      | leads   | 1                | 1
        21      | 2         | 3     | 92      | leads   | 1                | 2
        22      | 2         | 3     | 92      | leads   | 1                | 2
        23      | 2         | 3     | 90      | nowhere | 1                |
        41      | 3         | 0     | 1       | leads   | 2                | 11
        42      | 3         | 0     | 7       | leads   | 2                | 21
        """,
    )
    yield con
    con.con.close()


def _reading(a: str, b: str, ruling: str = "equal", to: str = "s", **more: Any) -> Reading:
    """By cki (C!…) or by name and unit."""

    def keys(text: str) -> tuple[tuple[str, str], ...]:
        return (("cki" if "!" in text else "name+unit", text),) if text else ()

    return Reading("drug", ruling, "n", to, keys(a), keys(b), more.pop("reader", "anna"), AT, **more)


def test_an_item_is_called_by_every_key_that_it_has(night: Session) -> None:
    content.prepare(night, ["drug"])
    says = md5("daily")
    assert shown(night, "SELECT key_name, text, items FROM content_key WHERE item_no = 11 ORDER BY key_no") == [
        "cki | C!1 | 1",
        "name+unit | ALVEDON · MG | 1",
        f"says | {says[:12]} | 1",
        f"(content) | {md5(chr(31).join(('C!1', 'Alvedon', 'mg', says)))[:16]} | 1",
    ]
    # Its unit is nowhere and it has no parts: only all that it says tells it apart.
    assert shown(night, "SELECT key_name FROM content_key WHERE item_no = 23") == ["(content)"]
    names = content.names(night, "drug", [("n", "1"), ("s", "9")])
    assert [key for key, _ in names["n", "1"].keys] == ["cki", "name+unit", "says"]
    assert [key for key, _ in names["s", "9"].keys] == ["(content)"]


def test_a_ruling_finds_its_items_in_each_pair(night: Session) -> None:
    rulings.prepare(night, Reviewed((_reading("C!1", "ALVEDON · MG"), _reading("C!1", "C!1", "close", to="w"))))
    assert shown(night, "FROM ruled ORDER BY ALL") == [
        "1 | 11 | 21 | cki=C!1 = name+unit=ALVEDON · MG | True",
        "2 | 11 | 31 | cki=C!1 = cki=C!1 | False",
    ]
    assert shown(night, "SELECT pair_id, entity, local_id_a, local_id_b, effect FROM matched.ruling ORDER BY ALL") == [
        "n~s | drug | 1 | 7 | match",
        "n~w | drug | 1 | 5 | match",
    ]


def test_what_is_kept_apart_and_what_has_no_counterpart(night: Session) -> None:
    rulings.prepare(night, Reviewed((_reading("C!1", "C!7", "reject"), _reading("IPREN · MG", "", "no_counterpart"))))
    assert shown(night, "FROM apart") == ["1 | 11 | 21"]
    assert shown(night, "FROM alone") == ["1 | 12"]
    assert shown(night, "FROM ruled") == []


def test_a_match_of_what_was_ruled_to_have_no_counterpart_is_told(night: Session) -> None:
    alone = (_reading("C!1", "", "no_counterpart"), _reading("IPREN · MG", "", "no_counterpart"))
    rulings.prepare(night, Reviewed(alone))
    given(night, "matched.side", "pair_no | item_no | is_paired\n1 | 11 | true\n1 | 12 | false\n2 | 12 | true")
    rulings.close(night)
    assert shown(night, "SELECT local_id_a, problem, effect FROM matched.ruling ORDER BY ALL") == [
        "1 | contradicted | none",
        "2 |  | not proposed",
    ]
    assert shown(night, "SELECT table_name FROM duckdb_tables() WHERE temporary") == []


@pytest.mark.parametrize(
    ("readings", "readers", "problem"),
    [
        ((_reading("C!1", "C!8"),), 1, ["lost"]),
        ((_reading("C!1", "C!7", seen_a="another"),), 1, ["moved"]),
        ((_reading("C!1", "C!7"), _reading("C!1", "C!7", "reject", reader="bo")), 1, ["conflict"]),
        ((_reading("C!1", "C!7"),), 2, ["waiting"]),
        ((_reading("C!1", "C!7"), _reading("C!1", "IPREN · MG")), 1, ["crossed", "crossed"]),
        # The same answer the other way round is one reader's, not another's.
        ((_reading("C!1", "C!7"), Reading("drug", "equal", "s", "n", (("cki", "C!7"),), (("cki", "C!1"),), "anna", AT)),
         2, ["waiting"]),
    ],
)  # fmt: skip
def test_a_ruling_that_is_not_sound_matches_nothing(
    night: Session, readings: tuple[Reading, ...], readers: int, problem: list[str]
) -> None:
    rulings.prepare(night, Reviewed(readings, Policy(readers=readers)))
    assert shown(night, "SELECT problem FROM matched.ruling") == problem
    assert shown(night, "FROM ruled") == []


def test_a_night_without_rulings_forgets_those_of_the_night_before(night: Session) -> None:
    rulings.prepare(night, Reviewed((_reading("C!1", "C!7"),)))
    rulings.prepare(night, Reviewed())
    for table in ("matched.ruling", "ruled", "apart", "alone"):
        assert shown(night, f"FROM {table}") == []
    assert shown(night, "SELECT table_name FROM duckdb_tables() WHERE temporary ORDER BY 1") == [
        "alone",
        "apart",
        "ruled",
    ]
