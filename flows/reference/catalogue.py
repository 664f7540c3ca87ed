"""The page on the catalogue: its language, and every entity type."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pydantic import BaseModel

from flows.reference.markdown import NOTE, link, page, table
from flows.reference.words import default, docstring, field_type
from transforms.catalogue import Attribute, Catalogue, Entity, Key, Reference
from transforms.catalogue.attribute import Embedded, Follow, National, Parent
from transforms.catalogue.conventions import Conventions, Metadata, ThroughParents, Undescribed, Usage
from transforms.catalogue.key import Fuzzy, Signature
from transforms.catalogue.model import Area, Watch
from transforms.catalogue.source import Climb, Gather, Join, Latest, Source
from transforms.catalogue.words import Condition

# Keys of a catalogue file that are not spelled as the model's fields are (its validators take these).
_SPELLED = {
    ("Catalogue", "name"): "catalogue",
    ("Condition", "none_of"): "not",
    ("Condition", "after_snapshot"): "after",
    ("Condition", "not_after_snapshot"): "not_after",
    ("Parent", "references"): "entity",
}
# What the loader fills in by itself.
_DERIVED = {("Catalogue", "entities"), ("Catalogue", "order"), ("Catalogue", "fingerprint")}
# A time to compare with is written as the word for it.
_WRITTEN_TYPE = {("Condition", "after_snapshot"): "`snapshot`", ("Condition", "not_after_snapshot"): "`snapshot`"}
_HEAD_MODELS = (
    Catalogue,
    Area,
    Conventions,
    ThroughParents,
    Undescribed,
    Metadata,
    Usage,
    Watch,
)
_ENTITY_MODELS = (
    Entity, Source, Join, Climb, Latest, Gather, Condition, Parent, Reference, Attribute, Embedded, National, Key,
    Signature, Fuzzy, Follow,
)  # fmt: skip


def catalogue_page(catalogue: Catalogue) -> str:
    """The fields of a catalogue's files, then every entity type of the catalogue."""
    parts = [
        NOTE.format("`transforms/catalogue/` and the catalogue's files"),
        "# The catalogue",
        "A catalogue is a folder with one `catalogue.yaml` and one YAML file per entity type, named after it. It is "
        "read strictly: an unknown key, a wrong value or a reference to what does not exist is refused with file, line "
        f"and field. Part one lists the keys; part two is the built-in catalogue `{catalogue.name}` as it stands.",
        "## Keys of `catalogue.yaml`",
        *(_model_section(each) for each in _HEAD_MODELS),
        "## Keys of an entity type's file",
        *(_model_section(each) for each in _ENTITY_MODELS),
        f"## The catalogue `{catalogue.name}`",
        f"{len(catalogue.entities)} entity types in {len(catalogue.areas)} areas, of which "
        f"{len({e.area for e in catalogue.ordered})} hold any. An area's weight is its share in the total.",
        table(
            ("area", "weight", "entity types"),
            [
                (
                    f"{a.title.en} ({a.title.sv}) `{name}`",
                    f"{a.weight:g}",
                    ", ".join(link(e.entity) for e in catalogue.ordered if e.area == name) or "none yet",
                )
                for name, a in catalogue.areas.items()
            ],
        ),
        _conventions(catalogue),
        *_covered(catalogue),
        *(_entity_section(catalogue, catalogue.entities[name]) for name in sorted(catalogue.entities)),
    ]
    return page(parts)


def _model_section(cls: type[BaseModel]) -> str:
    rows = [
        (
            f"`{_SPELLED.get((cls.__name__, name), name)}`",
            _WRITTEN_TYPE.get((cls.__name__, name)) or field_type(field),
            default(field),
        )
        for name, field in cls.model_fields.items()
        if (cls.__name__, name) not in _DERIVED
    ]
    return f"### {cls.__name__}\n\n{docstring(cls)}\n\n{table(('key', 'value', 'default'), rows)}"


