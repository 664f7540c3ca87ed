"""The crosswalk as an SSSOM mapping set (TSV with its metadata above it), going out and coming in.

https://mapping-commons.github.io/sssom/ . A subject is ``<domain>:<entity type>/<local id>``, its prefix the domain's
URI; the content keys stand in ``other`` as JSON.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

import yaml

from transforms.review.exchange import Domain, Line, json_of_keys, keys_of_json, parted
from transforms.words.errors import ReviewError

PREDICATES = {
    "equal": "skos:exactMatch",
    "retired": "skos:exactMatch",
    "close": "skos:closeMatch",
    "broader": "skos:broadMatch",
    "narrower": "skos:narrowMatch",
    "reject": "skos:exactMatch",
    "no_counterpart": "skos:exactMatch",
}
_RELATIONS = {p: r for r, p in reversed(PREDICATES.items()) if r in ("equal", "close", "broader", "narrower")}
JUSTIFICATIONS = {
    "reviewed": "semapv:ManualMappingCuration",
    "vendor_identifier": "semapv:BackgroundKnowledgeBasedMatching",
    "declared_key": "semapv:LexicalMatching",
    "child_of_matched_parent": "semapv:StructuralMatching",
    "probabilistic": "semapv:CompositeMatching",
}
_NOTHING = "sssom:NoTermFound"
_PREFIXES = {
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "semapv": "https://w3id.org/semapv/vocab/",
    "sssom": "https://w3id.org/sssom/",
}
COLUMNS = (
    "subject_id", "subject_label", "subject_category", "predicate_id", "predicate_modifier", "object_id",
    "object_label", "object_category", "mapping_justification", "reviewer_label", "subject_source", "object_source",
    "mapping_cardinality", "mapping_date", "confidence", "curation_rule_text", "comment", "other",
)  # fmt: skip
_NEEDED = ("subject_id", "predicate_id", "object_id", "mapping_justification")


def write(found: Sequence[Line], a: Domain, b: Domain, as_of: datetime, version: str) -> str:
    """The mapping set of two domains as text."""
    head = {
        "mapping_set_id": f"urn:likare:crosswalk:{a.name}:{b.name}",
        "mapping_set_title": f"{a.title} to {b.title}",
        "mapping_set_version": f"{as_of:%Y-%m-%d}",
        "license": "https://w3id.org/sssom/license/unspecified",
        "mapping_tool": "likare",
        "mapping_tool_version": version,
        "curie_map": {a.name: a.uri, b.name: b.uri, **_PREFIXES},
    }
    out = io.StringIO()
    for line in yaml.safe_dump(head, allow_unicode=True, sort_keys=False).splitlines():
        out.write(f"#{line}\n")
    # The readers of SSSOM split at tabs and know no quotes around a JSON cell that begins with one.
    writer = csv.writer(out, delimiter="\t", lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(_row(line, a, b) for line in found)
    return out.getvalue()


def _row(line: Line, a: Domain, b: Domain) -> tuple[str, ...]:
    turned = not line.local_id_a
    # The subject is the item there is: one without counterpart on side b is written the other way round.
    subject, target = (b, a) if turned else (a, b)
    subject_id, target_id = (line.local_id_b, "") if turned else (line.local_id_a, line.local_id_b)
    labels = (line.label_b, line.label_a) if turned else (line.label_a, line.label_b)
    other = {
        "relation": line.relation,
        **({"keys_a": json_of_keys(line.keys_a)} if line.keys_a else {}),
        **({"keys_b": json_of_keys(line.keys_b)} if line.keys_b else {}),
    }
    imported = "(import)" in line.readers
    return (
        f"{subject.name}:{subject.id_of(line.entity, subject_id)}",
        _plain(labels[0]),
        line.entity,
        PREDICATES[line.relation],
        "Not" if line.relation == "reject" else "",
        f"{target.name}:{target.id_of(line.entity, target_id)}" if target_id else _NOTHING,
        _plain(labels[1]),
        line.entity if target_id else "",
        "semapv:UnspecifiedMatching" if imported else JUSTIFICATIONS.get(line.rule, "semapv:UnspecifiedMatching"),
        _plain(line.readers),
        f"{subject.name}:build",
        f"{target.name}:build",
        "1:0" if not target_id else line.cardinality,
        f"{line.at:%Y-%m-%d}" if line.at else "",
        f"{line.score:.4f}" if line.score is not None else "",
        "" if line.rule == "reviewed" else f"{line.rule}: {line.key_name}",
        _plain(line.note) or ("the same, and one of the two is to be retired" if line.relation == "retired" else ""),
        json.dumps(other, ensure_ascii=False),
    )


def _plain(text: str) -> str:
    return " ".join(text.split())


def read(text: str, path: str, domains: Sequence[Domain]) -> list[Line]:
    """The mappings of a set. Raises ReviewError, with file, line and field, for one that is not of these domains."""
    numbered = list(enumerate(text.split("\n"), 1))
    head = "\n".join(t.rstrip("\r")[1:] for _, t in numbered if t.startswith("#"))
    try:
        metadata = yaml.safe_load(head) or {}
    except yaml.YAMLError:
        raise ReviewError(
            f"{path}:1: the metadata above the table is not valid YAML; each of its lines begins with #"
        ) from None
    metadata = metadata if isinstance(metadata, dict) else {}
    prefixes = metadata.get("curie_map") or {}
    if not isinstance(prefixes, dict) or not all(isinstance(v, str) for v in prefixes.values()):
        raise ReviewError(f"{path}:1: curie_map: is a list of prefixes with their URIs")
    body = [(n, t) for n, t in numbered if t.strip() and not t.startswith("#")]
    rows = csv.reader((t.rstrip("\r") for _, t in body), delimiter="\t")
    header = next(rows, [])
    missing = [c for c in _NEEDED if c not in header]
    if missing:
        raise ReviewError(f"{path}:{body[0][0] if body else 1}: {missing[0]}: the column is missing; SSSOM requires it")
    lines = []
    for (number, _), cells in zip(body[1:], rows, strict=False):
        row = {
            **{str(k): str(v) for k, v in metadata.items() if not isinstance(v, dict)},
            **dict(zip(header, cells, strict=False)),
        }
        lines.append(_line(row, f"{path}:{number}", prefixes, domains))
    return [line for line in lines if line is not None]


def _line(row: Mapping[str, str], where: str, prefixes: Mapping[str, str], domains: Sequence[Domain]) -> Line | None:
    def error(field: str, message: str) -> ReviewError:
        return ReviewError(f"{where}: {field}: {message}")

    sides: list[tuple[str, str, str]] = []
    for field in ("subject_id", "object_id"):
        if row[field] == _NOTHING:
            sides.append(("", "", ""))
            continue
        found = next(_placed(row[field], prefixes, domains), None)
        if found is None:
            raise error(
                field, f"'{row[field]}' is of no domain here; give the domain this prefix as its uri in likare.toml"
            )
        sides.append(found)
    (domain_a, entity, id_a), (domain_b, entity_b, id_b) = sides
    if not id_a and not id_b:
        raise error("subject_id", "neither subject nor object is an item")
    if id_a and id_b and (entity != entity_b or domain_a == domain_b):
        raise error("object_id", "a mapping is between items of one entity type in two domains")
    if not domain_a or not domain_b:
        # NoTermFound: in which domain is told by the source.
        source = row.get("object_source" if domain_a else "subject_source", "")
        there = next((d.name for d in domains if _expanded(source, prefixes).startswith(d.uri)), "")
        others = [d.name for d in domains if d.name != (domain_a or domain_b)]
        there = there or (others[0] if len(others) == 1 else "")
        if not there or there == (domain_a or domain_b):
            raise error("object_source", "says which domain has no counterpart")
        domain_a, domain_b = domain_a or there, domain_b or there
    other = _object(row.get("other", ""))
    relation = _relation(row, other, bool(id_a and id_b))
    if relation is None:
        raise error("predicate_id", f"'{row['predicate_id']}' is none of {', '.join(_RELATIONS)}")
    keys_a, keys_b = keys_of_json(other.get("keys_a")), keys_of_json(other.get("keys_b"))
    if not id_b and not keys_a and keys_b:
        # The subject stands on side b of the exported pair.
        keys_a, keys_b = keys_b, keys_a
    try:
        at = datetime.fromisoformat(row["mapping_date"]) if row.get("mapping_date") else None
    except ValueError:
        raise error("mapping_date", f"'{row['mapping_date']}' is not a date such as 2026-11-23") from None
    return Line(
        entity or entity_b, domain_a, domain_b, id_a, id_b, relation, row.get("subject_label", ""),
        row.get("object_label", ""), keys_a if id_a else (), keys_b if id_b else (),
        readers=_whose(row), at=at, note=row.get("comment", "") or row.get("curation_rule_text", ""), where=where,
    )  # fmt: skip


def _relation(row: Mapping[str, str], other: Mapping[str, str], both: bool) -> str | None:
    if not both:
        return "no_counterpart"
    if row.get("predicate_modifier") == "Not":
        return "reject"
    # Two relations share a predicate; ours says which.
    if PREDICATES.get(other.get("relation", "")) == row["predicate_id"] and other["relation"] != "reject":
        return other["relation"]
    return _RELATIONS.get(row["predicate_id"])


def _whose(row: Mapping[str, str]) -> str:
    names = [row.get(f, "") for f in ("reviewer_label", "author_label", "creator_label", "mapping_tool")]
    return next((n.replace(" (import)", "") for n in names if n), "")


def _expanded(curie: str, prefixes: Mapping[str, str]) -> str:
    prefix, colon, rest = curie.partition(":")
    return prefixes[prefix] + rest if colon and prefix in prefixes else curie


def _placed(curie: str, prefixes: Mapping[str, str], domains: Sequence[Domain]) -> Iterator[tuple[str, str, str]]:
    """(domain, entity type, local id) of a CURIE or URI of one of the domains."""
    uri = _expanded(curie, prefixes)
    for d in sorted(domains, key=lambda d: -len(d.uri)):
        if uri.startswith(d.uri) and (found := parted(uri[len(d.uri) :])):
            yield d.name, *found


def _object(text: str) -> dict[str, str]:
    try:
        loaded = json.loads(text or "{}")
    except ValueError:
        return {}
    return {str(k): v for k, v in loaded.items() if isinstance(v, str)} if isinstance(loaded, dict) else {}
