"""The register's files: what is refused, in one clear line with file, line and field; the log; the workbook's cells."""

# ruff: noqa: E501 (a fault and what is said of it stand on one line)

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.builds import write_catalogue
from tests.support.project import LINE, ORDER, UNIT
from transforms.catalogue import load_catalogue
from transforms.land.workbook import harmless, sheet_name, writable, write_table
from transforms.register import audit, load_register
from transforms.register.stamps import Stamp, write_stamp
from transforms.words.errors import DecisionError, UsageError

WHOLE = """
decisions:
  - id: D1
    title: T
    forum: Styrgrupp
    date: 2026-03-01
    covers: {rule: {entity: order}}
    ruling: keep_local
    reason: R
    owner: Role
"""


@pytest.fixture(scope="module")
def catalogue(tmp_path_factory: pytest.TempPathFactory):
    return load_catalogue(write_catalogue(tmp_path_factory.mktemp("c") / "catalogue", UNIT, ORDER, LINE))


@pytest.fixture
def load(tmp_path: Path, catalogue):
    def read(text: str):
        (tmp_path / "matter.yaml").write_text(text, encoding="utf-8")
        return load_register(tmp_path, catalogue, ("east", "west"))

    return read


def second(text: str) -> str:
    return WHOLE + WHOLE.replace("decisions:\n", "").replace("D1", "D2").replace(*text.split(" -> "))


def process(text: str) -> str:
    return WHOLE + "process:\n  - {decision: D1, domain: east, " + text + "}\n"


FAULTS = {
    "unknown key": (WHOLE + "    reson: x\n", "matter.yaml:11: decisions.0.reson: unknown key; did you mean 'reason'?"),
    "missing": (WHOLE.replace("    owner: Role\n", ""), "matter.yaml:3: decisions.0.owner: is missing; add it"),
    "entity": (WHOLE.replace("entity: order", "entity: ordr"), ":7: decisions.0.covers.rule.entity: 'ordr' is not an entity type; did you mean 'order'?"),
    "attribute": (WHOLE.replace("entity: order", "entity: order, attribute: dos"), ":7: decisions.0.covers.rule.attribute: no entity type named has 'dos'"),
    "domain": (WHOLE.replace("entity: order", "entity: order, only_in: north"), ":7: decisions.0.covers.rule.only_in: 'north' is not a domain; known here: east, west"),
    "covers two": (WHOLE.replace("rule: {", "difference: x, rule: {"), "names one of item, difference, cause and rule, and only one"),
    "covers all": (WHOLE.replace("entity: order", "kind: changed"), "names neither an entity nor an area"),
    "no side": (WHOLE.replace("keep_local", "adopt"), "'adopt: DOMAIN' belongs to the ruling adopt"),
    "unknown side": (WHOLE.replace("keep_local", "adopt\n    adopt: north"), ":9: decisions.0.adopt: 'north' is not a domain"),
    "no value": (WHOLE.replace("keep_local", "standard"), "'value: TEXT' belongs to the ruling standard"),
    "basis": (WHOLE + "    basis: [patientdatalag]\n", ":11: decisions.0.basis.0: 'patientdatalag' is not a basis; did you mean 'patientdatalagen'?"),
    "deferred for ever": (WHOLE.replace("keep_local", "defer"), "what is deferred needs 'expires'"),
    "expired before it began": (WHOLE + "    expires: 2025-01-01\n", "'expires' is before 'date'"),
    "twice": (WHOLE + WHOLE.replace("decisions:\n", ""), "'D1' stands in"),
    "contradiction": (second("keep_local -> retire"), "'D2' and 'D1' ("),
    "superseded is later": (second("reason: R -> reason: R\n    supersedes: D1").replace("2026-03-01", "2026-04-01", 1), "is later; date one of them anew"),
    "superseded is not there": (WHOLE + "    supersedes: D9\n", "there is no 'D9'"),
    "not YAML": ("decisions: [", "not valid YAML"),
    "process without decision": ("process:\n  - {decision: D7, domain: east, received: {date: 2026-03-01, by: R}}\n", "there is no decision 'D7'"),
    "verified by word": (process("verified: {date: 2026-03-01, by: R}"), "'verified' is found in the region's next extract, never written"),
    "a step skipped": (process("received: {date: 2026-03-01, by: R}, built: {date: 2026-03-02, by: R}"), "'built' without 'planned'; a step is not skipped"),
    "steps out of order": (process("received: {date: 2026-03-05, by: R}, planned: {date: 2026-03-02, by: R}"), "'planned' is dated before 'received'"),
    "before the decision": (process("received: {date: 2026-02-01, by: R}"), "is dated before the decision itself"),
}  # fmt: skip


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_one_line_that_says_where(load, name: str) -> None:
    text, message = FAULTS[name]
    with pytest.raises(DecisionError) as found:
        load(text)
    assert message in str(found.value)
    assert "\n" not in str(found.value)


