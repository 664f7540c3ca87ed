"""Three and four domains together: majority, outlier, split, and how far all agree."""

from __future__ import annotations

import contextlib
import json

import pytest

from flows import cli
from tests.support.builds import Answer, house
from transforms.warehouse import open_published

THING = """
entity: thing
title: Thing
area: one
source: {table: THING, local_id: ID}
keys: [name]
label: name
attributes:
  name: {column: NAME, compare: text, weight: 1}
  dose: {column: DOSE, compare: number, weight: 3}
  like: {column: LIKE_ID, references: thing, weight: 2}
"""
PART = """
entity: part
title: Part
area: one
role: component
weight: 2
source: {table: PART, local_id: ID}
parent: {entity: thing, column: THING_ID, weight: 1}
keys: [[parent, name]]
attributes:
  name: {column: NAME}
  size: {column: SIZE, compare: number}
"""


def build(*things, parts=("1|1|p|1",)):
    return {
        "THING": "\n".join(["ID|NAME|DOSE|LIKE_ID", *things]),
        "PART": "\n".join(["ID|THING_ID|NAME|SIZE", *parts]),
    }


# Thing 1 has a part in each build.
SAME = ("1|A|1|0", "2|B|1|1")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("four")


@pytest.fixture(scope="module")
def four(folder):
    made = house(folder, THING, PART, domains=("a", "b", "c", "v"))
    number = made.night(
        a=build(*SAME, "3|C|1|0", "4|D|1|0", "5|E|1|0", "6|F|1|0"),
        b=build(*SAME, "3|C|2|0", "4|D|2|0", "5|E|2|0", "6|F|1|1"),
        c=build(*SAME, "3|C|2|0", "4|D|2|0", "5|E|3|0", "6|F|1|2"),
        v=build(*SAME, "3|C|2.0|0", "4|D|1|0", "6|F|1|1"),
    ).number
    made.close()
    # Opened as the commands open it: one process cannot have it in two ways.
    with contextlib.closing(open_published(folder / "data")) as con:
        yield Answer(con, number)


def test_the_majority_and_who_stands_alone(four):
    four.shows(
        "standing",
        """
        label | attribute | domain | value | same | of | state    | majority_value
        C     | dose      | a      | 1     | 1    | 4  | outlier  | 2
        C     | dose      | b      | 2     | 3    | 4  | majority | 2
        C     | dose      | c      | 2     | 3    | 4  | majority | 2
        C     | dose      | v      | 2     | 3    | 4  | majority | 2
        D     | dose      | a      | 1     | 2    | 4  | split    |
        D     | dose      | b      | 2     | 2    | 4  | split    |
        D     | dose      | c      | 2     | 2    | 4  | split    |
        D     | dose      | v      | 1     | 2    | 4  | split    |
        E     | dose      | a      | 1     | 1    | 3  | split    |
        E     | dose      | b      | 2     | 1    | 3  | split    |
        E     | dose      | c      | 3     | 1    | 3  | split    |
        """,
        "attribute = 'dose'",
    )
    # By what it leads to: b and v say thing A, c thing B, a nothing.
    four.shows("standing", "domain|value|same|state\na||1|split\nb|A|2|split\nc|B|1|split\nv|A|2|split", "label = 'F'")
    # E is not in v: the others have it.
    four.shows(
        "standing",
        "domain|has|same|state\na|yes|3|majority\nb|yes|3|majority\nc|yes|3|majority\nv|no|1|outlier",
        "label = 'E' AND attribute IS NULL",
    )


def test_how_far_all_agree(four):
    def figure(metric, subject="thing"):
        [(value,)] = four.rows("together", "value", f"metric = '{metric}' AND subject = '{subject}'")
        return value

    # A (with its part) and B agree in all; C and D but for the dose (3 of 6), F but for what it is like (2 of 6).
    whole = 1 + 1 + 0.5 + 0.5 + 4 / 6
    assert figure("coverage") == pytest.approx(5 / 6)
    assert (
        figure("convergence") == pytest.approx(whole / 6) == figure("convergence_lower") == figure("convergence_upper")
    )
    assert figure("agreement") == pytest.approx(whole / 5)
    assert figure("strict") == pytest.approx(2 / 6)
    assert figure("convergence", "total") == figure("convergence")
    pairwise = [v for (v,) in four.rows("measure", "value", "subject = 'thing' AND metric = 'convergence'")]
    assert len(pairwise) == 6 and max(pairwise) >= figure("convergence")


