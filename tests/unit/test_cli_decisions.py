"""``likare decisions``: the register is checked, recorded and applied by the next run."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.support.command import Likare
from tests.support.project import HOSTILE, B, changed, deliver

pytestmark = pytest.mark.usefixtures("without_pages")

RULED = """
decisions:
  - {id: D1, covers: {rule: {entity: order, attribute: dose, label: Alvedon forte}}, ruling: adopt, adopt: east, SAID}
  - {id: D2, covers: {rule: {entity: order, attribute: dose, label: Kalium*}}, ruling: standard, value: "7", SAID}
  - {id: D3, covers: {rule: {entity: order, only_in: east}}, ruling: retire, SAID}
  - {id: D4, covers: {rule: {entity: unit, only_in: west}}, ruling: adopt, adopt: east, SAID}
  - {id: D5, covers: {rule: {entity: unit, only_in: east}}, ruling: adopt, adopt: east, SAID}
  - {id: D6, covers: {rule: {entity: line, attribute: text}}, ruling: adopt, adopt: west, SAID}
""".replace("SAID", "title: T, forum: Styrgrupp, date: 2026-03-02, reason: R, owner: O")


def moves(likare: Likare, *more: str) -> dict[tuple[str, str | None, str, str], dict[str, Any]]:
    """Who is off the target, by item, attribute, who and kind."""
    found = likare.data("export", "moved", "--where", "baseline=target", *more)
    return {(m["label"][:13], m["attribute"], m["who"], m["kind"]): m for m in found}


def test_what_was_ruled_is_checked_recorded_and_applied(copied: Likare) -> None:
    assert moves(copied) == {}
    folder = copied.settings.decisions
    folder.mkdir()
    (folder / "matter.yaml").write_text(RULED, encoding="utf-8")
    checked = copied.ok("decisions", "check")
    assert "Not recorded, so without effect: D1, D2, D3, D4, D5, D6" in checked
    assert "6 decisions, no fault found." in checked
    copied.ok("run")
    assert moves(copied) == {}  # nothing is recorded
    copied.ok("decisions", "record", "--all", "--by", "Sekreterare")
    copied.ok("run")
    assert "6 decisions, no fault found; the log's last hash is " in copied.ok("decisions", "check")
    told = moves(copied)
    assert set(told) == {
        ("Alvedon forte", "dose", "b", "changed"),
        (HOSTILE[:13], "dose", "apart", "changed"),
        ("Bara här", None, "a", "added"),  # to be retired
        ("gram", None, "b", "added"),  # the side that was adopted has none
        ("millilitre", None, "b", "removed"),
        ("Med vatten", "text", "a", "changed"),
    }
    values = {k[0]: (m["base_a"], m["base_b"], m["value_a"], m["value_b"]) for k, m in told.items() if k[1]}
    assert values["Alvedon forte"] == ("1000", "1000", "1000", "500")
    assert values[HOSTILE[:13]] == ("7", "7", "1", "500")
    assert values["Med vatten"] == ("Utan vatten", "Utan vatten", "Med vatten", "Utan vatten")
    assert {m["outcome"] for m in told.values()} == {"further"}
    # An item says which decision governs it, and as what.
    [governed] = copied.data("explain", "order:Alvedon forte")["decisions"]
    assert (governed["attribute"], governed["decision_id"], governed["ruling"]) == ("dose", "D1", "adopt")
    assert governed["why"].startswith("covered as rule (") and "ruled 2026-03-02" in governed["why"]
    assert "Decisions:" in copied.ok("explain", "order:Alvedon forte")
    changes = copied.data("target", "changes", "west")
    assert ("Alvedon forte", "500", "1000") in {(c["label"], c["now"], c["wanted"]) for c in changes}
    assert f"{len(changes)} of {len(changes)} changes." in copied.ok("target", "changes", "west")
    assert "--domain: there is no 'north'" in copied.refused(2, "target", "changes", "north")
    # What the domain has come to say as was ruled is off the target no more.
    deliver(copied.settings, "west", "2026-03-03", changed(B, "ORDERS", "DOSE", "1000"))
    copied.ok("run")
    assert {k[0] for k in moves(copied, "--where", "attribute=dose")} == {HOSTILE[:13]}
    # A log that was altered is found.
    log = folder / "audit.jsonl"
    log.write_text(log.read_text(encoding="utf-8").replace("Sekreterare", "Ordförande", 1), encoding="utf-8")
    assert "audit.jsonl:1: was altered after it was written" in copied.refused(16, "decisions", "check")


def test_a_new_decision_begins_with_what_it_may_name(fresh: Likare) -> None:
    printed = fresh.ok("decisions", "new", "S-1")
    assert "- id: S-1" in printed and "hslf-fs-2016-40" in printed
    assert json.loads(fresh.ok("decisions", "schema"))["title"] == "RegisterFile"
