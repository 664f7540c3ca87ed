"""Read a register's folder strictly: every fault is one line with file, line and field; what clashes is named twice."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from transforms.catalogue import Catalogue
from transforms.register import audit
from transforms.register.model import Decision, Process, RegisterFile, VendorStatus
from transforms.register.stamps import Stamp, read_stamps
from transforms.words.errors import DecisionError
from transforms.words.strict import Strict
from transforms.words.yamlfile import FieldPath, YamlFile, nearest

_BUILTIN = Path(__file__).parent / "basis.yaml"
_BASES = "basis.yaml"
_USAGE = "usage.csv"


class Basis(Strict):
    """A law, a regulation, an agreement or a national code list that a decision may rest on."""

    id: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*$")]
    title: str
    kind: Literal["law", "regulation", "agreement", "code list", "guidance"]


class _Bases(Strict):
    bases: tuple[Basis, ...]


@dataclass(frozen=True)
class Place:
    """Where something stands: the file and its line."""

    file: Path
    line: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


@dataclass(frozen=True)
class Register:
    """What the files say, each decision with its place, and the stamps of those that were recorded."""

    folder: Path = Path("decisions")
    decisions: tuple[Decision, ...] = ()
    process: tuple[Process, ...] = ()
    places: dict[str, Place] = field(default_factory=dict)
    stamps: dict[str, Stamp] = field(default_factory=dict)
    bases: tuple[Basis, ...] = ()
    audit: tuple[audit.Entry, ...] = ()
    vendor: tuple[VendorStatus, ...] = ()
    usage: tuple[tuple[str, str, str, int], ...] = ()
    fingerprint: str = ""

    def decision(self, decision_id: str) -> Decision:
        """The decision of that id. Raises DecisionError where there is none."""
        for one in self.decisions:
            if one.id == decision_id:
                return one
        near = nearest(decision_id, [d.id for d in self.decisions])
        raise DecisionError(f"there is no decision '{decision_id}'{near}")

    @property
    def superseded_by(self) -> dict[str, Decision]:
        """Of every decision that a recorded one ended, that one."""
        return {old: d for d in self.decisions if self.recorded(d) for old in d.supersedes}

    def recorded(self, d: Decision) -> bool:
        """Whether the decision was recorded, and still says what it said then."""
        return d.id in self.stamps and self.stamps[d.id].content == d.digest


def load_register(folder: Path, catalogue: Catalogue, domains: Sequence[str]) -> Register:
    """The register in the folder; an empty one where there is no such folder.

    Raises DecisionError for an unknown key, a wrong value, an unknown domain, entity type, area, attribute or basis,
    two decisions of one id, two on the same matter of which neither supersedes the other, and a broken chain of them.
    """
    bases = load_bases(folder)
    if not folder.is_dir():
        return Register(folder, bases=bases)
    decisions: list[Decision] = []
    process: list[Process] = []
    vendor: list[VendorStatus] = []
    places: dict[str, Place] = {}
    sources: list[YamlFile] = []
    for path in sorted(folder.glob("*.yaml")):
        if path.name == _BASES:
            continue
        source = YamlFile(path, DecisionError, "docs/decide.md")
        file: RegisterFile = source.parse(RegisterFile)
        sources.append(source)
        for i, d in enumerate(file.decisions):
            for where, message in _faults(d, catalogue, domains, bases):
                raise source.error(("decisions", i, *where), message)
            if d.id in places:
                raise source.error(("decisions", i, "id"), f"'{d.id}' stands in {places[d.id]} too; give it another id")
            places[d.id] = Place(path, source.lines.get(("decisions", i), 1))
            decisions.append(d)
        vendor += file.vendor
        for i, p in enumerate(file.process):
            if p.domain not in domains:
                raise source.error(
                    ("process", i, "domain"), f"'{p.domain}' is not a domain{nearest(p.domain, [*domains])}"
                )
            process.append(p)
    _clashes(decisions, places)
    _process_faults(process, decisions, folder)
    stamps = read_stamps(folder)
    log = audit.read(folder)
    usage = _usage(folder / _USAGE, catalogue, domains)
    digest = hashlib.sha256(b"\0".join([*(s.text.encode() for s in sources), repr(usage).encode()]))
    for name, stamp in sorted(stamps.items()):
        digest.update(f"{name}\0{stamp.content}\0{stamp.recorded_at}".encode())
    return Register(
        folder=folder,
        decisions=tuple(decisions),
        process=tuple(process),
        places=places,
        stamps=stamps,
        bases=bases,
        audit=log,
        usage=usage,
        vendor=tuple(sorted(vendor, key=lambda v: v.date)),
        fingerprint=digest.hexdigest()[:16] if sources or usage else "",
    )


def load_bases(folder: Path | None = None) -> tuple[Basis, ...]:
    """The built-in bases and those of the register's own ``basis.yaml``. Raises DecisionError."""
    paths = [_BUILTIN] + ([folder / _BASES] if folder and (folder / _BASES).is_file() else [])
    found: dict[str, Basis] = {}
    for path in paths:
        parsed: _Bases = YamlFile(path, DecisionError, "docs/decide.md").parse(_Bases)
        found |= {b.id: b for b in parsed.bases}
    return tuple(found.values())


