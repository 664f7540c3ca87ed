"""What the truth files compare, by entity type: the same attributes as the catalogue, in terms of the build itself.

``{t}`` stands for one domain's row of ``sample.e_<entity>``. References are numbers in the common build, so that two
domains' rows are equal when they refer to the same item, whatever its local ids are.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Truth:
    """``attributes``: (catalogue attribute, value, cause of a difference or ''); ``blurred``: some have no key."""

    attributes: tuple[tuple[str, str, str], ...]
    lid: str = "{t}.lid::VARCHAR"
    label: str = ""
    blurred: bool = False


def _truth(plain: str, *, linked: str = "", lid: str = Truth.lid, label: str = "", blurred: bool = False) -> Truth:
    attributes = [(name, f'{{t}}."{name}"', "") for name in plain.split()]
    attributes += [(name, f'{{t}}."{name}"', f'{{t}}."{name}_cause"') for name in linked.split()]
    return Truth(tuple(attributes), lid, label, blurred)


_RANGE = (
    ("normal_low", "CASE WHEN {t}.normal_ind = 3 THEN {t}.normal_low END", ""),
    ("normal_high", "{t}.normal_high", ""),
    ("critical_high", "CASE WHEN {t}.critical_ind = 3 THEN {t}.critical_high END", ""),
    ("units", "{t}.units", "{t}.units_cause"),
)

TRUTH: dict[str, Truth] = {
    "code_set": _truth("description alias_unique", label="m.display"),
    "code_value": _truth("display description sequence", label="m.name", blurred=True),
    "event_code": _truth("display description event_set", linked="event_class", label="m.display", blurred=True),
    "oe_field": _truth("accept_size highest", label="m.description"),
    "order_entry_format": _truth("name", label="m.name"),
    "oe_format_field": _truth(
        "accept label_text default field_sequence",
        lid="{t}.format_id || '|' || {t}.action_id || '|' || {t}.field_id",
        label="m.label_text",
    ),
    "orderable": _truth(
        "primary_mnemonic description department_name clinical_category format stop_duration duplicate_check",
        linked="stop_unit event_code",
        label="m.name",
    ),
    "order_synonym": _truth("mnemonic hidden high_alert prescription_mask", label="m.mnemonic"),
    "order_sentence": _truth("usage", linked="display_line"),
    "order_sentence_detail": _truth("amount text", linked="value", lid="{t}.sentence_id || '|' || {t}.sequence"),
    "dta": _truth("mnemonic description single_select", linked="result_type event_code", label="m.mnemonic"),
    "reference_range": Truth(_RANGE),
    "powerplan": _truth("description duration alerts_on_plan", label="m.description"),
    "plan_phase": _truth("optional duration", label="m.description"),
    "plan_component": _truth("parent included required sequence", linked="sentence"),
    "position": _truth("display definition", label="m.name"),
}
