# ruff: noqa: E501 (drawn tables stand on one line)
"""Shares of valid national codes and of equal ones, with the real ICD-10-SE and KVÅ, and by form where no list is kept."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import pytest

from tests.spec.test_decisions import decision, recorded
from tests.support.builds import HEAD, Answer, house
from tests.support.shared import shared
from transforms.land import national
from transforms.land.national import load_lists

LISTS = load_lists()
TERM = """
entity: term
title: Term
area: one
source: {table: TERM, local_id: ID}
keys: [name]
attributes:
  name: {column: NAME, weight: 0}
  code: {column: CODE, national: [{list: icd10se, prefix: "ICD10!"}, {list: kva, prefix: "KVA!"}]}
  unit: {column: UNIT, national: hsa_id}
"""
A = "ID|NAME|CODE|UNIT\n1|x|ICD10!J18.9|SE2321000131-E1\n2|y|ICD10!j189|SE2321000131-Å\n3|z|ICD10!Q99Q9|\n4|v|KVA!AAA00|\n5|u||"
B = "ID|NAME|CODE|UNIT\n1|x|ICD10!J18.9|SE2321000131-E1\n2|y|ICD10!J18.0|SE2321000255-E1\n3|z|ICD10!Q99Q9|\n4|v|KVA!AAA00|\n5|u|KVA!ZZZ99|"


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory) -> Answer:
    h = house(tmp_path_factory.mktemp("national"), TERM, head=HEAD)
    with h.warehouse.archive() as archive:
        for name in ("icd10se", "kva"):
            path = shared("swedish/socialstyrelsen_2021")
            national.add(archive, LISTS[name], path, "2021", valid_from=date(2021, 1, 1), now=datetime(2026, 1, 1))
    h.lists = LISTS
    h.night(a={"TERM": A}, b={"TERM": B})
    recorded(h, decision("D1", "{item: {entity: term, key: y}}", "adopt", ", adopt: a"))
    return h.night()


def test_shares_of_valid_codes(night: Answer) -> None:
    night.shows(
        "national_code",
        """
        domain | attribute | list    | items | valid | retired | invalid | malformed | unverified | missing | share | formed_share
        a      | code      | icd10se | 5     | 2     | 0       | 0       | 1         | 0          | 2       | 0.4   | 0.4
        b      | code      | icd10se | 5     | 2     | 0       | 0       | 1         | 0          | 2       | 0.4   | 0.4
        a      | code      | kva     | 5     | 1     | 0       | 0       | 0         | 0          | 4       | 0.2   | 0.2
        b      | code      | kva     | 5     | 1     | 0       | 1       | 0         | 0          | 3       | 0.2   | 0.4
        a      | unit      | hsa_id   | 5     | 0     | 0       | 0       | 1         | 1          | 3       |       | 0.2
        b      | unit      | hsa_id   | 5     | 0     | 0       | 0       | 0         | 2          | 3       |       | 0.4
        """,
        f"night_id = {night.number}",
    )
    night.shows(
        "national_item",
        """
        domain | label | value         | state
        a      | z     | ICD10!Q99Q9   | malformed
        b      | z     | ICD10!Q99Q9   | malformed
        b      | u     | KVA!ZZZ99     | invalid
        """,
        "state <> 'missing' AND attribute = 'code'",
    )


def test_the_same_code_on_both_sides(night: Answer) -> None:
    night.shows(
        "same_code",
        """
        attribute | list    | matched | both | same | share
        code      | icd10se | 5       | 3    | 2    | 0.6667
        code      | kva     | 5       | 1    | 1    | 1
        unit      | hsa_id   | 5       | 2    | 1    | 0.5
        """,
        f"night_id = {night.number}",
    )


def test_the_target_knows_where_two_agree_and_both_are_off_a_national_rule(night: Answer) -> None:
    night.shows(
        "target_off_rule",
        """
        label | attribute | value       | provenance | list    | state     | decision_id
        z     | code      | ICD10!Q99Q9 | agreed     | icd10se | malformed |
        y     | unit      | SE2321000131-Å | decision | hsa_id   | malformed | D1
        """,
    )


def test_a_list_retires_a_code(tmp_path: Path) -> None:
    h = house(tmp_path, TERM, head=HEAD)
    h.lists = LISTS
    with h.warehouse.archive() as archive:
        for year, codes in ((2025, "J189\tx\nJ180\ty"), (2026, "J180\ty")):
            folder = tmp_path / str(year)
            folder.mkdir()
            (folder / "codes.txt").write_text(codes + "\n", encoding="utf-8")
            declared = LISTS["icd10se"].model_copy(update={"header": False, "columns": {"code": 1, "text": 2}})
            national.add(
                archive,
                declared,
                folder / "codes.txt",
                str(year),
                valid_from=date(year, 1, 1),
                now=datetime(2026, 1, 1),
            )
    night = h.night(a={"TERM": A}, b={"TERM": B})
    found = night.rows(
        "national_item", "domain, label, state", "list = 'icd10se' AND state NOT IN ('missing', 'malformed')"
    )
    assert found == [("a", "x", "retired"), ("a", "y", "retired"), ("b", "x", "retired")]
    h.close()
