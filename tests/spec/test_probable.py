"""What no key matches is recognised by what it says; an identifier is not believed against the name."""

import json

import pytest

from tests.support import drugs, readings
from tests.support.builds import house
from transforms.build import probable
from transforms.build.reviewed import Policy, Reviewed

DRUG = """
entity: drug
title: Drug
area: one
source: {table: DRUG, local_id: ID}
label: name
keys:
  - {on: code, rule: vendor_identifier}
  - name
fuzzy: {veto: [maker], accept: 0.9}
attributes:
  code: {column: CODE, weight: 0}
  name: {column: NAME, compare: text}
  maker: {column: MAKER, compare: text, weight: 0}
"""


def table(rows):
    width = "ID | CODE | NAME | MAKER\n"
    return {"DRUG": width + "\n".join(" | ".join(row) for row in rows)}


@pytest.fixture
def one_night(run):
    return lambda a, b: run(DRUG, a=table(a), b=table(b))


def sides():
    """Forty drugs that their codes or names match, on both sides."""
    named = [*drugs.names("tablett"), *(f"{name} retard" for name in drugs.names("tablett"))]
    a = [(str(i), f"C{i}" if i % 2 else "", name, "X") for i, name in enumerate(named)]
    b = [(f"9{i}", c, n.replace("tablett", "tabl.") if c else n, m) for i, c, n, m in a]
    return a, b


def test_an_item_without_a_key_is_recognised_by_what_it_says(one_night):
    a, b = sides()
    a += [
        ("100", "", "ramipril kapsel 10 mg", "X"),
        ("101", "", "enalapril kapsel 5 mg", "X"),
        ("102", "", "zink 1 mg", "X"),
    ]
    b += [
        ("200", "", "Ramipril kaps 10 mg", "X"),
        ("201", "", "Enalapril kaps. 10 mg", "X"),
        ("202", "", "zink 1 mg", "Y"),
    ]
    night = one_night(a, b)
    found = {
        (r[0], r[1]): r[2:] for r in night.rows("crosswalk", "local_id_a, local_id_b, rule, certain, score, evidence")
    }
    rule, certain, score, evidence = found["100", "200"]
    assert (rule, certain) == ("probabilistic", False) and 0.9 <= score <= 1
    assert json.loads(evidence)["label"] > 0
    # Another strength is another drug, however alike the rest.
    assert ("101", "201") not in found
    assert all(row[2] is None for pair, row in found.items() if pair != ("100", "200"))
    listed = night.rows("candidate", "local_id_a, local_id_b, verdict", "verdict = 'accepted'")
    assert listed == [("100", "200", "accepted")]


def test_a_shared_identifier_is_not_believed_against_the_name(one_night):
    a, b = sides()
    a[1] = ("1", "C1", "ibuprofen tablett 10 mg", "X")
    b[1] = ("91", "C1", "ibuprofen tablett 400 mg", "X")
    a[3] = ("3", "C3", "morfin tablett 20 mg", "X")
    b[3] = ("93", "C3", "ögonsalva för natten", "X")
    night = one_night(a, b)
    reasons = {(r[0], r[1]): r[2] for r in night.rows("candidate", "local_id_a, local_id_b, reason")}
    lie = "a shared identifier, but the content contradicts it"
    assert reasons.get(("1", "91")) == reasons.get(("3", "93")) == lie
    matched = night.rows("crosswalk", "local_id_a")
    assert ("1",) not in matched and ("3",) not in matched and len(matched) == 38


def test_another_name_of_what_is_described_alike_is_no_lie(run):
    described = DRUG.replace("  maker:", "  words: {column: WORDS, compare: text}\n  maker:")
    a, b = ([(*row, f"about {row[2].split()[0]} only") for row in rows] for rows in sides())
    b[1] = ("91", "C1", "x y z", "X", a[1][4])
    a[3] = ("3", "C3", "morfin tablett 20 mg", "X", "about morfin only")
    b[3] = ("93", "C3", "ögonsalva för natten", "X", "for the eyes")
    head = "ID | CODE | NAME | MAKER | WORDS\n"
    night = run(
        described, **{s: {"DRUG": head + "\n".join(map(" | ".join, rows))} for s, rows in {"a": a, "b": b}.items()}
    )
    matched = dict(night.rows("crosswalk", "local_id_a, local_id_b"))
    assert matched["1"] == "91" and "3" not in matched
    night.shows(
        "difference",
        "label|attribute|value_b\n" + a[1][2] + "|name|x y z",
        "attribute = 'name' AND label = '" + a[1][2] + "'",
    )


NAMED = """
entity: synonym
title: Synonym
area: one
source: {table: SYNONYM, local_id: ID}
parent: {entity: drug, column: DRUG_ID}
label: name
keys: [[parent, name]]
fuzzy: {veto: [parent], accept: 0.9}
attributes: {name: {column: NAME, compare: text}}
"""


