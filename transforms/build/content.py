"""What an item is called by its content alone, within its own domain: the names that reviewed rulings are kept under.

The matching keys will not do for that: a reference in them stands for a *match*, which comes and goes. Here a reference
stands for what its target is called, so that a name depends on one domain and on no id.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from transforms.warehouse import Session

Keys = tuple[tuple[str, str], ...]
"""An item's keys as (name, text)."""
_LEFT = "content "
_TABLES = Path(__file__).with_name("content_tables.sql").read_text(encoding="utf-8")
_LEVEL = Path(__file__).with_name("content.sql").read_text(encoding="utf-8")
# (entity type, another that its names are made of), by the numbers that stand for them.
_MADE_OF = """
SELECT p.entity_no, t.target_no FROM catalogue.key_part p JOIN catalogue.target t USING (entity_no, place)
UNION
SELECT p.entity_no, t.target_no FROM catalogue.key_part p JOIN catalogue.signature s USING (entity_no, place)
JOIN catalogue.target t ON t.entity_no = s.child_no AND t.place = s.child_place
"""


def prepare(session: Session, entities: Iterable[str]) -> None:
    """Make the temporary tables of content_tables.sql for these entity types and for those they are made of.

    Items of every domain; what the tables hold already they still hold. An entity type that the night does not know
    has no items.
    """
    asked = {_LEFT + entity for entity in entities} - session.left
    if not asked:
        return
    number = dict(session.rows("SELECT entity, entity_no FROM catalogue.entity"))
    done = {n for entity, n in number.items() if _LEFT + entity in session.left}
    level = _levels(session, [n for entity, n in number.items() if _LEFT + entity in asked], done)
    session.execute("CREATE OR REPLACE TEMP TABLE content_entity (entity_no USMALLINT, level SMALLINT)")
    session.insert("content_entity", list(level.items()))
    session.execute(_TABLES)
    for n in sorted(set(level.values())):
        session.execute(f"SET VARIABLE content_level = {n}")
        session.execute(_LEVEL)
    session.left |= asked | {_LEFT + name for name, n in number.items() if n in level}


def _levels(session: Session, entities: Iterable[int], done: set[int]) -> dict[int, int]:
    """These entity types and those they are made of but what is done, each above the earlier ones it needs."""
    made_of: dict[int, set[int]] = {}
    for entity, target in session.rows(_MADE_OF):
        made_of.setdefault(entity, set()).add(target)
    wanted: set[int] = set()
    waiting = list(entities)
    while waiting:
        n = waiting.pop()
        if n not in wanted | done:
            wanted.add(n)
            waiting += made_of.get(n, ())
    level: dict[int, int] = {}
    for n in sorted(wanted):
        level[n] = 1 + max((level[t] for t in made_of.get(n, ()) if t < n and t in level), default=-1)
    return level


def drop(session: Session) -> None:
    """Remove the tables: the items they were made of may change."""
    names = {name for name in session.left if name.startswith(_LEFT)}
    if names:
        session.left -= names
        session.execute("; ".join(f"DROP TABLE content_{name}" for name in ("entity", "part", "key", "name", "item")))


@dataclass(frozen=True)
class Name:
    """How one item is named in a ruling: its keys that no other item of its domain has, and its fingerprint."""

    keys: Keys
    seen: str
    label: str


def names(session: Session, entity: str, items: Iterable[tuple[str, str]]) -> dict[tuple[str, str], Name]:
    """The names of these items, each (domain, local id), of one entity type.

    An item whose content is also that of another has no keys: nothing but its id would tell it apart.
    """
    wanted = list(items)
    prepare(session, [entity])
    rows = session.rows(
        "SELECT d.domain, i.local_id, n.keys, c.seen, coalesce(i.label, '') "
        "FROM (SELECT DISTINCT unnest(?::VARCHAR[]) AS domain, unnest(?::VARCHAR[]) AS local_id) w "
        "JOIN catalogue.domain d USING (domain) JOIN catalogue.entity e ON e.entity = ? "
        "JOIN normalised.item i ON i.domain_no = d.domain_no AND i.entity_no = e.entity_no AND i.local_id = w.local_id "
        "JOIN content_item c USING (item_no) LEFT JOIN content_name n USING (item_no)",
        [[d for d, _ in wanted], [i for _, i in wanted], entity],
    )
    return {(domain, local_id): Name(keys_in(keys), seen, label) for domain, local_id, keys, seen, label in rows}


def keys_in(keys: Sequence[Mapping[str, str]] | None) -> Keys:
    """The keys as the table content_name has them, none where it has no row."""
    return tuple((key["name"], key["text"]) for key in keys or ())
