"""An item as a tree: content, order and placement apart, and on below what has no counterpart."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.builds import house
from transforms.ask import lookup, tree

PLAN = """
entity: plan
title: Plan
area: one
source: {table: PLAN, local_id: ID}
keys: [name]
attributes: {name: {column: NAME}}
"""

PHASE = """
entity: phase
title: Phase
area: one
role: component
source: {table: PHASE, local_id: ID}
parent: {entity: plan, column: PLAN_ID}
keys: [[parent, name]]
attributes: {name: {column: NAME, compare: text}, sequence: {column: SEQ, compare: number, weight: 0}}
"""

STEP = """
entity: step
title: Step
area: one
role: component
source: {table: STEP, local_id: ID}
parent: {entity: phase, column: PHASE_ID}
keys: [code]
label: what
attributes:
  code: {column: CODE, weight: 0}
  what: {column: WHAT, compare: text}
  sequence: {column: SEQ, compare: number, weight: 0}
"""


@pytest.fixture(scope="module")
def night(tmp_path_factory):
    h = house(tmp_path_factory.mktemp("trees"), PLAN, PHASE, STEP)
    yield h.night(
        a={
            "PLAN": "ID|NAME\n1|P",
            "PHASE": "ID|PLAN_ID|NAME|SEQ\n1|1|before|1\n2|1|surgery day one|2\n3|1|after|3",
            "STEP": """ID|PHASE_ID|CODE|WHAT|SEQ
                       1|1|c1|one|1
                       2|1|c2|two|2
                       3|1|c3|three|3
                       4|1|c4|four|4
                       5|1|c5|gone|5
                       6|2|c6|wash|1
                       7|3|c7|rest|1""",
        },
        b={
            "PLAN": "ID|NAME\n9|P",
            "PHASE": "ID|PLAN_ID|NAME|SEQ\n1|9|before|1\n2|9|surgery, day one|2\n3|9|after|3",
            "STEP": """ID|PHASE_ID|CODE|WHAT|SEQ
                       1|1|c1|one|20
                       2|1|c2|two (new)|30
                       3|1|c3|three|40
                       4|1|c4|four|10
                       5|1|c8|new|25
                       6|2|c6|wash|1
                       7|1|c7|rest|50""",
        },
    )
    h.close()


@pytest.fixture(scope="module")
def root(night):
    found, total = lookup.find(night.con, "plan:P")
    assert total == 1
    return tree.of(night.con, found[0])


def test_two_trees_can_be_drawn_from_the_published_nodes(night):
    night.shows(
        "tree_node",
        """
        owner_entity | label | state | place_a | place_b | label_a | label_b   | root_entity | elsewhere_label
        phase        | rest  | moved | 1       |         | rest    |           | plan        | before
        phase        | rest  | moved |         | 6       |         | rest      | plan        | after
        phase        | two   | both  | 2       | 4       | two     | two (new) | plan        |
        """,
        "label IN ('rest', 'two')",
    )
    # From the top down by owner and owner's identity, every node of the plan is reached.
    [(plan,)] = night.rows("crosswalk", "identity", "entity = 'plan'")
    assert night.rows("tree_node", "DISTINCT root_identity") == [(plan,)]
    phases = {r[0] for r in night.rows("tree_node", "identity", "owner_entity = 'plan'")}
    assert {r[0] for r in night.rows("tree_node", "owner_identity", "entity = 'step'")} <= phases
    # Two steps moved, each with a node under either phase.
    elsewhere = night.rows("tree_node", "elsewhere_identity", "state = 'moved'")
    assert len(elsewhere) == 4 and {r[0] for r in elsewhere} <= phases


def drawn(node):
    """(label, state, reordered) of the node's components, in order."""
    return [(c.label, c.state, c.reordered) for c in node.children]


def child(node, label):
    return next(c for c in node.children if c.label == label)


def test_content_order_and_placement_are_told_apart(root):
    # One step was put first: it is the one that stands in another order, not the three it went past.
    assert drawn(child(root, "before")) == [
        ("one", "both", False),
        ("new", "only_b", False),
        ("two", "both", False),
        ("three", "both", False),
        ("rest", "moved", False),
        ("four", "both", True),
        ("gone", "only_a", False),
    ]
    two = child(child(root, "before"), "two")
    assert [(c.attribute, c.value_a, c.value_b, c.reason) for c in two.changes] == [
        ("what", "two", "two (new)", "goes on in b")
    ]
    rest = child(child(root, "after"), "rest")
    assert (rest.state, rest.elsewhere) == ("moved", "before")
    assert child(child(root, "before"), "rest").elsewhere == "after"


def test_what_has_no_counterpart_is_followed_and_its_likeliest_one_named(root):
    assert [(c.label, c.state) for c in root.children] == [
        ("before", "both"),
        ("surgery day one", "only_a"),
        ("surgery, day one", "only_b"),
        ("after", "both"),
    ]
    assert child(root, "surgery day one").perhaps == "surgery, day one"
    assert drawn(child(root, "surgery day one")) == [("wash", "moved", False)]
    assert root.differs


FORM = """
entity: form
title: Form
area: one
source: {table: FORM, local_id: ID}
keys: [name]
attributes: {name: {column: NAME}}
"""

PLACE = """
entity: place
title: Place
area: one
role: component
source: {table: PLACE, local_id: ID}
parent: {entity: form, column: FORM_ID}
label: section
label_otherwise: words
through: {section: section}
keys: [{on: [parent, section], occurrence: sequence}, [parent, words]]
attributes:
  section: {column: SECTION_ID, references: section, weight: 0}
  words: {column: WORDS, compare: text}
  sequence: {column: SEQ, compare: number, weight: 0}
"""

