"""The columns of an undescribed table as attributes: what each refers to, how it is compared, what is left out."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from transforms.catalogue import Catalogue
from transforms.land.derive.keys import NaturalKey
from transforms.land.derive.links import Link
from transforms.land.derive.profile import Column, Table
from transforms.warehouse import Session, ident, lit

_RESERVED = {"parent", "label", "domain", "snapshot_id", "local_id", "row_number", "identity"}
_NAMES = ("NAME", "DISPLAY", "MNEMONIC", "TITLE", "DESCRIPTION", "DESC", "MEANING")


@dataclass(frozen=True)
class Evidence:
    """One thing that was told of a table: of which column (or columns), what, why, and a confidence (0 to 1)."""

    column: str
    role: str
    reason: str
    confidence: float


def attribute(
    session: Session,
    catalogue: Catalogue,
    table: Table,
    column: Column,
    link: Link | None,
    typed: Mapping[str, tuple[str, dict[str, str]]],
    id_columns: Sequence[str],
) -> tuple[dict[str, Any] | None, Evidence | None]:
    """A column as an attribute, and what that rests on; None for one that is left out."""
    name = column.name
    if link:
        code_set = _code_set(session, catalogue, table, name, link)
        told = {"column": name, "references": link.target.entity, **({"code_set": code_set} if code_set else {})}
        of = f", all of code set {code_set}" if code_set else ""
        return told, Evidence(name, f"refers to {link.target.entity}", link.reason + of, round(link.share, 3))
    if name in typed:
        type_column, types = typed[name]
        reference = {"type_column": type_column, "types": types}
        return {"column": name, "references": reference}, Evidence(
            name, f"refers to what {type_column} names", f"tables named there: {', '.join(sorted(types))}", 0.9
        )
    if name in id_columns and len(id_columns) == 1 and not _means_the_same(column):
        return None, None
    if catalogue.undescribed.is_id(name) and column.every("whole") and not _is_constant(column):
        if not _means_the_same(column):
            reason = "an id of something that was not delivered, or that no target holds: not compared"
            return None, Evidence(name, "left out", reason, 0.8)
    return {"column": name, "compare": _kind(name, column)}, None


def _is_constant(column: Column) -> bool:
    return all(h.kinds <= 1 for h in column.held.values()) and column.overlap == 1


def _means_the_same(column: Column) -> bool:
    """Whether ids are the vendor's own, alike in every domain: nearly all are shared and they are many; or UUIDs."""
    filled = [h for h in column.held.values() if h.filled]
    if len(filled) < 2 or not filled[0].kinds:
        return False
    if column.every("whole"):
        return column.overlap >= 0.9 and min(h.kinds for h in filled) > 10
    return column.overlap > 0


def _kind(name: str, column: Column) -> str:
    if column.every("flags", 1.0) and (name.endswith(("_IND", "_FLAG", "_FLG")) or name.startswith("IS_")):
        return "flag"
    if column.every("dates") and not column.every("whole"):
        return "date"
    if column.every("numbers", 1.0):
        return "number"
    return "text"


def _code_set(session: Session, catalogue: Catalogue, table: Table, column: str, link: Link) -> int | None:
    codes = catalogue.undescribed.codes
    if not codes or link.target.entity != codes[0]:
        return None
    sets = session.rows(
        f"SELECT i.code_set, count(*) AS n FROM {ident(table.stage)} s JOIN derive_id i ON i.target = ? "
        f"AND i.domain = s._domain AND i.value = s.{ident(column)} GROUP BY 1 ORDER BY n DESC, 1",
        [link.target.entity],
    )
    total = sum(int(n) for _, n in sets)
    return int(sets[0][0]) if sets and str(sets[0][0]).isdigit() and sets[0][1] >= 0.98 * total else None


def typed_references(session: Session, catalogue: Catalogue, table: Table) -> dict[str, tuple[str, dict[str, str]]]:
    """By the column of an id: the column that names its table, and the entity type for each name it holds."""
    found: dict[str, tuple[str, dict[str, str]]] = {}
    for name_pattern, id_pattern in catalogue.undescribed.typed:
        for name in table.columns:
            stem = re.fullmatch(re.escape(name_pattern).replace(r"\*", "(.*)"), name)
            target = id_pattern.replace("*", stem.group(1)) if stem else ""
            if target not in table.columns or target in found:
                continue
            none = ", ".join(map(lit, catalogue.conventions.none))
            rows = session.rows(
                f"SELECT named, t.target, count(*) FILTER (i.value IS NOT NULL) / count(*) FROM "
                f"(SELECT _domain AS domain, {ident(name)} AS named, {ident(target)} AS value "
                f"FROM {ident(table.stage)} WHERE {ident(target)} NOT IN ({none})) s "
                "JOIN derive_type t USING (named) LEFT JOIN derive_id i "
                "ON i.target = t.target AND i.domain = s.domain AND i.value = s.value GROUP BY ALL ORDER BY ALL"
            )
            types = {named: entity for named, entity, share in rows if share >= 0.9}
            if types:
                found[target] = (name, types)
    return found


def label(table: Table, named: Mapping[str, str], key: NaturalKey) -> str:
    texts = [c for c in named if _kind(c, table.columns[c]) == "text"]
    for word in _NAMES:
        called = [c for c in texts if c == word or c.endswith("_" + word)]
        if called:
            return named[max(called, key=lambda c: min(h.kinds for h in table.columns[c].held.values()))]
    in_key = [c for c in key.columns if c in texts]
    return named[next(iter(in_key or texts or [*key.columns] or [*named]))]


def attribute_name(column: str, taken: Mapping[str, Any]) -> str:
    name = re.sub(r"[^a-z0-9]+", "_", column.lower()).strip("_")[:50] or "column"
    name = name if name[0].isalpha() else f"c_{name}"
    name = f"{name}_value" if name in _RESERVED else name
    number, made = 1, name
    while made in taken:
        number += 1
        made = f"{name}_{number}"
    return made
