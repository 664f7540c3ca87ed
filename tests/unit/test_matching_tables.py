"""likare match and likare evaluate on tables of any kind."""

from __future__ import annotations

import csv
import json
import random
import zlib
from pathlib import Path

import numpy as np
import pytest

from flows.cli import run as likare
from tests.support import pairs, varied
from transforms.recognise import compounds, described, frame, profile, quality, text, tokens, veto
from transforms.recognise.frame import Table
from transforms.recognise.run import Result, Thresholds, match_files, match_tables
from transforms.words.errors import CatalogueError, UsageError


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Alvedon 0,5 g tabl.", "alvedon tablett 500 mg"),
        ("Heparin 5 000 IE/ml inj", "heparin injektion 5\u00a0000 IE/mL"),
        ("Fentanyl 50 µg/ml", "fentanyl 50 mikrog/ml"),
        ("Fentanyl 50 \u00b5g", "fentanyl 50 \u03bcg"),
        ("Bo\u0308hlen", "böhlen"),
        ("20 grams/100mL", "200 mg/ml"),
    ],
)
def test_the_same_said_otherwise_is_the_same_tokens(one: str, other: str) -> None:
    made = tokens.bag([one], [other])
    assert (made.a.toarray() == made.b.toarray()).all(), made.tokens


@pytest.mark.parametrize(("one", "other"), [("får", "far"), ("800mg/160mg", "400mg/80mg"), ("10 mg", "10 ml")])
def test_what_differs_stays_apart(one: str, other: str) -> None:
    made = tokens.bag([one], [other])
    assert not (made.a.toarray() * made.b.toarray()).any()


def test_written_apart_or_together_as_the_other_side_writes_it() -> None:
    made = tokens.bag(["Sony KX-TG6702B cush top", "a b"], ["sony kxtg6702b cushtop", "c d"])
    assert (made.a.toarray()[0] == made.b.toarray()[0]).all(), made.tokens


def test_quantities_and_facets_contradict() -> None:
    made = tokens.bag(
        ["höger knä", "tablett 5 mg", "feber", "feber"], ["vänster knä", "tablett 10 mg", "utan feber", "feber"]
    )
    every = np.arange(4)
    found = veto.contradictions(made, every, every)
    assert found["laterality"].tolist() == [True, False, False, False]
    assert found["quantity"].tolist() == [False, True, False, False]
    assert found["negation"].tolist() == [False, False, True, False]


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ([f"{n} kr" for n in range(10, 400, 3)], "number"),
        ([str(1990 + n % 30) for n in range(100)], "number"),
        ([f"08-{n} 45 6{n % 7}" for n in range(100, 300)], "phone"),
        ([f"CIEL:{n}" for n in range(100)], "code"),
        (["grön", "röd", "blå"] * 40, "category"),
        ([f"Stol nummer {n} av ek" for n in range(200)], "text"),
        (["", ""], "empty"),
    ],
)
def test_a_column_is_taken_for_what_it_looks_like(values: list[str], kind: str) -> None:
    assert profile.profile("x", values).kind == kind


def test_columns_align_by_name_else_by_content() -> None:
    names = [f"Stol {n} av {'ek' if n % 2 else 'björk'}" for n in range(60)]
    years = [str(1960 + n) for n in range(60)]
    a = Table("a", "id", names, {"Year": years, "title": names})
    b = Table("b", "id", names, {"what": [n.upper() for n in names], "year": years, "else": ["z"] * 60})
    assert [(c.a, c.b) for c in profile.align(a, b)] == [("Year", "year"), ("title", "what")]


def test_counterparts_of_generated_medicines_are_found(tmp_path: Path) -> None:
    a, b, gold = pairs.write(tmp_path, 500)
    out, near = tmp_path / "out.csv", tmp_path / "near.csv"
    match_files(a, b, out, candidates=near)
    report = quality.evaluate(quality.read_matches(out), quality.read_gold(gold), quality.read_ranked(near))
    assert report.accepted.precision.value is not None and report.accepted.precision.value >= 0.97
    assert report.accepted.f1 is not None and report.accepted.f1 >= 0.95
    assert report.calibration_error is not None and report.calibration_error <= 0.05
    assert report.candidate_recall[10].value == pytest.approx(1.0, abs=0.01)


