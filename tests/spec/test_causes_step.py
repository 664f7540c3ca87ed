"""What explains a difference, one step back and to the end; and what settling it is worth. The tables are drawn.

A unit stands under another and has a name and a kind; an order has a line, a dose, a unit, a code and a note that
holds ids, its keys are [unit, dose] and [code]; a part, component of an order or a chart, has a name, a unit and an
amount, its key is [unit]; a chart's key is what its parts refer to.
"""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import pytest

from tests.support.tables import given, layers, shown
from transforms.build import causes
from transforms.warehouse import Night

CATALOGUE = {
    "catalogue.pair": "pair_no | pair_id\n1 | a~b",
    "catalogue.entity": """
        entity_no | entity | role      | component | scored | weight | depth | label_place
        1         | unit   | item      | false     | false  | 1      | 0     | 1
        2         | order  | item      | false     | false  | 1      | 0     | 1
        3         | part   | component | true      | true   | 2      | 1     | 1
        4         | chart  | item      | false     | false  | 1      | 0     | 1
        """,
    "catalogue.attribute": """
        entity_no | place | attribute | kind      | has_ids
        1         | 0     | parent    | reference | false
        1         | 1     | name      | text      | false
        1         | 2     | kind      | reference | false
        2         | 1     | line      | text      | false
        2         | 2     | dose      | number    | false
        2         | 3     | unit      | reference | false
        2         | 4     | code      | exact     | false
        2         | 5     | note      | long      | true
        3         | 0     | parent    | reference | false
        3         | 1     | what      | text      | false
        3         | 2     | unit      | reference | false
        3         | 3     | amount    | number    | false
        4         | 1     | name      | text      | false
        """,
    "catalogue.key": """
        entity_no | key_no | needed | choice
        2         | 1      | 2      | false
        2         | 2      | 1      | false
        3         | 1      | 1      | false
        4         | 1      | 1      | false
        """,
    "catalogue.key_part": """
        entity_no | key_no | part_no | place | is_needed
        2         | 1      | 1       | 3     | true
        2         | 1      | 2       | 2     | true
        2         | 2      | 1       | 4     | true
        3         | 1      | 1       | 2     | true
        4         | 1      | 1       | 1000  | true
        """,
    "catalogue.signature": "entity_no | place | child_no | part_no | child_place\n4 | 1000 | 3 | 1 | 2",
    # A part follows the unit that stands under its order's unit and is of the part's unit's kind.
    "catalogue.follow": """
        entity_no | name  | follow_no | followed_no | their_place | our_place | of_parent | needed
        3         | place | 1         | 1           | 0           | 3         | true      | 2
        3         | place | 1         | 1           | 2           | 2         | false     | 2
        """,
}
# The rest of every row follows from what is drawn.
COMPLETE = """
UPDATE matched.item SET pair_no = 1;
UPDATE compared.agreement k SET pair_no = 1, entity_no = m.entity_no FROM matched.item m WHERE m.match_no = k.match_no;
INSERT INTO matched.side
SELECT 1, item_no, match_no, rule IS NOT NULL
FROM (SELECT match_no, rule, unnest([item_a, item_b]) AS item_no FROM matched.item) WHERE item_no IS NOT NULL;
UPDATE normalised.reference r SET
    state = 'leads', written = coalesce(r.written, r.target_no::VARCHAR), entity_no = i.entity_no,
    target_entity_no = t.entity_no
FROM matched.item i, matched.item t
WHERE r.item_no IN (i.item_a, i.item_b) AND r.target_no IN (t.item_a, t.item_b);
UPDATE compared.difference d SET
    pair_no = 1, pair_id = 'a~b', entity_no = m.entity_no, entity = e.entity, identity = m.identity,
    place = (SELECT a.place FROM catalogue.attribute a WHERE a.entity_no = m.entity_no AND a.attribute = d.attribute),
    difference_id = md5(concat_ws(chr(31), 'a~b', e.entity, m.identity, coalesce(d.attribute, '')))
FROM matched.item m JOIN catalogue.entity e USING (entity_no) WHERE d.match_no = m.match_no;
"""
CAUSES = """
SELECT concat_ws(' ', d.identity, d.attribute), concat_ws(' ', c.identity, c.attribute), t.steps
FROM compared.difference_cause t
JOIN compared.difference d USING (difference_id)
JOIN compared.difference c ON c.difference_id = t.cause_id
ORDER BY ALL
"""


@pytest.fixture
def night() -> Iterator[Night]:
    """A night of one pair with the catalogue above, and nothing in it."""
    with duckdb.connect() as con:
        made = Night(con, 1, False)
        layers(made)
        for table, drawn in CATALOGUE.items():
            given(made, table, drawn)
        yield made


