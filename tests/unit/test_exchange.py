"""The crosswalk goes out as SSSOM and ConceptMap that others' libraries accept, and comes back the same."""

from __future__ import annotations

import copy
import csv
import io
import json
import shutil
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from flows import cli, night
from flows.settings import Settings, load_settings
from tests.support.project import HOSTILE, A, B, deliver, make_project
from transforms.build import reviewed
from transforms.review.answers import named
from transforms.review.exchange import conceptmap, domain, sssom
from transforms.review.reviewing import Proposal
from transforms.warehouse import Session, open_published
from transforms.words.errors import ReviewError

pytestmark = pytest.mark.usefixtures("without_pages")

EAST = {**A, "ORDERS": [*A["ORDERS"], {"ORDER_ID": "15", "NAME": "Panodil tablett", "DOSE": "500", "UNIT_ID": "1"},
                        {"ORDER_ID": "16", "NAME": "=Ipren dragé", "DOSE": "400", "UNIT_ID": "1"},
                        {"ORDER_ID": "17", "NAME": 'Citodon "mite"\t1 | 2', "DOSE": "1", "UNIT_ID": "1"}]}  # fmt: skip
WEST = {**B, "ORDERS": [*B["ORDERS"], {"ORDER_ID": "85", "NAME": "Panodil tabl.", "DOSE": "500", "UNIT_ID": "71"},
                        {"ORDER_ID": "86", "NAME": "Ipren", "DOSE": "400", "UNIT_ID": "71"},
                        {"ORDER_ID": "87", "NAME": "Citodon", "DOSE": "1", "UNIT_ID": "71"},
                        {"ORDER_ID": "88", "NAME": "Bara i väst", "DOSE": "1", "UNIT_ID": "71"}]}  # fmt: skip
# (ruling, item of east, item of west, side without counterpart)
RULED = [
    ("equal", "15", "85", ""), ("broader", "16", "86", ""), ("reject", "12", "82", ""), ("close", "17", "87", ""),
    ("no_counterpart", "13", "88", "a"), ("no_counterpart", "13", "88", "b"), ("retired", "14", "84", ""),
]  # fmt: skip


ENDINGS = {"sssom": ".sssom.tsv", "conceptmap": ".json", "csv": ".csv"}


def project(folder: Path, east: Any = EAST, west: Any = WEST) -> Settings:
    settings = make_project(folder)
    deliver(settings, "east", "2026-03-02", east)
    deliver(settings, "west", "2026-03-02", west)
    night.run_nights(settings, latest=True)
    return settings


def renumbered(build: Any, by: int) -> Any:
    """The build with every id another."""
    made = copy.deepcopy(dict(build))
    for row in made["ORDERS"]:
        row["ORDER_ID"], row["UNIT_ID"] = str(int(row["ORDER_ID"]) + by), str(int(row["UNIT_ID"]) + by)
    for table, columns in (("UNIT", ["UNIT_ID"]), ("LINE", ["LINE_ID", "ORDER_ID"])):
        lines = [[c.strip() for c in line.split("|")] for line in made[table].split("\n")]
        rows = [[str(int(c) + by) if h in columns else c for h, c in zip(lines[0], r, strict=True)] for r in lines[1:]]
        made[table] = "\n".join("|".join(r) for r in [lines[0], *rows])
    return made


