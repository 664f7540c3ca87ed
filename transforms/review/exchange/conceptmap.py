"""The crosswalk as a FHIR R4 ConceptMap, going out and coming in.

https://hl7.org/fhir/R4/conceptmap.html . One resource per pair of domains, one group per entity type; the code systems
are ``<domain's URI><entity type>``, the codes local ids. The content keys, and what a ConceptMap has no word for, are
extensions.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from transforms.review.exchange import PREFIX, Domain, Line, json_of_keys, keys_of_json
from transforms.words.errors import ReviewError

EQUIVALENCE = {
    "equal": "equal",
    "retired": "equal",
    "close": "inexact",
    "broader": "wider",
    "narrower": "narrower",
    "reject": "disjoint",
    "no_counterpart": "unmatched",
}
_RELATIONS = {
    "equal": "equal",
    "equivalent": "equal",
    "inexact": "close",
    "relatedto": "close",
    "wider": "broader",
    "subsumes": "broader",
    "narrower": "narrower",
    "specializes": "narrower",
    "disjoint": "reject",
    "unmatched": "no_counterpart",
}
_KEYS, _RULE, _RELATION, _READ = (f"{PREFIX}{name}" for name in ("keys", "rule", "relation", "read"))
# The standard asks for a comment on these.
_COMMENTS = {"inexact": "close, not the same", "narrower": "the target is narrower"}


def write(found: Sequence[Line], a: Domain, b: Domain, as_of: datetime) -> str:
    """The ConceptMap of two domains as JSON. An item of b without counterpart is in a group of the other direction."""
    groups: dict[tuple[str, bool], dict[str, dict[str, Any]]] = {}
    for line in found:
        turned = not line.local_id_a
        own, label, keys = (
            (line.local_id_b, line.label_b, line.keys_b) if turned else (line.local_id_a, line.label_a, line.keys_a)
        )
        element = groups.setdefault((line.entity, turned), {}).setdefault(own, {"code": own, "target": []})
        if label:
            element["display"] = label
        if keys:
            element["extension"] = [_extension(_KEYS, json_of_keys(keys))]
        element["target"].append(_target(line, turned))
    resource = {
        "resourceType": "ConceptMap",
        "id": f"likare-{a.name}-{b.name}".replace("_", "-")[:64],
        "url": f"{PREFIX}crosswalk:{a.name}:{b.name}",
        "version": f"{as_of:%Y-%m-%d}",
        "name": f"Crosswalk_{a.name}_{b.name}",
        "title": f"{a.title} to {b.title}",
        "status": "active",
        "experimental": False,
        "date": f"{as_of:%Y-%m-%d}",
        "sourceUri": f"{a.uri}build",
        "targetUri": f"{b.uri}build",
        "group": [
            {
                "source": f"{(b if turned else a).uri}{entity}",
                "target": f"{(a if turned else b).uri}{entity}",
                "element": list(elements.values()),
            }
            for (entity, turned), elements in groups.items()
        ],
    }
    if not groups:
        del resource["group"]
    return json.dumps(resource, ensure_ascii=False, indent=1) + "\n"


def _extension(url: str, value: str) -> dict[str, str]:
    return {"url": url, "valueString": value}


def _target(line: Line, turned: bool) -> dict[str, Any]:
    equivalence = EQUIVALENCE[line.relation]
    told = [_extension(_RULE, f"{line.rule}: {line.key_name}" if line.key_name != line.rule else line.rule)]
    if line.relation == "retired":
        told.append(_extension(_RELATION, "retired"))
    if line.readers:
        at = f" {line.at:%Y-%m-%d}" if line.at else ""
        told.append(_extension(_READ, f"{line.readers}{at}"))
    made: dict[str, Any] = {"equivalence": equivalence}
    if line.relation != "no_counterpart":
        made["code"] = line.local_id_b
        if line.label_b:
            made["display"] = line.label_b
        if line.keys_b:
            told.append(_extension(_KEYS, json_of_keys(line.keys_b)))
    comment = line.note.strip() or _COMMENTS.get(equivalence, "")
    if comment:
        made["comment"] = comment
    return {"extension": told, **made}


def read(text: str, path: str, domains: Sequence[Domain]) -> list[Line]:
    """The mappings of a ConceptMap, or of every one in a Bundle.

    Raises ReviewError for what is none, or is not of these domains.
    """
    try:
        loaded = json.loads(text)
    except ValueError as fault:
        raise ReviewError(f"{path}:{getattr(fault, 'lineno', 1)}: not valid JSON; mend the file") from None
    if isinstance(loaded, dict) and loaded.get("resourceType") == "Bundle":
        maps = [e.get("resource") for e in _objects(loaded.get("entry"))]
    else:
        maps = [loaded]
    lines: list[Line] = []
    for resource in maps:
        if not isinstance(resource, dict) or resource.get("resourceType") != "ConceptMap":
            raise ReviewError(f"{path}:1: resourceType: a ConceptMap is expected")
        for i, group in enumerate(_objects(resource.get("group"))):
            lines += _group(group, f"{path}: group[{i}]", domains)
    return lines


def _group(group: Mapping[str, Any], where: str, domains: Sequence[Domain]) -> list[Line]:
    source, target = (_system(group.get(f), f"{where}.{f}", domains) for f in ("source", "target"))
    (domain_a, entity), (domain_b, entity_b) = source, target
    if entity != entity_b or domain_a == domain_b:
        raise ReviewError(f"{where}.target: a mapping is between items of one entity type in two domains")
    lines = []
    for j, element in enumerate(_objects(group.get("element"))):
        at = f"{where}.element[{j}]"
        code = element.get("code")
        if not isinstance(code, str) or not code:
            raise ReviewError(f"{at}.code: is missing")
        for k, one in enumerate(_objects(element.get("target"))):
            relation = _RELATIONS.get(str(one.get("equivalence")))
            if relation is None:
                raise ReviewError(
                    f"{at}.target[{k}].equivalence: '{one.get('equivalence')}' is none of {', '.join(_RELATIONS)}"
                )
            if _told(one, _RELATION) == "retired" and relation == "equal":
                relation = "retired"
            found = str(one.get("code") or "")
            if not found and relation != "no_counterpart":
                raise ReviewError(f"{at}.target[{k}].code: is missing; only 'unmatched' may lack one")
            readers, _, when = _told(one, _READ).rpartition(" ")
            lines.append(
                Line(
                    entity,
                    domain_a,
                    domain_b,
                    code,
                    "" if relation == "no_counterpart" else found,
                    relation,
                    str(element.get("display") or ""),
                    str(one.get("display") or ""),
                    keys_of_json(_told(element, _KEYS)),
                    () if relation == "no_counterpart" else keys_of_json(_told(one, _KEYS)),
                    readers=readers.replace(" (import)", ""),
                    at=_date(when),
                    note=str(one.get("comment") or ""),
                    where=at,
                )  # fmt: skip
            )
    return lines


def _system(uri: Any, where: str, domains: Sequence[Domain]) -> tuple[str, str]:
    for d in sorted(domains, key=lambda d: -len(d.uri)):
        if isinstance(uri, str) and uri.startswith(d.uri) and uri[len(d.uri) :]:
            return d.name, uri[len(d.uri) :]
    raise ReviewError(
        f"{where}: '{uri}' is of no domain here; give the domain this beginning as its uri in likare.toml"
    )


def _told(one: Mapping[str, Any], url: str) -> str:
    found = (e.get("valueString") for e in _objects(one.get("extension")) if e.get("url") == url)
    return str(next(found, "") or "")


def _date(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text) if text else None
    except ValueError:
        return None


def _objects(value: Any) -> list[dict[str, Any]]:
    return [v for v in value if isinstance(v, dict)] if isinstance(value, list) else []