def explained(night: Night) -> list[str]:
    """What differs, its cause, the steps between them."""
    night.execute(COMPLETE)
    causes.run(night, None, ())
    return shown(night, CAUSES)


def test_a_missing_target_explains_over_many_steps(night: Night) -> None:
    given(night, "matched.item", """
        match_no | entity_no | identity | item_a | item_b | rule
        1        | 1         | puff     | 1      |        |
        2        | 2         | order    | 2      |        |
        3        | 3         | rest     | 3      |        |
        4        | 3         | wash     | 4      | 14     | key
        5        | 1         | mg       | 5      | 15     | key
        """)  # fmt: skip
    given(night, "normalised.reference", """
        item_no | place | target_no
        2       | 3     | 1
        3       | 0     | 2
        3       | 2     | 1
        4       | 2     | 1
        14      | 2     | 15
        """)  # fmt: skip
    given(night, "normalised.cell", "item_no | place | value\n2 | 2 | 5")
    given(night, "compared.difference", """
        match_no | kind    | attribute
        1        | only_a  |
        2        | only_a  |
        3        | only_a  |
        4        | changed | unit
        """)  # fmt: skip
    assert explained(night) == ["order | puff | 1", "puff | puff | 0", "rest | puff | 2", "wash unit | puff | 1"]
    # A night that began as a copy of this one comes out the same.
    causes.run(night, None, ())
    assert len(shown(night, CAUSES)) == 4


@pytest.mark.parametrize(
    ("cells", "cause"),
    [("1 | 2 | 5", "puff | 1"), ("1 | 2 | 5\n1 | 4 | C9", "order | 0"), ("", "order | 0")],
    ids=["its only key leads to it", "another key could have found one", "no key has a value"],
)
def test_an_item_is_missing_in_its_own_right_unless_every_key_is_blocked(night: Night, cells: str, cause: str) -> None:
    given(night, "matched.item", """
        match_no | entity_no | identity | item_a | item_b
        1        | 2         | order    |        | 1
        2        | 1         | puff     |        | 2
        """)  # fmt: skip
    given(night, "normalised.reference", "item_no | place | target_no\n1 | 3 | 2")
    given(night, "normalised.cell", f"item_no | place | value\n{cells}")
    given(night, "compared.difference", "match_no | kind\n1 | only_b\n2 | only_b")
    assert explained(night) == [f"order | {cause}", "puff | puff | 0"]


def test_a_key_of_what_components_say_leads_to_what_they_refer_to(night: Night) -> None:
    given(night, "matched.item", """
        match_no | entity_no | identity | item_a | item_b | rule
        1        | 4         | chart    | 1      |        |
        2        | 3         | first    | 2      | 12     | key
        3        | 3         | second   | 3      | 13     | key
        4        | 1         | puff     | 4      |        |
        5        | 1         | mg       | 5      | 15     | key
        """)  # fmt: skip
    given(night, "normalised.reference", """
        item_no | place | target_no
        2       | 0     | 1
        2       | 2     | 4
        3       | 0     | 1
        3       | 2     | 5
        """)  # fmt: skip
    given(night, "compared.difference", "match_no | kind\n1 | only_a\n4 | only_a")
    assert explained(night) == ["chart | puff | 1", "puff | puff | 0"]


def test_an_item_follows_another_of_its_own_domain_without_a_reference(night: Night) -> None:
    given(night, "matched.item", """
        match_no | entity_no | identity   | item_a | item_b | rule
        1        | 1         | mg         | 1      | 11     | key
        2        | 1         | g          | 2      | 12     | key
        3        | 2         | order      | 3      | 13     | key
        4        | 3         | part       | 4      |        |
        5        | 1         | followed   | 5      |        |
        6        | 1         | other kind | 6      |        |
        7        | 1         | elsewhere  |        | 17     |
        8        | 1         | no kind    | 8      |        |
        9        | 3         | no unit    | 9      |        |
        """)  # fmt: skip
    given(night, "normalised.reference", """
        item_no | place | target_no
        3       | 3     | 1
        4       | 0     | 3
        4       | 2     | 2
        5       | 0     | 1
        5       | 2     | 2
        6       | 0     | 1
        6       | 2     | 1
        8       | 0     | 1
        9       | 0     | 3
        17      | 0     | 11
        17      | 2     | 12
        """)  # fmt: skip
    # The same ids in b mean something else.
    night.execute("UPDATE normalised.reference SET written = target_no % 10")
    given(
        night,
        "compared.difference",
        "match_no | kind\n4 | only_a\n5 | only_a\n6 | only_a\n7 | only_b\n8 | only_a\n9 | only_a",
    )
    assert [row for row in explained(night) if row.startswith(("part", "no unit"))] == [
        "no unit | no unit | 0",
        "part | followed | 1",
    ]