@pytest.fixture(scope="module")
def unruled(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A published night without a ruling."""
    return project(tmp_path_factory.mktemp("unruled"))


@pytest.fixture(scope="module")
def with_other_ids(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """The same where every id is another."""
    return project(tmp_path_factory.mktemp("other"), renumbered(EAST, 4000), renumbered(WEST, 7000))


def copied(settings: Settings, folder: Path) -> Settings:
    """A project of the test's own."""
    shutil.copytree(settings.file.parent, folder, symlinks=True)
    return load_settings({}, folder)


@pytest.fixture(scope="module")
def published(unruled: Settings, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A night in which every kind of ruling counts."""
    settings = copied(unruled, tmp_path_factory.mktemp("out") / "project")
    con = open_published(settings.data)
    session = Session(con)
    made = []
    for ruling, a, b, side in RULED:
        note = "enligt mötet" if ruling == "broader" else ""
        asked = Proposal("east~west", "order", "east", "west", a, b, "", "", 0.5, "", {}, 0)
        if pair := named(session, asked):
            made.append(pair.reading(ruling, reader="AB", at=datetime(2026, 3, 3, 8), side=side, note=note))
    con.close()
    reviewed.write(settings.crosswalk, "order", made)
    night.run_nights(settings)
    return settings


@pytest.fixture
def export(published: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., Path]:
    def exported(kind: str, *more: str) -> Path:
        monkeypatch.chdir(published.file.parent)
        out = tmp_path / f"crosswalk{ENDINGS[kind]}"
        assert cli.run(["crosswalk", "export", str(out), *more]) == 0
        return out

    return exported


def test_the_sssom_library_finds_no_fault(export: Callable[..., Path]) -> None:
    from sssom.constants import SchemaValidationType
    from sssom.parsers import parse_sssom_table
    from sssom.validators import validate

    found = parse_sssom_table(str(export("sssom")))
    types = [
        SchemaValidationType.JsonSchema,
        SchemaValidationType.PrefixMapCompleteness,
        SchemaValidationType.StrictCurieFormat,
    ]
    reports = validate(found, types, fail_on_error=False)
    assert {str(t): [r.message for r in report.results] for t, report in reports.items()} == {str(t): [] for t in types}
    rows = found.df.fillna("").set_index("subject_label")
    assert rows.loc["Panodil tablett", "mapping_justification"] == "semapv:ManualMappingCuration"
    assert rows.loc["=Ipren dragé", "predicate_id"] == "skos:broadMatch"
    assert rows.loc["Alvedon forte", "predicate_modifier"] == "Not"
    assert rows.loc["Bara här", "object_id"] == "sssom:NoTermFound"
    assert rows.loc["Bara här", "mapping_cardinality"] == "1:0"
    assert rows.loc["Alvedon", "mapping_justification"] == "semapv:LexicalMatching"
    assert rows.loc["Alvedon", "mapping_cardinality"] == "1:1"
    assert found.converter.expand(rows.loc["Alvedon", "subject_id"]) == "urn:likare:east:order/11"


def test_the_fhir_library_finds_no_fault(export: Callable[..., Path]) -> None:
    from fhir.resources.R4B.conceptmap import ConceptMap

    found = ConceptMap.model_validate_json(export("conceptmap").read_text(encoding="utf-8"))
    told = {
        (element.display, target.equivalence, target.display)
        for group in found.group
        for element in group.element
        for target in element.target
    }
    assert {
        ("Alvedon", "equal", "Alvedon"),
        ("=Ipren dragé", "wider", "Ipren"),
        ("Alvedon forte", "disjoint", "Alvedon forte"),
        ('Citodon "mite" 1 | 2', "inexact", "Citodon"),
        ("Bara här", "unmatched", None),
        ("Bara i väst", "unmatched", None),
    } <= told
    assert {(g.source, g.target) for g in found.group} == {
        ("urn:likare:east:unit", "urn:likare:west:unit"),
        ("urn:likare:east:order", "urn:likare:west:order"),
        ("urn:likare:west:order", "urn:likare:east:order"),
        ("urn:likare:east:line", "urn:likare:west:line"),
    }
    comments = [t.comment for g in found.group for e in g.element for t in e.target if t.equivalence == "inexact"]
    assert all(comments)


def test_csv_holds_no_formula_and_an_unknown_entity_type_is_refused(
    export: Callable[..., Path], capsys: pytest.CaptureFixture[str]
) -> None:
    rows = list(csv.DictReader(io.StringIO(export("csv", "--entity", "order").read_text(encoding="utf-8"))))
    assert {r["entity"] for r in rows} == {"order"}
    assert "'=Ipren dragé" in {r["label_a"] for r in rows}
    assert cli.run(["crosswalk", "export", "x.csv", "--entity", "ordr"]) == 2
    assert "there is no 'ordr'" in capsys.readouterr().err
    assert cli.run(["crosswalk", "export", "x.docx"]) == 2
    assert "end the name with .tsv (SSSOM), .json (ConceptMap) or .csv" in capsys.readouterr().err


def told(settings: Settings) -> set[tuple[str | None, ...]]:
    """The crosswalk by what the items say: no local id in it."""
    con = open_published(settings.data)
    matches = con.execute("SELECT entity, label_a, label_b, 'match' FROM crosswalk").fetchall()
    others = con.execute("SELECT entity, label_a, label_b, ruling FROM review WHERE effect <> 'match'").fetchall()
    con.close()
    return {(*map(str, r),) for r in [*matches, *others]}


@pytest.mark.parametrize("kind", ["sssom", "conceptmap"])
def test_what_went_out_comes_in_elsewhere_as_the_same_crosswalk(
    kind: str, published: Settings, with_other_ids: Settings, export: Callable[..., Path], tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    file = export(kind)
    there = copied(with_other_ids, tmp_path / "there")
    assert told(there) != told(published)
    monkeypatch.chdir(there.file.parent)
    assert cli.run(["crosswalk", "import", str(file), "--dry-run"]) == 0
    assert not there.crosswalk.exists()
    assert cli.run(["crosswalk", "import", str(file)]) == 0
    night.run_nights(there)
    assert told(there) == told(published)
    con = open_published(there.data)
    states = {r[0] for r in con.execute("SELECT DISTINCT state FROM review WHERE problem IS NULL").fetchall()}
    assert states == {"imported"}
    assert con.execute("SELECT count(*) FROM review WHERE problem IS NOT NULL").fetchone() == (0,)
    con.close()
    # The same once more changes nothing.
    before = {p.name: p.read_bytes() for p in there.crosswalk.iterdir()}
    capsys.readouterr()
    assert cli.run(["crosswalk", "import", str(file)]) == 0
    assert capsys.readouterr().out.startswith("0 rulings taken in")
    assert {p.name: p.read_bytes() for p in there.crosswalk.iterdir()} == before


def test_a_mapping_without_keys_is_taken_by_its_ids(
    unruled: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    text = (
        "# curie_map:\n#   o: urn:likare:east:order/\n#   v: urn:likare:west:order/\n"
        "subject_id\tpredicate_id\tobject_id\tmapping_justification\tauthor_label\n"
        "o:15\tskos:exactMatch\tv:85\tsemapv:ManualMappingCuration\tFarmaciråd\n"
        "o:999\tskos:exactMatch\tv:86\tsemapv:ManualMappingCuration\tFarmaciråd\n"
    )
    (tmp_path / "own.sssom.tsv").write_text(text, encoding="utf-8")
    there = copied(unruled, tmp_path / "there")
    monkeypatch.chdir(there.file.parent)
    assert cli.run(["crosswalk", "import", str(tmp_path / "own.sssom.tsv")]) == 0
    out = capsys.readouterr().out
    assert out.startswith("1 rulings taken in")
    assert "1 lines passed over: an item is not in the published night" in out and "own.sssom.tsv:6" in out
    (one,) = reviewed.load(there.crosswalk, ["order"], there.domain_names)
    assert (one.reader, one.role, one.label_a, one.keys_b) == (
        "Farmaciråd", "import", "Panodil tablett", (("name", "Panodil tabl."),)
    )  # fmt: skip


DOMAINS = [domain("east", "Öst", ""), domain("west", "Väst", "https://exempel.se/vast#")]
SSSOM_HEAD = (
    "#curie_map:\n#  east: 'urn:likare:east:'\n#  w: 'https://exempel.se/vast#'\n"
    "subject_id\tpredicate_id\tobject_id\tmapping_justification\n"
)


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ("north:order/1\tskos:exactMatch\tw:order/2\tx", "f:5: subject_id: 'north:order/1' is of no domain here"),
        ("east:order/1\tskos:exactMatch\tw:unit/2\tx", "f:5: object_id: a mapping is between items of one entity type"),
        (
            "east:order/1\tskos:exactMatch\teast:order/2\tx",
            "f:5: object_id: a mapping is between items of one entity type",
        ),
        ("east:order/1\towl:sameAs\tw:order/2\tx", "f:5: predicate_id: 'owl:sameAs' is none of"),
    ],
)
def test_a_mapping_that_cannot_be_ours_is_refused_with_its_line(row: str, says: str) -> None:
    with pytest.raises(ReviewError) as caught:
        sssom.read(f"{SSSOM_HEAD}{row}\n", "f", DOMAINS)
    assert str(caught.value).startswith(says)


def test_a_configured_uri_is_used_and_read_back() -> None:
    (line,) = sssom.read(f"{SSSOM_HEAD}east:order/1%7C2\tskos:narrowMatch\tw:order/2\tx\n", "f", DOMAINS)
    assert (line.domain_b, line.entity, line.local_id_a, line.relation) == ("west", "order", "1|2", "narrower")
    text = conceptmap.write([line], *DOMAINS, datetime(2026, 3, 1))
    assert json.loads(text)["group"][0]["target"] == "https://exempel.se/vast#order"
    (back,) = conceptmap.read(text, "f", DOMAINS)
    assert (back.domain_b, back.local_id_a, back.relation) == ("west", "1|2", "narrower")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{", "f:1: not valid JSON"),
        ('{"resourceType": "Patient"}', "f:1: resourceType: a ConceptMap is expected"),
        (
            '{"resourceType": "ConceptMap", "group": [{"source": "urn:x", "target": "urn:y"}]}',
            "f: group[0].source: 'urn:x' is of no domain here",
        ),
    ],
)
def test_a_concept_map_that_cannot_be_ours_is_refused(text: str, says: str) -> None:
    with pytest.raises(ReviewError) as caught:
        conceptmap.read(text, "f", DOMAINS)
    assert str(caught.value).startswith(says)


def test_a_uri_is_checked_in_the_settings(tmp_path: Path) -> None:
    (tmp_path / "likare.toml").write_text(
        '[[domain]]\nname = "a"\nuri = "no uri"\n[[domain]]\nname = "b"\n', encoding="utf-8"
    )
    with pytest.raises(Exception, match=r"likare\.toml:3: domain\.0\.uri"):
        load_settings({}, tmp_path)


def test_hostile_text_goes_out_on_one_line(export: Callable[..., Path]) -> None:
    text = export("sssom").read_text(encoding="utf-8")
    assert HOSTILE in " ".join(text.split())
    assert (
        len({len(row) for row in csv.reader((t for t in text.split("\n") if t and t[0] != "#"), delimiter="\t")}) == 1
    )
