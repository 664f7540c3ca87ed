"""What an item is called by its content alone, within its own domain: the names that reviewed rulings are kept under.

The matching keys will not do for that: a reference in them stands for a *match*, which comes and goes. Here a reference
stands for what its target is called, so that a name depends on one domain and on no id.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from transforms.catalogue import Catalogue, Entity
from transforms.warehouse import Session, Sql, ident

Keys = tuple[tuple[str, str], ...]
"""An item's keys as (name, text)."""
OWN = "(content)"
"""The name of the last key: a hash of all that the item says, for one that has no other key unique in its domain."""


def needed(catalogue: Catalogue, entities: Iterable[str]) -> tuple[str, ...]:
    """The entity types whose names the names of these are made of, and these, in matching order."""
    wanted: set[str] = set()
    waiting = list(entities)
    while waiting:
        name = waiting.pop()
        if name not in wanted:
            wanted.add(name)
            waiting += _made_of(catalogue, catalogue.entities[name])
    return tuple(name for name in catalogue.order if name in wanted)


def read_of(catalogue: Catalogue, entities: Iterable[str]) -> tuple[str, ...]:
    """The entity types whose items the names of these are read from: the needed ones and the components in them."""
    found = dict.fromkeys(needed(catalogue, entities))
    for name in [*found]:
        found |= dict.fromkeys(s.entity for s in catalogue.entities[name].signatures.values())
    return tuple(found)


def prepare(session: Session, catalogue: Catalogue, entities: Iterable[str]) -> None:
    """Make the temporary tables ``content_<entity>`` of these entity types and of those they need.

    One row per item of any domain: domain, local_id, label, per key its text (k1 …, NULL where an element is missing)
    and in how many items of the domain it is (n1 …), own (the key OWN) and n_own, handle (what others call it by), seen
    (a fingerprint of what identifies it). A table that is there already is kept.
    """
    for name in needed(catalogue, entities):
        e = catalogue.entities[name]
        if table(name) in session.left:
            continue
        earlier = catalogue.order[: catalogue.order.index(name)]
        session.run(
            "content_keys.sql.j2",
            e=e,
            table=table(name),
            used=list(dict.fromkeys(part for key in e.keys for part in key.parts)),
            children=catalogue.entities,
            # A target that comes later, or is of the same type, is called by its label.
            named={t for t in earlier if t in needed(catalogue, entities)},
            table_of=table,
        )
        session.left.add(table(name))


def drop(session: Session) -> None:
    """Remove the tables: the items they were made of may change."""
    for name in sorted(n for n in session.left if n.startswith(table(""))):
        session.execute(f"DROP TABLE temp.{ident(name)}")
        session.left.remove(name)


def table(entity: str) -> str:
    """The name of an entity type's temporary table."""
    return f"content_{entity}"


def keys_of(e: Entity) -> tuple[tuple[str, Sql, Sql], ...]:
    """Every key of the entity type in order: its name, the column of its text and that of how many items have it."""
    keys = [(key.name, Sql(f"k{i}"), Sql(f"n{i}")) for i, key in enumerate(e.keys, 1)]
    return (*keys, (OWN, Sql("own"), Sql("n_own")))


def _made_of(catalogue: Catalogue, e: Entity) -> Iterator[str]:
    for part in {part for key in e.keys for part in key.parts}:
        if part in e.references:
            yield from e.references[part].to
        elif part in e.signatures:
            child = catalogue.entities[e.signatures[part].entity]
            for name in e.signatures[part].of:
                if name in child.references:
                    yield from child.references[name].to


@dataclass(frozen=True)
class Name:
    """How one item is named in a ruling: its keys that no other item of its domain has, and its fingerprint."""

    keys: Keys
    seen: str
    label: str


def names(
    session: Session, catalogue: Catalogue, entity: str, items: Iterable[tuple[str, str]]
) -> dict[tuple[str, str], Name]:
    """The names of these items, each (domain, local id), of one entity type.

    An item whose content is also that of another has no keys: nothing but its id would tell it apart.
    """
    wanted = list(items)
    prepare(session, catalogue, [entity])
    keys = keys_of(catalogue.entities[entity])
    columns = ", ".join(f"CASE WHEN {items} = 1 THEN {text} END" for _, text, items in keys)
    rows = session.rows(
        f"SELECT domain, local_id, seen, coalesce(label, ''), {columns} FROM temp.{ident(table(entity))} "
        "SEMI JOIN (SELECT unnest(?::VARCHAR[]) AS domain, unnest(?::VARCHAR[]) AS local_id) USING (domain, local_id)",
        [[d for d, _ in wanted], [i for _, i in wanted]],
    )
    found = {}
    for domain, local_id, seen, label, *texts in rows:
        named = [(name, text) for (name, _, _), text in zip(keys, texts, strict=True) if text is not None]
        # The hash of everything is the last resort: it changes with anything.
        found[domain, local_id] = Name(
            tuple(named[:-1] if len(named) > 1 and named[-1][0] == OWN else named), seen, label
        )
    return found