def test_two_decisions_on_one_matter_hold_where_one_supersedes_the_other(load) -> None:
    register = load(second("keep_local -> retire\n    supersedes: D1"))
    assert [d.id for d in register.decisions] == ["D1", "D2"]
    assert register.superseded_by == {}  # not before it is recorded


def stamp(name: str) -> Stamp:
    return Stamp(name, "c" * 64, "2026-03-02T00:00:00", "Sekreterare", 1, "2026-03-01", {"east": 1}, 3, ())


def logged(folder: Path, *names: str) -> None:
    for name in names:
        write_stamp(folder, stamp(name))
        audit.append(
            folder, stamp(name), event="recorded", ruling="retire", covers="x", forum="S", ruled_on="2026-03-01"
        )


def test_the_log_holds_together_and_tells_what_was_tampered_with(tmp_path: Path) -> None:
    logged(tmp_path, "D1", "D2", "D3")
    entries = audit.verify(tmp_path)
    assert [e.number for e in entries] == [1, 2, 3]
    path = tmp_path / audit.FILE
    lines = path.read_text().splitlines()

    def refused(changed: list[str]) -> str:
        path.write_text("\n".join(changed) + "\n")
        with pytest.raises(DecisionError) as found:
            audit.verify(tmp_path)
        return str(found.value)

    assert ":2: was altered" in refused([lines[0], lines[1].replace("retire", "adopt"), lines[2]])
    assert ":2: does not follow" in refused([lines[0], lines[2]])
    assert ":1: does not follow" in refused([lines[1], lines[0], lines[2]])
    assert "D3.json: the log knows nothing of it" in refused(lines[:2])
    forged = json.loads(lines[2]) | {"ruling": "adopt"}
    fields = {k: v for k, v in forged.items() if k != "hash"}
    # A line forged with a hash of its own is a line like any other: only the last hash, kept elsewhere, tells.
    forged["hash"] = audit._hash(fields)
    path.write_text("\n".join([*lines[:2], json.dumps(forged)]) + "\n")
    assert audit.verify(tmp_path)[-1].hash != entries[-1].hash
    path.write_text("\n".join(lines) + "\n")
    (tmp_path / "stamped" / "D2.json").write_text(
        (tmp_path / "stamped" / "D2.json").read_text().replace('"covered": 3', '"covered": 4')
    )
    with pytest.raises(DecisionError, match="is not what was recorded on 2026-03-02"):
        audit.verify(tmp_path)


def test_text_from_an_extract_is_never_run_by_a_spreadsheet(tmp_path: Path) -> None:
    hostile = '=HYPERLINK("http://x";"y")'
    assert harmless(hostile).startswith("'=") and harmless("@x")[0] == harmless("-1+1")[0] == "'"
    assert harmless("plain") == "plain"
    assert writable("a\x00b\x1b") == "a?b?"
    assert sheet_name("a/b:c[d]") == "a b c d" and sheet_name("x", ["X"]) == "x 2"
    assert len(sheet_name("å" * 40)) == 31
    for kind in ("csv", "xlsx", "parquet"):
        write_table(tmp_path / f"t.{kind}", ["h", "n"], [(hostile, 1), (None, 2)])
    import openpyxl

    cell = openpyxl.load_workbook(tmp_path / "t.xlsx").active["A2"]
    assert (cell.value, cell.data_type) == (hostile, "s")
    assert (tmp_path / "t.csv").read_text(encoding="utf-8-sig").splitlines()[1].startswith("\"'=HYPERLINK")
    with pytest.raises(UsageError, match=r"end the name with one of .csv, .parquet, .xlsx"):
        write_table(tmp_path / "t.doc", ["h"], [])
    assert sorted(p.name for p in tmp_path.iterdir()) == ["t.csv", "t.parquet", "t.xlsx"]
