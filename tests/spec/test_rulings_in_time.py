"""Rulings over time: a cause that moves on, one that expires, and a definition that changes under the figures."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from tests.spec.test_causes import DRUG, ORDER, PART
from tests.spec.test_causes import UNIT as MEASURED
from tests.spec.test_decisions import UNIT, A, B, decision, recorded
from tests.support.builds import House, house
from transforms.build import measure
from transforms.register import audit
from transforms.register.asked import alarms, governed
from transforms.register.record import previews
from transforms.words.errors import DecisionError


def said(unit: str, ident: int) -> dict[str, str]:
    """A build in which the unit is called so, and an order's line says it."""
    return {
        "UNIT": f"ID|NAME|CODE|LIKE_ID\n{ident}|{unit}|1|0",
        "DRUG": "ID|NAME|FORM\n1|Alvedon|tablett",
        "ORDERS": f"ID|DRUG_ID|CODE|LINE|DOSE|UNIT_ID|OTHER_ID\n1|1||5 {unit}|5|{ident}|0",
    }


@pytest.fixture
def caused(tmp_path: Path) -> Iterator[House]:
    made = house(tmp_path, MEASURED, DRUG, ORDER, PART)
    yield made
    made.close()


def test_a_cause_that_moves_turns_its_decision_stale_with_all_it_explains(caused: House) -> None:
    night = caused.night(a=said("mg", 1), b=said("milligram", 7))
    ((cause, differences),) = night.rows("cause", "cause_id, differences")
    assert differences == 2
    recorded(caused, decision("D1", f"{{cause: {cause}}}"))
    night = caused.night()
    assert night.rows("decision", "state, covers_now") == [("holds", 2)]
    assert night.figure("total", "justified", "total") == pytest.approx(1)
    # The name moves on, and what it explains with it: both are open again, and it is said.
    night = caused.night(b=said("mikrogram", 7))
    assert night.rows("decision", "state, covers_now, stale_now") == [("stale", 0, 2)]
    assert night.figure("total", "justified", "total") == night.figure("total", "convergence", "total")
    assert any("the builds have moved" in line for line in alarms(night.con))
    ((pair, identity),) = night.rows("difference", "DISTINCT pair_id, identity", "label = '5 mg'")
    assert {r["why"] for r in governed(night.con, pair, identity, 9)} == {
        "open again: the builds have moved since it was recorded"
    }
    assert caused.night(b=said("milligram", 7)).rows("decision", "state, covers_now") == [("holds", 2)]


def test_an_expired_decision_hands_over_to_a_wider_one_and_two_that_overlap_are_both_named(tmp_path: Path) -> None:
    h = house(tmp_path, UNIT)
    h.night(a={"UNIT": A["UNIT"]}, b={"UNIT": B["UNIT"]})
    recorded(
        h,
        decision("D1", "{item: {entity: unit, key: y}}", "defer", ", expires: 2026-03-02"),
        decision("D2", "{rule: {entity: unit, attribute: size}}"),
    )
    night = h.night(at=datetime(2026, 3, 20))
    assert night.rows("decision", "decision_id, state") == [("D1", "expired"), ("D2", "holds")]
    assert night.rows(
        "decision_cover JOIN difference USING (pair_id, difference_id)", "label, attribute, decision_id"
    ) == [
        ("x", "size", "D2"),
        ("y", "shown", "D1"),
        ("y", "size", "D2"),
    ]
    with pytest.raises(
        DecisionError, match=r"'D2' and 'D3' \(.*matter.yaml:\d+\) both cover 1 of the same differences"
    ):
        recorded(
            h,
            decision("D2", "{rule: {entity: unit, attribute: size}}"),
            decision("D3", "{rule: {entity: unit, label: x}}", "retire"),
        )
    register = h.register()
    found = previews(h.newest, h.catalogue, register, [register.decision("D3")])[0]
    assert [o.decision for o in found.overlaps] == ["D2"]
    h.close()


def test_a_log_that_was_tampered_with_stops_everything_that_reads_the_register(tmp_path: Path) -> None:
    h = house(tmp_path, UNIT)
    h.night(a={"UNIT": A["UNIT"]}, b={"UNIT": B["UNIT"]})
    recorded(h, decision("D1", "{rule: {entity: unit, attribute: size}}"))
    night = h.night()
    # What is exported is what stands in the log, hash and all.
    path = h.folder / "decisions" / audit.FILE
    assert [r[0] for r in night.rows("audit", "hash")] == [e.hash for e in audit.verify(path.parent)]
    path.write_text(path.read_text().replace("keep_local", "retire"))
    with pytest.raises(DecisionError, match=r"audit.jsonl:1: was altered after it was written \(D1\)"):
        h.register()
    h.close()


def test_a_night_follows_one_of_an_older_version_that_lacks_a_table(tmp_path: Path) -> None:
    h = house(tmp_path, UNIT)
    h.carries = False
    h.night(a={"UNIT": A["UNIT"]}, b={"UNIT": B["UNIT"]})
    h.close()
    with duckdb.connect(str(next((tmp_path / "data" / "nights").glob("*000001.duckdb")))) as con:
        con.execute("DROP VIEW IF EXISTS published.item_count; DROP TABLE measured.item_count; DROP TABLE decided.task")
    night = h.night()
    assert [r[0] for r in night.rows("measure", "DISTINCT night_id")] == [1, 2]
    h.close()


def test_a_changed_definition_computes_every_earlier_night_by_it_and_marks_where(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    h = house(tmp_path, UNIT)
    h.night(a={"UNIT": A["UNIT"]}, b={"UNIT": B["UNIT"]})
    recorded(h, decision("D1", "{rule: {entity: unit, attribute: size}}"))
    before = h.night(b={"UNIT": B["UNIT"] + "\n6|u|1|1"})
    keys = ["night_id", "level", "subject"]
    old = before.con.execute("SELECT * FROM measure").df()
    # Let convergence, from now on, be the share of identical items among the matched.
    was = "{'metric': 'convergence', 'numerator': agreement_sum, 'denominator': items::DOUBLE}"
    now = "{'metric': 'convergence', 'numerator': identical::DOUBLE, 'denominator': matched::DOUBLE}"
    assert was in measure.SQL
    monkeypatch.setattr(measure, "SQL", measure.SQL.replace(was, now))
    monkeypatch.setattr(measure, "METHOD_VERSION", "test")
    h.carries = False
    after = h.night()
    assert after.rows("seam", "night_id, from_version, to_version") == [(3, "1", "test")]
    counts = after.con.execute("SELECT night_id, identical / matched AS value FROM entity_count").df()
    new = after.con.execute("SELECT * FROM measure").df()
    own_figures = new[(new.metric == "convergence") & (new.level == "entity")].merge(counts, on="night_id")
    assert len(own_figures) == 3 and (own_figures.value_x - own_figures.value_y).abs().max() < 1e-12
    # Every raw figure of every night is by the new version; what rulings gave stays as it was then.
    raw = ~new.metric.isin(["justified", "decided", "implemented"])
    assert set(new[raw].method_version) == {"test"}
    assert set(new[~raw & (new.night_id < 3)].method_version) == {"1"}
    for metric in ("coverage", "justified", "decided"):
        left, right = (
            f[(f.metric == metric) & (f.night_id < 3)].sort_values(keys).reset_index(drop=True)[[*keys, "value"]]
            for f in (old, new)
        )
        pd.testing.assert_frame_equal(left, right)
    h.close()