def _conventions(catalogue: Catalogue) -> str:
    c = catalogue.conventions
    rows = [
        ("reference values that mean none", _codes(c.none)),
        ("pictures of dates, tried in order", _codes(c.dates)),
        ("a date is open from the year", str(c.open_year)),
        ("columns dropped at the landing (personal)", _codes(c.personal)),
        ("of them replaced by a keyed pseudonym (pseudonym)", _codes(c.pseudonym) or "none"),
        ("a value in which leaves a row at the door (personal_rows)", _codes(c.personal_rows) or "none"),
        (
            "tables whose rows come in only through an item (through_parents)",
            _codes(tuple(c.through_parents)) or "none",
        ),
        ("columns that are never attributes", _codes(c.ignore)),
    ]
    watched = [
        (f"{w.title.en} ({w.title.sv})", f"{link(w.entity)}.{w.attribute}" + (f", key {w.key}" if w.key else ""))
        for w in catalogue.watch
    ]
    followed = "\n\nFollowed as figures of their own:\n\n" + table(("figure", "attribute"), watched) if watched else ""
    return table(("convention", "value"), rows) + followed


def _covered(catalogue: Catalogue) -> list[str]:
    """What a build consists of, entry by entry, with the entity types that answer to it."""
    if not catalogue.checklist:
        return []
    rows = [
        (str(i), f"{title.en} ({title.sv})", ", ".join(link(e.entity) for e in _covering(catalogue, i)) or "none yet")
        for i, title in enumerate(catalogue.checklist, 1)
    ]
    return ["What a build consists of, and the entity types that cover it:", table(("", "part", "entity types"), rows)]


def _covering(catalogue: Catalogue, number: int) -> list[Entity]:
    return [e for e in sorted(catalogue.ordered, key=lambda e: e.entity) if number in e.covers]


def _codes(values: Sequence[str]) -> str:
    return ", ".join(f"`{v}`" if v else "empty" for v in values) or "none"


def _entity_section(catalogue: Catalogue, e: Entity) -> str:
    area = catalogue.areas[e.area].title.en
    counted = f"weight {e.weight:g} in {area}"
    if e.role == "component" and e.parent:
        owners = " or ".join(link(t) for t in e.parent.references.to)
        counted = f"a component, measured as part of its {owners} with weight {e.weight:g}; area {area}"
    if e.expected_local:
        counted += "; expected to differ: reported, not scored"
    facts = [("counts", counted), ("table", _source(e))]
    facts += [("live", _conditions(e.source.live)), ("in scope", _conditions(e.source.scope))]
    facts += [
        (f"joined as `{alias}`", f"`{j.table}` on {_on(j.on)}{_where(j.where)}{_climbed(j)}")
        for alias, j in e.source.joins.items()
    ]
    if e.parent:
        to = " or ".join(link(t) for t in e.parent.references.to)
        facts.append(("belongs to", f"{to} by `{e.parent.column}`, weight {e.parent.weight:g}"))
    facts += [
        (f"signature `{name}`", f"what its {link(s.entity)} items say in {_codes(s.of)}")
        for name, s in e.signatures.items()
    ]
    facts += [
        ("its tree goes on", f"through `{name}` to {' or '.join(map(link, targets))}")
        for name, targets in e.through.items()
    ]
    keys = [f"{i}. {_key(e, key)}" for i, key in enumerate(e.keys, 1)]
    rows = [
        (
            f"`{name}`" + (f" {a.title.en} ({a.title.sv})" if a.title else ""),
            f"`{a.column}`",
            _compared(a.references, a.compare),
            f"{a.weight:g}" if a.weight else "–",
            _notes(a),
        )
        for name, a in e.attributes.items()
    ]
    return "\n\n".join(
        part
        for part in (
            f"### {e.entity}",
            f"**{e.title.en}** ({e.title.sv}). {e.description}".strip(),
            table(("", ""), [f for f in facts if f[1]]),
            "Keys, in the order they are tried:",
            "\n".join(keys),
            table(("attribute", "column", "compared as", "weight", "notes"), rows),
        )
    )


