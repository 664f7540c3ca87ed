"""What lies behind a difference, over any number of steps and through circles; and what settling it is worth."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.builds import house
from transforms.ask import settle

UNIT = """
entity: unit
title: Unit
area: one
source: {table: UNIT, local_id: ID}
keys: [code, name]
attributes:
  name: {column: NAME, compare: text, weight: 2}
  code: {column: CODE, weight: 0}
  like: {column: LIKE_ID, references: unit, weight: 1}
"""

DRUG = """
entity: drug
title: Drug
area: one
weight: 3
source: {table: DRUG, local_id: ID}
keys: [name]
attributes:
  name: {column: NAME, compare: text}
  form: {column: FORM, compare: text, weight: 3}
"""

ORDER = """
entity: order
title: Order
area: two
source: {table: ORDERS, local_id: ID}
parent: {entity: drug, column: DRUG_ID}
label: line
keys: [[drug_code, drug], [parent, unit, dose]]
attributes:
  line: {column: LINE, compare: text, weight: 1}
  dose: {column: DOSE, compare: number, weight: 4}
  unit: {column: UNIT_ID, references: unit, weight: 4}
  other: {column: OTHER_ID, references: unit, weight: 1}
  drug: {column: DRUG_ID, references: drug, weight: 0}
  drug_code: {column: CODE, weight: 0}
"""

PART = """
entity: part
title: Part
area: two
role: component
weight: 2
source: {table: PART, local_id: ID}
parent: {entity: order, column: ORDER_ID}
keys: [[parent, what]]
attributes:
  what: {column: WHAT, compare: text, weight: 1}
  amount: {column: AMOUNT, compare: number, weight: 3}
  unit: {column: UNIT_ID, references: unit, weight: 2}
