"""What is derived from a catalogue, what rules change, and what a fault of the engine becomes."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import fields
from pathlib import Path
from typing import Any

import duckdb
import pytest

from expectations.checks import CheckResult, Results, run, stopped, store
from expectations.measuring import Measuring
from expectations.rules import Rules, load_rules
from expectations.suites import Check, derive
from transforms.catalogue import Catalogue, load_catalogue
from transforms.words.errors import CatalogueError, WarehouseError

HEAD = "catalogue: toy\ntitle: Toy\nareas: {orders: {title: Orders}}\n"
CODE = """
entity: code
title: Code
area: orders
source: {table: CODE, local_id: ID}
keys: [[display]]
attributes:
  display: DISPLAY
  code_set: {column: CODE_SET, compare: number}
"""
DRUG = """
entity: drug
title: Drug
area: orders
max_rejected_share: 0.2
source: {table: DRUG, local_id: ID}
parent: {entity: code, column: CODE_ID}
keys:
  - {"on": [cki], rule: vendor_identifier}
  - {"on": [parent, name], fold_case: true}
  - [says]
signatures: {says: {entity: part, of: [text]}}
attributes:
  cki: {column: CKI, weight: 0}
  name: {column: NAME, compare: text, required: true}
  route: {column: ROUTE_CD, references: code, code_set: 4001, allowed: [1, 2]}
  strength: {column: STRENGTH, compare: number}
  hidden: {column: HIDDEN, compare: flag}
  begin_effective: {column: BEGIN_DT, compare: date}
  end_effective: {column: END_DT, compare: date}
  staff: {column: STAFF, personal: true, required: true, compare: number}
  unit: {column: UNIT, required: true, when: {HIDDEN: 0}}
  routes: {column: ROUTES, compare: set, allowed: [a, b]}
"""
PART = """
entity: part
title: Part
area: orders
role: component
source: {table: PART, local_id: ID}
parent: {entity: drug, column: DRUG_ID}
keys: [[parent, text], {on: [parent], occurrence: text}]
attributes:
  text: TEXT
  value: {column: VALUE, references: {type_column: KIND, types: {DRUG: drug, CODE: code}}, code_set: 7}