def test_a_circle_has_one_cause_and_what_hangs_on_it_too(night: Night) -> None:
    given(night, "matched.item", """
        match_no | entity_no | identity | item_a
        1        | 1         | x        | 1
        2        | 1         | y        | 2
        3        | 1         | z        | 3
        4        | 1         | hang     | 4
        5        | 1         | free     | 5
        6        | 1         | out      | 6
        """)  # fmt: skip
    # x → y → z → x, hang → x; out → free.
    given(night, "normalised.reference", """
        item_no | place | target_no
        1       | 0     | 2
        2       | 0     | 3
        3       | 0     | 1
        4       | 0     | 1
        6       | 0     | 5
        """)  # fmt: skip
    given(night, "compared.difference", "match_no | kind\n" + "\n".join(f"{n} | only_a" for n in range(1, 7)))
    found = {row.split(" | ")[0]: row.split(" | ")[1:] for row in explained(night)}
    [[cause, _]] = [row for name, row in found.items() if row[1] == "0" and name in "xyz"]
    least = night.value("SELECT identity FROM compared.difference WHERE identity IN ('x', 'y', 'z') "
                        "ORDER BY difference_id LIMIT 1")  # fmt: skip
    assert cause == least
    assert {found[name][0] for name in ("x", "y", "z", "hang")} == {cause}
    assert sorted(found[name][1] for name in "xyz") == ["0", "1", "2"]
    assert found["free"] == ["free", "0"] and found["out"] == ["free", "1"]


def test_every_circle_that_leads_to_no_other_has_a_cause_and_one_with_a_way_out_has_none(night: Night) -> None:
    given(night, "compared.difference", "difference_id | pair_id\n" + "\n".join(f"{n} | a~b" for n in "abcdefgr"))
    # a ↔ b leads to both c ↔ d and e ↔ f. g leads to itself, to what is no difference, and to r, which is direct.
    given(night, "compared.link", """
        difference_id | on_id
        a             | b
        b             | a
        a             | d
        b             | e
        c             | d
        d             | c
        e             | f
        f             | e
        g             | g
        g             | r
        g             | nothing
        """)  # fmt: skip
    night.execute(causes.TRACE)
    assert shown(night, "SELECT difference_id, cause_id, steps FROM compared.difference_cause ORDER BY ALL") == [
        "a | c | 2", "a | e | 2", "b | c | 3", "b | e | 1", "c | c | 0", "d | c | 1", "e | e | 0", "f | e | 1",
        "g | r | 1", "r | r | 0",
    ]  # fmt: skip


def test_a_text_follows_from_what_is_written_in_it_where_that_accounts_for_all_of_it(night: Night) -> None:
    given(night, "matched.item", """
        match_no | entity_no | identity | item_a | item_b | rule
        1        | 1         | mcg      | 1      | 11     | key
        2        | 2         | proved   | 2      | 12     | key
        3        | 2         | more     | 3      | 13     | key
        4        | 2         | dosed    | 4      | 14     | key
        5        | 3         | wash     | 5      | 15     | key
        6        | 2         | no label | 6      | 16     | key
        7        | 2         | no link  | 7      | 17     | key
        """)  # fmt: skip
    given(night, "normalised.reference", """
        item_no | place | target_no
        2       | 3     | 1
        3       | 3     | 1
        4       | 3     | 1
        5       | 0     | 2
        6       | 3     | 1
        """)  # fmt: skip
    given(night, "compared.difference", """
        match_no | kind    | attribute | value_a                         | value_b
        1        | changed | name      | mikrogram                       | mcg
        1        | changed | kind      | mass                            | vikt
        2        | changed | line      | 1 mikrogram, 1 gång/h, 0,5 ml   | 1 mcg, 1 gång/h, 5 ml
        3        | changed | line      | 1 mikrogram                     | 2 mcg
        4        | changed | line      | 2 mikrogram, 2 gånger           | 3 mcg, 2 gånger
        4        | changed | dose      | 2                               | 3
        5        | changed | amount    | 0.5                             | 5
        6        | changed | line      | mass                            | vikt
        7        | changed | line      | mikrogram                       | mcg
        """)  # fmt: skip
    assert [row for row in explained(night) if " line " in row] == [
        "dosed line | dosed dose | 1",
        "dosed line | mcg name | 1",
        "more line | more line | 0",
        "no label line | no label line | 0",
        "no link line | no link line | 0",
        "proved line | mcg name | 1",
        "proved line | wash amount | 1",
    ]