def _faults(
    d: Decision, catalogue: Catalogue, domains: Sequence[str], bases: Sequence[Basis]
) -> Iterator[tuple[FieldPath, str]]:
    """What a decision names and nobody knows."""
    known = sorted(catalogue.entities)
    if d.adopt is not None and d.adopt not in domains:
        yield ("adopt",), f"'{d.adopt}' is not a domain{nearest(d.adopt, [*domains])}"
    for i, basis in enumerate(d.basis):
        if basis not in {b.id for b in bases}:
            yield ("basis", i), f"'{basis}' is not a basis{nearest(basis, [b.id for b in bases])}"
    if d.covers.item and d.covers.item.entity not in known:
        yield (
            ("covers", "item", "entity"),
            f"'{d.covers.item.entity}' is not an entity type" + nearest(d.covers.item.entity, known),
        )
    rule = d.covers.rule
    if rule is None:
        return
    at: FieldPath = ("covers", "rule")
    for entity in rule.entity:
        if entity not in known:
            yield (*at, "entity"), f"'{entity}' is not an entity type{nearest(entity, known)}"
    for area in rule.area:
        if area not in catalogue.areas:
            yield (*at, "area"), f"'{area}' is not an area{nearest(area, sorted(catalogue.areas))}"
    types = [e for e in catalogue.ordered if e.entity in rule.entity or e.area in rule.area]
    attributes = sorted({n for e in types for n in (*e.attributes, *(("parent",) if e.parent else ()))})
    for attribute in rule.attribute:
        if attribute not in attributes:
            yield (*at, "attribute"), f"no entity type named has '{attribute}'{nearest(attribute, attributes)}"
    for domain in (*rule.values, *((rule.only_in,) if rule.only_in else ())):
        if domain not in domains:
            field_name = "values" if domain in rule.values else "only_in"
            yield (*at, field_name), f"'{domain}' is not a domain{nearest(domain, [*domains])}"


def _usage(path: Path, catalogue: Catalogue, domains: Sequence[str]) -> tuple[tuple[str, str, str, int], ...]:
    """Counts of use, where they are delivered: (domain, entity type, item as shown, times) of ``usage.csv``."""
    if not path.is_file():
        return ()
    found: list[tuple[str, str, str, int]] = []
    with path.open(encoding="utf-8-sig", newline="") as handle:
        reader = csv.DictReader(handle, delimiter=";")
        if reader.fieldnames != ["domain", "entity", "item", "uses"]:
            raise DecisionError(f"{path}:1: the columns are domain;entity;item;uses")
        for row in reader:
            at = f"{path}:{reader.line_num}"
            if row["domain"] not in domains:
                raise DecisionError(f"{at}: domain: '{row['domain']}' is not a domain")
            if row["entity"] not in catalogue.entities:
                raise DecisionError(f"{at}: entity: '{row['entity']}' is not an entity type")
            if not (row["uses"] or "").isdecimal():
                raise DecisionError(f"{at}: uses: a whole number is expected")
            found.append((row["domain"], row["entity"], row["item"], int(row["uses"])))
    return tuple(found)


def _clashes(decisions: Sequence[Decision], places: dict[str, Place]) -> None:
    """Refuse a chain of supersedings that does not hold, and two decisions on one matter."""
    by_id = {d.id: d for d in decisions}
    ended: dict[str, Decision] = {}
    for d in decisions:
        for old in d.supersedes:
            if old not in by_id:
                raise DecisionError(f"{places[d.id]}: supersedes: there is no '{old}'{nearest(old, sorted(by_id))}")
            if by_id[old].date > d.date:
                raise DecisionError(
                    f"{places[d.id]}: supersedes: '{old}' ({places[old]}) is later; date one of them anew"
                )
            if old in ended:
                raise DecisionError(
                    f"{places[d.id]}: supersedes: '{old}' is superseded by '{ended[old].id}' "
                    f"({places[ended[old].id]}) already; supersede that one"
                )
            if d.id in _chain(by_id, old):
                raise DecisionError(f"{places[d.id]}: supersedes: '{d.id}' and '{old}' supersede each other; break it")
            ended[old] = d
    matters: dict[str, Decision] = {}
    for d in decisions:
        if d.id in ended:
            continue
        matter = d.covers.model_dump_json()
        if matter in matters:
            other = matters[matter]
            how = "contradict each other" if _ruled(d) != _ruled(other) else "say the same"
            raise DecisionError(
                f"{places[d.id]}: '{d.id}' and '{other.id}' ({places[other.id]}) cover the same ({d.covers.told}) and "
                f"{how}; let the later one supersede the other, or take one out"
            )
        matters[matter] = d


def _ruled(d: Decision) -> tuple[str, str | None, str | None]:
    return d.ruling, d.adopt, d.value


def _chain(by_id: dict[str, Decision], start: str) -> set[str]:
    seen: set[str] = set()
    waiting = [start]
    while waiting:
        one = waiting.pop()
        if one not in seen:
            seen.add(one)
            waiting += by_id[one].supersedes if one in by_id else ()
    return seen


def _process_faults(process: Sequence[Process], decisions: Sequence[Decision], folder: Path) -> None:
    by_id = {d.id: d for d in decisions}
    seen: set[tuple[str, str]] = set()
    for p in process:
        if p.decision not in by_id:
            raise DecisionError(
                f"{folder}: process: there is no decision '{p.decision}'{nearest(p.decision, sorted(by_id))}"
            )
        if (p.decision, p.domain) in seen:
            raise DecisionError(f"{folder}: process: '{p.decision}' has two entries of {p.domain}; make them one")
        seen.add((p.decision, p.domain))
        first = p.taken[0]
        if first[1].date < by_id[p.decision].date:
            raise DecisionError(
                f"{folder}: process: '{p.decision}' in {p.domain}: '{first[0]}' is dated before the decision itself"
            )
