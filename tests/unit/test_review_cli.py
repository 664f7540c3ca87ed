"""``likare review``: questions in order, every answer saved at once, taken back, applied by the next run."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from flows import cli, night
from flows.cli.review import Walk
from flows.settings import Settings
from tests.support.project import HOSTILE, A, B, deliver, make_project
from transforms.build import reviewed, rulings
from transforms.catalogue import load_catalogue
from transforms.review.reviewing import Proposal, Queue
from transforms.warehouse import Session, open_published

pytestmark = pytest.mark.usefixtures("without_pages")

EAST = {**A, "ORDERS": [*A["ORDERS"], {"ORDER_ID": "15", "NAME": "Panodil tablett", "DOSE": "500", "UNIT_ID": "1"},
                        {"ORDER_ID": "16", "NAME": "Ipren dragé", "DOSE": "400", "UNIT_ID": "1"}]}  # fmt: skip
WEST = {**B, "ORDERS": [*B["ORDERS"], {"ORDER_ID": "85", "NAME": "Panodil tabl.", "DOSE": "500", "UNIT_ID": "71"},
                        {"ORDER_ID": "86", "NAME": "Ipren dr.", "DOSE": "400", "UNIT_ID": "71"}]}  # fmt: skip


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    settings = make_project(tmp_path_factory.mktemp("review"))
    deliver(settings, "east", "2026-03-02", EAST)
    deliver(settings, "west", "2026-03-02", WEST)
    night.run_nights(settings)
    return settings


@pytest.fixture
def project(made: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Settings:
    """The project with a crosswalk folder of the test's own."""
    monkeypatch.chdir(made.file.parent)
    return made.model_copy(update={"crosswalk": tmp_path / "crosswalk"})


def proposal(a: str, b: str, score: float = 0.5, hangs: int = 0, reason: str = "", **evidence: float) -> Proposal:
    return Proposal(
        "east~west", "order", "east", "west", a, b, f"item {a}", f"item {b}", score, reason, evidence, hangs
    )


def walk(settings: Settings, pairs: list[Proposal], *typed: str, reader: str = "AB", role: str = "reader") -> Walk:
    answers = iter([*typed, "q"])
    catalogue = load_catalogue(settings.catalogue)
    con = open_published(settings.data)
    one = Walk(settings, catalogue, Session(con), reader, role, ask=lambda prompt: next(answers))
    one.through(pairs)
    con.close()
    return one


def on_file(settings: Settings) -> list[tuple[str, str, str, str, str]]:
    found = reviewed.load(settings.crosswalk, ["order"], settings.domain_names)
    return sorted((r.ruling, r.label_a, r.label_b, r.reader, r.note) for r in found)


def test_every_answer_is_saved_before_the_next_question(project: Settings) -> None:
    seen: list[int] = []
    answers = iter(["y enligt mötet", "n", "q"])

    def ask(prompt: str) -> str:
        seen.append(len(on_file(project)))
        return next(answers)

    con = open_published(project.data)
    catalogue = load_catalogue(project.catalogue)
    pairs = [proposal("15", "85", hangs=9), proposal("16", "86", hangs=5), proposal("13", "84")]
    Walk(project, catalogue, Session(con), "AB", ask=ask).through(pairs)
    con.close()
    assert seen == [0, 1, 2]
    assert on_file(project) == [
        ("equal", "Panodil tablett", "Panodil tabl.", "AB", "enligt mötet"),
        ("reject", "Ipren dragé", "Ipren dr.", "AB", ""),
    ]