"""


def explained(night):
    """{(entity, label, attribute)} of every difference → {of its causes}."""
    named = {
        row[0]: row[1:]
        for row in night.rows("difference", "difference_id, entity, kind, coalesce(label, ''), coalesce(attribute, '')")
    }
    found = {name: {} for name in named.values()}
    for difference, cause, steps in night.rows("difference_cause", "difference_id, cause_id, steps"):
        found[named[difference]][named[cause]] = steps
    return found


def gap(night):
    [(value,)] = night.rows("measure", "value", "level = 'total' AND metric = 'convergence'")
    return 1 - value


def worth(night):
    return night.rows("difference", "sum(worth)")[0][0]


def test_a_missing_target_explains_over_many_steps(run):
    night = run(
        UNIT, DRUG, ORDER, PART,
        a={
            "UNIT": "ID|NAME|CODE|LIKE_ID\n1|mg|1|0\n2|puff|2|0",
            "DRUG": "ID|NAME|FORM\n1|Alvedon|tablett",
            "ORDERS": "ID|DRUG_ID|CODE|LINE|DOSE|UNIT_ID|OTHER_ID\n1|1||1 mg|1|1|0\n2|1||2 puff|2|2|0",
            "PART": "ID|ORDER_ID|WHAT|AMOUNT|UNIT_ID\n1|1|wash|5|2\n2|2|rest|6|1",
        },
        b={
            "UNIT": "ID|NAME|CODE|LIKE_ID\n7|mg|1|0",
            "DRUG": "ID|NAME|FORM\n7|Alvedon|tablett",
            "ORDERS": "ID|DRUG_ID|CODE|LINE|DOSE|UNIT_ID|OTHER_ID\n8|7||1 mg|1|7|0",
            "PART": "ID|ORDER_ID|WHAT|AMOUNT|UNIT_ID\n9|8|wash|5|7",
        },
    )  # fmt: skip
    puff = ("unit", "only_a", "puff", "")
    assert explained(night) == {
        puff: {puff: 0},
        # A reference that leads to it; an order no key of which can be found without it; what that order owns.
        ("part", "changed", "wash", "unit"): {puff: 1},
        ("order", "only_a", "2 puff", ""): {puff: 1},
        ("part", "only_a", "rest", ""): {puff: 2},
    }
    assert worth(night) == pytest.approx(gap(night))
    [cause] = night.rows("cause", "rank, entity, label, differences, items, entities, areas, leverage, shared")
    assert cause[:7] == (1, "unit", "puff", 4, 3, 3, 2)
    assert cause[7] == pytest.approx(gap(night)) and cause[8] == 0


def test_a_renamed_unit_explains_the_lines_it_is_written_in_and_no_others(run):
    night = run(
        UNIT, DRUG, ORDER, PART,
        a={
            "UNIT": "ID|NAME|CODE|LIKE_ID\n1|mikrogram|1|0\n2|h|2|0",
            "DRUG": "ID|NAME|FORM\n1|Alvedon|mikrogram",
            "ORDERS": """ID|DRUG_ID|CODE|LINE|DOSE|UNIT_ID|OTHER_ID
                         1|1|A|1 mikrogram, 1 gång/h, 0,5 ml|1|1|2
                         2|1|B|2 mikrogram|2|1|2
                         3|1|C|9 h|3|1|2""",
            "PART": "ID|ORDER_ID|WHAT|AMOUNT|UNIT_ID\n1|1|wash|0.5|0",
        },
        b={
            "UNIT": "ID|NAME|CODE|LIKE_ID\n1|mcg|1|0\n2|tim|2|0",
            "DRUG": "ID|NAME|FORM\n1|Alvedon|mcg",
            "ORDERS": """ID|DRUG_ID|CODE|LINE|DOSE|UNIT_ID|OTHER_ID
                         1|1|A|1 mcg, 1 gång/h, 5 ml|1|1|2
                         2|1|B|3 mcg|3|1|2
                         3|1|C|9 tim|4|1|2""",
            "PART": "ID|ORDER_ID|WHAT|AMOUNT|UNIT_ID\n1|1|wash|5|0",
        },
    )  # fmt: skip
    name, tim = ("unit", "changed", "mikrogram", "name"), ("unit", "changed", "h", "name")
    line = {label: causes for (entity, _, label, what), causes in explained(night).items() if what == "line"}
    wash = ("part", "changed", "wash", "amount")
    dose = ("order", "changed", "2 mikrogram", "dose")
    assert line == {
        # Two causes, and both must be settled: the unit's name and the amount, with its Swedish comma.
        "1 mikrogram, 1 gång/h, 0,5 ml": {name: 1, wash: 1},
        "2 mikrogram": {name: 1, dose: 1},
        "9 h": {tim: 1},
    }
    # The drug's form says the same words but refers to nothing: nothing is guessed.
    form = ("drug", "changed", "Alvedon", "form")
    assert explained(night)[form] == {form: 0}
    both = night.rows("difference", "causes", "attribute = 'line' AND label LIKE '1 %'")
    assert both == [(2,)]
    assert worth(night) == pytest.approx(gap(night))


def test_leverage_is_what_settling_returns(run, tmp_path):
    """The builds are settled in fact, and the figure measured anew."""
    a = {
        "UNIT": "ID|NAME|CODE|LIKE_ID\n1|mikrogram|1|0\n2|g|2|0",
        "DRUG": "ID|NAME|FORM\n1|Alvedon|x\n2|Panodil|y",
        "ORDERS": "ID|DRUG_ID|CODE|LINE|DOSE|UNIT_ID|OTHER_ID\n1|1|A|1 mikrogram|1|1|0\n2|2|B|2 g|2|2|1",
        "PART": "ID|ORDER_ID|WHAT|AMOUNT|UNIT_ID\n1|1|wash|5|2\n2|1|rest|6|1\n3|2|wash|7|0",
    }
    b = {
        **a,
        "UNIT": a["UNIT"].replace("mikrogram", "mcg"),
        "ORDERS": a["ORDERS"].replace("mikrogram", "mcg").replace("B|2 g|2", "B|2 g|3"),
        "PART": a["PART"].replace("wash|5", "wash|6"),
    }
    before = run(UNIT, DRUG, ORDER, PART, a=a, b=b)
    [(leverage,)] = before.rows("cause", "leverage", "label = 'mikrogram'")
    settled = {**b, "UNIT": a["UNIT"], "ORDERS": b["ORDERS"].replace("mcg", "mikrogram")}
    (tmp_path / "after").mkdir()
    other = house(tmp_path / "after", UNIT, DRUG, ORDER, PART)
    after = other.night(a=a, b=settled)
    assert gap(before) - gap(after) == pytest.approx(leverage)
    assert leverage > 0
    plan = settle.plan(before.con, "a~b", 1 - gap(before) + leverage)
    assert plan.number == plan.least == 1 and plan.steps[0].reached >= plan.wanted - 1e-9
    assert settle.plan(before.con, "a~b", 1.0).steps[-1].reached == pytest.approx(1)
    other.close()


names = st.sampled_from("abcdef")
groups = st.dictionaries(
    st.frozensets(names, min_size=1, max_size=3).map(lambda s: tuple(sorted(s))),
    st.integers(1, 9),
    min_size=1,
    max_size=7,
)


@given(groups=groups, share=st.floats(0.05, 1))
def test_a_plan_reaches_what_is_wanted_and_no_set_is_smaller_than_the_bound(groups, share):
    sets = [(k, float(v)) for k, v in groups.items()]
    need = share * sum(v for _, v in sets)
    chosen, least = settle._choose(sets, need)

    def value(some):
        return sum(v for k, v in sets if set(k) <= set(some))

    assert value(chosen) >= need - 1e-9
    everything = sorted({n for k in groups for n in k})
    smallest = next(
        n
        for n in range(len(everything) + 1)
        if any(value(c) >= need - 1e-9 for c in itertools.combinations(everything, n))
    )
    assert least <= smallest <= len(chosen)
    if all(len(k) == 1 for k in groups):
        assert least == smallest == len(chosen)
