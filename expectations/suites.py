"""What is checked: one list of checks per entity type, derived from the catalogue and changed by the rules."""

from __future__ import annotations

import fnmatch
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from expectations.rules import Rules, Severity, load_rules
from expectations.swedish import swedish
from transforms.catalogue import Catalogue, Entity, Reference
from transforms.land.national import CodeList, load_lists
from transforms.words.errors import CatalogueError

Kind = Literal[
    "table_delivered",
    "rows_present",
    "rows_kept",
    "rows_collapse",
    "rows_jump",
    "rows_in_band",
    "rows_quarantined",
    "columns_kept",
    "not_rolled_back",
    "local_id_present",
    "local_id_unique",
    "required",
    "allowed",
    "number",
    "date",
    "flag",
    "key_unique",
    "dates_in_order",
    "reference_resolves",
    "code_set",
    "national_code",
    "delivery_new",
    "delivery_recent",
]
# Told of a table's delivery and its row counts, not of its rows.
TABLE_KINDS = frozenset(
    {
        "table_delivered", "rows_present", "rows_kept", "rows_collapse", "rows_jump", "rows_in_band",
        "rows_quarantined", "columns_kept", "not_rolled_back",
    }
)  # fmt: skip
LINK_KINDS = frozenset({"reference_resolves", "code_set"})
# Told of a domain's delivery as a whole; their entity is DELIVERY.
DELIVERY_KINDS = frozenset({"delivery_new", "delivery_recent"})
DELIVERY = "delivery"

NATIONAL_NOTE = "The code is in its national list and valid."

# Below so many rows a change in row count is no sign of a broken feed.
_LEAST_CHANGE = 20
# So few repeated ids are slips of the build, however small the table.
_LEAST_REPEATS = 10


@dataclass(frozen=True)
class Check:
    """One rule about one entity type, judged per domain.

    ``threshold`` is the largest allowed share failed/total (1.0 allows a doubling in ``rows_jump``); ``least`` is the
    number of failures below which none count. ``columns`` are columns of the normalised table, ``types`` the type
    columns of polymorphic references among them. ``never`` says why a check applies to no domain ('' = it may apply).
    """

    check_id: str
    entity: str
    kind: Kind
    severity: Severity
    threshold: float
    note: str
    column: str | None = None
    columns: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    values: tuple[str, ...] = ()
    fold_case: bool = False
    least: int = 0
    code_set: int | None = None
    national: str = ""
    prefix: str = ""
    never: str = ""
    note_sv: str = ""


def derive(
    catalogue: Catalogue, rules: Rules | None = None, lists: Mapping[str, CodeList] | None = None
) -> tuple[Check, ...]:
    """Every check of every entity type, in the catalogue's order, and of the deliveries; ids are unique and stable.

    ``lists`` are the national lists that are declared, by default those that are built in. Raises CatalogueError when a
    rule for this very catalogue fits no check, or an attribute names a list that nobody declared.
    """
    rules = load_rules() if rules is None else rules
    lists = load_lists() if lists is None else lists
    checks = [_softened(check, entity) for entity in catalogue.ordered for check in _of(entity, catalogue, rules)]
    for c in checks:
        if c.national and c.national not in lists:
            raise CatalogueError(
                f"{c.entity}: attributes.{c.column}.national: no list is called '{c.national}'; "
                f"declared are {', '.join(lists)}"
            )
    checks += _delivery_checks()
    checks = [replace(c, note_sv=c.note_sv or swedish(c.note)) for c in checks]
    for rule in rules.rules:
        if rule.catalogue is not None and rule.catalogue != catalogue.name:
            continue
        fitting = {i for i, c in enumerate(checks) if fnmatch.fnmatchcase(c.check_id, rule.check)}
        if rule.catalogue is not None and not fitting:
            raise CatalogueError(f"rules: '{rule.check}' fits no check of catalogue {catalogue.name}; mend or drop it")
        for i in fitting:
            checks[i] = replace(
                checks[i],
                severity=checks[i].severity if rule.severity is None else rule.severity,
                threshold=checks[i].threshold if rule.threshold is None else rule.threshold,
                note=rule.note.en,
                note_sv=rule.note.sv,
            )
    return tuple(checks)


def _softened(check: Check, entity: Entity) -> Check:
    """A table that no person has described stops no night."""
    return replace(check, severity="warning") if entity.derived and check.severity == "critical" else check


def _of(entity: Entity, catalogue: Catalogue, rules: Rules) -> Iterator[Check]:
    yield from _table_checks(entity)
    name = entity.entity

    def check(
        kind: Kind, column: str, note: str, *, columns: tuple[str, ...] = (), values: tuple[str, ...] = ()
    ) -> Check:
        return Check(
            f"{name}.{kind}.{column}", name, kind, "warning", 0.0, note, column, columns or (column,), values=values
        )

    if entity.parent is not None and entity.role == "component":
        yield check("required", "parent", "A component names the item that owns it.")
    for attribute, a in entity.attributes.items():
        if a.personal:
            continue  # dropped or replaced at the landing, so that nothing can be said of its values
        if a.required:
            found = check("required", attribute, "The catalogue declares a value as required.")
            reason = "required only where the catalogue's 'when' holds, which is not tested yet"
            yield replace(found, never=reason) if a.when else found
        if a.allowed:
            found = check("allowed", attribute, "The catalogue lists the allowed values.", values=a.allowed)
            yield replace(found, never="the members of a set are not tested yet") if a.compare == "set" else found
        for one in a.national:
            several = f".{one.list}" if len(a.national) > 1 else ""
            yield replace(
                check("national_code", f"{attribute}{several}", NATIONAL_NOTE, columns=(attribute,)),
                national=one.list,
                prefix=one.prefix,
                threshold=0.01,
            )
        if a.references is None:
            if a.compare == "number":
                yield check("number", attribute, "Every value reads as a number.")
            elif a.compare == "date":
                yield check("date", attribute, "Every value reads as a date and time, or as open.")
            elif a.compare == "flag":
                yield check("flag", attribute, "Every value reads as yes or no.")
    for order in rules.dates_in_order:
        if order.begin in entity.attributes and order.end in entity.attributes:
            yield replace(
                check("dates_in_order", order.begin, order.note.en, columns=(order.begin, order.end)),
                note_sv=order.note.sv,
                severity=order.severity,
                threshold=order.threshold,
            )
    yield from _key_checks(entity)
    for column, reference in entity.references.items():
        yield from _link_checks(entity, column, reference, catalogue)


