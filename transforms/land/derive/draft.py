"""A derived entity type as a file for the catalogue, with what each line rests on."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import yaml

from transforms.land.derive.build import Derived

_HEAD = """\
# A draft, made from what {domains} delivered. Look it over before you keep it: take 'derived' out,
# give it an area, titles in both languages and weights by what a difference would mean for a patient. Kept as it is, it
# is compared like this and counts nowhere.
"""


def draft(derived: Derived, domains: list[str]) -> str:
    """The YAML text; ``domains`` are named in its head. It loads where the catalogue has what it refers to."""
    fields = dict(derived.fields)
    keys, attributes = fields.pop("keys"), fields.pop("attributes")
    said = {e.column: e for e in derived.evidence}
    reasons = [e for e in derived.evidence if e.role == "key"]
    lines = [_HEAD.format(domains=" and ".join([", ".join(domains[:-1]), domains[-1]] if domains[1:] else domains))]
    lines += [f"# {e.role}: {_shown(e)}\n" for e in derived.evidence if e.role in ("local id", "left out")]
    lines.append(_yaml(fields))
    lines.append("keys:\n")
    for key, reason in zip(keys, reasons, strict=True):
        lines.append(f"  - {_key(key)} # {_reason(reason)}\n")
    lines.append("attributes:\n")
    for name, attribute in attributes.items():
        evidence = said.get(attribute["column"])
        note = f" # {_reason(evidence)}" if evidence and evidence.role != "key" else ""
        lines.append(f"  {name}: {_flow(attribute)}{note}\n")
    return "".join(lines)


def needed(derived: Derived, described: Collection[str]) -> list[str]:
    """The entity types that it refers to and that are not among those described."""
    found = {t for r in derived.entity.references.values() for t in r.to}
    return sorted(found - {derived.entity.entity, *described})


def _key(key: Any) -> str:
    # Only here is "on" a word like any other: the catalogue reads true and false as booleans and nothing else.
    return _flow(key) if isinstance(key, list) else _flow(key).replace("'on':", "on:", 1)


def _shown(evidence: Any) -> str:
    return f"{_line(evidence.column)}: {_reason(evidence)}"


def _reason(evidence: Any) -> str:
    return f"{_line(evidence.reason)} ({evidence.confidence:.2f})"


def _line(text: str) -> str:
    # A name of a delivered column may hold anything, a line's end too.
    return " ".join(text.split())


def _yaml(fields: dict[str, Any]) -> str:
    return yaml.safe_dump(fields, sort_keys=False, allow_unicode=True, default_flow_style=None, width=120)


def _flow(value: Any) -> str:
    text = yaml.safe_dump(value, sort_keys=False, allow_unicode=True, default_flow_style=True, width=10_000)
    return text.strip().removesuffix("\n...").strip()