def test_who_moved_away_from_a_domain(four):
    four.shows(
        "moved",
        """
        label | kind    | attribute | who   | outcome  | base_a | value_a | value_b
        C     | changed | dose      | a     | further  | 2      | 1       | 2
        D     | changed | dose      | b     | further  | 1      | 1       | 2
        E     | added   |           | alike | together |        |         |
        F     | changed | like      | a     | further  | A      |         | A
        """,
        "baseline = 'domain' AND baseline_name = 'v' AND pair_id = 'a~b'",
    )
    four.shows(
        "moved",
        """
        label | kind    | attribute | who   | outcome  | base_a | value_a | value_b
        D     | changed | dose      | alike | together | 1      | 2       | 2
        E     | added   |           | alike | together |        |         |
        F     | changed | like      | b     | further  | A      | A       | B
        """,
        "baseline = 'domain' AND baseline_name = 'v' AND pair_id = 'b~c'",
    )
    open_now = "difference_id IN (SELECT difference_id FROM difference)"
    assert four.rows("moved", f"DISTINCT (outcome = 'further') = coalesce({open_now}, false)") == [(True,)]


def test_the_views_are_exported_narrowed(four, folder, monkeypatch, capsys):
    domains = "".join(f'[[domain]]\nname = "{d}"\n' for d in "abcv")
    (folder / "likare.toml").write_text(f'[likare]\ncatalogue = "catalogue"\ndata = "data"\n{domains}')
    monkeypatch.chdir(folder)

    def exported(*arguments):
        assert cli.run(("export", *arguments, "--json")) == 0
        return json.loads(capsys.readouterr().out)

    outliers = exported("standing", "--domain", "a", "--where", "state=outlier")
    assert [(r["label"], r["value"], r["majority_value"]) for r in outliers] == [("C", "1", "2")]
    assert {r["domain"] for r in exported("standing", "--where", "state=split", "--where", "label=F")} == set("abcv")
    figures = exported("together", "--where", "level=total", "--where", "metric=strict", "--night", "newest")
    assert [r["value"] for r in figures] == [pytest.approx(2 / 6)]
    moved = exported("moved", "--where", "baseline=domain", "--where", "baseline_name=v", "--pair", "a~b")
    assert len(moved) == 4 and sum(m["who"] == "alike" for m in moved) == 1


def test_parts_are_folded_over_all_domains(tmp_path):
    h = house(tmp_path, THING, PART, domains=("a", "b", "c"))
    one = ("1|A|1|0",)
    night = h.night(
        a=build(*one, parts=("1|1|p|1", "2|1|q|1")),
        b=build(*one, parts=("1|1|p|2", "2|1|q|1")),
        c=build(*one, parts=("1|1|p|1", "2|1|q|1", "3|1|r|1")),
    )
    # Under A: p in all, of its parent, name and size (weights 1, 1, 1) two agree; q in all and alike; r in one alone.
    part = 3 * (2 / 3 + 1) / 7
    where = "subject = 'thing' AND metric = 'convergence'"
    assert night.rows("together", "value", where) == [(pytest.approx((6 + 2 * part) / 8),)]
    again = h.night(c=build(*one, parts=("1|1|p|1", "2|1|q|1")))
    assert again.rows("together", "value", f"{where} AND night_id = 2") == [
        (pytest.approx((6 + 2 * 3 * (2 / 3 + 1) / 6) / 8),)
    ]
    # A part is told by what it is a part of.
    assert night.rows("standing", "DISTINCT label, root_entity, root_label", "entity = 'part'") == [
        ("p", "thing", "A"),
        ("r", "thing", "A"),
    ]
    # Renumbering and another night say the same; two domains have no such figures.
    assert again.rows("together", "value", f"{where} AND night_id = 1") == night.rows("together", "value", where)
    h.close()