SECTION = """
entity: section
title: Section
area: one
source: {table: SECTION, local_id: ID}
keys: [name]
attributes: {name: {column: NAME}, height: {column: HEIGHT, compare: number}}
"""

FIELD = """
entity: field
title: Field
area: one
role: component
source: {table: FIELD, local_id: ID}
parent: {entity: section, column: SECTION_ID}
through: {opens: [section]}
keys: [[parent, kind, asked]]
attributes:
  asked: {column: ASKED, compare: text}
  kind: {column: KIND, weight: 0}
  width: {column: WIDTH, compare: number}
  opens: {column: OPENS_ID, references: section, weight: 0}
"""


@pytest.fixture(scope="module")
def forms(tmp_path_factory):
    h = house(tmp_path_factory.mktemp("forms"), FORM, PLACE, SECTION, FIELD)
    a = {
        "FORM": "ID|NAME\n1|triage\n2|discharge",
        # The two forms share a section; one section only a has; one place holds words alone.
        "PLACE": "ID|FORM_ID|SECTION_ID|WORDS|SEQ\n1|1|1||1\n2|2|1||1\n3|2|2||2\n4|1||read this|3",
        "SECTION": "ID|NAME|HEIGHT\n1|vitals|5\n2|old|5\n3|more|5",
        "FIELD": """ID|SECTION_ID|ASKED|KIND|WIDTH|OPENS_ID
                    1|1|pulse|number|10|
                    2|1|note|text|10|3
                    3|1|note|list|10|
                    4|2|gone|text|10|
                    5|3|back|text|10|1""",
    }
    b = {
        "FORM": "ID|NAME\n11|triage\n12|discharge",
        "PLACE": "ID|FORM_ID|SECTION_ID|WORDS|SEQ\n11|11|11||1\n12|12|11||1\n14|11||read this|3",
        "SECTION": "ID|NAME|HEIGHT\n11|vitals|6\n13|more|5",
        "FIELD": """ID|SECTION_ID|ASKED|KIND|WIDTH|OPENS_ID
                    11|11|pulse|number|12|
                    12|11|note|text|10|13
                    13|11|note|list|10|
                    15|13|back|text|10|11""",
    }
    yield h.night(a=a, b=b), h, (a, b)
    h.close()


def tree_of(night, wanted):
    found, total = lookup.find(night.con, wanted)
    assert total == 1
    return tree.of(night.con, found[0])


def test_a_tree_goes_on_through_what_a_component_leads_to(forms):
    night, _, _ = forms
    triage = tree_of(night, "form:triage")
    assert drawn(triage) == [("vitals", "both", False), ("read this", "both", False)]
    [vitals] = child(triage, "vitals").children
    assert (vitals.entity, vitals.linked, vitals.state, vitals.places) == ("section", True, "both", 3)
    assert [(c.attribute, c.value_a, c.value_b) for c in vitals.changes] == [("height", "5", "6")]
    assert [c.label for c in vitals.children] == ["note", "note", "pulse"]
    assert [c.attribute for c in child(vitals, "pulse").changes] == ["width"]
    # A form of which only a shared section differs differs.
    assert triage.differs
    # Siblings called alike are told apart by the rest of their key.
    assert sorted(c.told_by for c in vitals.children) == ["list", "number", "text"]


def test_a_circle_of_links_is_drawn_once(forms):
    night, _, _ = forms
    [vitals] = child(tree_of(night, "form:triage"), "vitals").children
    [more] = next(c for c in vitals.children if c.told_by == "text").children
    [again] = child(more, "back").children
    assert (more.label, again.label, again.again, again.children) == ("more", "vitals", True, ())
    # And of an item that holds itself by way of another.
    [more] = next(c for c in tree_of(night, "section:vitals").children if c.told_by == "text").children
    assert child(more, "back").children[0].again


def test_what_only_one_side_leads_to_is_followed(forms):
    night, _, _ = forms
    old = child(tree_of(night, "form:discharge"), "old")
    assert (old.state, tree.folded(old)) == ("only_a", old.children[0])
    assert drawn(old.children[0]) == [("gone", "only_a", False)]


def test_a_night_that_carries_on_has_the_trees_of_its_builds(forms):
    night, h, (a, b) = forms
    shared = "linked AND label = 'vitals'"
    before = night.rows("tree_node", "identity, root_entity, state, matched", shared)
    assert [row[1:] for row in before] == [("form", "both", True)] * 2 + [("section", "both", True)]
    b["PLACE"] = b["PLACE"].replace("\n12|12|11||1", "")
    later = h.night(b=b)
    assert sorted(later.rows("tree_node", "root_entity, state", shared)) == [
        ("form", "both"),
        ("form", "only_a"),
        ("section", "both"),
    ]
    b["SECTION"] = b["SECTION"].replace("13|more", "13|further")
    assert h.night(b=b).rows("tree_node", "label_a, label_b, matched", "linked AND label IN ('more', 'further')") == [
        (None, "further", False),
        ("more", None, False),
    ]


@given(st.permutations(range(7)))
def test_the_fewest_are_called_reordered(places):
    kept = tree.in_order(places)
    order = [p for p, k in zip(places, kept, strict=True) if k]
    assert order == sorted(order)
    longest = max(n for n in range(1, 8) if any(list(c) == sorted(c) for c in itertools.combinations(places, n)))
    assert len(order) == longest
