"""An id that two real sites share can lie: three of their 214 shared drug UUIDs are different products."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from tests.support.builds import House
from tests.support.shared import ROOT, shared
from transforms.catalogue import load_catalogue
from transforms.land import landing

pytestmark = pytest.mark.integration

# What the two sites mean by one UUID, where that is not the same.
DIFFERENT = {
    ("Amoxicillin, Powder for oral suspension, 125mg/5mL, 100mL bottle",
     "Amoxicillin, Powder for oral suspension, 250mg/5mL, 100mL bottle"),
    ("Lubricant jelly, approx 45 gram tube", "Lubricant jelly, Sterile, 5 gram packet"),
    ("Phenylephrine hydrochloride, Solution for injection, 10mg/mL, 1mL ampoule",
     "Promethazine hydrochloride, 25mg coated tablet"),
}  # fmt: skip
REASON = "a shared identifier, but the content contradicts it"


def test_the_three_uuids_that_lie_are_reviewed_and_no_other(tmp_path: Path) -> None:
    source, catalogue = ROOT / "tests" / "catalogues" / "openmrs", tmp_path / "catalogue"
    catalogue.mkdir()
    head = (source / "catalogue.yaml").read_text(encoding="utf-8").split("watch:")[0]
    (catalogue / "catalogue.yaml").write_text(head, encoding="utf-8")
    # The drugs, matched by UUID before all else, and weighed by what they say.
    drug = (source / "drug.yaml").read_text(encoding="utf-8")
    number = "  - {name: business_number, on: business_number, rule: vendor_identifier}\n"
    assert number in drug
    drug = drug.replace(number, "").replace("\nattributes:", "\nfuzzy: {}\nattributes:")
    (catalogue / "drug.yaml").write_text(drug, encoding="utf-8")
    house = House(tmp_path, load_catalogue(catalogue), ("zl", "sl"))
    try:
        for domain in house.domains:
            delivery = landing.Delivery(domain, datetime(2026, 6, 30), shared(f"openmrs_builds/{domain}"))
            with house.warehouse.archive() as archive:
                house.snapshots[domain] = landing.land(archive, house.catalogue, delivery).snapshot_id
        night = house.night(at=datetime(2026, 6, 30))
        found = night.rows("candidate", "label_a, label_b, verdict, reason", "local_id_a = local_id_b")
        assert {(a, b) for a, b, _, _ in found} == DIFFERENT
        assert {f[2:] for f in found} == {("review", REASON)}
        # The other 211 stand, 25 of them with names that are written otherwise.
        assert night.rows("equal_id", "on_both_sides, matched_together, equal_ids") == [(214, 211, 211)]
        renamed = "local_id_a = local_id_b AND lower(label_a) <> lower(label_b)"
        assert night.rows("crosswalk", "count(*)", renamed) == [(25,)]
        assert night.rows("crosswalk", "DISTINCT key_name", "local_id_a = local_id_b") == [("uuid",)]
    finally:
        house.close()
