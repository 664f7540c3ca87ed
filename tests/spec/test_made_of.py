"""A pair's fingerprint: the same where nothing changed, another wherever a row that the explorer shows is another."""

import pytest

from dashboards import once, rows
from tests.spec.test_decisions import LINE, PLAN, UNIT, A, B, decision, recorded
from tests.support.builds import house
from transforms.ask.made_of import made_of


@pytest.fixture
def h(tmp_path):
    made = house(tmp_path, UNIT, PLAN, LINE)
    yield made
    made.close()


def told(h, tmp_path):
    """The fingerprint of the pair in the newest night, and the explorer's files of it."""
    folder = tmp_path / f"files-{len(h._open)}"
    rows.write(h.newest, "a~b", folder)
    return made_of(h.newest)["a~b"], {p.name: p.read_bytes() for p in folder.iterdir()}


def other(build, table, was, now):
    assert was in build[table]
    return {**build, table: build[table].replace(was, now)}


def test_it_is_the_same_as_long_as_nothing_shows_and_tells_of_every_change(h, tmp_path):
    h.night(a=A, b=B)
    first = before = told(h, tmp_path)
    h.night(a=A)
    assert told(h, tmp_path) == before
    build = A
    for table, was, now in (
        ("UNIT", "1|x|1|1", "1|x|3|1"),  # a value
        ("UNIT", "3|z|1|1", "9|z|1|1"),  # the id of an item in which nothing differs
        ("LINE", "4|2|1|same", "4|2|1|sama"),  # the text of a component
        ("PLAN", "2|q|one", "2|q|two"),  # a difference that goes
    ):
        build = other(build, table, was, now)
        h.night(a=build)
        after = told(h, tmp_path)
        assert after[1] != before[1], now
        assert after[0] != before[0], now
        before = after
    recorded(h, decision("D1", "{rule: {entity: unit, attribute: size}}"))
    h.night(a=A)
    after = told(h, tmp_path)
    # As it was, but for the decision and the differences that are open anew.
    assert after[1] != first[1]
    assert after[0] not in (first[0], before[0])


def test_one_pair_changes_and_another_stays(tmp_path):
    h = house(tmp_path, UNIT, PLAN, LINE, domains=("a", "b", "c"))
    # A plan that only a has, with what belongs to it.
    h.night(a=A | {"PLAN": A["PLAN"] + "\n3|r|one", "LINE": A["LINE"] + "\n5|3|1|own\n6|3|2|own"}, b=B, c=B)
    causes = "SELECT * FROM {} WHERE pair_id = ? AND NOT expected_local ORDER BY rank"
    held = 0
    for pair in ("a~b", "a~c", "b~c"):
        with once.of_pair(h.newest, pair, once.present(h.newest), {}) as asked:
            asked.make()
            # The view in its own words on the pair's table of differences says what the view says.
            found = h.newest.execute(causes.format("temp.cause"), [pair]).fetchall()
            assert found == h.newest.execute(causes.format("published.cause"), [pair]).fetchall()
            held += len(found)
    assert held == 2
    first = made_of(h.newest)
    h.night(c=other(B, "PLAN", "2|q|two", "2|q|three"))
    second = made_of(h.newest)
    assert {pair for pair in first if first[pair] == second[pair]} == {"a~b"}
    h.close()
