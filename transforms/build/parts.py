"""What a night takes over from the one before: which parts of it would come out the same.

A part is what one step makes of one entity type in one domain, or in one pair of domains. A night that begins as a copy
of the one before (``Warehouse.night``) holds all its parts; a step makes a part anew where what it is made of changed.
The result is that of a night built from nothing: what a part is made of is noted in ``measured.part`` as a hash of its
inputs, beside a hash of the rows themselves, so that inputs that changed without effect stop nothing further on.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import Any

from transforms.catalogue import Catalogue, Entity
from transforms.warehouse import Night, Session, Sql, ident, lit
from transforms.words.hashes import digest

# The steps whose parts are made of one entity type in one pair of domains.
PAIR_STEPS = ("match", "compare", "fold", "own")

_TABLE = """
CREATE SCHEMA IF NOT EXISTS measured;
CREATE TABLE IF NOT EXISTS measured.part (
    step VARCHAR, entity VARCHAR, subject VARCHAR, inputs VARCHAR, content VARCHAR, valid_until VARCHAR,
    night_id INTEGER
)
"""


class Parts:
    """The parts that the session's database holds, by step, entity type and subject (a domain or a pair's id)."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._night = session.number if isinstance(session, Night) else 0
        session.execute(_TABLE)
        rows = session.rows(
            "SELECT step, entity, subject, inputs, content, valid_until, night_id = ? FROM measured.part", [self._night]
        )
        self._known: dict[tuple[str, str, str], tuple[str, str, str]] = {r[:3]: r[3:6] for r in rows}
        self._anew = {r[:3] for r in rows if r[6]}
        self._noted: dict[tuple[str, str, str], tuple[str, str, str]] = {}
        self._before: dict[tuple[str, str, str], str] | None = None

    def holds(self, step: str, entity: str, subject: str | None = None) -> bool:
        """Whether there is such a part, of any subject where none is named."""
        if subject is not None:
            return (step, entity, subject) in self._known
        return any(k[:2] == (step, entity) for k in self._known)

    def same(self, step: str, entity: str, subject: str, inputs: str, moment: str = "") -> bool:
        """Whether the part was made of these inputs, and is still what they give at this moment (canonical text)."""
        known = self._known.get((step, entity, subject))
        return known is not None and known[0] == inputs and (not known[2] or moment < known[2])

    def inputs(self, step: str, entity: str, subject: str) -> str:
        """The hash of what the part is made of."""
        return self._known[step, entity, subject][0]

    def content(self, step: str, entity: str, subject: str) -> str:
        """The hash of the part's rows, empty where there is no such part."""
        return self._known.get((step, entity, subject), ("", "", ""))[1]

    def valid_until(self, step: str, entity: str, subject: str) -> str:
        """The moment from which the part may come out otherwise though its inputs stay; empty for never."""
        return self._known[step, entity, subject][2]

    def note(self, step: str, entity: str, subject: str, inputs: str, content: str = "", until: str = "") -> None:
        """The part was made anew."""
        key = (step, entity, subject)
        self._known[key] = self._noted[key] = (inputs, content, until)
        self._anew.add(key)

    @property
    def anything_changed(self) -> bool:
        """Whether any item's rows are others than in the night before, or anything was matched or compared anew."""
        return any(key[0] in PAIR_STEPS or self.changed(*key) for key in self._anew)

    def made_anew(self, step: str, entity: str, subject: str) -> bool:
        """Whether the part was made in this night."""
        return (step, entity, subject) in self._anew

    def changed(self, step: str, entity: str, subject: str) -> bool:
        """Whether the part's rows are others than in the night before."""
        key = (step, entity, subject)
        if key not in self._anew:
            return False
        if self._before is None:
            self._before = {}
            if isinstance(self._session, Night) and self._session.carried:
                rows = self._session.rows("SELECT step, entity, subject, content FROM previous.measured.part")
                self._before = {r[:3]: r[3] for r in rows}
        return self._before.get(key) != self.content(*key)

    def keep(self) -> None:
        """Write down what was noted."""
        if not self._noted:
            return
        keys: Iterator[tuple[str, str, str]] = iter(self._noted)
        rows = [(*key, *self._noted[key], self._night) for key in keys]
        columns: list[Any] = [list(column) for column in zip(*rows, strict=True)]
        self._session.execute(
            "CREATE OR REPLACE TEMP TABLE noted AS "
            "SELECT unnest(?::VARCHAR[]) AS step, unnest(?::VARCHAR[]) AS entity, unnest(?::VARCHAR[]) AS subject, "
            "unnest(?::VARCHAR[]) AS inputs, unnest(?::VARCHAR[]) AS content, "
            "unnest(?::VARCHAR[]) AS valid_until, unnest(?::INTEGER[]) AS night_id",
            columns,
        )
        self._session.execute(
            "DELETE FROM measured.part p USING noted n "
            "WHERE p.step = n.step AND p.entity = n.entity AND p.subject = n.subject; "
            "INSERT INTO measured.part SELECT * FROM noted; DROP TABLE noted"
        )
        self._noted = {}