def _table_checks(entity: Entity) -> Iterator[Check]:
    name = entity.entity

    def check(kind: Kind, severity: Severity, threshold: float, note: str, least: int = 0) -> Check:
        return Check(f"{name}.{kind}", name, kind, severity, threshold, note, least=least)

    yield check("table_delivered", "warning", 0.0, "The table is part of the delivery.")
    yield check("rows_present", "warning", 0.0, "A delivered table has live rows in scope.")
    yield check("rows_kept", "critical", 0.0, "A table that had live rows the night before still has some.")
    small = f"changes of fewer than {_LEAST_CHANGE} rows do not count"
    yield check(
        "rows_collapse", "critical", 0.5, f"No more than half of the live rows vanish in a night; {small}.",
        least=_LEAST_CHANGE,
    )  # fmt: skip
    yield check(
        "rows_jump", "critical", 1.0, f"The live rows do not more than double in a night; {small}.",
        least=_LEAST_CHANGE,
    )  # fmt: skip
    yield check(
        "rows_in_band", "warning", 0.0,
        "The live rows stay near their number of the last nights: within four and a half median deviations of their "
        "median, at least 10 % and at most 25 % of it.",
    )  # fmt: skip
    yield check(
        "rows_quarantined", "critical", entity.max_rejected_share,
        "Quarantined rows of the worst file of the source tables, as a share of its rows.",
    )  # fmt: skip
    yield check(
        "columns_kept", "critical", 0.0, "No column that was compared or used in a key the night before is gone."
    )
    yield check(
        "not_rolled_back", "critical", 0.0,
        "The table has not gone back to the content of an older delivery; a table of fewer than "
        f"{_LEAST_CHANGE} rows may.",
    )  # fmt: skip
    yield check("local_id_present", "critical", 0.0, "Every item has a local id.")
    yield check(
        "local_id_unique", "critical", 0.01,
        "Items hardly ever share a local id; one row of each is kept. Many repeats mean a broken extract; "
        f"fewer than {_LEAST_REPEATS} do not count.",
        least=_LEAST_REPEATS,
    )  # fmt: skip


def _key_checks(entity: Entity) -> Iterator[Check]:
    for key in entity.keys:
        columns = tuple(part for part in key.parts if part not in entity.signatures)
        if not columns:
            continue
        references = entity.references
        never = "the key holds a signature of components, which only matching builds" if columns != key.parts else ""
        if key.some:
            never = "parts of the key may be left open, which only matching builds"
        if key.occurrence:
            never = "items that repeat this key are told apart by their order"
        yield Check(
            f"{entity.entity}.key_unique.{key.name}",
            entity.entity,
            "key_unique",
            # A vendor's identifier is meant to be unique; a key of names may well repeat and is then not used.
            "warning" if key.rule == "vendor_identifier" else "info",
            0.05,
            "Items that repeat another's key cannot be matched by it; counted among items that have the whole key.",
            column=key.name,
            columns=columns,
            types=tuple(f"{part}__type" for part in columns if part in references and references[part].type_column),
            fold_case=key.fold_case,
            never=never,
        )


def _link_checks(entity: Entity, column: str, reference: Reference, catalogue: Catalogue) -> Iterator[Check]:
    name = entity.entity
    types = (f"{column}__type",) if reference.type_column else ()
    yield Check(
        f"{name}.reference_resolves.{column}", name, "reference_resolves", "warning", 0.05,
        "The reference leads to a live item in scope.", column=column, columns=(column,), types=types,
    )  # fmt: skip
    attribute = entity.attributes.get(column)
    if attribute is None or attribute.code_set is None:
        return
    known = any("code_set" in catalogue.entities[t].attributes for t in reference.to)
    yield Check(
        f"{name}.code_set.{column}", name, "code_set", "warning", 0.01,
        "The code belongs to the code set that the catalogue names.", column=column, columns=(column,), types=types,
        code_set=attribute.code_set, never="" if known else "the target has no attribute named code_set",
    )  # fmt: skip


def _delivery_checks() -> Iterator[Check]:
    yield Check(
        "delivery.delivery_new", DELIVERY, "delivery_new", "warning", 0.0,
        "The newest delivery is not the one before over again under a new time.",
    )  # fmt: skip
    yield Check(
        "delivery.delivery_recent", DELIVERY, "delivery_recent", "warning", 0.0,
        "The domain has delivered within the days that the settings allow (max_age_days).",
    )  # fmt: skip