def test_the_result_does_not_hang_on_the_order_of_rows(tmp_path: Path) -> None:
    a, b, _ = pairs.medicines(300, seed=3)
    ids_a, ids_b = [f"A{i}" for i in range(len(a))], [f"B{i}" for i in range(len(b))]
    one, _ = match_tables(Table("a", "id", ids_a, {"n": a}), Table("b", "id", ids_b, {"n": b}))
    two, _ = match_tables(Table("a", "id", ids_a[::-1], {"n": a[::-1]}), Table("b", "id", ids_b[::-1], {"n": b[::-1]}))
    first, second = ({(p.id_a, p.id_b): round(p.score, 3) for p in r.pairs} for r in (one, two))
    assert first == second


def test_each_row_is_matched_once(tmp_path: Path) -> None:
    a, b, _ = pairs.write(tmp_path, 300)
    match_files(a, b, tmp_path / "out.csv", thresholds=Thresholds(review=0.0))
    found = rows(tmp_path / "out.csv")
    assert len({r["id_a"] for r in found}) == len({r["id_b"] for r in found}) == len(found)
    assert {r["verdict"] for r in found} <= {"accepted", "review"}


def test_two_tables_of_a_single_row(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("id,name\n1,Alvedon 500 mg\n")
    (tmp_path / "b.csv").write_text("id,name\n7,Alvedon 500 mg\n")
    match_files(tmp_path / "a.csv", tmp_path / "b.csv", tmp_path / "out.csv")
    assert [(r["id_a"], r["id_b"]) for r in rows(tmp_path / "out.csv")] == [("1", "7")]


@pytest.mark.parametrize(
    ("content", "options", "said"),
    [
        (None, [], "no such file"),
        ("", [], "empty"),
        ("id,name\n", [], "no rows"),
        ("id,name\n1,x\n1,y\n", [], "not unique"),
        ("id,name\n,x\n2,y\n", [], "is empty in 1 rows"),
        ("id,name\n1,x\n2,y\n", ["--id-a", "code"], "no column 'code'"),
        ("id,name\n1,x\n1,y\n", [], "name would serve"),
        ("id,name\n1,x\n1,x\n", [], "--id-a '#'"),
        ("id,name,name\n1,x,y\n", [], "twice"),
    ],
)
def test_what_a_user_can_mend_is_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: str | None, options: list[str], said: str
) -> None:
    a, b = tmp_path / "a.csv", tmp_path / "b.csv"
    if content is not None:
        a.write_text(content, encoding="utf-8")
    b.write_text("id,name\n1,x\n2,y\n", encoding="utf-8")
    code = likare(["match", "--a", str(a), "--b", str(b), "--out", str(tmp_path / "o.csv"), *options])
    told = capsys.readouterr().err
    assert code == 2 and said.casefold() in told.casefold() and told.count("\n") == 1, told
    assert not (tmp_path / "o.csv").exists()


def test_tables_without_a_common_column(tmp_path: Path) -> None:
    a = Table("a", "id", ["1", "2"], {"name": ["ek", "björk"]})
    b = Table("b", "id", ["1", "2"], {"price": ["12,50", "13"]})
    with pytest.raises(UsageError, match="no column of one"):
        match_tables(a, b)


def test_parquet_and_odd_delimiters_are_read(tmp_path: Path) -> None:
    from transforms.warehouse import scratch

    with scratch() as con:
        con.execute(f"COPY (SELECT 1 AS id, 'ek' AS namn) TO '{tmp_path / 'a.parquet'}' (FORMAT parquet)")
    assert frame.read(tmp_path / "a.parquet").columns == {"namn": ["ek"]}
    (tmp_path / "b.txt").write_text("id%title%year\n0%A, b; c%1999\n1%D 'e'%2001\n")
    assert frame.read(tmp_path / "b.txt").columns == {"title": ["A, b; c", "D 'e'"], "year": ["1999", "2001"]}
    (tmp_path / "c.csv").write_text("id,name,addr\n1,'art\\'s, deli','12 st.'\n2,'home','3 st.'\n")
    assert frame.read(tmp_path / "c.csv").columns["name"] == ["art's, deli", "home"]