def test_an_answer_is_taken_back_and_asked_again(project: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    one = walk(project, [proposal("15", "85", hangs=9), proposal("16", "86")], "y", "z", "n", "z", "z", "u")
    assert on_file(project) == [("unsure", "Panodil tablett", "Panodil tabl.", "AB", "")]
    assert len(one.given) == 1
    out = capsys.readouterr().out
    assert out.count("Taken back") == 2
    assert "Nothing to undo" in out


def test_taking_back_restores_the_readers_earlier_answer_and_nobody_elses(project: Settings) -> None:
    pair = [proposal("15", "85")]
    walk(project, pair, "n first", reader="AB")
    walk(project, pair, "c", reader="CD")
    walk(project, pair, "y", "z", reader="AB")
    assert on_file(project) == [
        ("close", "Panodil tablett", "Panodil tabl.", "CD", ""),
        ("reject", "Panodil tablett", "Panodil tabl.", "AB", "first"),
    ]


def test_an_item_without_counterpart_is_named_by_its_side(
    project: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    walk(project, [proposal("13", "84")], "0", "0a lokal")
    assert on_file(project) == [("no_counterpart", "Bara här", "", "AB", "lokal")]
    assert "Which item has no counterpart?" in capsys.readouterr().out


def test_what_is_typed_wrong_explains_the_letters(project: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    walk(project, [proposal("15", "85")], "ja", "?", "")
    assert on_file(project) == []
    assert capsys.readouterr().out.count("B is broader") == 3


def test_both_sides_their_differences_and_neighbours_are_shown_as_text(
    project: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    walk(
        project,
        [proposal("11", "81", score=0.4, hangs=4, reason="because", likeness=0.9), proposal("14", "84")],
        "s",
        "s",
    )
    out = capsys.readouterr().out
    assert "2 left · Order" in out
    assert "Chance of being the same 40.0 % · 4 items hang on it · because" in out
    assert "≠   dose" in out and "    name" in out
    assert "likeness +0.9" in out
    assert "consists of line" in out and "Svälj hel" in out
    # An escape sequence or a direction override in an extract never reaches the terminal.
    assert HOSTILE not in out and "\x1b[31m" not in out and "\u202e" not in out


def test_answers_teach_the_order_of_what_is_left() -> None:
    pairs = [proposal(str(i), str(100 + i), score=0.5, form=float(i % 2)) for i in range(20)]
    queue = Queue(pairs)
    for _ in range(10):
        place, p = queue.next() or (0, pairs[0])
        queue.answer(place, "equal" if p.evidence["form"] else "reject")
    chances = {p.evidence["form"]: queue.chance(i) for i, p in enumerate(pairs)}
    assert chances[1.0] > 0.75 and chances[0.0] < 0.25


def test_a_match_settles_the_other_pairs_of_its_items_until_it_is_taken_back() -> None:
    queue = Queue([proposal("1", "11", hangs=9), proposal("1", "12"), proposal("2", "11"), proposal("2", "12")])
    place, _ = queue.next() or (0, None)
    before = queue.places()
    queue.answer(place, "equal")
    assert queue.places() == (3,)
    queue.take_back(place, before)
    assert queue.places() == (0, 1, 2, 3)


def test_the_weightiest_comes_first_and_what_was_ruled_before_comes_before_all() -> None:
    queue = Queue(
        [
            proposal("1", "11", 0.5, 1),
            proposal("2", "12", 0.5, 900),
            proposal("3", "13", 0.99, 0, "ruled before: moved"),
        ]
    )
    order = []
    while (following := queue.next()) is not None:
        order.append(following[1].local_id_a)
        queue.skip(following[0])
    assert order == ["3", "2", "1"]


def test_the_next_run_applies_the_answers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = make_project(tmp_path)
    deliver(settings, "east", "2026-03-02", EAST)
    deliver(settings, "west", "2026-03-02", WEST)
    monkeypatch.chdir(tmp_path)
    assert cli.run(["run", "--plain", "--latest"]) == 0
    assert cli.run(["review", "status"]) == 0
    assert "Nothing has been ruled yet" in capsys.readouterr().out
    walk(settings, [proposal("15", "85", hangs=9), proposal("12", "82")], "y", "n")
    assert cli.run(["review", "status"]) == 0
    assert "likare run applies them" in capsys.readouterr().out
    # Nothing new was delivered: the night is built again for the rulings alone, and then stands.
    assert cli.run(["run", "--plain"]) == 0
    assert "Published night 2" in capsys.readouterr().out
    assert cli.run(["run", "--plain"]) == 0
    assert "Nothing new" in capsys.readouterr().out
    con = open_published(settings.data)
    pairs = con.execute("SELECT local_id_a, local_id_b, rule FROM crosswalk WHERE entity = 'order'").fetchall()
    assert ("15", "85", "reviewed") in pairs
    assert "12" not in [a for a, _, _ in pairs]
    assert [r.effect for r in rulings.rulings(con)] == ["kept apart", "match"]
    con.close()
    assert cli.run(["status"]) == 0
    assert "Reviewed rulings: 1 kept apart, 1 that match" in capsys.readouterr().out
    # What is ruled is not asked again, by nobody.
    for reader in ("AB", "CD"):
        assert cli.run(["review", "ask", "--reader", reader, "--json"]) == 0
        asked = json.loads(capsys.readouterr().out)["pairs"]
        assert {("15", "85"), ("12", "82")} & {(p["local_id_a"], p["local_id_b"]) for p in asked} == set()


def test_answers_may_come_through_a_pipe(
    project: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("s\n"))
    assert cli.run(["review", "ask", "--reader", "AB", "--entity", "order"]) == 0
    assert not (project.file.parent / "crosswalk").exists()


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["review", "ask"], "--reader: say who answers"),
        (["review", "ask", "--reader", "AB", "--entity", "ordr"], "--entity: there is no 'ordr'"),
    ],
)
def test_what_is_missing_is_said_in_one_line(
    project: Settings, capsys: pytest.CaptureFixture[str], arguments: list[str], says: str
) -> None:
    assert cli.run(arguments) == 2
    err = capsys.readouterr().err
    assert err.count("\n") == 1 and says in err


def test_a_file_that_does_not_hold_stops_the_run_before_it_begins(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = make_project(tmp_path)
    settings.crosswalk.mkdir()
    (settings.crosswalk / "order.tsv").write_text("ruling\tdomain_a\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert cli.run(["run", "--plain"]) == 15
    assert "order.tsv:1: label_a: the column is missing" in capsys.readouterr().err
    assert not (settings.data / "archive.duckdb").exists()