def test_what_is_left_over_is_not_the_same_for_want_of_another(tmp_path):
    a, b = sides()
    synonyms = [[(f"{side}{i}", i, f"{n} synonym {i[-1]}") for i, _, n, _ in d] for side, d in (("s", a), ("t", b))]
    a.append(("100", "C100", "ramipril", "X"))
    b.append(("200", "C200", "enalapril", "X"))
    # The same words, but of two drugs that have no counterpart, and of two that are not there.
    synonyms[0] += [("s100", "100", "triatec comp"), ("s101", "gone", "renitec")]
    synonyms[1] += [("t200", "200", "triatec comp"), ("t201", "gone", "renitec")]
    head = "ID | DRUG_ID | NAME\n"
    sent = [
        {**table(side), "SYNONYM": head + "\n".join(" | ".join(row) for row in rows)}
        for side, rows in zip((a, b), synonyms, strict=True)
    ]
    h = house(tmp_path, DRUG, NAMED)
    try:
        night = h.night(a=sent[0], b=sent[1])
        found = night.rows("crosswalk", "local_id_a", "local_id_a IN ('100', 's100', 's101')")
        assert found == []
        assert night.rows("crosswalk", "count(*)", "entity = 'drug'") == [(40,)]
    finally:
        h.close()


def test_so_many_matched_pairs_teach_and_no_more(run, monkeypatch):
    taught = []

    class Watched(probable.Matcher):
        def run(self):
            taught.append([sorted(t.columns["label"]) for t in (self.a, self.b)])
            super().run()

    monkeypatch.setattr(probable, "Matcher", Watched)
    monkeypatch.setattr(probable, "_LEARNT", 20)
    a, b = sides()
    a.append(("100", "", "ramipril kapsel 10 mg", "X"))
    b.append(("200", "", "Ramipril kaps 10 mg", "X"))
    night = run(DRUG, a=table(a), b=table(b))
    assert [len(names) for names in taught[0]] == [21, 21]
    assert night.rows("candidate", "local_id_a, local_id_b") == [("100", "200")]
    # Which ones does not hang on how a domain numbers its rows.
    run(DRUG, a=table([(f"7{i}", *rest) for i, *rest in a]), b=table(b))
    assert taught[1] == taught[0]


def test_nothing_is_made_of_too_little(one_night):
    night = one_night([("1", "", "ramipril 10 mg", "X")], [("2", "", "ramipril kaps 10 mg", "X")])
    assert night.rows("candidate", "count(*)") == [(0,)]


@pytest.mark.parametrize(("ruling", "b"), [("reject", "200"), ("no_counterpart", None)])
def test_what_a_person_ruled_out_is_neither_matched_nor_proposed_again(tmp_path, ruling, b):
    left, right = sides()
    left += [("100", "", "ramipril kapsel 10 mg", "X")]
    right += [("200", "", "Ramipril kaps 10 mg", "X")]
    h = house(tmp_path, DRUG)
    try:
        night = h.night(a=table(left), b=table(right))
        assert ("100", "200") in {(r[0], r[1]) for r in night.rows("candidate", "local_id_a, local_id_b")}
        h.reviewed = Reviewed((readings.reading(h, night, ruling, "100", b, entity="drug"),), Policy())
        night = h.night()
        for view in ("candidate", "crosswalk"):
            assert night.rows(view, "local_id_a", "local_id_a = '100'") == []
    finally:
        h.close()


@pytest.mark.parametrize(
    ("cardinality", "proposed"),
    [("one_to_one", []), ("many_to_one", [("100", "200"), ("101", "200")]), ("one_to_many", [])],
)
def test_several_of_one_are_put_before_a_person_where_the_type_says_so(tmp_path, cardinality, proposed):
    left, right = sides()
    left += [("100", "", "sårsalva steril", "X"), ("101", "", "sårsalva steril", "Y")]
    right += [("200", "", "sårsalva steril", "Z")]
    h = house(tmp_path, DRUG.replace("fuzzy: {", f"fuzzy: {{cardinality: {cardinality}, "))
    try:
        night = h.night(a=table(left), b=table(right))
        several = "reason = 'one of several with the same name'"
        assert night.rows("candidate", "local_id_a, local_id_b", several) == proposed
        assert night.rows("crosswalk", "local_id_a", "local_id_b = '200'") == []
        if proposed:
            # Ruled to be parts of a broader thing, they are related and asked about no more.
            answers = [readings.reading(h, night, "broader", a, "200", entity="drug") for a in ("100", "101")]
            h.reviewed = Reviewed(tuple(answers), Policy())
            night = h.night()
            assert night.rows("candidate", "local_id_a", several) == []
            assert night.rows("review", "ruling, effect, problem") == [("broader", "kept apart", None)] * 2
    finally:
        h.close()
