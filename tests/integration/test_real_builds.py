"""The whole path on extracts that other people made."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from flows.night import Outcome, run_nights
from flows.settings import load_settings
from tests.support.packed import extract
from tests.support.shared import ROOT, shared
from transforms.warehouse import open_published

pytestmark = pytest.mark.integration


# Months, not nights, lie between these deliveries, so that tables may well double or vanish from one to the next.
MONTHLY = """
rules:
  - {check: "*.rows_*", severity: info, threshold: 1, note: A month lies between two deliveries.}
"""


# One site's files list some concepts twice.
REPEATED = """
rules:
  - {check: "concept.local_id_unique", severity: info, threshold: 1, note: Listed in several files.}
"""


def installation(folder: Path, catalogue: str, deliveries: dict[str, dict[str, Path]], rules: str = "") -> Outcome:
    """Run every night of these deliveries (domain → time → folder) in a data folder of its own."""
    folder.mkdir(parents=True)
    domains = "".join(f'[[domain]]\nname = "{d}"\n' for d in deliveries)
    config = folder / "likare.toml"
    (folder / "rules.yaml").write_text(rules or "rules: []\n")
    head = f'catalogue = "{ROOT}/tests/catalogues/{catalogue}"\ndata = "data"\nrules = "rules.yaml"\n'
    config.write_text(f"[likare]\n{head}{domains}")
    for domain, times in deliveries.items():
        incoming = folder / "data" / "incoming" / domain
        incoming.mkdir(parents=True)
        for time, path in times.items():
            (incoming / time).symlink_to(path, target_is_directory=True)
    return run_nights(load_settings({"LIKARE_CONFIG": str(config)}))


def published(folder: Path) -> duckdb.DuckDBPyConnection:
    return open_published(folder / "data")


def rows(con: duckdb.DuckDBPyConnection, sql: str) -> list[tuple[object, ...]]:
    return con.execute(sql).fetchall()


@pytest.fixture(scope="module")
def con(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    folder = tmp_path_factory.mktemp("sites") / "x"
    builds = {d: {"2026-06-30": shared(f"openmrs_builds/{d}")} for d in ("zl", "sl")}
    outcome = installation(folder, "openmrs", builds)
    assert len(outcome.nights) == 1
    with published(folder) as con:
        yield con


class TestTwoSites:
    """zl (Haiti) and sl (Sierra Leone), built from a common base."""

    def test_every_row_is_landed_and_none_refused(self, con: duckdb.DuckDBPyConnection) -> None:
        found = {r[0]: r[1:] for r in rows(con, "SELECT domain, rows_accepted, rows_quarantined FROM snapshot")}
        for domain, (accepted, quarantined) in found.items():
            assert quarantined == 0
            assert accepted == sum(_records(p) for p in shared(f"openmrs_builds/{domain}").rglob("*.csv"))

    def test_drugs_are_matched_by_business_number_first(self, con: duckdb.DuckDBPyConnection) -> None:
        found = dict(rows(con, "SELECT key_name, count(*) FROM crosswalk WHERE entity = 'drug' GROUP BY 1"))
        assert found["business_number"] == 298

    def test_the_share_with_equal_concept_is_the_published_one(self, con: duckdb.DuckDBPyConnection) -> None:
        assert rows(con, "SELECT numerator, denominator FROM watched") == [(285, 298)]

    def test_names_of_matched_drugs_differ_where_they_do(self, con: duckdb.DuckDBPyConnection) -> None:
        sql = """SELECT comparable - equal FROM attribute_agreement
                 WHERE entity = 'drug' AND attribute = 'name' AND key_name = 'business_number'"""
        assert rows(con, sql) == [(48,)]

    def test_what_one_site_does_not_deliver_is_not_different(self, con: duckdb.DuckDBPyConnection) -> None:
        assert rows(con, "SELECT count(*) FROM difference WHERE entity = 'encounter_type'") == [(0,)]
        assert ("encounter_type", None, "zl") in rows(con, "SELECT entity, attribute, domain FROM not_comparable")
        values = rows(con, "SELECT value FROM measure WHERE subject = 'encounter_type'")
        assert values and all(v == (None,) for v in values)

    def test_locations_are_compared_and_not_scored(self, con: duckdb.DuckDBPyConnection) -> None:
        assert rows(con, "SELECT only_a > 0 AND only_b > 0 FROM entity_count WHERE entity = 'location'") == [(True,)]
        scored = rows(
            con, "SELECT denominator FROM measure WHERE subject = 'patient_administration' AND metric = 'strict'"
        )
        assert scored == [(1.0,)]


def test_near_identical_pair_gives_exactly_its_differences(tmp_path: Path) -> None:
    builds = {d: {"2026-06-30": shared(f"openmrs_builds/{d}")} for d in ("refdemo", "ssuubo")}
    installation(tmp_path / "x", "openmrs", builds)
    with published(tmp_path / "x") as con:
        sql = """SELECT entity, matched, only_a, only_b, matched - identical FROM entity_count
                 WHERE entity IN ('drug', 'privilege', 'role', 'encounter_type') ORDER BY 1"""
        assert rows(con, sql) == [
            ("drug", 325, 0, 0, 7),
            ("encounter_type", 19, 0, 0, 0),
            ("privilege", 52, 0, 0, 0),
            ("role", 24, 0, 0, 0),
        ]


def test_near_identical_concepts_give_exactly_their_differences(tmp_path: Path) -> None:
    builds = {d: {"2026-06-30": shared(f"openmrs_builds/{d}")} for d in ("refdemo", "ssuubo")}
    installation(tmp_path / "x", "openmrs_concepts", builds, REPEATED)
    with published(tmp_path / "x") as con:
        assert rows(con, "SELECT matched, only_a, only_b, matched - identical FROM entity_count") == [(579, 0, 61, 16)]
        found = dict(rows(con, "SELECT attribute, count(*) FROM difference WHERE kind = 'changed' GROUP BY 1"))
        assert (found["name_en"], found["name_fr"], found["class"], found["answers"]) == (13, 11, 2, 1)


def test_two_powerplans_of_two_domains(tmp_path: Path) -> None:
    """The extract as CCL printed it: padded numbers, ids with decimals, a trailing tab, a plan per evidence link."""
    folder = shared("millennium/powerplans_two_domains")
    deliveries = {}
    for i in (1, 2):
        (tmp_path / f"domain_{i}").mkdir()
        (tmp_path / f"domain_{i}" / f"pathways_domain_{i}.txt").symlink_to(folder / f"pathways_domain_{i}.txt")
        deliveries[f"domain_{i}"] = {"2026-06-30": tmp_path / f"domain_{i}"}
    installation(tmp_path / "x", "powerplan_report", deliveries)
    with published(tmp_path / "x") as con:
        assert rows(con, "SELECT domain, rows_accepted, rows_quarantined FROM snapshot ORDER BY 1") == [
            ("domain_1", 4, 0),
            ("domain_2", 4, 0),
        ]
        assert rows(
            con, "SELECT label_a, agreement, identical FROM crosswalk WHERE entity = 'powerplan' ORDER BY 1"
        ) == [
            ("Insulin IV Infusion Inpatient (Acute) Adult (Module)", 1.0, True),
            ("Subcutaneous insulin (Module)", 1.0, True),
        ]
        assert rows(con, "SELECT count(*) FROM crosswalk WHERE local_id_a = local_id_b") == [(0,)]
        assert rows(con, "SELECT count(*) FROM crosswalk WHERE entity = 'plan_evidence'") == [(2,)]
        assert rows(con, "SELECT * FROM difference") == []
        assert rows(con, "SELECT * FROM unmatched") == []


def test_months_as_nights_tell_the_published_story(tmp_path: Path) -> None:
    extract(shared("openmrs_builds/monthly_history_zl_sl.tar.xz"), tmp_path / "months")
    deliveries = {site: {p.name: p for p in sorted((tmp_path / "months" / site).iterdir())} for site in ("zl", "sl")}
    months = sorted({m for times in deliveries.values() for m in times})
    outcome = installation(tmp_path / "x", "openmrs", deliveries, MONTHLY)
    assert [f"{n.as_of:%Y-%m}" for n in outcome.nights] == months
    with published(tmp_path / "x") as con:
        sql = """SELECT numerator, denominator FROM watched WHERE as_of <= '{}-01' ORDER BY night_id DESC LIMIT 1"""
        story = {m: rows(con, sql.format(m))[0] for m in ("2023-06", "2024-12", "2025-12", "2026-06")}
        assert story == {"2023-06": (185, 253), "2024-12": (197, 265), "2025-12": (247, 267), "2026-06": (285, 298)}
        assert rows(con, "SELECT count(*) FROM measure WHERE value < 0 OR value > 1") == [(0,)]
        # What opened less what closed is what is open, over all the months.
        assert rows(con, "SELECT count(*) FROM difference") == rows(
            con,
            "SELECT count(*) FROM difference_history WHERE closed_night IS NULL AND entity NOT IN "
            "(SELECT entity FROM not_comparable WHERE attribute IS NULL)",
        )


def _records(path: Path) -> int:
    import csv

    with path.open(encoding="utf-8-sig", newline="") as handle:
        return max(sum(1 for record in csv.reader(handle) if record) - 1, 0)