def content_of(session: Session, table: Sql, where: Sql, without: tuple[str, ...] = ()) -> str:
    """A hash of the table's rows that meet the condition, whatever their order; ``without`` some columns."""
    columns = Sql("*") if not without else Sql(f"* EXCLUDE ({', '.join(map(ident, without))})")
    rows_hash = f"coalesce(sum(hash(*COLUMNS({columns}))), 0)"
    return str(session.value(f"SELECT count(*) || '.' || {rows_hash} FROM {table} WHERE {where}"))


class Leads:
    """Whether an item's references lead to anything that is otherwise than in the night before."""

    def __init__(self, session: Session, catalogue: Catalogue, parts: Parts) -> None:
        self._session, self._catalogue, self._parts = session, catalogue, parts
        self._made: set[str] = set()

    def touched(
        self,
        e: Entity,
        names: Iterable[str],
        pair: str,
        sides: Iterable[tuple[str, str]],
        without: Collection[str] = (),
    ) -> bool:
        """Whether an item of either side refers, by one of the references named, to a target that changed.

        Targets of the entity types ``without`` are not looked at.
        """
        for name in names:
            ref = e.references[name]
            for target in (t for t in ref.to if t not in without):
                for side, domain in sides:
                    normalised = self._parts.changed("normalise", target, domain)
                    if not normalised and not self._parts.changed("match", target, pair):
                        continue
                    changes = self._changes(target, ref.by, pair, side, domain)
                    if self._session.value(
                        f"SELECT EXISTS (SELECT 1 FROM normalised.{ident(e.entity)} n SEMI JOIN {changes} c "
                        f"ON c.value = n.{ident(name)} WHERE n.domain = {lit(domain)})"
                    ):
                        return True
        return False

    def _changes(self, target: str, by: str | None, pair: str, side: str, domain: str) -> Sql:
        """A temporary table of the values by which the target's items that changed were or are referred to."""
        name = ident("changes " + digest(target, by, pair, side)[:16])
        if name not in self._made:
            local_id = f"m.{ident(f'local_id_{side}')}"
            queries = [
                f"SELECT n.{ident(by or 'local_id')} AS value, n.label, m.identity, m.rule IS NOT NULL, {local_id} "
                f"FROM {database}normalised.{ident(target)} n LEFT JOIN {database}matched.{ident(target)} m "
                f"ON m.pair_id = {lit(pair)} AND {local_id} = n.local_id WHERE n.domain = {lit(domain)}"
                for database in ("", "previous.")
            ]
            self._session.execute(
                f"CREATE OR REPLACE TEMP TABLE {name} AS SELECT DISTINCT value FROM "
                f"(({queries[0]} EXCEPT ALL {queries[1]}) UNION ALL ({queries[1]} EXCEPT ALL {queries[0]})) "
                "WHERE value IS NOT NULL"
            )
            self._made.add(name)
        return name