def test_evaluate_counts_by_hand(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    gold, found = tmp_path / "gold.csv", tmp_path / "m.csv"
    gold.write_text("id_a,id_b\n1,1\n2,2\n3,3\n4,4\n")
    found.write_text(
        "id_a,id_b,score,verdict,rule\n1,1,0.95,accepted,x\n2,2,0.95,accepted,x\n3,9,0.95,accepted,y\n4,4,0.25,review,y\n"
    )
    assert likare(["evaluate", "--gold", str(gold), "--matches", str(found), "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert (report["accepted"]["precision"], report["accepted"]["recall"]) == (
        {"hits": 2, "total": 3},
        {"hits": 2, "total": 4},
    )
    assert report["accepted"]["f1"] == pytest.approx(4 / 7)
    assert report["with_review"]["f1"] == pytest.approx(6 / 8)
    # Three of four scored 0.95 of which two are right; one scored 0.25 and right.
    assert report["calibration_error"] == pytest.approx(0.75 * abs(0.95 - 2 / 3) + 0.25 * 0.75)
    assert likare(["evaluate", "--gold", str(gold), "--matches", str(found)]) == 0
    assert "0.667 [.208–.939]" in capsys.readouterr().out


def test_abbreviations_lead_to_a_word_that_stands_for_itself() -> None:
    from transforms.recognise import vocabulary

    known = vocabulary.load().canonical
    assert not {short: long for short, long in known.items() if long in known}
    assert text.token("tabl") == text.token("tabletter")


def test_a_catalogue_file_tells_what_columns_are_and_what_forbids(tmp_path: Path) -> None:
    names = [f"Stol modell {n} av ek" for n in range(40)]
    a, b, told = tmp_path / "a.csv", tmp_path / "b.csv", tmp_path / "chair.yaml"
    a.write_text("nr,what,group\n" + "".join(f"A{i},{n},g{i % 2}\n" for i, n in enumerate(names)))
    b.write_text("nr,what,group\n" + "".join(f"B{i},{n},g{(i + (i == 7)) % 2}\n" for i, n in enumerate(names)))
    told.write_text(
        "source: {local_id: nr}\nfuzzy: {veto: [group]}\n"
        "attributes:\n  name: {column: what, compare: text}\n  group: {column: group}\n"
    )
    result = match_files(a, b, tmp_path / "o.csv", catalogue=told)
    accepted = {(p.id_a, p.id_b) for p in result.pairs if p.verdict == "accepted"}
    assert accepted == {(f"A{i}", f"B{i}") for i in range(40) if i != 7}
    told.write_text("attributes: {name: {column: none}}\n")
    with pytest.raises(UsageError, match="none of its columns"):
        match_files(a, b, tmp_path / "o.csv", catalogue=told)


def test_a_sample_for_readers_is_even_over_strata_and_the_same_again(tmp_path: Path) -> None:
    matches = [quality.Match(f"A{i}", f"B{i}", 0.95 if i < 900 else 0.35, i < 900, "x") for i in range(1000)]
    drawn = quality.sample(matches, 60, seed=4)
    assert [d.band for d in drawn].count("0.3-0.4") == 30
    assert sum(d.stands_for for d in drawn) == pytest.approx(1000)
    assert drawn == quality.sample(matches[::-1], 60, seed=4) != quality.sample(matches, 60, seed=5)
    found = tmp_path / "m.csv"
    found.write_text("id_a,id_b,score,verdict,rule\n=1+1,2,0.9,accepted,x\n")
    assert likare(["evaluate", "--sample", str(tmp_path / "s.xlsx"), "--matches", str(found)]) == 0
    import openpyxl

    sheet = openpyxl.load_workbook(tmp_path / "s.xlsx").active
    assert sheet is not None and sheet["A2"].value == "=1+1" and sheet["A2"].data_type != "f"
    assert likare(["evaluate", "--sample", str(tmp_path / "s.txt"), "--matches", str(found)]) == 2


def _of(name: str, seed: int = 1) -> tuple[Table, Table, set[tuple[str, str]]]:
    made = varied.drawn(name, seed)
    tables = []
    for header, content in ((made.header_a, made.rows_a), (made.header_b, made.rows_b)):
        ids, *rest = (list(c) for c in zip(*content, strict=True))
        tables.append(Table(header[0], header[0], ids, dict(zip(header[1:], rest, strict=True))))
    return tables[0], tables[1], made.truth


@pytest.mark.parametrize(
    ("name", "precision", "recall"),
    [
        ("restaurants", 0.98, 0.97), ("wards", 0.98, 0.97), ("lab_tests", 0.98, 0.85), ("compounds", 0.93, 0.7),
        ("drugs_two_languages", 0.97, 0.97), ("measures", 0.97, 0.97), ("counts", 0.97, 0.97), ("gaps", 0.9, 0.4),
        ("variants", 0.97, 0.95), ("long_texts", 0.97, 0.97), ("no_blanks", 0.97, 0.9), ("albums", 0.97, 0.93),
    ],
)  # fmt: skip
def test_tables_of_many_kinds_are_recognised(name: str, precision: float, recall: float) -> None:
    a, b, truth = _of(name)
    result, _ = match_tables(a, b)
    found = {(p.id_a, p.id_b) for p in result.pairs if p.verdict == "accepted"}
    assert len(found & truth) >= precision * len(found), sorted(found - truth)[:5]
    assert len(found & truth) >= recall * len(truth), sorted(truth - found)[:5]


@pytest.mark.parametrize("name", ["albums", "one_text", "papers"])
def test_where_nothing_is_shared_nothing_is_accepted(name: str) -> None:
    a, b, truth = _of(name, seed=2)
    half = {x for x in a.ids if zlib.crc32(x.encode()) % 2}
    gone = {y for x, y in truth if x in half}

    def only(t: Table, kept: set[str]) -> Table:
        places = [i for i, key in enumerate(t.ids) if key in kept]
        columns = {n: [v[i] for i in places] for n, v in t.columns.items()}
        return Table(t.name, t.id_column, [t.ids[i] for i in places], columns)

    result, _ = match_tables(only(a, half), only(b, {*b.ids} - gone))
    assert result.accepted <= 0.01 * len(half)


@pytest.mark.parametrize(
    ("word", "parts"),
    [
        ("knädistorsion", ["knä", "distorsion"]), ("fotledsdistorsion", ["fotled", "distorsion"]),
        ("njursten", ["njure", "sten"]), ("distorsion", ["distorsion"]), ("kniv", ["kniv"]),
        ("halsinfektion", ["halsinfektion"]),
    ],
)  # fmt: skip
def test_a_compound_is_taken_apart_as_the_other_side_writes_it(word: str, parts: list[str]) -> None:
    known = {"distorsion": 3, "knä": 2, "fotled": 1, "njure": 1, "sten": 4, "hals": 2}
    assert compounds.Compounds(known).parts(word) == parts


def test_several_of_a_may_belong_to_one_of_b() -> None:
    a, b, truth = _of("variants", seed=3)
    kinds = {c: match_tables(a, b, cardinality=c)[0] for c in (None, "many_to_one", "one_to_one", "one_to_many")}
    found = {c: {(p.id_a, p.id_b) for p in r.pairs if p.verdict == "accepted"} for c, r in kinds.items()}
    assert kinds[None].cardinality == "many_to_one" and found[None] == found["many_to_one"]
    assert len(found[None] & truth) >= 0.95 * len(truth)
    assert len({x for x, _ in found["many_to_one"]}) == len(found["many_to_one"])
    assert len({y for _, y in found["one_to_one"]}) == len(found["one_to_one"]) < 0.6 * len(truth)
    assert len({y for _, y in found["one_to_many"]}) == len(found["one_to_many"])
    turned, _ = match_tables(b, a)
    assert turned.cardinality == "one_to_many"


def test_equal_rows_are_put_before_a_person() -> None:
    names = [f"Stol modell {n} av ek" for n in range(40)]
    a = Table("a", "id", [f"A{i}" for i in range(42)], {"n": [*names, names[3], "Bord av björk"]})
    b = Table("b", "id", [f"B{i}" for i in range(41)], {"n": [*names, names[3]]})
    result, _ = match_tables(a, b, cardinality="one_to_one")
    unsure = [p for p in result.pairs if p.rule == "ambiguous"]
    assert {p.id_a for p in unsure} == {"A3", "A40"} and {p.id_b for p in unsure} == {"B3", "B40"}
    assert {p.verdict for p in unsure} == {"review"}


def _in_another_language() -> tuple[Table, Table, set[tuple[str, str]]]:
    draw = random.Random(5)
    words = [f"{x}{y}" for x in ("bröd", "sten", "vatten", "himmel", "skog", "fågel") for y in ("hus", "väg", "plats")]
    other = dict(zip(words, [f"{x}{y}" for x in "QWXZKP" for y in ("umlo", "atri", "ebbi")], strict=True))
    names = sorted({tuple(draw.sample(words, 3)) for _ in range(300)})
    a = Table("a", "id", [f"A{i}" for i in range(len(names))], {"n": [" ".join(n) for n in names]})
    said = [" ".join(other[w] for w in sorted(n)) for n in names]
    b = Table("b", "id", [f"B{i}" for i in range(len(names))], {"n": said})
    return a, b, {(f"A{i}", f"B{i}") for i in range(len(names))}


def test_answers_of_people_teach_words_and_hold() -> None:
    a, b, truth = _in_another_language()
    labels = [(x, y, True) for x, y in sorted(truth)[::5]]
    before, _ = match_tables(a, b)
    after, _ = match_tables(a, b, told_pairs=labels)
    asked = {x for x, _, _ in labels}

    def right(result: Result) -> float:
        found = {(p.id_a, p.id_b) for p in result.pairs if p.verdict == "accepted" and p.id_a not in asked}
        assert len(found & truth) >= 0.97 * len(found)
        return len(found & truth) / (len(truth) - len(asked))

    assert right(before) <= 0.02 and right(after) >= 0.8
    assert {(p.id_a, p.id_b) for p in after.pairs if p.rule == "labelled"} == {(x, y) for x, y, _ in labels}
    # What people rejected is not proposed again.
    x, y, _ = labels[1]
    third, _ = match_tables(a, b, told_pairs=[*labels, (x, y, False)])
    assert (x, y) not in {(p.id_a, p.id_b) for p in third.pairs}


def test_a_file_of_labels_is_read_or_refused_in_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    a, b, gold = pairs.write(tmp_path, 120)
    told = tmp_path / "told.csv"
    some = gold.read_text(encoding="utf-8").splitlines()[1:4]
    told.write_text("id_a,id_b,same\n" + "".join(f"{line},1\n" for line in some) + "A0,nobody,0\nA1,B1,\n")
    asked = ["match", "--a", str(a), "--b", str(b), "--out", str(tmp_path / "o.csv"), "--labels", str(told)]
    assert likare([*asked, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["labels"] == 3
    assert likare([*asked, "--cardinality", "many-to-one"]) == 0
    told_of = capsys.readouterr().out
    assert "Taken as many to one" in told_of and "3 labelled pairs; 1 name rows that are not there" in told_of
    assert {r["rule"] for r in rows(tmp_path / "o.csv") if f"{r['id_a']},{r['id_b']}" in some} == {"labelled"}
    told.write_text("id_a,id_b,same\nA0,B0,perhaps\n")
    assert likare(asked) == 2 and "row 2: 'perhaps'" in capsys.readouterr().err
    told.write_text("id_a,id_b\nA0,B0\n")
    assert likare(asked) == 2 and "needs the columns" in capsys.readouterr().err


def test_a_catalogue_file_says_to_how_many_one_belongs(tmp_path: Path) -> None:
    told = tmp_path / "term.yaml"
    told.write_text("fuzzy: {cardinality: many_to_one}\nattributes: {name: {column: name, compare: text}}\n")
    assert described.read(told).cardinality == "many_to_one"
    told.write_text("fuzzy: {cardinality: some}\nattributes: {name: {column: name, compare: text}}\n")
    with pytest.raises(CatalogueError, match="cardinality is one of"):
        described.read(told)


def test_no_file_is_written_over_by_the_result(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    a, b, _ = pairs.write(tmp_path, 60)
    before = a.read_bytes()
    for out, near in ((a, None), (tmp_path, None), (tmp_path / "o.csv", tmp_path / "o.csv")):
        more = ["--candidates", str(near)] if near else []
        assert likare(["match", "--a", str(a), "--b", str(b), "--out", str(out), *more]) == 2
        assert capsys.readouterr().err.count("\n") == 1
    assert a.read_bytes() == before and not (tmp_path / "o.csv").exists()


def test_a_table_without_an_id_of_its_own(tmp_path: Path) -> None:
    names = [f"Stol modell {n} av {'ek' if n % 2 else 'björk'}" for n in range(40)]
    only, b = tmp_path / "only.csv", tmp_path / "b.csv"
    only.write_text("vad\n" + "".join(f"{n}\n" for n in names))
    b.write_text("vad;pris\n" + "".join(f"{n.upper()};{i},5\n" for i, n in enumerate(names)))
    # A name that is the id is compared too.
    result = match_files(only, b, tmp_path / "o.csv")
    assert {p.id_b for p in result.pairs if p.id_a.upper() == p.id_b} == {n.upper() for n in names}
    numbered = frame.read(b, "#")
    assert numbered.ids[:2] == ["1", "2"] and [*numbered.columns] == ["vad", "pris"]


def test_a_delimiter_in_the_last_field_stays_in_it(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("id,namn\n1,Alvedon 0,5 g\n2,Ipren 400 mg\n3,Panodil 1 g,,\n")
    assert frame.read(tmp_path / "a.csv").columns == {"namn": ["Alvedon 0,5 g", "Ipren 400 mg", "Panodil 1 g"]}
