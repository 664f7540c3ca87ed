"""Checks from night to night: what is new, persisting and resolved; the rows that fail."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from expectations import asked, checks, judge
from expectations.checks import CheckResult, Results
from expectations.figures import Row
from expectations.measuring import Told
from expectations.suites import Check
from tests.support.builds import Build, House, house
from transforms.build import measure
from transforms.land import feed, national
from transforms.land.national import CodeList
from transforms.warehouse import Night, open_published
from transforms.words.errors import UsageError

CODE = """
entity: code
title: Code
area: one
source: {table: CODE, local_id: ID}
keys: [name]
attributes:
  name: {column: NAME, required: true}
  set: {column: SET, compare: number}
"""
DRUG = """
entity: drug
title: Drug
area: one
source: {table: DRUG, local_id: ID}
keys: [name]
attributes:
  name: NAME
  form: {column: FORM, references: code}
  strength: {column: STRENGTH, compare: number}
  concept: {column: CONCEPT, weight: 0, national: {list: own, prefix: "OWN!"}}
"""
LISTS = {"own": CodeList.model_validate({"list": "own", "title": "Own", "pattern": "[A-Z][0-9]"})}


def _codes(*names: str) -> list[dict[str, str]]:
    return [{"ID": str(i), "NAME": name, "SET": "1"} for i, name in enumerate(names, 1)]


def _drug(i: int, **fields: str) -> dict[str, str]:
    return {"ID": str(i), "NAME": f"drug {i}", "FORM": "1", "STRENGTH": "1", "CONCEPT": "OWN!A1", **fields}


GOOD: Build = {"CODE": _codes("tablet", "drops"), "DRUG": [_drug(i) for i in range(30)]}


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """A judge that says the same without Great Expectations, which test_quality_spec.py is about."""

    def judged(own: Sequence[Check], rows: Sequence[Row]) -> tuple[dict[tuple[str, str], str], dict[str, Any]]:
        threshold = {c.check_id: c.threshold for c in own}
        seen: dict[str, dict[str, Any]] = {}
        for r in rows:
            status = r.state if r.share is None else ("passed" if r.share <= threshold[r.check_id] else "failed")
            figures = {} if r.share is None else {"failed": r.failed, "total": r.total, "share": r.share}
            seen.setdefault(r.check_id, {})[r.domain] = {"status": status, **figures}
        documents: dict[str, Any] = {}
        for c in own:
            documents.setdefault(c.entity, {"results": []})["results"].append(
                {
                    "kwargs": {"check_id": c.check_id, "threshold": c.threshold},
                    "meta": {"severity": c.severity, "kind": c.kind, "note": c.note},
                    "raised_exception": False,
                    "result": {"details": {"domains": seen[c.check_id]}},
                }
            )
        return {(r.check_id, r.domain): seen[r.check_id][r.domain]["status"] for r in rows}, documents

    monkeypatch.setattr(judge, "judge", judged)


@pytest.fixture
def home(tmp_path: Path) -> House:
    return house(tmp_path, CODE, DRUG)


def _night(home: House, build: Build | None = None, lists: dict[str, CodeList] | None = None) -> Results:
    """A night on which domain a delivers the build (b always the good one), checked and published."""
    lists = LISTS if lists is None else lists
    if not home.snapshots:
        home.land("b", GOOD)
    if build is not None:
        home.land("a", build)
    made: list[Results] = []

    def check(night: Night) -> None:
        national.carry(night, lists, datetime(2026, 1, 1))
        told = Told(history=feed.item_history(night), columns=feed.columns_gone(night, home.catalogue))
        results = checks.run(
            night, home.catalogue, home.domains, measure.previous_item_counts(night), snapshots=home.snapshots,
            lists=lists, told=told,
        )  # fmt: skip
        made.append(checks.compared(results, night))
        checks.store(night, made[0])
        checks.store_failures(night)

    home.checking = check
    with home.building(datetime(2026, 1, home.warehouse.last_night + 1)) as night:
        night.complete = True
    return made[0]


def _of(results: Sequence[CheckResult], check_id: str, domain: str = "a") -> CheckResult:
    (found,) = [r for r in results if (r.check_id, r.domain) == (check_id, domain)]
    return found


def _published(home: House, query: str) -> list[tuple[Any, ...]]:
    con = open_published(home.warehouse.folder)
    try:
        return con.execute(query).fetchall()
    finally:
        con.close()


def _with(build: Build, table: str, place: int, **fields: str) -> Build:
    rows = [dict(row) for row in build[table]]  # type: ignore[arg-type]
    rows[place] |= fields
    return {**build, table: rows}


def test_a_failure_is_new_then_persists_then_is_resolved(home: House) -> None:
    bad = _with(GOOD, "DRUG", 4, STRENGTH="lots")
    check = "drug.number.strength"
    told = []
    for build in (GOOD, bad, None, _with(bad, "DRUG", 5, NAME="other"), GOOD, None, bad):
        one = _of(_night(home, build), check)
        told.append((one.status, one.state, one.since_night))
    assert told == [
        ("passed", None, None), ("failed", "new", 2), ("failed", "persisting", 2), ("failed", "persisting", 2),
        ("passed", "resolved", 2), ("passed", None, None), ("failed", "new", 7),
    ]  # fmt: skip
    assert _published(
        home, f"SELECT state, since_night, since FROM quality WHERE check_id = '{check}' AND domain = 'a'"
    ) == [("new", 7, datetime(2026, 1, 7))]


def test_how_the_checks_went_is_kept_for_every_night(home: House) -> None:
    good = _night(home, GOOD)
    for name in ("tablet", "tablet", "drops"):  # the code's name twice, the night after still, then put right
        _night(home, {**GOOD, "CODE": _codes("tablet", name)})
    failing = "SELECT night_id, failed, total FROM published.quality_history WHERE check_id = 'code.key_unique.name'"
    assert _published(home, f"{failing} AND domain = 'a' ORDER BY 1") == [(2, 1, 2), (3, 1, 2)]
    counted = _published(home, "SELECT night_id, sum(checks) FROM published.quality_count GROUP BY 1 ORDER BY 1")
    assert counted == [(n, len(good)) for n in (1, 2, 3, 4)]


def test_a_failure_that_cannot_be_seen_tonight_is_not_resolved(home: House) -> None:
    _night(home, _with(GOOD, "DRUG", 4, STRENGTH="lots"))
    without = {**GOOD, "DRUG": [{k: v for k, v in row.items() if k != "STRENGTH"} for row in GOOD["DRUG"]]}  # type: ignore[union-attr]
    results = _night(home, without)
    one = _of(results, "drug.number.strength")
    assert (one.status, one.state, one.since_night) == ("not_applicable", "unseen", 1)
    gone = _of(results, "drug.columns_kept")
    assert (gone.status, gone.severity, gone.failed) == ("failed", "critical", 1)
    again = _of(_night(home, _with(GOOD, "DRUG", 4, STRENGTH="lots")), "drug.number.strength")
    assert (again.status, again.state, again.since_night) == ("failed", "persisting", 1)


def test_the_same_figures_are_not_judged_again(home: House, monkeypatch: pytest.MonkeyPatch) -> None:
    bad = _with(GOOD, "DRUG", 4, STRENGTH="lots")
    for _ in range(6):  # until the bands have nights enough and stand still
        first = _night(home, bad)
    monkeypatch.setattr(judge, "judge", lambda *_: pytest.fail("nothing is to be judged"))
    second = _night(home, bad)
    assert [r for r in second if r.status == "failed"]
    assert list(second) == list(first)
    assert second.documents == first.documents


def test_a_night_on_top_of_another_counts_what_one_from_nothing_counts(home: House, tmp_path: Path) -> None:
    """Builds that change one thing each: a night on top of another says what a night from nothing says."""
    steps = [
        GOOD,
        _with(GOOD, "DRUG", 3, FORM="9"),
        # only the target changes
        {
            **_with(GOOD, "DRUG", 3, FORM="9"),
            "CODE": [*_codes("tablet", "drops"), {"ID": "9", "NAME": "", "SET": "1"}],
        },
        # a row is delivered twice: the items are the same
        {**GOOD, "DRUG": [*GOOD["DRUG"], *([GOOD["DRUG"][0]] * 12)]},  # type: ignore[list-item]
    ]
    for n, build in enumerate(steps):
        carried = {(r.check_id, r.domain): (r.status, r.failed, r.total) for r in _night(home, build)}
        fresh_home = house(tmp_path / f"fresh{n}", CODE, DRUG)
        fresh = _night(fresh_home, build)
        untimed = ("rows_present", "rows_kept", "rows_collapse", "rows_jump", "rows_in_band", "columns_kept")
        for r in fresh:
            if r.kind not in untimed:
                assert carried[r.check_id, r.domain] == (r.status, r.failed, r.total), (n, r.check_id, r.domain)


def test_the_first_failing_rows_are_published_and_all_can_be_had(home: House) -> None:
    bad = {**GOOD, "DRUG": [_drug(i, STRENGTH="lots" if i < 12 else "1") for i in range(30)]}
    for _ in range(2):
        _night(home, bad)
        found = _published(
            home, "SELECT ordinal, local_id, label, column_name, value FROM quality_failure "
            "WHERE check_id = 'drug.number.strength' AND domain = 'a' ORDER BY ordinal",
        )  # fmt: skip
        assert len(found) == 10
        assert found[0] == (1, "0", "drug 0", "strength", "lots")
    con = open_published(home.warehouse.folder)
    rows = asked.rows(con, home.catalogue, "drug.number.strength", ["a"], lists=LISTS, limit=None)
    assert {r.local_id for r in rows} == {str(i) for i in range(12)}
    with pytest.raises(UsageError, match="is of the table as a whole"):
        asked.rows(con, home.catalogue, "drug.rows_kept", ["a"], lists=LISTS, limit=None)
    con.close()
    _night(home, GOOD)
    assert _published(home, "SELECT count(*) FROM quality_failure") == [(0,)]


@pytest.mark.parametrize(
    ("check", "build", "wrong"),
    [
        ("drug.reference_resolves.form", _with(GOOD, "DRUG", 3, FORM="77"), [("3", "drug 3", "77")]),
        ("code.required.name", _with(GOOD, "CODE", 1, NAME=""), [("2", None, None)]),
        (
            "drug.key_unique.name",
            _with(GOOD, "DRUG", 3, NAME="drug 4"),
            [("3", "drug 4", "drug 4"), ("4", "drug 4", "drug 4")],
        ),
        ("drug.local_id_unique", {**GOOD, "DRUG": [*GOOD["DRUG"], *([GOOD["DRUG"][0]] * 12)]}, [("0", None, "12")]),  # type: ignore[list-item]
        ("drug.national_code.concept", _with(GOOD, "DRUG", 3, CONCEPT="OWN!12"), [("3", "drug 3", "12: malformed")]),
    ],
)
def test_the_rows_shown_are_those_that_fail(
    home: House, check: str, build: Build, wrong: list[tuple[str | None, ...]]
) -> None:
    _night(home, build)
    con = open_published(home.warehouse.folder)
    rows = asked.rows(con, home.catalogue, check, ["a"], lists=LISTS, limit=None)
    con.close()
    assert [(r.local_id, r.label, r.value) for r in rows] == wrong


def test_national_codes_are_checked_by_their_list_or_by_their_form(home: House, tmp_path: Path) -> None:
    build = _with(_with(GOOD, "DRUG", 3, CONCEPT="OWN!B2"), "DRUG", 4, CONCEPT="SNOMED!1")
    alone = _of(_night(home, build), "drug.national_code.concept")
    # 29 begin with the prefix, and every one of them has the form of a code.
    assert (alone.status, alone.failed, alone.total) == ("passed", 0, 29)
    assert "only the form of the code is tested" in alone.note
    assert "bara kodens form" in alone.note_sv
    path = tmp_path / "own.csv"
    path.write_text("Code;Text\nA1;one\n", encoding="utf-8")
    with home.warehouse.archive() as archive:
        national.add(archive, LISTS["own"], path, "1", now=datetime(2026, 1, 1))
    # Nothing was delivered, and yet the check is made anew: the list is here now.
    listed = _of(_night(home), "drug.national_code.concept")
    assert (listed.status, listed.failed, listed.total) == ("failed", 1, 29)
    con = open_published(home.warehouse.folder)
    rows = asked.rows(con, home.catalogue, "drug.national_code.concept", ["a"], lists=LISTS, limit=None)
    con.close()
    assert [(r.local_id, r.value) for r in rows] == [("3", "B2: unknown")]


def test_an_attribute_of_a_list_that_nobody_declared_is_refused(home: House) -> None:
    from transforms.words.errors import CatalogueError

    with pytest.raises(CatalogueError, match=r"drug: attributes\.concept\.national: no list is called 'own'"):
        _night(home, GOOD, lists={})


def test_every_note_of_the_built_in_catalogue_is_in_swedish() -> None:
    from expectations.suites import derive
    from transforms.catalogue import load_catalogue

    untranslated = {c.note for c in derive(load_catalogue("millennium")) if c.note_sv == c.note}
    assert untranslated == set()
