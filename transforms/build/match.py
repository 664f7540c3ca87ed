"""Recognise the same item on both sides of every pair of domains, by the catalogue's keys in order.

An id is local to its domain and is never compared. A reference inside a key stands for the matched identity of its
target, so entity types are matched level by level, targets first; those whose keys need each other in rounds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from transforms.build import clusters, embedded, rulings
from transforms.build.reviewed import Reviewed
from transforms.catalogue import Catalogue, Entity
from transforms.catalogue.tables import Pair, Rows, pairs_of
from transforms.warehouse import Session

Progress = Callable[[str], None]
# Entity types whose keys need each other are matched again so often at most; a tree so deep is no build.
_MOST_ROUNDS = 50
_EMPTY = "".join(
    f"TRUNCATE matched.{name};" for name in ("item", "side", "ambiguous", "candidate", "nearest", "weighing")
)
# What a level of matching leaves to the next.
_TEMPORARY = """
CREATE OR REPLACE TEMP TABLE key_text (pair_no USMALLINT, item_no INTEGER, key_no SMALLINT, text VARCHAR);
CREATE OR REPLACE TEMP TABLE content (pair_no USMALLINT, item_no INTEGER, content VARCHAR);
"""
_SQL = {
    path.stem.removeprefix("match_"): path.read_text(encoding="utf-8")
    for path in sorted(Path(__file__).parent.glob("match_*.sql"))
}


def run(
    session: Session,
    catalogue: Catalogue,
    pairs: Sequence[Pair],
    progress: Progress | None = None,
    reviewed: Reviewed | None = None,
) -> int:
    """Fill ``matched``: one row per match and per item without one. Returns the number of matches.

    Needs ``catalogue`` and ``normalised`` of the night. What people ruled (``reviewed``) comes before every key.
    """
    session.execute(_EMPTY)
    session.execute(_TEMPORARY)
    rulings.prepare(session, reviewed or Reviewed())
    session.define_macro("in_order(text, part_no, parts)", _in_order(catalogue))
    session.execute(_SQL["own"])
    rows = Rows(catalogue, tuple(dict.fromkeys(d for p in pairs for d in (p.domain_a, p.domain_b))), tuple(pairs))
    for level in range(1 + max(rows.key_level.values())):
        if progress:
            progress(f"level {level + 1}")
        _Level(session, catalogue, rows, [e for e in catalogue.ordered if rows.key_level[e.entity] == level]).match()
    session.execute("DROP TABLE own_part; DROP TABLE key_text; DROP TABLE content")
    rulings.close(session)
    embedded.run(session, catalogue)
    clusters.run(session)
    return int(session.value("SELECT count(*) FROM matched.item WHERE rule IS NOT NULL"))


def keys_of(session: Session, catalogue: Catalogue, entity: str) -> None:
    """Make the keys of one entity type of a whole night anew, for those who ask why two items are matched.

    Leaves the temporary tables key and said (match_keys.sql), and key_text: the text of every key that an item has.
    """
    e = catalogue.entities[entity]
    session.define_macro("in_order(text, part_no, parts)", _in_order(catalogue))
    session.execute(
        "CREATE OR REPLACE TEMP TABLE matching AS SELECT entity_no FROM catalogue.entity WHERE entity = ?", [entity]
    )
    session.execute(_TEMPORARY)
    session.execute(_SQL["own"])
    session.execute(_SQL["keys"])
    if any(key.occurrence for key in e.keys):
        for name in ("occurrence", "content", "number"):
            session.execute(_SQL[name])
    session.execute(
        "CREATE OR REPLACE TEMP TABLE wanted AS SELECT DISTINCT pair_no, item_no, entity_no, key_no, nth FROM key"
    )
    session.execute(_SQL["text"])


def _in_order(catalogue: Catalogue) -> str:
    """An aggregate: the texts of parts numbered from 1, in order, with unit separators; '' for one that is missing.

    Several times as fast as an ordered string_agg.
    """
    most = max(
        [len(key.parts) for e in catalogue.ordered for key in e.keys]
        + [len(s.of) for e in catalogue.ordered for s in e.signatures.values()]
    )
    each = ", ".join(f"coalesce(any_value(text) FILTER (part_no = {n}), '')" for n in range(1, most + 1))
    return f"array_to_string(list_slice([{each}], 1, parts), chr(31))"


@dataclass(frozen=True)
class _Level:
    """The entity types of one level: none of their keys refers to another of them but within a circle."""

    session: Session
    catalogue: Catalogue
    rows: Rows
    entities: Sequence[Entity]

    def match(self) -> None:
        """Match the level, and close it: every item of both sides, matched or not."""
        circles = {self.catalogue.circle_of(e.entity) for e in self.entities} - {()}
        plain = [e for e in self.entities if not self.catalogue.circle_of(e.entity)]
        if plain:
            self._choose(plain)
            self._pair(plain, weigh=True)
        for circle in sorted(circles):
            self._in_rounds([e for e in self.entities if e.entity in circle])
        if circles:
            self._choose(self.entities)
            self._keys(self.entities)
            self.session.execute(_SQL["sides"])
            self.session.execute("DELETE FROM pairs")
            for name in ("left", "text"):
                self.session.execute(_SQL[name])
        self._close()

    def _in_rounds(self, circle: Sequence[Entity]) -> None:
        """Match entity types whose keys need each other's matches, until a round finds nothing more.

        What a round finds stays, so that the identity of a match is made of matches of earlier rounds. What is
        recognised by what it says comes last, and may let keys find more.
        """
        fuzzy = any(e.fuzzy for e in circle)
        for weigh in (False, True, False) if fuzzy else (False,):
            before = -1
            for _ in range(_MOST_ROUNDS):
                for e in circle:
                    self._choose([e])
                    self._pair([e], weigh=weigh)
                    self.session.execute(_SQL["sides"])
                found = int(self.session.value("SELECT count(*) FROM matched.item"))
                if found == before or weigh:
                    break
                before = found

    def _choose(self, entities: Iterable[Entity]) -> None:
        numbers = [self.rows.entity_no[e.entity] for e in entities]
        self.session.execute(
            "CREATE OR REPLACE TEMP TABLE matching AS SELECT unnest(?::USMALLINT[]) AS entity_no", [numbers]
        )

    def _keys(self, entities: Sequence[Entity]) -> None:
        """What the chosen entity types' keys come to."""
        if any(self.catalogue.circle_of(e.entity) for e in entities):
            # What is matched since may have changed what they come to.
            self.session.execute("DELETE FROM key_text; DELETE FROM content")
        self.session.execute(_SQL["keys"])
        if any(key.occurrence for e in entities for key in e.keys):
            for name in ("occurrence", "content", "number"):
                self.session.execute(_SQL[name])

    def _pair(self, entities: Sequence[Entity], weigh: bool) -> None:
        self._keys(entities)
        self.session.execute(_SQL["pairs"])
        for key_no in range(1, 1 + max(len(e.keys) for e in entities)):
            self.session.execute(_SQL["rule"], {"key_no": key_no})
        for name in ("left", "text", "identity"):
            self.session.execute(_SQL[name])
        if weigh and any(e.fuzzy for e in entities):
            # NumPy and what stands on it take a while to import.
            from transforms.build import probable

            if probable.run(self.session, self.catalogue, [e for e in entities if e.fuzzy], self.rows):
                # What it matched is left over no more, and what it took back is.
                for name in ("left", "text"):
                    self.session.execute(_SQL[name])
        self.session.execute(_SQL["write"])

    def _close(self) -> None:
        for name in ("nameless", "content", "unmatched", "sides"):
            self.session.execute(_SQL[name])


__all__ = ["Pair", "keys_of", "pairs_of", "run"]