@pytest.mark.parametrize(
    ("text_b", "target_b", "cause"),
    [("see <unit {g}> twice", "3", "puff"), ("see <unit {g}> thrice", "3", None), ("see <unit {g}> twice", "2", None)],
    ids=["only the id differs", "the words differ too", "both ids have counterparts"],
)
def test_a_text_that_holds_ids_follows_from_what_they_lead_to(
    night: Night, text_b: str, target_b: str, cause: str | None
) -> None:
    given(night, "matched.item", """
        match_no | entity_no | identity | item_a | item_b | rule
        1        | 1         | puff     | 1      |        |
        2        | 1         | mg       | 2      | 12     | key
        3        | 1         | ml       | 3      | 13     | key
        4        | 2         | order    | 4      | 14     | key
        """)  # fmt: skip
    given(night, "normalised.cell", "item_no | place | value\n4 | 5 | see 1 twice\n14 | 5 | see 12 twice")
    target_a = "1" if target_b == "3" else "3"
    given(night, "matched.embedded", f"""
        pair_no | item_no | place | text
        1       | 4       | 5     | see <unit {"f" * 32}> twice
        1       | 14      | 5     | {text_b.format(g="e" * 32)}
        """)  # fmt: skip
    given(night, "matched.embedded_id", f"""
        pair_no | item_no | place | nth | target_match_no
        1       | 4       | 5     | 1   | {target_a}
        1       | 14      | 5     | 1   | {target_b}
        """)  # fmt: skip
    given(night, "compared.difference", "match_no | kind | attribute\n1 | only_a |\n4 | changed | note")
    assert explained(night)[0] == (f"order note | {cause} | 1" if cause else "order note | order note | 0")


def test_a_component_is_worth_its_part_of_its_owners_share(night: Night) -> None:
    given(night, "matched.item", """
        match_no | entity_no | identity | item_a | item_b | rule
        1        | 2         | order    | 1      | 11     | key
        2        | 3         | wash     | 2      | 12     | key
        3        | 3         | rest     | 3      |        |
        4        | 3         | moved    | 4      | 14     | key
        5        | 2         | lone     |        | 15     |
        """)  # fmt: skip
    given(night, "normalised.reference", """
        item_no | place | target_no
        2       | 0     | 1
        12      | 0     | 11
        3       | 0     | 1
        4       | 0     | 1
        14      | 0     | 15
        """)  # fmt: skip
    given(night, "compared.difference", """
        match_no | kind    | attribute | weight
        1        | changed | dose      | 1
        2        | changed | amount    | 3
        3        | only_a  |           |
        4        | moved   | parent    | 1
        5        | only_b  |           |
        """)  # fmt: skip
    # An order weighs 4 itself and 2 by its parts; a part 4. Four parts stand under the order on both sides together.
    given(night, "compared.agreement", """
        match_no | own_weight | child_weight | agreement
        1        | 4          | 2            | 0.5
        2        | 4          | 0            | 0.25
        4        | 4          | 0            | 0.75
        """)  # fmt: skip
    given(night, "compared.fold", "match_no | component_no | number\n1 | 3 | 4\n5 | 3 | 1")
    given(night, "measured.entity_count", """
        night_id | pair_id | entity | matched | only_a | only_b | measurable
        1        | a~b     | order  | 2       | 0      | 0      | true
        1        | a~b     | unit   | 1       | 0      | 0      | true
        """)  # fmt: skip
    given(night, "measured.entity_type", """
        entity | area | role      | weight | expected_local
        order  | one  | item      | 1      | false
        unit   | two  | item      | 1      | false
        part   | one  | component | 2      | false
        """)  # fmt: skip
    given(night, "measured.area", "area | weight\none | 3\ntwo | 1")
    night.execute(COMPLETE)
    causes.run(night, None, ())
    found = dict(
        night.rows("SELECT identity, worth FROM compared.worth JOIN compared.difference USING (difference_id)")
    )
    # The area has three quarters of the total, an order half of the area; a part's share is a quarter of 2 of 6 a side.
    share = 3 / 4 / 2
    part = share * 2 / (4 * 6)
    wanted = {"order": share / 6, "wash": 2 * part * 3 / 4, "rest": part, "moved": part * (0.75 + 1 / 4), "lone": share}
    assert found == pytest.approx(wanted)
