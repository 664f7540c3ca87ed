"""What a night takes over from the one before, and when it does not."""

import os

import pytest

from tests.spec.test_nights import FORM, UNIT, unit
from tests.support.builds import house
from transforms.build.template import built_under
from transforms.catalogue import load_catalogue
from transforms.words.errors import WarehouseError

SET = """
entity: size
title: Size
area: one
source: {table: SIZE, local_id: ID, live: {END_DT: {after: snapshot}}}
keys: [name]
attributes: {name: {column: NAME, weight: 0}, note: NOTE}
"""
PART = """
entity: part
title: Part
area: one
source: {table: PART, local_id: ID}
keys: [name]
attributes: {name: {column: NAME, weight: 0}, size: {column: SIZE_ID, references: size}}
"""


def anew(night):
    """(step, entity type, subject) of what the night made itself."""
    return set(night.rows("measured.part", "step, entity, subject", f"night_id = {night.number}"))


def sizes(*rows):
    return {"SIZE": "\n".join(["ID|NAME|END_DT|NOTE", *rows])}


@pytest.fixture
def parts(tmp_path):
    """Two sizes of which the parts use the first; the second is live until the 6th of March 2026."""
    h = house(tmp_path, SET, PART)
    build = {**sizes("1|big|2100-12-31|n", "2|small|2026-03-06|n"), "PART": "ID|NAME|SIZE_ID\n1|p|1\n2|q|1"}
    yield h, build, h.night(a=build, b=build)
    h.close()


def test_a_night_with_nothing_new_makes_nothing_anew(parts):
    h, build, first = parts
    assert anew(first) >= {("normalise", "part", "a"), ("match", "part", "a~b"), ("compare", "part", "a~b")}
    assert anew(h.night(a=build)) == set()


def test_a_file_that_changed_is_read_again_and_what_is_not_led_to_it_stays(parts):
    h, build, _ = parts
    second = h.night(a={**build, **sizes("1|big|2100-12-31|n", "2|small|2026-03-06|other")})
    made = anew(second)
    assert {entity for _, entity, _ in made if entity} == {"size"}
    assert ("normalise", "size", "b") not in made
    second.shows("difference", "entity|label|value_a\nsize|small|other")
    # Now the size that the parts are of.
    third = h.night(a={**build, **sizes("1|large|2100-12-31|n", "2|small|2026-03-06|n")})
    assert ("compare", "part", "a~b") in anew(third)
    assert ("normalise", "part", "a") not in anew(third)
    third.shows("difference", "entity|label|kind\nsize|big|only_b\nsize|large|only_a\npart|p|changed\npart|q|changed")


def test_rows_in_another_order_are_the_same_rows(parts):
    h, build, _ = parts
    made = anew(h.night(a={**build, "PART": "ID|NAME|SIZE_ID\n2|q|1\n1|p|1"}))
    assert made == {("normalise", "part", "a")}


def test_the_same_file_gives_other_items_when_their_time_has_come(parts):
    h, build, first = parts
    assert first.rows("normalised.size", "local_id", "domain = 'a'") == [("1",), ("2",)]
    for _ in (4, 5):  # days of March on which it is delivered
        assert anew(h.night(a=build)) == set()
    sixth = h.night(a=build)
    assert ("normalise", "size", "a") in anew(sixth)
    assert sixth.rows("normalised.size", "local_id", "domain = 'a'") == [("1",)]
    sixth.shows("difference", "label|kind\nsmall|only_b")


def test_another_catalogue_begins_from_nothing_and_keeps_the_history(tmp_path):
    h = house(tmp_path, UNIT, FORM)
    h.night(a=unit("1|x|1|1"), b=unit("1|x|2|1"))
    (tmp_path / "catalogue" / "form.yaml").unlink()
    h.catalogue = load_catalogue(tmp_path / "catalogue")
    second = h.night()
    assert ("normalise", "unit", "a") in anew(second)
    assert second.rows("duckdb_tables()", "schema_name", "table_name = 'form'") == []
    second.shows("difference_history", "label|attribute|opened_night|closed_night\nx|size|1|")
    h.close()


def test_what_a_night_is_built_under_is_the_catalogue_and_the_domains_in_their_order(tmp_path):
    one = house(tmp_path / "one", UNIT).catalogue
    other = house(tmp_path / "other", UNIT.replace("weight: 3", "weight: 4")).catalogue
    found = {built_under(one, "ab"), built_under(other, "ab"), built_under(one, "ba"), built_under(one, "abc")}
    assert len(found) == 4
    assert built_under(one, "ab") in found


@pytest.mark.parametrize("step", ["while it is built", "while the one before is copied"])
def test_a_night_that_fails_leaves_the_one_it_was_copied_from_as_it_was(tmp_path, monkeypatch, step):
    h = house(tmp_path, UNIT)
    first = h.night(a=unit("1|x|1|1"), b=unit("1|x|2|1"))
    published = h.warehouse.published.resolve().read_bytes()
    h.land("a", unit("1|x|3|1", "2|y|1|1"))
    if step == "while it is built":
        with pytest.raises(ZeroDivisionError), h.building():
            raise ZeroDivisionError
    else:

        def no_room(source, target):
            target.write_bytes(b"half")
            raise OSError(28, os.strerror(28))

        with monkeypatch.context() as patched, pytest.raises(WarehouseError, match="^no room left"):
            patched.setattr("shutil.copyfile", no_room)
            h.night()
    assert h.warehouse.published.resolve().read_bytes() == published
    assert [p.name for p in (tmp_path / "data" / "nights").iterdir()] == ["likare-000001.duckdb"]
    assert first.rows("difference", "label") == [("x",)]
    h.night().shows("difference", "label|value_a\nx|3\ny|")
    h.close()