"""


@pytest.fixture(scope="module")
def catalogue(tmp_path_factory: pytest.TempPathFactory) -> Catalogue:
    folder = tmp_path_factory.mktemp("toy")
    for name, text in {"catalogue": HEAD, "code": CODE, "drug": DRUG, "part": PART}.items():
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    return load_catalogue(folder)


@pytest.fixture(scope="module")
def checks(catalogue: Catalogue) -> dict[str, Check]:
    found = derive(catalogue)
    assert len({c.check_id for c in found}) == len(found)
    return {c.check_id: c for c in found}


def test_importing_the_package_leaves_great_expectations_alone() -> None:
    program = (
        "import sys, expectations, expectations.checks, expectations.suites, expectations.rules\n"
        "sys.exit('great_expectations' in sys.modules)"
    )
    root = Path(__file__).parents[2]
    assert subprocess.run([sys.executable, "-c", program], cwd=root).returncode == 0


def test_every_check_of_an_entity_type_is_derived(checks: dict[str, Check]) -> None:
    assert {c for c in checks if c.startswith("drug.")} == {
        "drug.table_delivered",
        "drug.rows_present",
        "drug.rows_kept",
        "drug.rows_collapse",
        "drug.rows_jump",
        "drug.rows_in_band",
        "drug.columns_kept",
        "drug.not_rolled_back",
        "drug.rows_quarantined",
        "drug.local_id_present",
        "drug.local_id_unique",
        "drug.required.name",
        "drug.required.unit",
        "drug.allowed.route",
        "drug.allowed.routes",
        "drug.number.strength",
        "drug.flag.hidden",
        "drug.date.begin_effective",
        "drug.date.end_effective",
        "drug.dates_in_order.begin_effective",
        "drug.key_unique.cki",
        "drug.key_unique.parent+name",
        "drug.reference_resolves.parent",
        "drug.reference_resolves.route",
        "drug.code_set.route",
    }


def test_a_component_must_name_its_parent_and_an_item_need_not(checks: dict[str, Check]) -> None:
    assert "part.required.parent" in checks
    assert "drug.required.parent" not in checks


def test_severities_and_thresholds_follow_what_is_at_stake(checks: dict[str, Check]) -> None:
    critical = {c.kind for c in checks.values() if c.severity == "critical"}
    assert critical == {
        "rows_kept", "rows_collapse", "rows_jump", "rows_quarantined", "local_id_present", "local_id_unique",
        "columns_kept", "not_rolled_back",
    }  # fmt: skip
    assert checks["drug.rows_quarantined"].threshold == 0.2
    assert (checks["drug.rows_collapse"].threshold, checks["drug.rows_jump"].threshold) == (0.5, 1.0)
    assert checks["drug.rows_collapse"].least == checks["drug.rows_jump"].least == 20
    assert checks["drug.key_unique.cki"].severity == "warning"
    assert checks["drug.key_unique.parent+name"].severity == "info"
    assert checks["drug.reference_resolves.route"].threshold == 0.05


def test_what_cannot_be_tested_says_so(checks: dict[str, Check]) -> None:
    assert {c.check_id for c in checks.values() if c.never} == {
        "drug.required.unit",
        "drug.allowed.routes",
        "part.key_unique.parent",
    }
    assert not any("staff" in c for c in checks)


def test_a_code_set_without_a_code_set_attribute_never_applies(tmp_path: Path) -> None:
    for name, text in {"catalogue": HEAD, "code": CODE.replace("code_set:", "set_number:"), "part": PART}.items():
        text = text.replace("DRUG: drug, ", "").replace("entity: drug", "entity: code")
        (tmp_path / f"{name}.yaml").write_text(text, encoding="utf-8")
    (check,) = [c for c in derive(load_catalogue(tmp_path)) if c.kind == "code_set"]
    assert check.never


def _rules(tmp_path: Path, text: str) -> Rules:
    path = tmp_path / "rules.yaml"
    path.write_text(text, encoding="utf-8")
    return load_rules(path)


def test_the_last_fitting_rule_wins_field_by_field(catalogue: Catalogue, tmp_path: Path) -> None:
    rules = _rules(
        tmp_path,
        """
        rules:
          - {check: "drug.*", severity: info, note: all}
          - {check: "drug.required.*", threshold: 0.5, note: some}
          - {check: "drug.*", catalogue: another, severity: critical, note: elsewhere}
        """,
    )
    found = {c.check_id: c for c in derive(catalogue, rules)}
    name = found["drug.required.name"]
    assert (name.severity, name.threshold, name.note) == ("info", 0.5, "some")
    assert found["drug.local_id_unique"].severity == "info"
    assert found["code.local_id_unique"].severity == "critical"
    assert "drug.dates_in_order.begin_effective" not in found


def test_a_rule_for_this_catalogue_must_fit_a_check(catalogue: Catalogue, tmp_path: Path) -> None:
    rules = _rules(tmp_path, "rules: [{check: drg.*, catalogue: toy, severity: info, note: n}]")
    with pytest.raises(CatalogueError, match=r"'drg\.\*' fits no check of catalogue toy"):
        derive(catalogue, rules)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("rule: []", "rule: unknown key"),
        ("rules: [{check: a, severity: info}]", "rules.0.note: is missing; add it"),
        ("rules: [{check: a, severity: bad, note: n}]", "rules.0.severity: input should be"),
        ("rules: [{check: a, threshold: -1, note: n}]", "rules.0.threshold: input should be"),
        ("rules: [{check: a, note: n}]", "rules.0: changes nothing"),
        ("rules: [{check: a, severity: info, note: n, more: 1}]", "rules.0.more: unknown key"),
        ("dates_in_order: [{begin: a, note: n}]", "dates_in_order.0.end: is missing"),
        ("rules: [", "not valid YAML"),
        ("rules: \x07", "not valid YAML"),
        ("- a", r"\(top\): input should be"),
    ],
)
def test_a_wrong_rules_file_is_one_line_with_file_and_field(text: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(CatalogueError, match=f"rules.yaml:?.*{message}") as caught:
        _rules(tmp_path, text)
    assert "\n" not in str(caught.value)


def test_a_rules_file_that_is_missing_or_no_text_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(CatalogueError, match="cannot be read"):
        load_rules(tmp_path / "none.yaml")
    (tmp_path / "bad.yaml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(CatalogueError, match="not UTF-8"):
        load_rules(tmp_path / "bad.yaml")


def test_an_empty_rules_file_has_no_rules(tmp_path: Path) -> None:
    assert _rules(tmp_path, "") == Rules()


def _result(**changes: Any) -> CheckResult:
    fields_: dict[str, Any] = {
        "check_id": "drug.required.name", "entity": "drug", "domain": "north", "column_name": "name",
        "kind": "required", "severity": "critical", "status": "failed", "failed": 2, "total": 8, "threshold": 0.1,
        "note": "n",
    }  # fmt: skip
    return CheckResult(**(fields_ | changes))


def test_only_critical_failures_and_errors_stop_a_night() -> None:
    results = [
        _result(severity=severity, status=status)
        for severity in ("critical", "warning", "info")
        for status in ("passed", "failed", "error", "not_applicable")
    ]
    assert [(r.severity, r.status) for r in stopped(results)] == [("critical", "failed"), ("critical", "error")]


def test_a_result_as_one_line() -> None:
    assert _result(note="Why.").line == (
        "north: drug.required.name (critical): failed: 2 of 8 fail, 0.1 as a share is allowed. Why."
    )
    assert _result(status="error", failed=None, total=None, note="why").line.endswith("error: why")


def test_results_are_stored_as_they_are_and_replace_what_was_there() -> None:
    con = duckdb.connect()
    store(con, [_result(), _result()])
    rows = [_result(domain="it's"), _result(column_name=None, failed=None, total=None, status="error")]
    store(con, Results(rows, {"drug": {"suite": "drug"}}))
    found = con.execute("SELECT * FROM measured.quality")
    assert [c[0] for c in found.description or []] == [f.name for f in fields(CheckResult)]
    assert [CheckResult(*row) for row in found.fetchall()] == rows
    assert con.execute("SELECT entity, document FROM measured.quality_document").fetchall() == [
        ("drug", '{"suite": "drug"}')
    ]
    kinds = dict(con.execute("SELECT column_name, data_type FROM information_schema.columns").fetchall())
    assert (kinds["failed"], kinds["threshold"], kinds["note"]) == ("BIGINT", "DOUBLE", "VARCHAR")


def test_no_result_leaves_an_empty_table() -> None:
    con = duckdb.connect()
    store(con, [])
    assert con.execute("SELECT count(*) FROM measured.quality").fetchall() == [(0,)]


class _Broken:
    def __init__(self, fault: Exception) -> None:
        self.fault = fault

    def execute(self, query: str, parameters: Any = None, /) -> Any:
        raise self.fault


def test_an_unreadable_database_is_an_error_of_every_check_without_a_value_of_it(catalogue: Catalogue) -> None:
    checks = derive(catalogue)
    broken = _Broken(duckdb.ConversionException("Could not convert 'Anna Persson' to INT32"))
    counts = Measuring(broken, catalogue, ("north", "south"), {}, {}).all(checks)
    assert len(counts) == 2 * len(checks)
    assert {c.fault for c in counts.values()} == {"the check could not be run (ConversionException)"}


def test_a_full_disk_ends_the_night_with_its_own_line(catalogue: Catalogue) -> None:
    with pytest.raises(WarehouseError, match="no room left"):
        run(_Broken(WarehouseError("no room left")), catalogue, ["north"], {})


def test_values_never_reach_the_log(catalogue: Catalogue, caplog: pytest.LogCaptureFixture) -> None:
    Measuring(_Broken(duckdb.ConversionException("'Anna Persson'")), catalogue, ("n",), {}, {}).all(derive(catalogue))
    assert "ConversionException" in caplog.text
    assert "Anna" not in caplog.text


def test_no_domains_is_nothing_to_check(catalogue: Catalogue) -> None:
    assert Measuring(_Broken(ValueError()), catalogue, (), {}, {}).all(derive(catalogue)) == {}