def _source(e: Entity) -> str:
    text = f"`{e.source.table}`, local id {_codes(e.source.local_id)}"
    if e.source.latest:
        text += f", the highest `{e.source.latest.by}` per {_codes(e.source.latest.per)}"
    if e.source.gather:
        of = _codes(e.source.gather.per)
        text += (
            f", `{e.source.gather.column}` put together of the rows of one {of} in the order of `{e.source.gather.by}`"
        )
    if e.source.distinct:
        text += ", equal rows taken once"
    if e.source.referenced:
        text += ", only those that another item refers to"
    return text


def _key(e: Entity, key: Key) -> str:
    on = " + ".join(f"`{part}`" for part in key.on)
    if key.some:
        on += " + some of " + ", ".join(f"`{part}`" for part in key.some)
    notes = [key.rule.replace("_", " ")] if key.rule != "declared_key" else []
    if not key.certain:
        notes.append("not certain")
    if key.fold_case:
        notes.append("without regard to case")
    if key.occurrence:
        notes.append(f"equal ones told apart by the order of `{key.occurrence}`")
    named = f" (named `{key.name}`)" if key.name != "+".join(key.parts) else ""
    return on + named + (f": {', '.join(notes)}" if notes else "")


def _compared(reference: Reference | None, kind: str) -> str:
    if reference is None:
        return kind
    every = f"; {_codes(reference.every)} is all of them" if reference.every else ""
    if reference.type_column:
        chosen = ", ".join(f"`{text}` → {link(to)}" for text, to in reference.types.items())
        return f"reference; `{reference.type_column}` says to what: {chosen}{every}"
    by = f" by `{reference.by}`" if reference.by else ""
    return f"reference to {' or '.join(link(t) for t in reference.to)}{by}{every}"


def _notes(a: Attribute) -> str:
    notes = [] if not a.when else [f"where {_conditions(a.when)}"]
    notes += ["required"] if a.required else []
    notes += [f"one of {_codes(a.allowed)}"] if a.allowed else []
    notes += [f"code set {a.code_set}"] if a.code_set is not None else []
    notes += [f"codes of `{n.list}`" + (f" after `{n.prefix}`" if n.prefix else "") for n in a.national]
    notes += [f"none: {_codes(a.none)}"] if a.none is not None else []
    notes += [
        f"ids after `{one.before}`: {' or '.join(map(link, one.to))}"
        if one.before
        else f"ids of {one.digits} digits or more: {' or '.join(map(link, one.to))}"
        for one in a.embedded
    ]
    notes += ["personal: dropped at the landing"] if a.personal else []
    return "; ".join(notes)


def _conditions(conditions: Mapping[str, Condition]) -> str:
    return " and ".join(f"`{column}` {_condition(c)}" for column, c in conditions.items())


def _condition(c: Condition) -> str:
    said = []
    if c.one_of:
        said.append(f"is {' or '.join(f'`{v}`' for v in c.one_of)}")
    if c.none_of:
        said.append(f"is not {' or '.join(f'`{v}`' for v in c.none_of)}")
    if c.present is not None:
        said.append("has a value" if c.present else "has no value")
    if c.after_snapshot:
        said.append("is after the snapshot, open or empty")
    if c.not_after_snapshot:
        said.append("is not after the snapshot, or empty")
    return " and ".join(said)


def _on(on: Mapping[str, str]) -> str:
    return " and ".join(f"`{theirs}` = `{ours}`" for theirs, ours in on.items())


def _climbed(join: Join) -> str:
    if join.climb is None:
        return ""
    return (
        f", and on by `{join.climb.parent}` up to the root; `PATH` is the names, `{join.climb.table}.{join.climb.name}`"
    )


def _where(where: Mapping[str, Condition]) -> str:
    return f" where {_conditions(where)}" if where else ""
