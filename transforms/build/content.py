"""What an item is called by its content alone, within its own domain: the names that reviewed rulings are kept under.

The matching keys will not do for that: a reference in them stands for a *match*, which comes and goes. Here a reference
stands for what its target is called, so that a name depends on one domain and on no id.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from transforms.warehouse import Session

Keys = tuple[tuple[str, str], ...]
"""An item's keys as (name, text)."""
OWN = "(content)"
"""The name of the last key: a hash of all that the item says, for one that has no other key unique in its domain."""

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
    """Make the temporary tables content_item and content_key of these entity types and of those they are made of.

    Grain: see content_tables.sql; items of every domain. What the tables hold already they still hold.
    """
    named = {_LEFT + entity for entity in entities}
    if named <= session.left:
        return
    named |= {name for name in session.left if name.startswith(_LEFT)}
    number = dict(session.rows("SELECT entity, entity_no FROM catalogue.entity"))
    level = _levels(session, [number[name.removeprefix(_LEFT)] for name in named])
    session.execute("CREATE OR REPLACE TEMP TABLE content_entity (entity_no USMALLINT, level SMALLINT)")
    session.insert("content_entity", list(level.items()))
    session.execute(_TABLES)
    for n in sorted(set(level.values())):
        session.execute(f"SET VARIABLE content_level = {n}")
        session.execute(_LEVEL)
    session.left |= {_LEFT + name for name, n in number.items() if n in level}


def _levels(session: Session, entities: Iterable[int]) -> dict[int, int]:
    """These entity types and those they are made of, each with a level above that of the earlier ones it needs."""
    made_of: dict[int, set[int]] = {}
    for entity, target in session.rows(_MADE_OF):
        made_of.setdefault(entity, set()).add(target)
    wanted: set[int] = set()
    waiting = list(entities)
    while waiting:
        n = waiting.pop()
        if n not in wanted:
            wanted.add(n)
            waiting += made_of.get(n, ())
    level: dict[int, int] = {}
    for n in sorted(wanted):
        level[n] = 1 + max((level[t] for t in made_of.get(n, ()) if t < n), default=-1)
    return level


def drop(session: Session) -> None:
    """Remove the tables: the items they were made of may change."""
    names = {name for name in session.left if name.startswith(_LEFT)}
    if names:
        session.left -= names
        session.execute("; ".join(f"DROP TABLE content_{name}" for name in ("item", "key", "part", "entity")))


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
        "SELECT d.domain, i.local_id, any_value(c.seen), coalesce(any_value(i.label), ''), "
        "list(k.key_name ORDER BY k.key_no) FILTER (k.items = 1), list(k.text ORDER BY k.key_no) FILTER (k.items = 1) "
        "FROM (SELECT unnest(?::VARCHAR[]) AS domain, unnest(?::VARCHAR[]) AS local_id) w "
        "JOIN catalogue.domain d USING (domain) JOIN catalogue.entity e ON e.entity = ? "
        "JOIN normalised.item i ON i.domain_no = d.domain_no AND i.entity_no = e.entity_no AND i.local_id = w.local_id "
        "JOIN content_item c USING (item_no) JOIN content_key k USING (item_no) GROUP BY d.domain, i.local_id",
        [[d for d, _ in wanted], [i for _, i in wanted], entity],
    )
    found = {}
    for domain, local_id, seen, label, keys, texts in rows:
        named = list(zip(keys or (), texts or (), strict=True))
        # The hash of everything is the last resort: it changes with anything.
        found[domain, local_id] = Name(
            tuple(named[:-1] if len(named) > 1 and named[-1][0] == OWN else named), seen, label
        )
    return found
