"""The crosswalk as others read and write it: SSSOM, FHIR ConceptMap, CSV.

Going out, a line is a match of the published night or a ruling that keeps two items apart; coming in, a line becomes a
reading of the reviewed crosswalk with the role ``import``, so that it is subject to the same staleness as any other.
An item goes out by its local id, since that is what other systems know it by, with its content keys beside it; it comes
in by the keys where they are given, else its id is looked up in the published night.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from urllib.parse import quote, unquote

from transforms.build import content
from transforms.build.content import Keys
from transforms.build.reviewed import Reading
from transforms.catalogue import Catalogue
from transforms.warehouse import Session

_LINES = Path(__file__).with_name("lines.sql").read_text(encoding="utf-8")
PREFIX = "urn:likare:"


@dataclass(frozen=True)
class Line:
    """One mapping. ``relation`` is a ruling's word; ``local_id_b`` (or a) is '' for an item without counterpart.

    ``where`` is the place in the file that it was read from, for messages.
    """

    entity: str
    domain_a: str
    domain_b: str
    local_id_a: str
    local_id_b: str
    relation: str
    label_a: str = ""
    label_b: str = ""
    keys_a: Keys = ()
    keys_b: Keys = ()
    rule: str = ""
    key_name: str = ""
    score: float | None = None
    readers: str = ""
    at: datetime | None = None
    note: str = ""
    cardinality: str = ""
    where: str = ""


@dataclass(frozen=True)
class Domain:
    """A domain as it goes out: ``uri`` is what ``<entity type>/<local id>`` is appended to."""

    name: str
    title: str
    uri: str

    def id_of(self, entity: str, local_id: str) -> str:
        """What follows the domain's prefix: safe in any URI."""
        return f"{entity}/{quote(local_id, safe='')}"


def domain(name: str, title: str, uri: str) -> Domain:
    """The domain with its URI, ours where none is configured."""
    return Domain(name, title, uri or f"{PREFIX}{name}:")


def parted(reference: str) -> tuple[str, str] | None:
    """(entity type, local id) of what follows a domain's prefix; None where it is not of that form."""
    entity, slash, local_id = reference.partition("/")
    return (entity, unquote(local_id)) if slash and entity and local_id else None


def lines(session: Session, catalogue: Catalogue, pair: str, entity: str | None = None) -> list[Line]:
    """The crosswalk of a pair of domains as the night has it, in an order of its own.

    Matches, and the rulings by which two items are related but no match, kept apart, or one has no counterpart.
    """
    named = "SELECT entity FROM published.crosswalk WHERE pair_id = $1 UNION SELECT entity FROM published.review"
    content.prepare(session, {e for (e,) in session.rows(named, [pair]) if entity in (None, e)})
    rows = session.execute(_LINES, [pair, entity]).fetchall()
    return [Line(*(*r[:8], content.keys_in(r[8]), content.keys_in(r[9]), *r[10:])) for r in rows]


def keys_of_json(text: str | None) -> Keys:
    """An item's keys from the JSON object they are written in, none where it is no such object."""
    try:
        loaded = json.loads(text or "{}")
    except ValueError:
        return ()
    if not isinstance(loaded, dict):
        return ()
    return tuple((str(k), v) for k, v in loaded.items() if isinstance(v, str) and v)


def json_of_keys(keys: Keys) -> str:
    """An item's keys as a JSON object."""
    return json.dumps(dict(keys), ensure_ascii=False) if keys else ""


@dataclass
class Taken:
    """What an import came to: the readings it makes, and how many lines it passed over, by reason."""

    readings: list[Reading] = field(default_factory=list)
    passed: dict[str, int] = field(default_factory=dict)
    examples: dict[str, str] = field(default_factory=dict)

    def passing(self, reason: str, where: str) -> None:
        """One line more is passed over."""
        self.passed[reason] = self.passed.get(reason, 0) + 1
        self.examples.setdefault(reason, where)


def readings(session: Session, catalogue: Catalogue, found: Sequence[Line], *, source: str, at: datetime) -> Taken:
    """The lines as imported readings. ``source`` is told as the reader of a line that names none.

    Keys win over local ids. A line whose item is not in the published night, or cannot be told from another there, is
    passed over and counted; nothing is guessed.
    """
    taken = Taken()
    names = _names(session, catalogue, found)
    for line in found:
        if line.entity not in catalogue.entities:
            taken.passing("its entity type is not in the catalogue", line.where)
            continue
        sides = []
        for d, local_id, keys, label in (
            (line.domain_a, line.local_id_a, line.keys_a, line.label_a),
            (line.domain_b, line.local_id_b, line.keys_b, line.label_b),
        ):
            name = names.get((line.entity, d, local_id))
            sides.append((keys or (name.keys if name else ()), label or (name.label if name else "")))
        (keys_a, label_a), (keys_b, label_b) = sides
        lacking = [x for x, keys in ((line.local_id_a, keys_a), (line.local_id_b, keys_b)) if x and not keys]
        if lacking:
            taken.passing(
                "an item is not in the published night, or nothing but its id tells it from another", line.where
            )
            continue
        taken.readings.append(
            Reading(
                line.entity,
                line.relation,
                line.domain_a,
                line.domain_b,
                keys_a,
                keys_b,
                line.readers or source,
                line.at or at,
                label_a,
                label_b,
                role="import",
                note=line.note or (f"{line.rule}: {line.key_name}" if line.rule and line.rule != "reviewed" else ""),
            )  # fmt: skip
        )
    return taken


def _names(
    session: Session, catalogue: Catalogue, found: Iterable[Line]
) -> Mapping[tuple[str, str, str], content.Name]:
    """The names of the items that come without keys, by (entity type, domain, local id)."""
    wanted: dict[str, set[tuple[str, str]]] = {}
    for line in found:
        for d, local_id, keys in (
            (line.domain_a, line.local_id_a, line.keys_a),
            (line.domain_b, line.local_id_b, line.keys_b),
        ):
            if local_id and not keys and line.entity in catalogue.entities:
                wanted.setdefault(line.entity, set()).add((d, local_id))
    made: dict[tuple[str, str, str], content.Name] = {}
    for entity, items in wanted.items():
        for (d, local_id), name in content.names(session, entity, sorted(items)).items():
            made[entity, d, local_id] = name
    return made
